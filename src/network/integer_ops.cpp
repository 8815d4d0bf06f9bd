#include "network/integer_ops.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace sliver::network {

namespace {

/// Products of wide sums and 31-bit multipliers; what rounding leaves of them fits 64 bits again.
__extension__ using Wide = __int128;

constexpr std::int64_t kCeiling = std::int64_t{1} << 62;
/// Nothing that a factor is applied to has more bits: a larger shift leaves zero.
constexpr int kLongestShift = 96;

std::int64_t scale_up(std::int64_t value, int bits) {
    if (value == 0) return 0;
    const std::int64_t limit = bits >= 62 ? 0 : kCeiling >> bits;
    if (value > limit) return kCeiling;
    if (value < -limit) return -kCeiling;
    return value * (std::int64_t{1} << bits);
}

std::int64_t narrow(Wide value) {
    if (value > kCeiling) return kCeiling;
    if (value < -kCeiling) return -kCeiling;
    return static_cast<std::int64_t>(value);
}

/// round_half_even(value / (divisor * 2^shift)), shift >= 0.
std::int64_t divide_wide(Wide value, std::int64_t divisor, int shift) {
    if (shift > kLongestShift) return 0;
    if (divisor == 1 && value >= -kCeiling && value <= kCeiling)
        return shift_round(static_cast<std::int64_t>(value), shift);
    const Wide whole = Wide{divisor} << shift;
    Wide quotient = value / whole, remainder = value % whole;
    if (remainder < 0) {
        --quotient;
        remainder += whole;
    }
    const Wide rest = whole - remainder;
    const bool up = remainder > rest || (remainder == rest && (quotient & 1) != 0);
    return narrow(quotient + (up ? 1 : 0));
}

std::int32_t saturate(const Node& node, std::int64_t code) {
    const Limits limits = code_limits(node);
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(code, limits.lowest, limits.highest));
}

std::int32_t checked_logit(const Node& node, std::int64_t value) {
    if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
        throw std::overflow_error("the accumulator of '" + node.name + "' left 32 bits");
    return static_cast<std::int32_t>(value);
}

/// Narrower limits that a Clip sets on sums; those that nobody set hide no overflow.
std::int64_t clipped_wide(const Node& node, std::int64_t value) {
    if (node.at_least != std::numeric_limits<std::int32_t>::min())
        value = std::max<std::int64_t>(value, node.at_least);
    if (node.at_most != std::numeric_limits<std::int32_t>::max())
        value = std::min<std::int64_t>(value, node.at_most);
    return value;
}

/// A rounded value, in steps of the node's format, as its code.
std::int32_t code_of(const Node& node, std::int64_t value) {
    if (node.format.wide()) return checked_logit(node, clipped_wide(node, value));
    return saturate(node, value + node.format.zero);
}

/// Calls visit(input index) for the values of the window of (y, x) that lie on the map; returns nothing else.
template <typename Visit>
void visit_window(const Window& window, const Shape& map, int channel, int y, int x, Visit visit) {
    const int top = y * window.stride_y - window.pad_top;
    const int left = x * window.stride_x - window.pad_left;
    const int y_end = std::min(top + window.reach_y(), map.height);
    const int x_end = std::min(left + window.reach_x(), map.width);
    for (int row = first_on_map(top, window.dilation_y); row < y_end; row += window.dilation_y)
        for (int column = first_on_map(left, window.dilation_x); column < x_end; column += window.dilation_x)
            visit((static_cast<std::size_t>(channel) * static_cast<std::size_t>(map.height) +
                   static_cast<std::size_t>(row)) *
                      static_cast<std::size_t>(map.width) +
                  static_cast<std::size_t>(column));
}

std::int32_t max_pool_at(const Node& node, const Shape& map, const std::vector<std::int32_t>& codes,
                         int channel, int y, int x) {
    // Padding never wins: import refuses windows that lie in the padding altogether.
    std::int32_t largest = std::numeric_limits<std::int32_t>::min();
    visit_window(node.window, map, channel, y, x,
                 [&](std::size_t index) { largest = std::max(largest, codes[index]); });
    return largest;
}

