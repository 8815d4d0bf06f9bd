// ShiftAdd: the digital adders behind the converters of one processing element, and its output register.
//
// Models: acc[output] +/-= code << (plane + cell_bits * slice) in 32 bits (the mapper proves that it fits);
// the complement of flipped columns and the bias of offset encoding, both from the unit column's sum
// (hardware-parameters.md 1.5). Takes no time of its own: its pipeline stage is the processing element's.
// Called through the bitline protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "bitline/column_kernels.h"
#include "mapping/layer_mapping.h"
#include "model/bitline_protocol.h"

namespace sliver::model {

/// What the adders have to know of one crossbar.
struct SummedArray {
    mapping::CrossbarSlot slot;
    std::vector<bool> flipped;    ///< a column
    std::size_t accumulator = 0;  ///< which register of the unit: crossbars of one column block share one
};

class ShiftAdd : public sc_core::sc_module {
  public:
    /// `registers`: outputs of each accumulator register. `format` decides shifts and corrections.
    ShiftAdd(const sc_core::sc_module_name& name, const mapping::CellFormat& format,
             std::vector<SummedArray> arrays, const std::vector<int>& registers,
             const bitline::Kernels& kernels);
    ~ShiftAdd() override;

    /// Socket for the bursts of the array at `position`.
    [[nodiscard]] bitline_target_socket& adc_tsock(std::size_t position);
    /// Appends the addresses a burst of that array touches, for ProcessingElement::warm_up().
    void list_hot(std::size_t position, std::vector<const void*>& addresses) const;
    void clear();
    [[nodiscard]] const std::vector<std::int32_t>& accumulators(std::size_t index) const {
        return registers_[index];
    }

  private:
    class Port;
    mapping::CellFormat format_;
    bitline::ShiftAddOp shift_add_;
    std::vector<std::vector<std::int32_t>> registers_;
    std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace sliver::model
