#include "mapping/packing.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <numeric>

#include "base/size.h"

namespace sliver::mapping {
namespace {

/// Where a layer has weights that are not zero.
class Pattern {
  public:
    explicit Pattern(const network::MatrixWeights& weights) : weights_(weights) {}

    [[nodiscard]] int rows() const { return weights_.rows; }
    [[nodiscard]] int outputs() const { return weights_.outputs; }
    [[nodiscard]] bool any(int output, const std::vector<int>& rows) const {
        if (weights_.groups == 1) {
            const std::int16_t* codes = weights_.codes_of(output);
            return std::any_of(rows.begin(), rows.end(), [&](int row) { return codes[row] != 0; });
        }
        return std::any_of(rows.begin(), rows.end(),
                           [&](int row) { return weights_.code(output, row) != 0; });
    }
    /// Rows with a weight in one of `outputs`.
    [[nodiscard]] std::vector<int> rows_of(const std::vector<int>& outputs) const {
        std::vector<bool> used(size(rows()), false);
        for (const int output : outputs)
            for (int row = 0; row < weights_.group_rows(); ++row)
                if (weights_.codes_of(output)[row] != 0) used[size(weights_.first_row(output) + row)] = true;
        std::vector<int> found;
        for (int row = 0; row < rows(); ++row)
            if (used[size(row)]) found.push_back(row);
        return found;
    }
    /// Sum of |w| over all rows: the order of means is the order of sums.
    [[nodiscard]] std::int64_t magnitude(int output) const {
        std::int64_t sum = 0;
        for (int row = 0; row < weights_.group_rows(); ++row) sum += std::abs(weights_.codes_of(output)[row]);
        return sum;
    }

  private:
    const network::MatrixWeights& weights_;
};

std::vector<int> run_of(int first, int count) {
    std::vector<int> lines(size(count));
    std::iota(lines.begin(), lines.end(), first);
    return lines;
}

/// `lines` in runs of at most `length`.
std::vector<std::vector<int>> runs(const std::vector<int>& lines, int length) {
    std::vector<std::vector<int>> parts;
    for (std::size_t first = 0; first < lines.size(); first += size(length))
        parts.emplace_back(
            lines.begin() + static_cast<std::ptrdiff_t>(first),
            lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), first + size(length))));
    return parts;
}

void sort_columns(const Pattern& pattern, config::ColumnOrder order, std::vector<int>& outputs) {
    if (order == config::ColumnOrder::natural) return;
    std::vector<std::int64_t> magnitude;
    for (int output = 0; output < pattern.outputs(); ++output) magnitude.push_back(pattern.magnitude(output));
    std::stable_sort(outputs.begin(), outputs.end(), [&](int a, int b) {
        return order == config::ColumnOrder::light_first ? magnitude[size(a)] < magnitude[size(b)]
                                                         : magnitude[size(a)] > magnitude[size(b)];
    });
}

/// Nothing is left of a block's outputs but their biases: one cell keeps their place on the chip.
BlockLines::Array place_holder(const BlockLines& block) {
    return {{0}, {block.outputs.front()}, 0};
}

/// Adds the arrays of `rows` to a block; without columns that are zero there unless `dense`.
void add_arrays(const Pattern& pattern, const std::vector<std::vector<int>>& rows, bool dense,
                BlockLines& block) {
    for (std::size_t number = 0; number < rows.size(); ++number) {
        BlockLines::Array array{rows[number], {}, static_cast<int>(number)};
        for (const int output : block.outputs)
            if (dense || pattern.any(output, array.rows)) array.outputs.push_back(output);
        if (!array.outputs.empty()) block.arrays.push_back(std::move(array));
    }
    if (block.arrays.empty()) block.arrays.push_back(place_holder(block));
}

std::vector<BlockLines> tile_dense(const Pattern& pattern, const std::vector<int>& outputs, int array_rows,
                                   int array_outputs) {
    const std::vector<std::vector<int>> rows = runs(run_of(0, pattern.rows()), array_rows);
    std::vector<BlockLines> blocks;
    for (std::vector<int>& part : runs(outputs, array_outputs)) {
        blocks.push_back({std::move(part), {}});
        add_arrays(pattern, rows, true, blocks.back());
    }
    return blocks;
}

