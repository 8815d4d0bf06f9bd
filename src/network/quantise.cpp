#include "network/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace sliver::network {

namespace {

constexpr int kFileBits = 8;  // of every QuantizeLinear we accept

class Quantiser {
  public:
    Quantiser(const FloatNetwork& source, const QuantiseOptions& options, const ActivationRanges& ranges)
        : source_(source), options_(options), ranges_(ranges) {}

    QuantisedNetwork run() {
        QuantisedNetwork result;
        result.name = source_.name;
        result.source = source_.source;
        for (const FloatNode& from : source_.nodes) {
            Node node;
            node.kind = from.kind;
            node.name = from.name;
            node.inputs = from.inputs;
            node.shape = from.shape;
            node.window = from.window;
            node.relu = from.relu;
            node.count_include_pad = from.count_include_pad;
            node.is_output = from.is_output;
            if (node.kind == NodeKind::matrix)
                quantise_matrix(from, result.nodes[node.inputs[0]].format, node);
            node.format = choose_format(from, node, result.nodes);
            result.nodes.push_back(std::move(node));
        }
        return result;
    }

  private:
    /// log2 of the step of the weights, where the file has a single one and it is a power of two.
    [[nodiscard]] static std::optional<int> fixed_exponent(const FloatNode& from) {
        if (!from.weight_grid || from.weight_grid->steps.size() != 1) return std::nullopt;
        QuantisationGrid grid;
        grid.step = from.weight_grid->steps.front();
        return grid.exponent();
    }

    [[nodiscard]] bool keeps_step(const FloatNode& from) const {
        return fixed_exponent(from).has_value() && options_.weight_bits == kFileBits;
    }

    [[nodiscard]] int weight_exponent(const FloatNode& from) const {
        if (keeps_step(from)) return *fixed_exponent(from);
        float largest = 0;
        for (const float weight : from.weights) largest = std::max(largest, std::fabs(weight));
        return range_exponent(largest) - options_.weight_bits;
    }

    /// The step of the weights at which the layer's biases fit the accumulator. A layer that was pruned away,
    /// or whose input was zero on every calibration image, has products far smaller than its biases: its step
    /// is raised until the largest bias takes half of the accumulator. A step that the file fixes stays.
    [[nodiscard]] int fitting_exponent(const FloatNode& from, const Format& input) const {
        constexpr int kBiasBits = 30;
        const int exponent = weight_exponent(from);
        double largest = 0;
        for (const float bias : from.bias) largest = std::max(largest, std::fabs(double{bias}));
        const bool fits = std::nearbyint(std::ldexp(largest, -(exponent + input.exponent))) <=
                          std::numeric_limits<std::int32_t>::max();
        if (fits || keeps_step(from)) return exponent;
        return std::max(exponent, range_exponent(largest) - kBiasBits - input.exponent);
    }

    void quantise_matrix(const FloatNode& from, const Format& input, Node& node) const {
        MatrixWeights& weights = node.weights;
        weights.outputs = from.outputs;
        weights.rows = from.rows;
        weights.bits = options_.weight_bits;
        weights.exponent = fitting_exponent(from, input);
        const double top = (1 << weights.bits) - 1;
        weights.codes.reserve(from.weights.size());
        for (const float weight : from.weights) {
            const double scaled = std::ldexp(std::fabs(double{weight}), -weights.exponent);
            const double whole =
                options_.rounding == config::Rounding::floor ? std::floor(scaled) : std::nearbyint(scaled);
            const auto code = static_cast<std::int16_t>(std::min(whole, top));
            weights.codes.push_back(static_cast<std::int16_t>(weight < 0 ? -code : code));
        }
        const int unit = weights.exponent + input.exponent;
        for (std::size_t o = 0; o < from.bias.size(); ++o) {
            const double code = std::nearbyint(std::ldexp(double{from.bias[o]}, -unit));
            if (std::fabs(code) > std::numeric_limits<std::int32_t>::max())
                refuse(
                    "{}: layer '{}': bias {} of output {} does not fit the 32-bit accumulator in units of "
                    "2^{}, "
                    "the steps that the file gives its weights and its input; export it with larger steps",
                    source_.source, from.name, from.bias[o], o, unit);
            weights.bias.push_back(static_cast<std::int32_t>(code));
        }
        const std::int64_t bound = accumulator_bound(node, input);
        if (bound > std::numeric_limits<std::int32_t>::max())
            refuse(
                "{}: layer '{}': its sums can reach {}, more than the 32-bit accumulator's 2147483647; use "
                "fewer weight or "
                "input bits",
                source_.source, from.name, bound);
    }

