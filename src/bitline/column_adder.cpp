#include "bitline/column_adder.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sliver::bitline {

ColumnAdder::ColumnAdder(const mapping::LayerMapping& layer, const mapping::CrossbarSlot& slot,
                         AccumulatorPlaces places, std::vector<bool> flipped, ShiftAddOp shift_add)
    : shift_add_(shift_add),
      sign_(slot.sign == mapping::Sign::negative ? -1 : 1),
      outputs_(slot.outputs),
      places_(std::move(places)),
      flipped_(std::move(flipped)) {
    const bool any_flipped = std::find(flipped_.begin(), flipped_.end(), true) != flipped_.end();
    for (const mapping::ColumnRun& run : slot.runs)
        runs_.push_back({run.first, run.columns, layer.shift(run.slice), run.first % outputs_});
    is_mixed_ = any_flipped || places_.places != nullptr;
    // Every row block's bias is taken off once: by the array that holds the lowest slice.
    const mapping::CellFormat& format = layer.format;
    const std::int32_t bias = slot.first_slice() == 0 ? format.bias() : 0;
    unit_weight_.assign(static_cast<std::size_t>(outputs_), -bias);
    for (const Run& run : runs_)
        for (int column = run.first; column < run.first + run.columns; ++column)
            if (flipped_[static_cast<std::size_t>(column)])
                unit_weight_[static_cast<std::size_t>(column % outputs_)] += format.highest_level()
                                                                             << run.shift;
    needs_unit_column_ = any_flipped || bias != 0;
}

void ColumnAdder::add(const std::uint32_t* codes, const PlaneRows& rows, std::int32_t* accumulators) const {
    for (const Run& run : runs_) {
        if (is_mixed_)
            add_mixed(codes + run.first, rows, run, accumulators);
        else
            shift_add_(codes + run.first, run.columns, rows, run.shift, sign_,
                       accumulators + places_.first + run.output);
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
void ColumnAdder::add_mixed(const std::uint32_t* codes, const PlaneRows& rows, const Run& run,
                            std::int32_t* accumulators) const {
    constexpr int kColumnsAtOnce = 64;
    for (int first = 0; first < run.columns; first += kColumnsAtOnce) {
        const int columns = std::min(kColumnsAtOnce, run.columns - first);
        std::array<std::int32_t, kColumnsAtOnce> totals{};
        shift_add_(codes + first, columns, rows, run.shift, sign_, totals.data());
        for (int i = 0; i < columns; ++i) {
            const int column = run.first + first + i;
            const std::int32_t total = totals[static_cast<std::size_t>(i)];
            place(accumulators, column) += flipped_[static_cast<std::size_t>(column)] ? -total : total;
        }
    }
}

}  // namespace sliver::bitline
