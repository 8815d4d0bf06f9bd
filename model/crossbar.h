// Crossbar: one array of ReRAM cells, its DACs and its sample-and-holds.
//
// Models: the programmed levels; a read, which takes one array cycle and puts the column sums of one input
// digit plane on the sample-and-holds; reads and driven rows, counted. Ideal devices: a sum is an integer.
// Does not model: programming time, device variation, wire resistance (src/device). Speaks the bitline
// protocol: target of its processing element, initiator to its shared ADC.
#pragma once

#include <cstdint>
#include <systemc>

#include "bitline/column_kernels.h"
#include "mapping/layer_mapping.h"
#include "model/bitline_protocol.h"

namespace sliver::model {

class Crossbar : public sc_core::sc_module, public BitlineTarget, public BitlineInitiator {
  public:
    bitline_target_socket pe_tsock;
    bitline_initiator_socket adc_isock;

    struct Counters {
        std::uint64_t reads = 0;
        std::uint64_t driven_rows = 0;  ///< over all reads
    };

    Crossbar(const sc_core::sc_module_name& name, mapping::CellArray cells, sc_core::sc_time cycle,
             const bitline::Kernels& kernels);

    [[nodiscard]] const mapping::CellArray& cells() const { return cells_; }
    /// Reprograms one cell (fault injection, tests). Row and column in use; 0 <= level < 2^cell_bits.
    void program(int row, int column, int level) { cells_.set_level(row, column, level); }
    [[nodiscard]] const Counters& counters() const { return counters_; }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;

  private:
    mapping::CellArray cells_;
    sc_core::sc_time cycle_;
    bitline::ColumnSums column_sums_;
    Counters counters_;
};

}  // namespace sliver::model
