#include "bitline/column_adder.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sliver::bitline {

ColumnAdder::ColumnAdder(const mapping::CellFormat& format, const mapping::CrossbarSlot& slot,
                         AccumulatorPlaces places, std::vector<bool> flipped, ShiftAddOp shift_add)
    : shift_add_(shift_add),
      sign_(slot.sign == mapping::Sign::negative ? -1 : 1),
      first_slice_(slot.first_slice),
      slices_(slot.slices),
      outputs_(slot.outputs),
      cell_bits_(format.cell_bits),
      places_(std::move(places)),
      flipped_(std::move(flipped)) {
    const bool any_flipped = std::find(flipped_.begin(), flipped_.end(), true) != flipped_.end();
    is_mixed_ = any_flipped || places_.places != nullptr;
    // Every row block's bias is taken off once: by the array that holds the lowest slice.
    const std::int32_t bias = slot.first_slice == 0 ? format.bias() : 0;
    unit_weight_.assign(static_cast<std::size_t>(outputs_), -bias);
    for (int column = 0; column < slot.used_columns(); ++column)
        if (flipped_[static_cast<std::size_t>(column)])
            unit_weight_[static_cast<std::size_t>(column % outputs_)] += format.highest_level()
                                                                         << slice_shift(column / outputs_);
    needs_unit_column_ = any_flipped || bias != 0;
}

void ColumnAdder::add(const std::uint32_t* codes, const PlaneRows& rows, std::int32_t* accumulators) const {
    for (int slice = 0; slice < slices_; ++slice) {
        const std::uint32_t* of_slice = codes + slice * outputs_;
        if (is_mixed_)
            add_mixed(of_slice, rows, slice, accumulators);
        else
            shift_add_(of_slice, outputs_, rows, slice_shift(slice), sign_, accumulators + places_.first);
    }
    if (!needs_unit_column_) return;
    std::int32_t unit = 0;
    for (int plane = 0; plane < rows.count; ++plane)
        unit += static_cast<std::int32_t>(rows.planes[plane].unit_sum) * rows.planes[plane].weight;
    for (int output = 0; output < outputs_; ++output)
        place(accumulators, output) += sign_ * unit * unit_weight_[static_cast<std::size_t>(output)];
}

/// For arrays whose columns differ. Flipped ones were stored complemented: what they read is subtracted,
/// their full range is in unit_weight_.
void ColumnAdder::add_mixed(const std::uint32_t* codes, const PlaneRows& rows, int slice,
                            std::int32_t* accumulators) const {
    constexpr int kColumnsAtOnce = 64;
    for (int first = 0; first < outputs_; first += kColumnsAtOnce) {
        const int columns = std::min(kColumnsAtOnce, outputs_ - first);
        std::array<std::int32_t, kColumnsAtOnce> totals{};
        shift_add_(codes + first, columns, rows, slice_shift(slice), sign_, totals.data());
        for (int column = 0; column < columns; ++column) {
            const int output = first + column;
            const std::int32_t total = totals[static_cast<std::size_t>(column)];
            const bool flipped = flipped_[static_cast<std::size_t>(slice * outputs_ + output)];
            place(accumulators, output) += flipped ? -total : total;
        }
    }
}

}  // namespace sliver::bitline
