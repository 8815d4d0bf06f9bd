// What a crossbar's cells are programmed to, worked out weight by weight: stored codes, slices, signs,
// flipped columns. Does not read src/mapping's cells; of the mapping only which rows and outputs an array
// holds.
#pragma once

#include <cstddef>
#include <vector>

#include "bitline_reference.h"
#include "config/chip_config.h"
#include "mapping/layer_mapping.h"
#include "network/quantised_network.h"

namespace stored_levels {

namespace config = sliver::config;
namespace mapping = sliver::mapping;
namespace network = sliver::network;

/// [row][column], used ones only; columns slice by slice.
using Levels = std::vector<std::vector<int>>;

inline Levels levels_of(const network::MatrixWeights& weights, const config::ChipConfig& chip,
                        const mapping::CrossbarSlot& slot) {
    bitline_reference::Setting setting;
    setting.cell_bits = chip.array.cell_bits;
    setting.weight_bits = weights.bits;
    setting.encoding = chip.weights.encoding;
    const int highest = (1 << setting.cell_bits) - 1;
    const bool may_flip = setting.encoding == config::Encoding::offset && chip.weights.flip_columns;
    Levels levels(static_cast<std::size_t>(slot.rows));
    for (int i = 0; i < slot.slices(); ++i)
        for (int column = 0; column < slot.outputs; ++column) {
            const auto level = [&](int row) {
                const auto place =
                    static_cast<std::size_t>(slot.output(column)) * static_cast<std::size_t>(weights.rows) +
                    static_cast<std::size_t>(slot.matrix_row(row));
                return bitline_reference::level_of(setting, weights.codes[place], slot.first_slice() + i,
                                                   slot.sign == mapping::Sign::negative);
            };
            int sum = 0;
            for (int row = 0; row < slot.rows; ++row) sum += level(row);
            const bool flipped = may_flip && 2 * sum > slot.rows * highest;
            for (int row = 0; row < slot.rows; ++row)
                levels[static_cast<std::size_t>(row)].push_back(flipped ? highest - level(row) : level(row));
        }
    return levels;
}

/// Columns of slice `slice` of the array (0: its first) that have a cell above level 0.
inline int filled_columns(const Levels& levels, const mapping::CrossbarSlot& slot, int slice) {
    int filled = 0;
    for (int column = slice * slot.outputs; column < (slice + 1) * slot.outputs; ++column) {
        bool any = false;
        for (const std::vector<int>& row : levels) any = any || row[static_cast<std::size_t>(column)] != 0;
        filled += any ? 1 : 0;
    }
    return filled;
}

}  // namespace stored_levels
