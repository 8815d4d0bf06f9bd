// Crossbar: one array of ReRAM cells, its DACs and its sample-and-holds.
//
// Models: the programmed levels; a read, which takes one array cycle and puts the column sums of one input
// digit plane on the sample-and-holds; the values of several reads at once where they come after their reads
// (bitline_protocol.h). Offset encoding has one column more, of ones. Columns that the converters leave out
// (skip.empty_columns) are not sampled. Counts reads, rows, cells (by level, too) and samples, under every
// accounting (cost/accounting.h). Ideal devices: a sum is an integer. Others
// (variation, faults, wires: src/device, made before the chip): a sum is real-valued. Does not model:
// programming time, read noise. Speaks the bitline protocol: target of its processing element, initiator to
// its shared ADC.
#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "bitline/analog_kernels.h"
#include "bitline/column_kernels.h"
#include "cost/actions.h"
#include "mapping/layer_mapping.h"
#include "model/bitline_protocol.h"
#include "model/input_register.h"
#include "model/unit_events.h"

namespace sliver::model {

class Crossbar : public sc_core::sc_module,
                 public BitlineTarget,
                 public BitlineInitiator,
                 public UnitEvents::Owner {
  public:
    bitline_target_socket pe_tsock;
    bitline_initiator_socket adc_isock;

    /// What there is, in use or not.
    struct Geometry {
        int rows = 0, columns = 0;
        bool unit_column = false;  ///< offset encoding's, beside `columns`
        bool masked = false;       ///< empty columns, and those without weights, are left out
        int converted = 0;         ///< columns with weights that are sampled and converted
    };

    /// `devices`: the cells as they really are; null: ideal. Outlive the crossbar. `events`: null where it is
    /// loosely timed.
    Crossbar(const sc_core::sc_module_name& name, const Geometry& geometry, mapping::CellArray cells,
             const sc_core::sc_time& cycle, const bitline::Kernels& kernels,
             const bitline::AnalogArray* devices, UnitEvents* events);

    [[nodiscard]] const mapping::CellArray& cells() const { return cells_; }
    /// Reprograms one cell (fault injection, tests). Row and column in use; 0 <= level < 2^cell_bits.
    /// std::logic_error where devices are not ideal.
    void program(int row, int column, int level);
    /// Nothing has been read. Cells keep their levels.
    void reset() {
        reads_ = rows_ = driven_rows_ = 0;
        driven_ = nullptr;
    }
    /// Adds what has been read so far. `drives`: of its rows.
    void count(const InputRegister::RowDrives& drives, cost::Actions& actions) const;

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    /// The samples of the read are held.
    void on_step(UnitEvents::Step step, std::size_t about) override;

    /// Asks for the cells, which the values of a window need soon.
    void fetch_ahead() const {
        constexpr std::size_t kLineWords = 8;
        for (std::size_t at = 0; at < cells_.bits.size(); at += kLineWords)
            __builtin_prefetch(cells_.bits.data() + at);
    }

    /// Appends the addresses a read touches first, for ProcessingElement::fetch_ahead().
    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(&cells_), &driven_rows_,
                                           static_cast<const bitline_fw_nonblocking_if*>(this)});
    }

  private:
    void end_of_elaboration() override;
    void measure_columns();
    void count_levels(const InputRegister::RowDrives& drives, cost::Actions& actions) const;
    // Not inlined: a read without values calls none of them, and needs no more of the stack than its call.
    [[gnu::noinline]] void sum_columns(BitlineRead& read) const;
    [[gnu::noinline]] tlm::tlm_sync_enum pass_values(BitlineRead& read, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay);
    [[gnu::noinline]] tlm::tlm_sync_enum hold(BitlineRead& read);

    bitline::AnalogSums real_sums_;
    Geometry geometry_;
    std::vector<bool> left_out_;  ///< by column, where masked: by the weights, whatever is programmed later
    BitlineRead* driven_ = nullptr;  ///< the read whose samples are to be held; approximately timed
    // What values need, then what every read needs: side by side, and the latter beside the table of virtual
    // functions through which it comes, which lies behind the members.
    mapping::CellArray cells_;
    bitline::ColumnSums column_sums_;
    const bitline::AnalogArray* devices_;
    std::uint32_t largest_column_ = 0;  ///< largest sum of levels of a column
    UnitEvents* events_;
    BitlineForward forward_;
    sc_core::sc_time cycle_;
    std::uint64_t reads_ = 0, rows_ = 0, driven_rows_ = 0;  ///< the latter over all reads
};

}  // namespace sliver::model
