// What the functional engine must compute, written down without bit planes, bounds or matrix products: every
// column sum is a loop over rows of (digit * level) in plain integers, every conversion a division and a
// comparison. Also random networks to try it on. Shared by the bitline tests; slow on purpose.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "config/chip_config.h"
#include "dice.h"
#include "mapping/adc_widths.h"
#include "network/integer_ops.h"
#include "network/quantised_network.h"

namespace bitline_reference {

using ::test::Dice;

using sliver::config::Encoding;

/// All conversions of one layer, slice and sign.
struct Seen {
    std::vector<std::uint64_t> counts;  ///< by column sum
    std::uint32_t largest = 0;
    int row_block = 0, output = 0;  ///< of the largest, the first of equals
    void add(std::uint32_t sum, int block, int column) {
        if (counts.size() <= sum) counts.resize(sum + 1, 0);
        ++counts[sum];
        const bool earlier = block < row_block || (block == row_block && column < output);
        if (sum < largest || (sum == largest && !earlier)) return;
        largest = sum;
        row_block = block;
        output = column;
    }
};

struct Statistics {
    std::uint64_t clipped = 0;
    std::array<std::uint64_t, 2> clipped_by_sign{};
    std::uint32_t largest_sum = 0;
    std::array<Seen, 2> seen;
};

struct Result {
    std::vector<std::int32_t> logits;
    std::vector<std::vector<Statistics>> statistics;  ///< [layer][slice]
};

/// What leaves the converter: the nearest of 2^bits multiples of 2^drop, the upper one in the middle.
/// `cut` where the nearest multiple would be a larger one.
inline std::int64_t convert(std::int64_t sum, int bits, int drop, bool& cut) {
    const std::int64_t step = std::int64_t{1} << drop, last = (std::int64_t{1} << bits) - 1;
    const std::int64_t nearest = (2 * sum + step) / (2 * step);
    cut = nearest > last;
    return (cut ? last : nearest) * step;
}

/// The chip's parameters that bear on values.
struct Setting {
    int array_rows = 128, cell_bits = 2, weight_bits = 8, dac_bits = 1;
    Encoding encoding = Encoding::differential;
    bool flip_columns = false;
    // What says which groups of a grouped convolution share an array.
    int array_columns = 128;
    bool interleaved = false, dense_groups = false;
    sliver::config::DigitColumns digits = sliver::config::DigitColumns::slices;
    int layer_bits =
        -1;  ///< bit positions that the weights of the layer have, as a number; -1: not looked up
    [[nodiscard]] sliver::config::ChipConfig chip(int input_bits) const {
        sliver::config::ChipConfig chip;
        chip.array.rows = array_rows;
        chip.array.columns = array_columns;
        chip.array.cell_bits = cell_bits;
        if (interleaved) chip.weights.slices = sliver::config::SlicePlacement::interleaved;
        if (dense_groups) chip.weights.groups = sliver::config::GroupPlacement::dense;
        chip.weights.digits = digits;
        chip.weights.bits = weight_bits;
        chip.weights.encoding = encoding;
        chip.weights.flip_columns = flip_columns;
        chip.inputs.bits = input_bits;
        chip.inputs.dac_bits = dac_bits;
        return chip;
    }
    /// Digits of cell_bits bits at any position.
    [[nodiscard]] bool free_digits() const {
        return digits == sliver::config::DigitColumns::planes ||
               digits == sliver::config::DigitColumns::shared;
    }
    [[nodiscard]] int shift(int slice) const { return free_digits() ? slice : slice * cell_bits; }
    [[nodiscard]] int slices() const {
        if (free_digits()) return weight_bits;
        const int stored_bits = weight_bits + (encoding == Encoding::offset ? 1 : 0);
        return (stored_bits + cell_bits - 1) / cell_bits;
    }
};

struct Digit {
    int shift, bits, weight;  ///< weight +1, or -1 for the sign bit
};

/// Unsigned: dac_bits at a time from the bottom; signed: the sign bit alone and negative.
inline std::vector<Digit> digits_of(const sliver::network::Format& format, int dac_bits) {
    std::vector<Digit> digits;
    const int magnitude = format.is_signed ? format.bits - 1 : format.bits;
    for (int shift = 0; shift < magnitude; shift += dac_bits)
        digits.push_back({shift, std::min(dac_bits, magnitude - shift), 1});
    if (format.is_signed) digits.push_back({magnitude, 1, -1});
    return digits;
}

inline int level_of(const Setting& setting, int code, int slice, bool negative_array) {
    int stored = 0;
    if (setting.encoding == Encoding::offset) {
        stored = code + (1 << setting.weight_bits);
    } else if (negative_array) {
        stored = code < 0 ? -code : 0;
    } else {
        stored = code > 0 ? code : 0;
    }
    return stored / (1 << setting.shift(slice)) % (1 << setting.cell_bits);
}

/// Bits that any of the weights of one sign has; 0 for both.
inline int bits_of(const std::int16_t* codes, int count, int sign) {
    int bits = 0;
    for (int i = 0; i < count; ++i)
        if (sign == 0 || (sign < 0) == (codes[i] < 0)) bits |= codes[i] < 0 ? -codes[i] : codes[i];
    return bits;
}

/// Which slices of a column with weights that have `bits` an array holds, and from which bit on.
inline std::vector<bool> stored_slices(const Setting& setting, int bits) {
    std::vector<bool> stored(static_cast<std::size_t>(setting.slices()), true);
    if (setting.digits == sliver::config::DigitColumns::slices) return stored;
    const int base = 1 << setting.cell_bits;
    int covered = setting.digits == sliver::config::DigitColumns::shared ? bits : setting.layer_bits;
    for (int slice = 0; slice < setting.slices(); ++slice) {
        const int shift = setting.shift(slice);
        bool window = !setting.free_digits();
        if (setting.free_digits() && covered >> shift & 1) {
            window = true;
            covered = covered / (1 << (shift + setting.cell_bits)) * (1 << (shift + setting.cell_bits));
        }
        stored[static_cast<std::size_t>(slice)] = window && (bits >> shift) % base != 0;
    }
    return stored;
}

/// Groups that share an array of `setting`: as many as its rows and its columns hold, or all of them.
inline int groups_together(const sliver::network::MatrixWeights& weights, const Setting& setting) {
    if (setting.dense_groups) return weights.groups;
    const int outputs =
        setting.interleaved ? setting.array_columns / setting.slices() : setting.array_columns;
    return std::min(weights.groups, std::max(1, std::min(setting.array_rows / (weights.rows / weights.groups),
                                                         outputs / (weights.outputs / weights.groups))));
}

inline std::vector<std::int64_t> window_sums(const sliver::network::Node& node,
                                             const sliver::network::Format& input_format,
                                             const std::vector<std::int32_t>& rows, const Setting& setting,
                                             const sliver::mapping::AdcWidths& widths, std::size_t layer,
                                             std::vector<Statistics>& statistics, int first_output = 0);

/// Groups that share arrays are a layer of their own, with zeros between them.
inline std::vector<std::int64_t> grouped_sums(const sliver::network::Node& node,
                                              const sliver::network::Format& input_format,
                                              const std::vector<std::int32_t>& rows, const Setting& setting,
                                              const sliver::mapping::AdcWidths& widths, std::size_t layer,
                                              std::vector<Statistics>& statistics) {
    const sliver::network::MatrixWeights& weights = node.weights;
    const int group_rows = weights.rows / weights.groups, group_outputs = weights.outputs / weights.groups;
    const int together = groups_together(weights, setting);
    std::vector<std::int64_t> all;
    for (int group = 0; group < weights.groups; group += together) {
        const int groups = std::min(together, weights.groups - group);
        sliver::network::Node part;
        part.weights.bits = weights.bits;
        part.weights.rows = groups * group_rows;
        part.weights.outputs = groups * group_outputs;
        for (int output = 0; output < part.weights.outputs; ++output)
            for (int row = 0; row < part.weights.rows; ++row) {
                const bool own = row / group_rows == output / group_outputs;
                const int code = (group * group_outputs + output) * group_rows + row % group_rows;
                part.weights.codes.push_back(own ? weights.codes[static_cast<std::size_t>(code)]
                                                 : std::int16_t{0});
            }
        const auto first = rows.begin() + group * group_rows;
        const std::vector<std::int64_t> sums =
            window_sums(part, input_format, {first, first + part.weights.rows}, setting, widths, layer,
                        statistics, group * group_outputs);
        all.insert(all.end(), sums.begin(), sums.end());
    }
    return all;
}

/// Accumulators of one window, all outputs. `first_output`: number of the node's first in its layer.
inline std::vector<std::int64_t> window_sums(const sliver::network::Node& node,
                                             const sliver::network::Format& input_format,
                                             const std::vector<std::int32_t>& rows, const Setting& of_chip,
                                             const sliver::mapping::AdcWidths& widths, std::size_t layer,
                                             std::vector<Statistics>& statistics, int first_output) {
    Setting setting = of_chip;
    setting.weight_bits = node.weights.bits;
    if (setting.layer_bits < 0)
        setting.layer_bits =
            bits_of(node.weights.codes.data(), static_cast<int>(node.weights.codes.size()), 0);
    if (node.weights.groups > 1)
        return grouped_sums(node, input_format, rows, setting, widths, layer, statistics);
    const int row_count = node.weights.rows;
    const int highest = (1 << setting.cell_bits) - 1;
    std::vector<std::int64_t> accumulators(static_cast<std::size_t>(node.weights.outputs), 0);
    for (int first = 0; first < row_count; first += setting.array_rows) {
        const int last = std::min(row_count, first + setting.array_rows);
        for (const Digit& digit : digits_of(input_format, setting.dac_bits)) {
            const auto driven = [&](int row) {
                return (rows[static_cast<std::size_t>(row)] >> digit.shift) & ((1 << digit.bits) - 1);
            };
            std::int64_t unit_sum = 0;
            for (int row = first; row < last; ++row) unit_sum += driven(row);
            for (int output = 0; output < node.weights.outputs; ++output) {
                const std::int16_t* codes = &node.weights.codes[static_cast<std::size_t>(output * row_count)];
                std::int64_t& accumulator = accumulators[static_cast<std::size_t>(output)];
                for (int slice = 0; slice < setting.slices(); ++slice) {
                    // ISAAC's rule: stored complemented where the plain column could pass half of its range.
                    int level_sum = 0;
                    for (int row = first; row < last; ++row)
                        level_sum += level_of(setting, codes[row], slice, false);
                    const bool flipped = setting.encoding == Encoding::offset && setting.flip_columns &&
                                         2 * level_sum > (last - first) * highest;
                    const int arrays = setting.encoding == Encoding::offset ? 1 : 2;
                    for (int array = 0; array < arrays; ++array) {
                        if (setting.encoding == Encoding::differential &&
                            !stored_slices(setting,
                                           bits_of(codes + first, last - first,
                                                   array == 1 ? -1 : 1))[static_cast<std::size_t>(slice)])
                            continue;
                        std::int64_t sum = 0;
                        for (int row = first; row < last; ++row) {
                            const int level = level_of(setting, codes[row], slice, array == 1);
                            sum += driven(row) * (flipped ? highest - level : level);
                        }
                        Statistics& statistic = statistics[static_cast<std::size_t>(slice)];
                        statistic.largest_sum =
                            std::max(statistic.largest_sum, static_cast<std::uint32_t>(sum));
                        statistic.seen[static_cast<std::size_t>(array)].add(static_cast<std::uint32_t>(sum),
                                                                            first / setting.array_rows,
                                                                            first_output + output);
                        std::int64_t code = sum;
                        if (!widths.split_rows) {
                            const auto k = static_cast<std::size_t>(slice);
                            const bool own = array == 1 && !widths.negative_bits.empty();
                            bool cut = false;
                            code = convert(sum, (own ? widths.negative_bits : widths.bits)[layer][k],
                                           widths.drops.empty() ? 0 : widths.drops[layer][k], cut);
                            statistic.clipped += cut ? 1 : 0;
                            statistic.clipped_by_sign[static_cast<std::size_t>(array)] += cut ? 1 : 0;
                        }
                        const std::int64_t value = flipped ? highest * unit_sum - code : code;
                        const std::int64_t weight = (array == 1 ? -1 : 1) * digit.weight;
                        accumulator +=
                            weight * value * (std::int64_t{1} << (digit.shift + setting.shift(slice)));
                    }
                }
                if (setting.encoding == Encoding::offset)
                    accumulator -=
                        digit.weight * unit_sum * (std::int64_t{1} << (digit.shift + setting.weight_bits));
            }
        }
    }
    return accumulators;
}

inline Result run(const sliver::network::QuantisedNetwork& network, const Setting& setting,
                  const sliver::mapping::AdcWidths& widths, const std::vector<std::int32_t>& images,
                  std::size_t count) {
    using namespace sliver::network;
    Result result;
    for (const auto& layer : widths.bits) result.statistics.emplace_back(layer.size());
    const std::size_t pixels = network.nodes.front().shape.size();
    for (std::size_t image = 0; image < count; ++image) {
        std::vector<std::vector<std::int32_t>> maps;
        std::size_t layer = 0;
        for (const Node& node : network.nodes) {
            if (node.kind == NodeKind::input) {
                const auto first = images.begin() + static_cast<std::ptrdiff_t>(image * pixels);
                maps.emplace_back(first, first + static_cast<std::ptrdiff_t>(pixels));
                continue;
            }
            std::vector<const Node*> sources;
            std::vector<const std::vector<std::int32_t>*> inputs;
            for (const NodeId id : node.inputs) {
                sources.push_back(&network.nodes[id]);
                inputs.push_back(&maps[id]);
            }
            if (node.kind != NodeKind::matrix) {
                maps.push_back(apply_digital(node, sources, inputs));
                continue;
            }
            std::vector<std::int32_t> map(node.shape.size());
            std::vector<std::int32_t> rows(static_cast<std::size_t>(node.weights.rows));
            const int windows = node.shape.height * node.shape.width;
            for (int window = 0; window < windows; ++window) {
                gather_window(node, *sources[0], inputs[0]->data(), window / node.shape.width,
                              window % node.shape.width, rows.data());
                const std::vector<std::int64_t> sums = window_sums(node, sources[0]->format, rows, setting,
                                                                   widths, layer, result.statistics[layer]);
                for (int output = 0; output < node.weights.outputs; ++output)
                    map[static_cast<std::size_t>(output * windows + window)] = finish_accumulator(
                        node, sources[0]->format.exponent, output, sums[static_cast<std::size_t>(output)]);
            }
            maps.push_back(std::move(map));
            ++layer;
        }
        result.logits.insert(result.logits.end(), maps.back().begin(), maps.back().end());
    }
    return result;
}

/// Unit-step converters, the same for both signs.
inline sliver::mapping::AdcWidths unit_steps(const std::vector<std::vector<int>>& bits) {
    sliver::mapping::AdcWidths widths;
    widths.bits = bits;
    return widths;
}

inline Result run(const sliver::network::QuantisedNetwork& network, const Setting& setting,
                  const std::vector<std::vector<int>>& bits, const std::vector<std::int32_t>& images,
                  std::size_t count) {
    return run(network, setting, unit_steps(bits), images, count);
}

/// Unit-step widths, by layer and slice, that hold every sum: what makes a result the golden executor's.
inline std::vector<std::vector<int>> lossless_bits(const sliver::network::QuantisedNetwork& network,
                                                   const sliver::mapping::NetworkMapping& mapping,
                                                   int dac_bits) {
    std::vector<std::vector<int>> bits;
    for (const auto& layer : sliver::mapping::worst_case_sums(network, mapping, dac_bits)) {
        bits.emplace_back();
        for (const std::uint32_t sum : layer) bits.back().push_back(sliver::mapping::lossless_bits(sum));
    }
    return bits;
}

// ---- random networks

/// `filled` percent of the weights are not zero; `small` percent of those stay below a quarter of the range.
inline void fill_weights(sliver::network::MatrixWeights& weights, int bits, int filled, int small,
                         Dice& dice) {
    weights.bits = bits;
    const int highest = (1 << bits) - 1;
    weights.codes.resize(static_cast<std::size_t>(weights.outputs) * static_cast<std::size_t>(weights.rows));
    for (std::int16_t& code : weights.codes) {
        if (!dice.chance(filled)) continue;
        const int magnitude = dice.between(0, dice.chance(small) ? std::max(1, highest / 4) : highest);
        code = static_cast<std::int16_t>(dice.chance(50) ? magnitude : -magnitude);
    }
    for (int output = 0; output < weights.outputs; ++output)
        weights.bias.push_back(dice.between(-2000, 2000));
}

inline sliver::network::Node matrix_node(const std::string& name, const sliver::network::Shape& input,
                                         const sliver::network::Window& window, int outputs, int weight_bits,
                                         int input_bits, sliver::network::NodeId source, Dice& dice) {
    using namespace sliver::network;
    Node node;
    node.kind = NodeKind::matrix;
    node.name = name;
    node.inputs = {source};
    node.window = window;
    node.shape.channels = outputs;
    node.shape.height =
        (input.height + window.pad_top + window.pad_bottom - window.reach_y()) / window.stride_y + 1;
    node.shape.width =
        (input.width + window.pad_left + window.pad_right - window.reach_x()) / window.stride_x + 1;
    node.weights.outputs = outputs;
    node.weights.rows = input.channels * window.kernel_height * window.kernel_width;
    // One after the other: in which order arguments are evaluated is the compiler's choice.
    const int small = dice.one_of<int>({0, 90});
    const int filled = dice.one_of<int>({20, 60, 100});
    fill_weights(node.weights, weight_bits, filled, small, dice);
    node.relu = dice.chance(70);
    node.format.is_signed = !node.relu;
    node.format.bits = input_bits;
    // So that codes neither all saturate nor all vanish: about the standard deviation of the accumulators.
    int spread = weight_bits;
    for (int rows = node.weights.rows; rows > 1; rows /= 4) ++spread;
    node.format.exponent = spread - dice.between(1, 2);
    // Rarely: steps finer than the accumulator's, and biases that leave 32 bits when added.
    if (dice.chance(10)) node.format.exponent = dice.between(-3, 1);
    if (dice.chance(10))
        for (std::int32_t& bias : node.weights.bias)
            bias = dice.chance(50) ? std::numeric_limits<std::int32_t>::max() - dice.between(0, 9)
                                   : std::numeric_limits<std::int32_t>::min() + dice.between(0, 9);
    return node;
}

/// A digital node with the map of `source` as its first input.
inline sliver::network::Node digital_node(const std::string& name, sliver::network::NodeKind kind,
                                          const sliver::network::QuantisedNetwork& network,
                                          sliver::network::NodeId source) {
    sliver::network::Node node;
    node.kind = kind;
    node.name = name;
    node.inputs = {source};
    node.shape = network.nodes[source].shape;
    node.format = network.nodes[source].format;
    return node;
}

/// Convolution (stride, padding, kernel at random), sometimes a residual sum and a pool, then a linear layer.
inline sliver::network::QuantisedNetwork random_network(int weight_bits, int input_bits, Dice& dice) {
    using namespace sliver::network;
    QuantisedNetwork network;
    network.name = "random";
    Node input;
    input.kind = NodeKind::input;
    input.name = "input";
    input.shape = {dice.one_of<int>({1, 3, 8, 30}), dice.between(3, 6), dice.between(3, 6)};
    input.format.is_signed = input_bits > 1 && dice.chance(50);
    input.format.bits = input_bits;
    network.nodes.push_back(input);

    Window window;
    window.kernel_height = dice.between(1, 3);
    window.kernel_width = dice.one_of<int>({1, 2, 3, 3});
    window.stride_y = dice.between(1, 2);
    window.stride_x = dice.between(1, 2);
    window.pad_top = dice.between(0, window.kernel_height - 1);
    window.pad_left = dice.between(0, window.kernel_width - 1);
    window.pad_bottom = dice.between(0, window.kernel_height - 1);
    window.pad_right = dice.between(0, window.kernel_width - 1);
    network.nodes.push_back(matrix_node("convolution", input.shape, window, dice.one_of<int>({1, 7, 16, 33}),
                                        weight_bits, input_bits, 0, dice));
    if (input_bits == 1) {  // a signed code of one bit would be all sign
        network.nodes.back().relu = true;
        network.nodes.back().format.is_signed = false;
    }

    // A second matrix on the same map and a residual sum; then a pool where the map is large enough.
    if (dice.chance(30)) {
        const NodeId source = network.nodes.size() - 1;
        Node side = matrix_node("side", network.nodes[source].shape, Window(),
                                network.nodes[source].shape.channels, weight_bits, input_bits, source, dice);
        side.relu = network.nodes[source].relu;
        side.format.is_signed = network.nodes[source].format.is_signed;
        network.nodes.push_back(side);
        Node sum = digital_node("sum", NodeKind::add, network, source);
        sum.inputs.push_back(source + 1);
        sum.relu = !sum.format.is_signed;
        network.nodes.push_back(sum);
    }
    if (dice.chance(50) && network.nodes.back().shape.height >= 2 && network.nodes.back().shape.width >= 2) {
        const bool largest = dice.chance(50);
        Node pool = digital_node("pool", largest ? NodeKind::max_pool : NodeKind::average_pool, network,
                                 network.nodes.size() - 1);
        pool.window.kernel_height = pool.window.kernel_width = pool.window.stride_y = pool.window.stride_x =
            2;
        pool.shape.height /= 2;
        pool.shape.width /= 2;
        network.nodes.push_back(pool);
    }
    Node flatten = digital_node("flatten", NodeKind::flatten, network, network.nodes.size() - 1);
    flatten.shape = {static_cast<int>(flatten.shape.size()), 1, 1};
    network.nodes.push_back(flatten);

    network.nodes.push_back(matrix_node("linear", flatten.shape, Window(), dice.one_of<int>({1, 10, 17, 40}),
                                        weight_bits, input_bits, network.nodes.size() - 1, dice));
    Node& output = network.nodes.back();
    for (std::int32_t& bias : output.weights.bias) bias %= 1000;  // the logits are checked to fit 32 bits
    output.relu = false;
    output.is_output = true;
    output.format.is_signed = true;
    output.format.bits = 32;
    return network;
}

inline std::vector<std::int32_t> random_images(const sliver::network::Node& input, std::size_t count,
                                               Dice& dice) {
    std::vector<std::int32_t> images(input.shape.size() * count);
    const int zeros = dice.one_of<int>({0, 50, 95});
    for (std::int32_t& code : images)
        code = dice.chance(zeros) ? 0 : dice.between(input.format.lowest(), input.format.highest());
    return images;
}

}  // namespace bitline_reference