std::int32_t average_pool_at(const Node& node, const Node& source, const std::vector<std::int32_t>& codes,
                             int channel, int y, int x) {
    std::int64_t sum = 0, count = 0;
    visit_window(node.window, source.shape, channel, y, x, [&](std::size_t index) {
        sum += codes[index] - source.format.zero;
        ++count;
    });
    if (node.count_include_pad)
        count = static_cast<std::int64_t>(node.window.kernel_height) * node.window.kernel_width;
    if (node.format.wide()) return code_of(node, rescale_round(sum, node.rescale.at(0)));
    if (!node.rescale.empty()) {
        const Rescale& by = node.rescale.front();
        return code_of(node, divide_wide(Wide{sum} * by.multiplier, count, by.shift));
    }
    const int shift = node.format.exponent - source.format.exponent;
    const std::int64_t mean =
        shift >= 0 ? divide_round(sum, scale_up(count, shift)) : divide_round(scale_up(sum, -shift), count);
    return code_of(node, mean);
}

std::int32_t add_at(const Node& node, const Node& first, const Node& second, std::int32_t a, std::int32_t b) {
    if (!node.rescale.empty()) {
        const Rescale& by = node.rescale.at(0);
        Wide sum = Wide{a - first.format.zero} * by.multiplier +
                   Wide{b - second.format.zero} * node.rescale.at(1).multiplier;
        if (node.relu) sum = std::max<Wide>(sum, 0);
        return code_of(node, divide_wide(sum, 1, by.shift));
    }
    const int finest = std::min(first.format.exponent, second.format.exponent);
    std::int64_t sum =
        scale_up(a, first.format.exponent - finest) + scale_up(b, second.format.exponent - finest);
    if (node.relu) sum = std::max<std::int64_t>(sum, 0);
    if (node.format.wide()) return code_of(node, sum);
    return saturate(node, shift_round(sum, node.format.exponent - finest));
}

/// A value in steps of `from` (its zero point taken off) in steps of the node, input `input`.
std::int64_t in_own_steps(const Node& node, const Format& from, std::size_t input, std::int64_t value) {
    if (node.rescale.empty()) return shift_round(value, node.format.exponent - from.exponent);
    return rescale_round(value, node.rescale.at(input));
}

std::int32_t scale_at(const Node& node, const Node& source, std::int32_t code, int channel,
                      std::size_t index) {
    const auto one_of = [&](std::size_t count) {
        return count == 1 ? 0 : count == node.shape.size() ? index : static_cast<std::size_t>(channel);
    };
    const Rescale& by = node.rescale[one_of(node.rescale.size())];
    const Wide value =
        Wide{code - source.format.zero} * by.multiplier + node.offsets[one_of(node.offsets.size())];
    return code_of(node, divide_wide(value, 1, by.shift));
}

}  // namespace

ValueWork work_of_value(const Node& node, int channel, const std::vector<int>& input_channels) {
    ValueWork work;
    const auto factors = [&](std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count && i < node.rescale.size(); ++i)
            work.multiplications += multiplies(node.rescale[i]) ? 1 : 0;
    };
    const std::size_t own = node.rescale.size() == 1 ? 0 : static_cast<std::size_t>(channel);
    switch (node.kind) {
        case NodeKind::matrix:
            work.additions = work.activations = 1;
            factors(own, 1);
            break;
        case NodeKind::max_pool:
        case NodeKind::average_pool:
            work.comparisons = static_cast<std::uint64_t>(node.window.kernel_height) *
                                   static_cast<std::uint64_t>(node.window.kernel_width) -
                               1;
            factors(0, 1);
            break;
        case NodeKind::add:
            work.additions = 1;
            factors(0, node.rescale.size());
            break;
        case NodeKind::relu:
            work.activations = 1;
            factors(0, 1);
            break;
        case NodeKind::table:
            work.look_ups = 1;
            break;
        case NodeKind::scale:
            work.additions = 1;
            if (own < node.rescale.size() &&
                node.rescale.size() <= static_cast<std::size_t>(node.shape.channels))
                factors(own, 1);
            else  // a factor a value, from a table: each goes through the multiplier that one of them needs
                work.multiplications =
                    std::any_of(node.rescale.begin(), node.rescale.end(), multiplies) ? 1 : 0;
            break;
        case NodeKind::multiply:
            work.multiplications = 1;
            factors(0, 1);
            break;
        case NodeKind::concat: {
            std::size_t input = 0;
            for (int end = input_channels.at(0); channel >= end; end += input_channels.at(input)) ++input;
            factors(input, 1);
            break;
        }
        case NodeKind::input:
        case NodeKind::flatten:
        case NodeKind::gather:
            break;
    }
    return work;
}