    [[nodiscard]] Format choose_format(const FloatNode& from, const Node& node,
                                       const std::vector<Node>& made) const {
        const auto input = [&](std::size_t i) -> const Format& { return made[from.inputs.at(i)].format; };
        if (from.is_output) {
            if (node.kind == NodeKind::matrix) return {true, 32, node.weights.exponent + input(0).exponent};
            if (node.kind == NodeKind::add) return sum_format(from, input(0), input(1));
        }
        switch (node.kind) {
            case NodeKind::max_pool:
            case NodeKind::flatten:
                return input(0);
            case NodeKind::average_pool:
                return from.grid && !from.is_output ? fixed_format(*from.grid, input(0).is_signed) : input(0);
            case NodeKind::relu:
                if (from.grid && !from.is_output) return fixed_format(*from.grid, false);
                return {false, input(0).bits, input(0).exponent};
            default:
                break;
        }
        const bool sum_of_unsigned = node.kind == NodeKind::add && !input(0).is_signed && !input(1).is_signed;
        bool is_signed = !node.relu && !sum_of_unsigned;
        if (from.grid) return fixed_format(*from.grid, is_signed);
        const auto found = ranges_.find(from.name);
        if (found == ranges_.end())
            refuse("{}: node '{}' has no activation range; calibrate the network on images", source_.source,
                   from.name);
        if (node.kind == NodeKind::input) is_signed = found->second.lowest < 0;
        return range_format(found->second.largest_magnitude(), is_signed);
    }

    /// Of an addition that is the network's output: the finer step of the two, in 32 bits.
    [[nodiscard]] Format sum_format(const FloatNode& from, const Format& first, const Format& second) const {
        constexpr int kBits = 31;
        const int finest = std::min(first.exponent, second.exponent);
        const auto bits = [finest](const Format& format) { return format.exponent - finest + format.bits; };
        if (std::max(bits(first), bits(second)) >= kBits)
            refuse(
                "{}: node '{}': the maps it adds have steps of 2^{} and 2^{}, too far apart for 32-bit "
                "results; "
                "calibrate on images in which neither map is zero",
                source_.source, from.name, first.exponent, second.exponent);
        return {true, 32, finest};
    }

    [[nodiscard]] Format range_format(double largest, bool is_signed) const {
        return {is_signed, options_.input_bits,
                range_exponent(largest) - options_.input_bits + (is_signed ? 1 : 0)};
    }

    [[nodiscard]] Format fixed_format(const QuantisationGrid& grid, bool is_signed) const {
        if (const std::optional<int> exponent = grid.exponent())
            return {grid.is_signed, options_.input_bits, *exponent + kFileBits - options_.input_bits};
        if (!grid.is_signed) return range_format(double{grid.step} * 255, false);
        return range_format(double{grid.step} * 128, is_signed);
    }

    const FloatNetwork& source_;
    const QuantiseOptions& options_;
    const ActivationRanges& ranges_;
};

}  // namespace

int range_exponent(double maximum) {
    constexpr double kFloor = 1e-5;  // an all-zero layer must have some step
    int exponent = 0;
    const double mantissa = std::frexp(std::max(maximum, kFloor), &exponent);
    return mantissa > 0.5 ? exponent : exponent - 1;
}

std::int64_t accumulator_bound(const Node& node, const Format& input) {
    const MatrixWeights& weights = node.weights;
    const std::int64_t largest_input = std::max(std::int64_t{input.highest()}, -std::int64_t{input.lowest()});
    std::int64_t bound = 0;
    const auto rows = static_cast<std::size_t>(weights.rows);
    for (std::size_t o = 0; o < static_cast<std::size_t>(weights.outputs); ++o) {
        std::int64_t magnitude = 0;
        for (std::size_t r = 0; r < rows; ++r) magnitude += std::abs(int{weights.codes[o * rows + r]});
        bound = std::max(bound, magnitude * largest_input + std::abs(std::int64_t{weights.bias[o]}));
    }
    return bound;
}

QuantisedNetwork quantise(const FloatNetwork& network, const QuantiseOptions& options,
                          const ActivationRanges& ranges) {
    if (options.weight_bits < 1 || options.weight_bits > 8)
        refuse("weight bits: {}; 1 to 8 are supported", options.weight_bits);
    if (options.input_bits < 1 || options.input_bits > 8)
        refuse("input bits: {}; 1 to 8 are supported", options.input_bits);
    return Quantiser(network, options, ranges).run();
}

}  // namespace sliver::network
