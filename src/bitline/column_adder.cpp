#include "bitline/column_adder.h"

#include <algorithm>
#include <array>
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

void ColumnAdder::add(const std::uint32_t* codes, const PlaneRows& rows, std::int32_t* accumulators) const {
    const int sign = slot_.sign == mapping::Sign::negative ? -1 : 1;
    for (int slice = 0; slice < slot_.slices; ++slice) {
        const std::uint32_t* of_slice = codes + slice * slot_.outputs;
        if (any_flipped_ || places_.places != nullptr)
            add_mixed(of_slice, rows, slice, sign, accumulators);
        else
            shift_add_(of_slice, slot_.outputs, rows, slice_shift(slice), sign, accumulators + places_.first);
    }
    if (!needs_unit_column_) return;
    std::int32_t unit = 0;
    for (int plane = 0; plane < rows.count; ++plane)
        unit += static_cast<std::int32_t>(rows.planes[plane].unit_sum) * rows.planes[plane].weight;
    for (int output = 0; output < slot_.outputs; ++output)
        place(accumulators, output) += sign * unit * unit_weight_[static_cast<std::size_t>(output)];
}

/// For arrays whose columns differ. Flipped ones were stored complemented: what they read is subtracted,
/// their full range is in unit_weight_.
void ColumnAdder::add_mixed(const std::uint32_t* codes, const PlaneRows& rows, int slice, int sign,
                            std::int32_t* accumulators) const {
    constexpr int kColumnsAtOnce = 64;
    for (int first = 0; first < slot_.outputs; first += kColumnsAtOnce) {
        const int columns = std::min(kColumnsAtOnce, slot_.outputs - first);
        std::array<std::int32_t, kColumnsAtOnce> totals{};
        shift_add_(codes + first, columns, rows, slice_shift(slice), sign, totals.data());
        for (int column = 0; column < columns; ++column) {
            const int output = first + column;
            const std::int32_t total = totals[static_cast<std::size_t>(column)];
            const bool flipped = flipped_[static_cast<std::size_t>(slice * slot_.outputs + output)];
            place(accumulators, output) += flipped ? -total : total;
        }
    }
}

}  // namespace sliver::bitline
