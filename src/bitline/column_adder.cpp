#include "bitline/column_adder.h"

#include <algorithm>
#include <utility>

namespace sliver::bitline {

ColumnAdder::ColumnAdder(const mapping::CellFormat& format, const mapping::CrossbarSlot& slot,
                         AccumulatorPlaces places, std::vector<bool> flipped, ShiftAddOp shift_add)
    : format_(format),
      shift_add_(shift_add),
      slot_(slot),
      places_(std::move(places)),
      flipped_(std::move(flipped)) {
    any_flipped_ = std::find(flipped_.begin(), flipped_.end(), true) != flipped_.end();
    // Every row block's bias is taken off once: by the array that holds the lowest slice.
    const std::int32_t bias = slot_.first_slice == 0 ? format_.bias() : 0;
    unit_weight_.assign(static_cast<std::size_t>(slot_.outputs), -bias);
    for (int column = 0; column < slot_.used_columns(); ++column)
        if (flipped_[static_cast<std::size_t>(column)])
            unit_weight_[static_cast<std::size_t>(column % slot_.outputs)] +=
                format_.highest_level() << slice_shift(column / slot_.outputs);
    needs_unit_column_ = any_flipped_ || bias != 0;
}

void ColumnAdder::add(const PlaneCodes& plane, std::int32_t* accumulators) const {
    const int sign = (slot_.sign == mapping::Sign::negative) != plane.negative ? -1 : 1;
    for (int slice = 0; slice < slot_.slices; ++slice) {
        const std::uint32_t* codes = plane.codes + slice * slot_.outputs;
        const int shift = plane.shift + slice_shift(slice);
        if (any_flipped_ || places_.places != nullptr)
            add_mixed(codes, slice, shift, sign, accumulators);
        else
            shift_add_(codes, slot_.outputs, shift, sign, accumulators + places_.first);
    }
    if (!needs_unit_column_) return;
    const std::int32_t unit = static_cast<std::int32_t>(plane.unit_sum) * sign;
    for (int output = 0; output < slot_.outputs; ++output)
        place(accumulators, output) +=
            unit * unit_weight_[static_cast<std::size_t>(output)] * (1 << plane.shift);
}

/// Column by column, for arrays whose columns differ. Flipped ones were stored complemented: what they read
/// is subtracted, their full range is in unit_weight_.
void ColumnAdder::add_mixed(const std::uint32_t* codes, int slice, int shift, int sign,
                            std::int32_t* accumulators) const {
    for (int output = 0; output < slot_.outputs; ++output) {
        const bool flipped = flipped_[static_cast<std::size_t>(slice * slot_.outputs + output)];
        const std::int32_t value = static_cast<std::int32_t>(codes[output] << shift);
        place(accumulators, output) += (flipped ? -sign : sign) * value;
    }
}

}  // namespace sliver::bitline
