#include "engine/layer_cells.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/error.h"
#include "base/size.h"

namespace sliver::engine {
namespace {

int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

void check_codes(const network::Node& node, const mapping::CellFormat& format) {
    const int highest = (1 << format.weight_bits) - 1;
    for (const std::int16_t code : node.weights.codes)
        if (std::abs(code) > highest)
            refuse("layer {}: weight code {} does not fit the {} magnitude bits of the chip's cells",
                   node.name, code, format.weight_bits);
}

}  // namespace

LayerCells::LayerCells(const network::Node& node, const mapping::LayerMapping& layer,
                       const EngineKernels& kernels, bool packed)
    : rows_(layer.rows),
      outputs_(layer.outputs),
      rows_per_block_(layer.rows_per_block),
      row_blocks_(ceil_div(layer.rows, layer.rows_per_block)),
      signs_(layer.format.signs()),
      cell_bits_(layer.format.cell_bits),
      digit_bits_(1),
      group_columns_(kernels.group_columns),
      shifts_(layer.shifts),
      planes_(layer.planes) {
    check_codes(node, layer.format);
    for (const mapping::InputPlane& plane : planes_) digit_bits_ = std::max(digit_bits_, plane.bits);
    column_groups_ = ceil_div(outputs_, group_columns_);
    output_groups_ = column_groups_ * (group_columns_ / kLaneOutputs);
    pairs_ = ceil_div(rows_, 2);
    chunked_ = kernels.look_up != nullptr && digit_bits_ == 1 && cell_bits_ <= kMostChunkCellBits &&
               rows_per_block_ <= kMostChunkRows;
    groups_.resize(size(row_blocks_) * size(column_groups_) * shifts_.size() * size(signs_));
    if (!packed) return;
    pack_weights(node.weights);
    pack_cells(node.weights, layer, kernels);
}

int LayerCells::block_rows(int block) const {
    return std::min(rows_per_block_, rows_ - first_row(block));
}

std::size_t LayerCells::index(int block, int column_group, int slice, int sign) const {
    return ((size(block) * size(column_groups_) + size(column_group)) * shifts_.size() + size(slice)) *
               size(signs_) +
           size(sign);
}

const std::int32_t* LayerCells::lane_signs(int block, int column_group, int slice) const {
    if (sign_places_.empty()) return nullptr;
    const std::int32_t place =
        sign_places_[(size(block) * size(column_groups_) + size(column_group)) * shifts_.size() +
                     size(slice)];
    return place < 0 ? nullptr : &lane_signs_[static_cast<std::size_t>(place)];
}

int LayerCells::safe_rows(const CellGroup& group, std::uint32_t limit) const {
    if (group.bound <= limit) return rows_per_block_;
    const int levels = (1 << cell_bits_) - 1;
    const std::uint32_t digit = (1U << digit_bits_) - 1U;
    const std::uint16_t* count = &counts_[group.counts];
    const auto bound = [&](std::uint32_t rows) {
        std::uint32_t sum = 0;
        for (int level = 0; level < levels; ++level) sum += std::min<std::uint32_t>(rows, count[level]);
        return sum * digit;
    };
    std::uint32_t safe = 0, unsafe = static_cast<std::uint32_t>(rows_per_block_);
    while (unsafe - safe > 1) {
        const std::uint32_t middle = (safe + unsafe) / 2;
        (bound(middle) <= limit ? safe : unsafe) = middle;
    }
    return static_cast<int>(safe);
}

std::size_t LayerCells::bytes() const {
    return weights_.size() * sizeof(weights_[0]) + cells_.size() + groups_.size() * sizeof(CellGroup) +
           counts_.size() * sizeof(counts_[0]) + columns_.size() * sizeof(columns_[0]) +
           chunks_.size() * sizeof(chunks_[0]) +
           (lane_signs_.size() + sign_places_.size()) * sizeof(std::int32_t);
}

void LayerCells::pack_weights(const network::MatrixWeights& weights) {
    weights_.assign(size(output_groups_) * size(pairs_) * 2 * kLaneOutputs, 0);
    for (int output = 0; output < outputs_; ++output) {
        const std::int16_t* codes = &weights.codes[size(output) * size(rows_)];
        std::int16_t* lane = &weights_[size(output / kLaneOutputs) * size(pairs_) * 2 * kLaneOutputs +
                                       size(output % kLaneOutputs) * 2];
        for (int row = 0; row < rows_; ++row)
            lane[size(row / 2) * 2 * kLaneOutputs + size(row % 2)] = codes[row];
    }
}

/// Level counts and bound of one group; `levels` has `columns` columns a row.
CellGroup LayerCells::count_levels(const std::uint8_t* levels, int rows, int columns) {
    const int highest = (1 << cell_bits_) - 1;
    std::uint16_t cells_with[16][64] = {};  // [level][column]
    for (int row = 0; row < rows; ++row, levels += columns)
        for (int column = 0; column < columns; ++column) ++cells_with[levels[column]][column];
    CellGroup group;
    group.counts = static_cast<std::uint32_t>(counts_.size());
    std::uint32_t bound = 0;
    counts_.resize(counts_.size() + size(highest));
    std::uint16_t* counts = &counts_[group.counts];
    for (int column = 0; column < columns; ++column) {
        std::uint32_t at_least = 0, sum = 0;
        for (int level = highest; level >= 1; --level) {
            at_least += cells_with[level][column];
            sum += at_least;
            counts[level - 1] = std::max(counts[level - 1], static_cast<std::uint16_t>(at_least));
        }
        bound = std::max(bound, sum);
    }
    group.bound = bound * ((1U << digit_bits_) - 1U);
    if (group.bound == 0) counts_.resize(group.counts);
    return group;
}

/// Appends the columns of one group; `levels` has group_columns_ columns a row.
void LayerCells::chunk_columns(const std::uint8_t* levels, int rows) {
    for (int column = 0; column < group_columns_; ++column) {
        ChunkedColumn chunked;
        chunked.first = static_cast<std::uint32_t>(chunks_.size());
        int bound = 0;
        for (int first = 0; first < rows; first += kChunkRows) {
            std::array<std::uint8_t, kChunkRows> own{};
            for (int row = first; row < std::min(rows, first + kChunkRows); ++row) {
                own[size(row - first)] = levels[size(row) * size(group_columns_) + size(column)];
                bound += own[size(row - first)];
            }
            const ColumnChunk chunk = make_chunk(first / kChunkRows, own, cell_bits_);
            if (chunk != 0) chunks_.push_back(chunk);
        }
        chunked.bound = static_cast<std::uint16_t>(bound);
        chunked.chunks = static_cast<std::uint16_t>(chunks_.size() - chunked.first);
        columns_.push_back(chunked);
    }
}

void LayerCells::pack_cells(const network::MatrixWeights& weights, const mapping::LayerMapping& layer,
                            const EngineKernels& kernels) {
    const mapping::CellFormat& format = layer.format;
    const std::vector<bool> flipped = mapping::flipped_columns(weights, layer);
    const bool any_flip = std::find(flipped.begin(), flipped.end(), true) != flipped.end();
    const int highest = format.highest_level();
    std::vector<std::uint8_t> levels(size(rows_per_block_) * size(group_columns_));
    std::vector<std::int32_t> stored(levels.size());
    // Room for all of them: memory that stays untouched, where groups are empty, costs nothing.
    cells_.reserve(groups_.size() * kernels.cell_bytes(rows_per_block_, cell_bits_));
    for (int block = 0; block < row_blocks_; ++block) {
        const int rows = block_rows(block);
        const std::size_t bytes = kernels.cell_bytes(rows, cell_bits_);
        for (int column_group = 0; column_group < column_groups_; ++column_group) {
            const int first_output = column_group * group_columns_;
            const int columns = std::min(group_columns_, outputs_ - first_output);
            for (int slice = 0; slice < slices(); ++slice) {
                const RowBlockIndex row_block(size(block));
                const auto flip = [&](int column) {
                    return any_flip &&
                           flipped[mapping::column_flag(layer, row_block, slice, first_output + column)];
                };
                if (any_flip) {
                    bool here = false;
                    for (int column = 0; column < columns; ++column) here = here || flip(column);
                    sign_places_.push_back(here ? static_cast<std::int32_t>(lane_signs_.size()) : -1);
                    if (here)
                        for (int column = 0; column < group_columns_; ++column)
                            lane_signs_.push_back(column < columns && flip(column) ? 0 : -1);
                }
                for (int sign = 0; sign < signs_; ++sign) {
                    std::fill(levels.begin(), levels.end(), std::uint8_t{0});
                    const mapping::Sign own_sign =
                        sign == 0 ? mapping::Sign::positive : mapping::Sign::negative;
                    for (int column = 0; column < columns; ++column) {
                        if (!layer.stores(row_block, slice, own_sign, first_output + column)) continue;
                        const std::int16_t* codes =
                            &weights
                                 .codes[size(first_output + column) * size(rows_) + size(first_row(block))];
                        const bool complement = flip(column);
                        for (int row = 0; row < rows; ++row) {
                            const int level =
                                mapping::cell_level(format, codes[row], shifts_[size(slice)], own_sign);
                            levels[size(row) * size(group_columns_) + size(column)] =
                                static_cast<std::uint8_t>(complement ? highest - level : level);
                        }
                    }
                    CellGroup& group = groups_[index(block, column_group, slice, sign)];
                    group = count_levels(levels.data(), rows, group_columns_);
                    if (group.bound == 0) continue;
                    group.cells = static_cast<std::uint32_t>(cells_.size() / kCacheLine);
                    cells_.resize(cells_.size() + bytes);
                    kernels.pack_cells(levels.data(), rows, cell_bits_, &cells_[cells_.size() - bytes]);
                    if (!chunked_) continue;
                    group.columns = static_cast<std::uint32_t>(columns_.size());
                    chunk_columns(levels.data(), rows);
                }
            }
        }
    }
    columns_.shrink_to_fit();
    chunks_.shrink_to_fit();
}

}  // namespace sliver::engine
