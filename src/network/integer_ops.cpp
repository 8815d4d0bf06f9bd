#include "network/integer_ops.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace sliver::network {

namespace {

constexpr std::int64_t kCeiling = std::int64_t{1} << 62;

std::int64_t scale_up(std::int64_t value, int bits) {
    if (value == 0) return 0;
    const std::int64_t limit = bits >= 62 ? 0 : kCeiling >> bits;
    if (value > limit) return kCeiling;
    if (value < -limit) return -kCeiling;
    return value * (std::int64_t{1} << bits);
}

std::int32_t saturate(const Format& format, std::int64_t code) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(code, format.lowest(), format.highest()));
}

std::int32_t checked_logit(const Node& node, std::int64_t value) {
    if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
        throw std::overflow_error("the accumulator of '" + node.name + "' left 32 bits");
    return static_cast<std::int32_t>(value);
}

/// Calls visit(input index) for the values of the window of (y, x) that lie on the map; returns nothing else.
template <typename Visit>
void visit_window(const Window& window, const Shape& map, int channel, int y, int x, Visit visit) {
    const int top = y * window.stride_y - window.pad_top;
    const int left = x * window.stride_x - window.pad_left;
    const int y_end = std::min(top + window.kernel_height, map.height);
    const int x_end = std::min(left + window.kernel_width, map.width);
    for (int row = std::max(top, 0); row < y_end; ++row)
        for (int column = std::max(left, 0); column < x_end; ++column)
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
        sum += codes[index];
        ++count;
    });
    if (node.count_include_pad)
        count = static_cast<std::int64_t>(node.window.kernel_height) * node.window.kernel_width;
    const int shift = node.format.exponent - source.format.exponent;
    const std::int64_t mean =
        shift >= 0 ? divide_round(sum, scale_up(count, shift)) : divide_round(scale_up(sum, -shift), count);
    return saturate(node.format, mean);
}

std::int32_t add_at(const Node& node, const Node& first, const Node& second, std::int32_t a, std::int32_t b) {
    const int finest = std::min(first.format.exponent, second.format.exponent);
    std::int64_t sum =
        scale_up(a, first.format.exponent - finest) + scale_up(b, second.format.exponent - finest);
    if (node.relu) sum = std::max<std::int64_t>(sum, 0);
    if (node.is_output) return checked_logit(node, sum);
    return saturate(node.format, shift_round(sum, node.format.exponent - finest));
}

std::int32_t relu_at(const Node& node, const Node& source, std::int32_t code) {
    const std::int64_t positive = std::max<std::int64_t>(code, 0);
    return saturate(node.format, shift_round(positive, node.format.exponent - source.format.exponent));
}

}  // namespace

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

std::int32_t finish_accumulator(const Node& node, int input_exponent, int channel, std::int64_t accumulator) {
    std::int64_t value = accumulator + node.weights.bias[static_cast<std::size_t>(channel)];
    if (node.relu) value = std::max<std::int64_t>(value, 0);
    if (node.is_output) return checked_logit(node, value);
    const int unit = node.weights.exponent + input_exponent;
    return saturate(node.format, shift_round(value, node.format.exponent - unit));
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
            return relu_at(node, source, codes[index]);
        case NodeKind::flatten:
            return codes[index];  // both are channel-major: the order does not change
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

void gather_window(const Node& node, const Shape& input_shape, const std::int32_t* input, int y, int x,
                   std::int32_t* out) {
    const Window& window = node.window;
    const int top = y * window.stride_y - window.pad_top;
    const int left = x * window.stride_x - window.pad_left;
    for (int channel = 0; channel < input_shape.channels; ++channel) {
        const std::int32_t* plane =
            input + static_cast<std::ptrdiff_t>(channel) * input_shape.height * input_shape.width;
        for (int row = top; row < top + window.kernel_height; ++row) {
            const bool row_outside = row < 0 || row >= input_shape.height;
            for (int column = left; column < left + window.kernel_width; ++column, ++out) {
                const bool outside = row_outside || column < 0 || column >= input_shape.width;
                *out = outside ? 0 : plane[static_cast<std::ptrdiff_t>(row) * input_shape.width + column];
            }
        }
    }
}

}  // namespace sliver::network
