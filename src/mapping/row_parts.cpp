#include "mapping/row_parts.h"

#include <algorithm>

#include "base/error.h"

namespace sliver::mapping {
namespace {

/// One column of a crossbar as programmed, and what its converter can take.
struct Column {
    SliceIndex slice;
    std::vector<std::uint32_t> levels;  ///< by row
    std::uint32_t range = 0;
    /// No part of `length` neighbouring rows, all driven by `digit`, passes the range.
    [[nodiscard]] bool fits(std::size_t length, std::uint32_t digit) const {
        for (std::size_t first = 0; first < levels.size(); first += length) {
            std::uint32_t sum = 0;
            for (std::size_t row = first; row < std::min(levels.size(), first + length); ++row)
                sum += levels[row];
            if (sum * digit > range) return false;
        }
        return true;
    }
};

std::vector<Column> columns_of(const network::MatrixWeights& weights, const LayerMapping& layer,
                               const CrossbarSlot& slot, const std::vector<bool>& flipped,
                               const AdcWidths& widths) {
    const CellFormat& format = layer.format;
    std::vector<std::int16_t> room;
    std::vector<Column> columns;
    for (const ColumnRun& run : slot.runs)
        for (int number = run.first; number < run.end(); ++number) {
            const int output = slot.output(number);
            Column column;
            column.slice = SliceIndex(static_cast<std::size_t>(run.slice));
            column.range = widths.at(layer.layer, column.slice, slot.sign).range();
            const bool flip = flipped[column_flag(layer, slot.row_block, run.slice, output)];
            const std::int16_t* codes = codes_on(weights, slot, output, room);
            for (int row = 0; row < slot.rows; ++row) {
                const int level = cell_level(format, codes[row], layer.shift(run.slice), slot.sign);
                column.levels.push_back(
                    static_cast<std::uint32_t>(flip ? format.highest_level() - level : level));
            }
            columns.push_back(std::move(column));
        }
    return columns;
}

}  // namespace

IndexedVector<CrossbarIndex, int> row_parts(const network::MatrixWeights& weights, const LayerMapping& layer,
                                            const AdcWidths& widths) {
    IndexedVector<CrossbarIndex, int> parts(layer.crossbars.size(), 1);
    if (!widths.split_rows) return parts;
    std::uint32_t digit = 1;
    for (const InputPlane& plane : layer.planes)
        digit = std::max(digit, (1U << static_cast<unsigned>(plane.bits)) - 1U);
    const std::vector<bool> flipped = flipped_columns(weights, layer);
    for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
        const CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
        int& own = parts[CrossbarIndex(i)];
        const std::vector<Column> columns = columns_of(weights, layer, slot, flipped, widths);
        // Borders of many parts need not lie on those of few, so every column is asked again each time.
        for (;; own *= 2) {
            const int length = (slot.rows + own - 1) / own;
            const auto wide = std::find_if_not(columns.begin(), columns.end(), [&](const Column& column) {
                return column.fits(static_cast<std::size_t>(length), digit);
            });
            if (wide == columns.end()) break;
            if (length == 1)
                refuse(
                    "adc.overflow: split: layer {}, slice {}: one cell of level {} driven by digit {} passes "
                    "{}, the largest code of {} bits",
                    layer.name, wide->slice.value(),
                    *std::max_element(wide->levels.begin(), wide->levels.end()), digit, wide->range,
                    widths.at(layer.layer, wide->slice, slot.sign).bits);
        }
    }
    return parts;
}

}  // namespace sliver::mapping