Limits code_limits(const Node& node) {
    Limits limits{std::max(node.format.lowest(), node.at_least),
                  std::min(node.format.highest(), node.at_most)};
    if (node.relu) limits.lowest = std::max(limits.lowest, node.format.zero);
    return limits;
}

std::int64_t shift_round(std::int64_t value, int shift) {
    if (shift == 0) return value;
    if (shift < 0) return scale_up(value, -shift);
    if (shift >= 64) return 0;  // |value| / 2^64 is at most one half, and a half goes to the even zero
    const std::uint64_t mask = (std::uint64_t{1} << (shift - 1) << 1) - 1;
    const std::uint64_t remainder = static_cast<std::uint64_t>(value) & mask;
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    const std::int64_t floor = value >> shift;
    const bool up = remainder > half || (remainder == half && (floor & 1) != 0);
    return floor + (up ? 1 : 0);
}

std::int64_t divide_round(std::int64_t value, std::int64_t divisor) {
    if (divisor <= 0) throw std::logic_error("divide_round: the divisor must be positive");
    std::int64_t quotient = value / divisor, remainder = value % divisor;
    if (remainder < 0) {
        --quotient;
        remainder += divisor;
    }
    const std::int64_t rest = divisor - remainder;
    const bool up = remainder > rest || (remainder == rest && (quotient & 1) != 0);
    return quotient + (up ? 1 : 0);
}

std::int64_t rescale_round(std::int64_t value, const Rescale& by) {
    if (by.multiplier == 1) return shift_round(value, by.shift);
    constexpr std::int64_t kNarrow = std::int64_t{1} << 31;  // times a multiplier of 31 bits: 62
    if (value >= -kNarrow && value <= kNarrow) return shift_round(value * by.multiplier, by.shift);
    const Wide product = Wide{value} * by.multiplier;
    if (by.shift >= 0) return divide_wide(product, 1, by.shift);
    return scale_up(narrow(product), -by.shift);
}

std::int32_t finish_accumulator(const Node& node, int input_exponent, int channel, std::int64_t accumulator) {
    std::int64_t value = accumulator * (std::int64_t{1} << node.weights.bias_bits) +
                         node.weights.bias[static_cast<std::size_t>(channel)];
    if (node.relu) value = std::max<std::int64_t>(value, 0);
    if (!node.rescale.empty()) {
        const std::size_t own = node.rescale.size() == 1 ? 0 : static_cast<std::size_t>(channel);
        return code_of(node, rescale_round(value, node.rescale[own]));
    }
    if (node.format.wide()) return code_of(node, value);
    const int unit = node.weights.exponent + input_exponent - node.weights.bias_bits;
    return saturate(node, shift_round(value, node.format.exponent - unit));
}

