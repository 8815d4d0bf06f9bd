// ShiftAdd: the digital adders behind the converters of one processing element.
//
// Models: acc[output] +/-= code << (plane + shift of the column) in 32 bits (the mapper proves that it fits);
// the complement of flipped columns and the bias of offset encoding, both from the unit column's sum
// (hardware-parameters.md 1.5). Sums of packed columns stay in the array's order until their window is done,
// and find their places by a table then. Counts an addition a conversion, and look-ups. Takes no time of its
// own: its pipeline stage is the processing element's; approximately timed, an addition begins and ends with
// that stage. Called through the bitline protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "bitline/column_kernels.h"
#include "cost/actions.h"
#include "mapping/layer_mapping.h"
#include "model/bitline_protocol.h"
#include "model/output_register.h"
#include "model/unit_events.h"

namespace sliver::model {

/// What the adders have to know of one crossbar.
struct SummedArray {
    mapping::CrossbarSlot slot;
    std::vector<bool> flipped;    ///< a column
    std::size_t accumulator = 0;  ///< block of the output register: crossbars of one column block share one
    int added_columns = 0;        ///< whose codes come: those in use, or the filled ones of them
    int array_columns = 0;        ///< likewise of the whole array, in use or not
};

class ShiftAdd : public sc_core::sc_module {
  public:
    /// `output`: where the sums are kept; outlives the unit. `layer` decides shifts and corrections.
    /// `events`: null where it is loosely timed; else additions take `add_time`, the pipeline's stage.
    ShiftAdd(const sc_core::sc_module_name& name, const mapping::LayerMapping& layer,
             std::vector<SummedArray> arrays, OutputRegister& output, const bitline::Kernels& kernels,
             UnitEvents* events, const sc_core::sc_time& add_time);
    ~ShiftAdd() override;

    /// Socket for the bursts of the array at `position`.
    [[nodiscard]] bitline_target_socket& adc_tsock(std::size_t position);
    /// Appends the addresses a burst of that array touches, for ProcessingElement::fetch_ahead().
    void list_hot(std::size_t position, std::vector<const void*>& addresses) const;
    /// A new window begins, in that half of the output register.
    void begin_window(std::size_t half);
    void reset();
    void count(cost::Actions& actions) const;

  private:
    class Port;
    bitline::ShiftAddOp shift_add_;
    OutputRegister& output_;
    UnitEvents* events_;
    sc_core::sc_time add_time_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::uint64_t windows_ = 0;
};

}  // namespace sliver::model