std::vector<BlockLines> pack_channels(const Pattern& pattern, const std::vector<int>& outputs, int array_rows,
                                      int array_outputs) {
    const std::vector<std::vector<int>> rows = runs(pattern.rows_of(outputs), array_rows);
    std::vector<BlockLines> blocks(1);
    int stored = 0;  // outputs of the last block that have weights
    for (const int output : outputs) {
        const bool kept = pattern.magnitude(output) != 0;
        if (kept && stored == array_outputs) {
            blocks.emplace_back();
            stored = 0;
        }
        blocks.back().outputs.push_back(output);
        if (kept) ++stored;
    }
    for (BlockLines& block : blocks) add_arrays(pattern, rows, false, block);
    return blocks;
}

/// Every row block packs its own columns, so that the arrays of a layer have no outputs in common that would
/// divide it: one column block.
std::vector<BlockLines> pack_columns(const Pattern& pattern, const std::vector<int>& outputs, int array_rows,
                                     int array_outputs) {
    BlockLines block{outputs, {}};
    const std::vector<std::vector<int>> rows = runs(run_of(0, pattern.rows()), array_rows);
    for (std::size_t number = 0; number < rows.size(); ++number) {
        std::vector<int> stored;
        std::copy_if(outputs.begin(), outputs.end(), std::back_inserter(stored),
                     [&](int output) { return pattern.any(output, rows[number]); });
        for (std::vector<int>& part : runs(stored, array_outputs))
            block.arrays.push_back({rows[number], std::move(part), static_cast<int>(number)});
    }
    if (block.arrays.empty()) block.arrays.push_back(place_holder(block));
    return {std::move(block)};
}

std::vector<BlockLines> pack_rows(const Pattern& pattern, config::ColumnOrder order, int array_rows,
                                  int array_outputs) {
    std::vector<BlockLines> blocks;
    for (std::vector<int>& outputs : runs(run_of(0, pattern.outputs()), array_outputs)) {
        sort_columns(pattern, order, outputs);
        blocks.push_back({std::move(outputs), {}});
        add_arrays(pattern, runs(pattern.rows_of(blocks.back().outputs), array_rows), false, blocks.back());
    }
    return blocks;
}

}  // namespace

std::vector<BlockLines> pack_layer(const network::MatrixWeights& weights, config::Packing packing,
                                   config::ColumnOrder order, int array_rows, int array_outputs) {
    const Pattern pattern(weights);
    std::vector<int> outputs = run_of(0, weights.outputs);
    sort_columns(pattern, order, outputs);
    switch (packing) {
        case config::Packing::none:
            return tile_dense(pattern, outputs, array_rows, array_outputs);
        case config::Packing::channels:
            return pack_channels(pattern, outputs, array_rows, array_outputs);
        case config::Packing::columns:
            return pack_columns(pattern, outputs, array_rows, array_outputs);
        case config::Packing::rows:
            return pack_rows(pattern, order, array_rows, array_outputs);
        case config::Packing::fewest:
            break;
    }
    std::vector<BlockLines> best = tile_dense(pattern, outputs, array_rows, array_outputs);
    for (const config::Packing form :
         {config::Packing::channels, config::Packing::columns, config::Packing::rows}) {
        std::vector<BlockLines> found = pack_layer(weights, form, order, array_rows, array_outputs);
        if (count_arrays(found) < count_arrays(best)) best = std::move(found);
    }
    return best;
}

int groups_on_array(int group_rows, int group_outputs, int array_rows, int array_outputs) {
    return std::min(array_rows / group_rows, array_outputs / group_outputs);
}

std::vector<BlockLines> pack_groups(const network::MatrixWeights& weights, config::ColumnOrder order,
                                    int array_rows, int array_outputs) {
    const Pattern pattern(weights);
    const int together = std::max(
        1, groups_on_array(weights.group_rows(), weights.group_outputs(), array_rows, array_outputs));
    std::vector<BlockLines> blocks;
    for (int group = 0; group < weights.groups; group += together) {
        const int groups = std::min(together, weights.groups - group);
        const std::vector<std::vector<int>> rows =
            runs(run_of(group * weights.group_rows(), groups * weights.group_rows()), array_rows);
        for (std::vector<int>& outputs :
             runs(run_of(group * weights.group_outputs(), groups * weights.group_outputs()), array_outputs)) {
            sort_columns(pattern, order, outputs);
            blocks.push_back({std::move(outputs), {}});
            add_arrays(pattern, rows, true, blocks.back());
        }
    }
    return blocks;
}

std::size_t count_arrays(const std::vector<BlockLines>& blocks) {
    std::size_t count = 0;
    for (const BlockLines& block : blocks) count += block.arrays.size();
    return count;
}

}  // namespace sliver::mapping