std::int32_t apply_digital_at(const Node& node, const std::vector<const Node*>& input_nodes,
                              const std::vector<const std::vector<std::int32_t>*>& inputs, int channel, int y,
                              int x) {
    const Node& source = *input_nodes.at(0);
    const std::vector<std::int32_t>& codes = *inputs.at(0);
    const std::size_t index =
        (static_cast<std::size_t>(channel) * static_cast<std::size_t>(node.shape.height) +
         static_cast<std::size_t>(y)) *
            static_cast<std::size_t>(node.shape.width) +
        static_cast<std::size_t>(x);
    switch (node.kind) {
        case NodeKind::max_pool:
            return max_pool_at(node, source.shape, codes, channel, y, x);
        case NodeKind::average_pool:
            return average_pool_at(node, source, codes, channel, y, x);
        case NodeKind::add:
            return add_at(node, source, *input_nodes.at(1), codes[index], (*inputs.at(1))[index]);
        case NodeKind::relu:
            return code_of(
                node, in_own_steps(node, source.format, 0, std::max(codes[index] - source.format.zero, 0)));
        case NodeKind::flatten:
            return codes[index];  // both are channel-major: the order does not change
        case NodeKind::table:
            return node.table[static_cast<std::size_t>(codes[index] - source.format.lowest())];
        case NodeKind::scale:
            return scale_at(node, source, codes[index], channel, index);
        case NodeKind::multiply: {
            const Node& factor = *input_nodes.at(1);
            const bool by_channel = factor.shape.pixels() == 1;
            const std::int64_t product =
                std::int64_t{codes[index] - source.format.zero} *
                ((*inputs.at(1))[by_channel ? static_cast<std::size_t>(channel) : index] -
                 factor.format.zero);
            return code_of(node, rescale_round(product, node.rescale.at(0)));
        }
        case NodeKind::concat: {
            std::size_t input = 0;
            int first = 0;
            while (channel >= first + input_nodes.at(input)->shape.channels)
                first += input_nodes[input++]->shape.channels;
            const Format& from = input_nodes[input]->format;
            const std::int32_t code =
                (*inputs[input])[index - static_cast<std::size_t>(first) * node.shape.pixels()];
            return code_of(node, in_own_steps(node, from, input, code - from.zero));
        }
        case NodeKind::gather: {
            const std::int32_t place = node.table[index];
            if (place >= 0) return codes[static_cast<std::size_t>(place)];
            return node.fill[node.fill.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
        }
        case NodeKind::input:
        case NodeKind::matrix:
            break;
    }
    throw std::logic_error("'" + node.name + "' is not a digital node");
}

std::vector<std::int32_t> apply_digital(const Node& node, const std::vector<const Node*>& input_nodes,
                                        const std::vector<const std::vector<std::int32_t>*>& inputs) {
    std::vector<std::int32_t> codes;
    codes.reserve(node.shape.size());
    for (int channel = 0; channel < node.shape.channels; ++channel)
        for (int y = 0; y < node.shape.height; ++y)
            for (int x = 0; x < node.shape.width; ++x)
                codes.push_back(apply_digital_at(node, input_nodes, inputs, channel, y, x));
    return codes;
}

void gather_window(const Node& node, const Node& input_node, const std::int32_t* input, int y, int x,
                   std::int32_t* out) {
    const Window& window = node.window;
    const Shape& map = input_node.shape;
    const int top = y * window.stride_y - window.pad_top;
    const int left = x * window.stride_x - window.pad_left;
    for (int channel = 0; channel < map.channels; ++channel) {
        const std::int32_t* plane = input + static_cast<std::ptrdiff_t>(channel) * map.height * map.width;
        for (int kernel_row = 0; kernel_row < window.kernel_height; ++kernel_row) {
            const int row = top + kernel_row * window.dilation_y;
            const std::int32_t* line = plane + static_cast<std::ptrdiff_t>(row) * map.width;
            for (int kernel_column = 0; kernel_column < window.kernel_width; ++kernel_column, ++out) {
                const int column = left + kernel_column * window.dilation_x;
                const bool outside = row < 0 || row >= map.height || column < 0 || column >= map.width;
                *out = outside ? input_node.format.zero : line[column];
            }
        }
    }
}

}  // namespace sliver::network
