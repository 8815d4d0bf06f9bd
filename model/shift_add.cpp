#include "model/shift_add.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sliver::model {

class ShiftAdd::Port : public BitlineTarget {
  public:
    Port(ShiftAdd& unit, const std::string& name, SummedArray array)
        : socket(name.c_str()),
          format_(unit.format_),
          shift_add_(unit.shift_add_),
          accumulators_(unit.registers_[array.accumulator].data()),
          array_(std::move(array)) {
        socket.bind(*this);
        const mapping::CrossbarSlot& slot = array_.slot;
        any_flipped_ = std::find(array_.flipped.begin(), array_.flipped.end(), true) != array_.flipped.end();
        // Every row block's bias is taken off once: by the array that holds the lowest slice.
        const std::int32_t bias = slot.first_slice == 0 ? format_.bias() : 0;
        unit_weight_.assign(static_cast<std::size_t>(slot.outputs), -bias);
        for (int column = 0; column < slot.used_columns(); ++column)
            if (array_.flipped[static_cast<std::size_t>(column)])
                unit_weight_[static_cast<std::size_t>(column % slot.outputs)] +=
                    format_.highest_level() << slice_shift(column / slot.outputs);
        needs_unit_column_ = any_flipped_ || bias != 0;
    }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase&, sc_core::sc_time&) override {
        if (read.driven_rows != 0) add(read);
        return tlm::TLM_COMPLETED;
    }

    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(static_cast<const bitline_fw_if*>(this)),
                                           &shift_add_, &needs_unit_column_, accumulators_});
    }

    bitline_target_socket socket;

  private:
    [[nodiscard]] int slice_shift(int slice) const {
        return format_.cell_bits * (array_.slot.first_slice + slice);
    }

    void add(const BitlineRead& read) {
        const mapping::CrossbarSlot& slot = array_.slot;
        const int sign = (slot.sign == mapping::Sign::negative) != read.negative ? -1 : 1;
        for (int slice = 0; slice < slot.slices; ++slice) {
            const std::uint32_t* codes = read.codes + slice * slot.outputs;
            const int shift = read.shift + slice_shift(slice);
            if (any_flipped_)
                add_mixed(codes, slice, shift, sign);
            else
                shift_add_(codes, slot.outputs, shift, sign, accumulators_);
        }
        if (!needs_unit_column_) return;
        const std::int32_t unit = static_cast<std::int32_t>(read.unit_sum) * sign;
        for (int output = 0; output < slot.outputs; ++output)
            accumulators_[output] +=
                unit * unit_weight_[static_cast<std::size_t>(output)] * (1 << read.shift);
    }

    /// Flipped columns were stored complemented: what they read is subtracted, their full range is in
    /// unit_weight_.
    void add_mixed(const std::uint32_t* codes, int slice, int shift, int sign) {
        for (int output = 0; output < array_.slot.outputs; ++output) {
            const bool flipped =
                array_.flipped[static_cast<std::size_t>(slice * array_.slot.outputs + output)];
            const std::int32_t value = static_cast<std::int32_t>(codes[output] << shift);
            accumulators_[output] += (flipped ? -sign : sign) * value;
        }
    }

    mapping::CellFormat format_;
    bitline::ShiftAddOp shift_add_;
    std::int32_t* accumulators_;
    SummedArray array_;
    std::vector<std::int32_t> unit_weight_;  ///< by output: what one unit of the unit column adds at plane 0
    bool any_flipped_ = false;
    bool needs_unit_column_ = false;
};

ShiftAdd::ShiftAdd(const sc_core::sc_module_name& name, const mapping::CellFormat& format,
                   std::vector<SummedArray> arrays, const std::vector<int>& registers,
                   const bitline::Kernels& kernels)
    : sc_module(name), format_(format), shift_add_(kernels.shift_add) {
    for (const int outputs : registers) registers_.emplace_back(static_cast<std::size_t>(outputs), 0);
    for (std::size_t i = 0; i < arrays.size(); ++i)
        ports_.push_back(
            std::make_unique<Port>(*this, "adc_tsock_" + std::to_string(i), std::move(arrays[i])));
}

ShiftAdd::~ShiftAdd() = default;

bitline_target_socket& ShiftAdd::adc_tsock(std::size_t position) {
    return ports_.at(position)->socket;
}

void ShiftAdd::list_hot(std::size_t position, std::vector<const void*>& addresses) const {
    ports_.at(position)->list_hot(addresses);
}

void ShiftAdd::clear() {
    for (auto& accumulators : registers_) std::fill(accumulators.begin(), accumulators.end(), 0);
}

}  // namespace sliver::model
