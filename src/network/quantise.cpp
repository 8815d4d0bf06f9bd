#include "network/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "network/integer_ops.h"

namespace sliver::network {

namespace {

/// Sums of several steps share one that is this much finer than the finest, where 32 bits hold it.
constexpr int kFinerBits = 8;
constexpr int kFileBits = 8;  // of a code that no file says otherwise about
constexpr std::int64_t kLargestAccumulator = std::numeric_limits<std::int32_t>::max();

/// A step as a format has it.
Format with_step(bool is_signed, int bits, double step, std::int32_t zero = 0) {
    Format format{is_signed, bits, 0, zero};
    format.significand = 2 * std::frexp(step, &format.exponent);
    --format.exponent;
    return format;
}

/// `factor` in fixed point: exact for powers of two, else to 31 bits.
Rescale in_fixed_point(double factor) {
    if (!(factor > 0) && !(factor < 0)) return {0, 0};
    int exponent = 0;
    const double mantissa = std::frexp(factor, &exponent);  // +-[0.5, 1)
    if (!(mantissa > 0.5) && !(mantissa < 0.5)) return {1, 1 - exponent};
    constexpr int kBits = 31;
    auto multiplier = static_cast<std::int64_t>(std::nearbyint(std::ldexp(mantissa, kBits)));
    int shift = kBits - exponent;
    if (multiplier == std::int64_t{1} << kBits) {  // rounded up to it
        multiplier = 1;
        shift = -exponent;
    }
    return {multiplier, shift};
}

/// The largest |code - zero| of a format within the node's limits.
std::int64_t reach_of(const Node& node) {
    const Limits limits = code_limits(node);
    return std::max(std::int64_t{limits.highest} - node.format.zero,
                    std::int64_t{node.format.zero} - limits.lowest);
}

class Quantiser {
  public:
    Quantiser(const FloatNetwork& source, const QuantiseOptions& options, const ActivationRanges& ranges)
        : source_(source), options_(options), ranges_(ranges), wide_(source.nodes.size(), false) {}

    QuantisedNetwork run() {
        result_.name = source_.name;
        result_.source = source_.source;
        result_.fidelity.notes = source_.notes;
        choose_wide_maps();
        for (NodeId id = 0; id < source_.nodes.size(); ++id) {
            const FloatNode& from = source_.nodes[id];
            Node node;
            node.kind = from.kind;
            node.name = from.name;
            node.inputs = from.inputs;
            node.shape = from.shape;
            node.window = from.window;
            node.relu = from.relu;
            node.count_include_pad = from.count_include_pad;
            node.is_output = from.is_output;
            if (node.kind == NodeKind::matrix) quantise_matrix(from, input_of(from, 0), node);
            node.format = wide_[id] ? wide_format(from, node) : choose_format(from, node);
            set_limits(from, node);
            set_factors(from, node);
            reach_.push_back(node.format.wide() ? wide_reach_ : reach_of(node));
            result_.nodes.push_back(std::move(node));
        }
        return std::move(result_);
    }

  private:
    [[nodiscard]] const Node& input_of(const FloatNode& from, std::size_t number) const {
        return result_.nodes[from.inputs.at(number)];
    }

    // ---- which maps stay 32-bit sums ---------------------------------------------------------------------

    /// The output, and what a pool that is the output reads: matrices and additions whose step the file
    /// leaves open.
    void choose_wide_maps() {
        const NodeId last = source_.nodes.size() - 1;
        const FloatNode& output = source_.nodes[last];
        if (!output.is_output || output.grid) return;
        const auto sums = [](const FloatNode& node) {
            return node.kind == NodeKind::matrix || node.kind == NodeKind::add;
        };
        wide_[last] =
            sums(output) || (output.kind == NodeKind::average_pool && values_a_window(output).has_value());
        if (!wide_[last] || sums(output)) return;
        const NodeId behind = output.inputs.front();
        std::size_t readers = 0;
        for (const FloatNode& node : source_.nodes)
            readers += static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), behind));
        wide_[behind] = sums(source_.nodes[behind]) && !source_.nodes[behind].grid && readers == 1;
    }

    /// What the sums of a pool are divided by, where it is the same for all windows.
    [[nodiscard]] std::optional<std::int64_t> values_a_window(const FloatNode& pool) const {
        const Window& window = pool.window;
        const std::int64_t all = std::int64_t{window.kernel_height} * window.kernel_width;
        if (pool.count_include_pad) return all;
        const Shape& map = source_.nodes[pool.inputs.front()].shape;
        const bool inside = window.pad_top == 0 && window.pad_left == 0 &&
                            (pool.shape.height - 1) * window.stride_y + window.reach_y() <= map.height &&
                            (pool.shape.width - 1) * window.stride_x + window.reach_x() <= map.width;
        return inside ? std::optional(all) : std::nullopt;
    }

    // ---- weights -----------------------------------------------------------------------------------------

    /// log2 of the step of the weights, where the file has a single one and it is a power of two.
    [[nodiscard]] static std::optional<int> fixed_exponent(const FloatNode& from) {
        if (!from.weight_grid || from.weight_grid->steps.size() != 1) return std::nullopt;
        QuantisationGrid grid;
        grid.step = from.weight_grid->steps.front();
        return grid.exponent();
    }

    /// Whether the codes of the file are used: the chip's weights have as many bits as theirs. A code of
    /// eight bits that is -128 is one more than seven can take and is cut, where its step cannot be had
    /// otherwise.
    [[nodiscard]] bool keeps_codes(const FloatNode& from) const {
        if (!from.weight_grid) return false;
        const int bits = from.weight_grid->bits;
        if (bits <= options_.weight_bits) return true;
        return bits == kFileBits && options_.weight_bits == kFileBits - 1 && !fixed_exponent(from);
    }

    [[nodiscard]] int open_exponent(const FloatNode& from) const {
        float largest = 0;
        for (const float weight : from.weights) largest = std::max(largest, std::fabs(weight));
        return range_exponent(largest) - options_.weight_bits;
    }

    /// The step of the weights at which the layer's biases fit the accumulator. A layer that was pruned away,
    /// or whose input was zero on every calibration image, has products far smaller than its biases: its step
    /// is raised until the largest bias takes half of the accumulator.
    [[nodiscard]] int fitting_exponent(const FloatNode& from, const Node& input, int exponent) const {
        constexpr int kBiasBits = 30;
        double largest = 0;
        for (const float bias : from.bias) largest = std::max(largest, std::fabs(double{bias}));
        const double unit = std::ldexp(input.format.significand, exponent + input.format.exponent);
        if (std::nearbyint(largest / unit) <= static_cast<double>(kLargestAccumulator)) return exponent;
        return std::max(exponent, range_exponent(largest) - kBiasBits - input.format.exponent);
    }

    void quantise_matrix(const FloatNode& from, const Node& input, Node& node) {
        MatrixWeights& weights = node.weights;
        weights.outputs = from.outputs;
        weights.rows = from.rows;
        weights.groups = from.groups;
        Fidelity& fidelity = result_.fidelity;
        fidelity.quantised_file = fidelity.quantised_file || from.weight_grid.has_value();
        if (keeps_codes(from) && keep_codes(from, input, node)) {
            ++fidelity.kept_layers;
        } else {
            choose_codes(from, input, weights);
            ++(from.weight_grid ? fidelity.requantised_layers : fidelity.float_layers);
            if (!set_biases(from, input, node)) refuse_bias(from);
        }
        const std::int64_t bound = accumulator_bound(node, input.format);
        if (bound > kLargestAccumulator)
            refuse(
                "{}: layer '{}': its sums can reach {}, more than the 32-bit accumulator's 2147483647; use "
                "fewer weight or "
                "input bits",
                source_.source, from.name, bound);
    }

    /// Codes and steps as the file has them; false where a bias does not fit 32 bits in their units.
    bool keep_codes(const FloatNode& from, const Node& input, Node& node) {
        MatrixWeights& weights = node.weights;
        const WeightGrid& grid = *from.weight_grid;
        weights.bits = std::min(grid.bits, options_.weight_bits);
        weights.codes.clear();
        weights.steps.clear();
        const double top = (1 << weights.bits) - 1;
        std::size_t clipped = 0;
        const bool one_step = grid.steps.size() == 1;
        for (std::size_t i = 0; i < from.weights.size(); ++i) {
            const float step = grid.steps[one_step ? 0 : i / static_cast<std::size_t>(weights.group_rows())];
            const double code = std::nearbyint(double{from.weights[i]} / double{step});
            clipped += std::fabs(code) > top ? 1 : 0;
            weights.codes.push_back(static_cast<std::int16_t>(std::clamp(code, -top, top)));
        }
        if (const std::optional<int> exponent = fixed_exponent(from))
            weights.exponent = *exponent;
        else
            weights.steps.assign(grid.steps.begin(), grid.steps.end());
        if (!set_biases(from, input, node)) return false;
        result_.fidelity.clipped_weights += clipped;
        return true;
    }

    void choose_codes(const FloatNode& from, const Node& input, MatrixWeights& weights) const {
        weights.bits = options_.weight_bits;
        weights.steps.clear();
        weights.codes.clear();
        weights.exponent = fitting_exponent(from, input, open_exponent(from));
        const double top = (1 << weights.bits) - 1;
        weights.codes.reserve(from.weights.size());
        for (const float weight : from.weights) {
            const double scaled = std::ldexp(std::fabs(double{weight}), -weights.exponent);
            const double whole =
                options_.rounding == config::Rounding::floor ? std::floor(scaled) : std::nearbyint(scaled);
            const auto code = static_cast<std::int16_t>(std::min(whole, top));
            weights.codes.push_back(static_cast<std::int16_t>(weight < 0 ? -code : code));
        }
    }

    /// In units of the accumulator or finer ones, with what the input's zero point adds taken off. False
    /// where one does not fit.
    [[nodiscard]] bool set_biases(const FloatNode& from, const Node& input, Node& node) const {
        MatrixWeights& weights = node.weights;
        const bool fine = !weights.steps.empty() || !input.format.power_of_two() || weights.bits < kFileBits;
        const bool kept = from.weight_grid.has_value();
        for (weights.bias_bits = fine && kept ? kFinerBits : 0;; --weights.bias_bits) {
            const bool last = weights.bias_bits == 0;
            const bool fit = biases_at(from, input, weights);
            if (last) return fit;
            if (fit && accumulator_bound(node, input.format) <= kLargestAccumulator) break;
        }
        // No finer than it takes: biases that a file has as codes are whole accumulators.
        const auto whole = [&weights](std::int32_t bias) { return bias % (1 << weights.bias_bits) == 0; };
        if (!std::all_of(weights.bias.begin(), weights.bias.end(), whole)) return true;
        for (std::int32_t& bias : weights.bias) bias /= 1 << weights.bias_bits;
        weights.bias_bits = 0;
        return true;
    }

    [[nodiscard]] static bool biases_at(const FloatNode& from, const Node& input, MatrixWeights& weights) {
        weights.bias.clear();
        for (int output = 0; output < weights.outputs; ++output) {
            const double bias =
                std::ldexp(double{from.bias[static_cast<std::size_t>(output)]}, weights.bias_bits);
            const double code = weights.steps.empty() && input.format.power_of_two()
                                    ? std::ldexp(bias, -(weights.exponent + input.format.exponent))
                                    : bias / (weights.step(output) * input.format.step());
            std::int64_t sum = 0;
            for (int row = 0; input.format.zero != 0 && row < weights.group_rows(); ++row)
                sum += weights.codes_of(output)[row];
            const double whole = std::nearbyint(code) -
                                 std::ldexp(static_cast<double>(sum * input.format.zero), weights.bias_bits);
            if (!(std::fabs(whole) <= static_cast<double>(kLargestAccumulator))) return false;
            weights.bias.push_back(static_cast<std::int32_t>(whole));
        }
        return true;
    }

    [[noreturn]] void refuse_bias(const FloatNode& from) const {
        refuse(
            "{}: layer '{}': a bias does not fit its 32-bit accumulator together with the zero point {} of "
            "its "
            "input; quantise the input symmetrically",
            source_.source, from.name, input_of(from, 0).format.zero);
    }

    // ---- formats -----------------------------------------------------------------------------------------

    [[nodiscard]] Format choose_format(const FloatNode& from, const Node& node) {
        const auto input = [&](std::size_t i) -> const Format& { return input_of(from, i).format; };
        switch (node.kind) {
            case NodeKind::max_pool:
            case NodeKind::flatten:
            case NodeKind::gather:
                return input(0);
            case NodeKind::average_pool:
                return from.grid ? fixed_format(*from.grid) : input(0);
            case NodeKind::relu: {
                if (from.grid) return fixed_format(*from.grid);
                Format format = input(0);
                format.is_signed = false;
                format.zero = 0;
                return format;
            }
            case NodeKind::concat:
                return from.grid ? fixed_format(*from.grid) : joined_format(from);
            default:
                break;
        }
        if (from.grid) return fixed_format(*from.grid);
        const auto found = ranges_.find(from.name);
        if (found == ranges_.end())
            refuse("{}: node '{}' has no activation range; calibrate the network on images", source_.source,
                   from.name);
        const Range& range = found->second;
        bool is_signed = range.lowest < 0;
        if (node.kind == NodeKind::matrix || node.kind == NodeKind::add) {
            const bool sum_of_unsigned = node.kind == NodeKind::add && never_negative(input_of(from, 0)) &&
                                         never_negative(input_of(from, 1));
            is_signed = !node.relu && !sum_of_unsigned && from.at_least < 0;
        }
        ++result_.fidelity.calibrated_maps;
        return range_format(range.largest_magnitude(), is_signed);
    }

    [[nodiscard]] static bool never_negative(const Node& node) {
        return !node.format.is_signed && code_limits(node).lowest >= node.format.zero;
    }

    /// Holds the maps of all inputs: theirs where they agree, else a power of two.
    [[nodiscard]] Format joined_format(const FloatNode& from) const {
        const auto same = [](const Format& a, const Format& b) {
            return a.is_signed == b.is_signed && a.bits == b.bits && a.exponent == b.exponent &&
                   a.zero == b.zero && !(a.significand < b.significand) && !(b.significand < a.significand);
        };
        const Format& first = input_of(from, 0).format;
        bool all_same = true, is_signed = false;
        double largest = 0;
        for (std::size_t i = 0; i < from.inputs.size(); ++i) {
            const Node& input = input_of(from, i);
            all_same = all_same && same(first, input.format);
            is_signed = is_signed || !never_negative(input);
        }
        if (all_same) return first;
        for (std::size_t i = 0; i < from.inputs.size(); ++i) {
            const Node& input = input_of(from, i);
            // Up to the end of the last code's step: a power of two for the formats that calibration makes.
            const std::int64_t last = std::int64_t{input.format.highest()} + 1 - input.format.zero;
            const std::int64_t lowest = std::int64_t{input.format.zero} - input.format.lowest();
            largest = std::max(largest, static_cast<double>(std::max(last, lowest)) * input.format.step());
        }
        return range_format(largest, is_signed);
    }

    [[nodiscard]] Format range_format(double largest, bool is_signed) const {
        return {is_signed, options_.input_bits,
                range_exponent(largest) - options_.input_bits + (is_signed ? 1 : 0)};
    }

    /// The file's step; where the chip's inputs have fewer bits than the file's codes, a coarser one over the
    /// same range.
    [[nodiscard]] Format fixed_format(const QuantisationGrid& grid) {
        result_.fidelity.quantised_file = true;
        const int fewer = std::max(grid.bits - options_.input_bits, 0);
        ++(fewer > 0 ? result_.fidelity.coarser_maps : result_.fidelity.kept_maps);
        return with_step(grid.is_signed, grid.bits - fewer, std::ldexp(double{grid.step}, fewer),
                         static_cast<std::int32_t>(shift_round(grid.zero, fewer)));
    }

    /// Of sums that nothing rounds. Where outputs have steps of their own, or two maps are added, one step
    /// for all that is fine enough for the finest and in which the largest fits 32 bits.
    [[nodiscard]] Format wide_format(const FloatNode& from, const Node& node) {
        const Format& first = input_of(from, 0).format;
        if (node.kind == NodeKind::average_pool) return pool_format(from);
        if (node.kind == NodeKind::add) return sum_format(from, first, input_of(from, 1).format);
        const MatrixWeights& weights = node.weights;
        wide_reach_ = accumulator_bound(node, first);
        if (weights.steps.size() <= 1)
            return with_step(true, kWideBits, std::ldexp(weights.step(0), -weights.bias_bits) * first.step());
        double finest = std::numeric_limits<double>::infinity(), largest = 0;
        for (int output = 0; output < weights.outputs; ++output) {
            const double step = std::ldexp(weights.step(output), -weights.bias_bits);
            finest = std::min(finest, step);
            largest =
                std::max(largest, static_cast<double>(accumulator_bound(weights, first, output)) * step);
        }
        const double step = fitting_step(std::ldexp(finest, -kFinerBits), largest);
        wide_reach_ = static_cast<std::int64_t>(largest / step) + 1;
        return with_step(true, kWideBits, step * first.step());
    }

    /// `finest`, or the least power of two times it in which `largest` fits 31 bits.
    static double fitting_step(double finest, double largest) {
        double step = finest;
        while (largest / step > static_cast<double>(kLargestAccumulator - 1)) step *= 2;
        return step;
    }

    [[nodiscard]] Format pool_format(const FloatNode& from) {
        const Format& input = input_of(from, 0).format;
        const std::int64_t count = *values_a_window(from);
        std::int64_t reach = reach_[from.inputs.front()] * count;
        double step = input.step();
        for (; reach > kLargestAccumulator; reach /= 2) step *= 2;
        wide_reach_ = reach;
        return with_step(true, kWideBits, step / static_cast<double>(count));
    }

    [[nodiscard]] Format sum_format(const FloatNode& from, const Format& first, const Format& second) {
        constexpr int kBits = 31;
        const auto reach = static_cast<double>(reach_[from.inputs[0]]) * first.step() +
                           static_cast<double>(reach_[from.inputs[1]]) * second.step();
        if (!plain(first) || !plain(second)) {  // steps without a common multiple
            const double step =
                fitting_step(std::ldexp(std::min(first.step(), second.step()), -kFinerBits), reach);
            wide_reach_ = static_cast<std::int64_t>(reach / step) + 1;
            return with_step(true, kWideBits, step);
        }
        const int finest = std::min(first.exponent, second.exponent);
        const auto bits = [finest](const Format& format) { return format.exponent - finest + format.bits; };
        if (std::max(bits(first), bits(second)) >= kBits)
            refuse(
                "{}: node '{}': the maps it adds have steps of 2^{} and 2^{}, too far apart for 32-bit "
                "results; "
                "calibrate on images in which neither map is zero",
                source_.source, from.name, first.exponent, second.exponent);
        wide_reach_ = static_cast<std::int64_t>(std::ldexp(reach, -finest));
        return {true, kWideBits, finest};
    }

    /// A power of two as its step, 0 as the code of 0: what shifts alone can do.
    [[nodiscard]] static bool plain(const Format& format) {
        return format.power_of_two() && format.zero == 0;
    }

    // ---- limits and factors ------------------------------------------------------------------------------

    void set_limits(const FloatNode& from, Node& node) const {
        const auto code_of = [&](double value) {
            const double code = std::nearbyint(value / node.format.step()) + node.format.zero;
            return static_cast<std::int32_t>(std::clamp<double>(
                code, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
        };
        if (std::isfinite(from.at_least)) node.at_least = code_of(double{from.at_least});
        if (std::isfinite(from.at_most)) node.at_most = code_of(double{from.at_most});
        if (!from.grid || node.format.wide()) return;
        const int fewer = std::max(from.grid->bits - options_.input_bits, 0);
        node.at_least =
            std::max(node.at_least, static_cast<std::int32_t>(shift_round(from.grid->lowest, fewer)));
        node.at_most =
            std::min(node.at_most, static_cast<std::int32_t>(shift_round(from.grid->highest, fewer)));
    }

    void set_factors(const FloatNode& from, Node& node) const {
        const double step = node.format.step();
        switch (node.kind) {
            case NodeKind::matrix:
                return set_matrix_factors(from, node);
            case NodeKind::average_pool: {
                const Format& input = input_of(from, 0).format;
                const double count = node.format.wide() ? static_cast<double>(*values_a_window(from)) : 1.0;
                if (node.format.wide() || !input.power_of_two() || !node.format.power_of_two())
                    node.rescale = {in_fixed_point(input.step() / (step * count))};
                return;
            }
            case NodeKind::relu:
            case NodeKind::concat:
                return set_copy_factors(from, node);
            case NodeKind::add:
                return set_sum_factors(from, node);
            case NodeKind::multiply:
                node.rescale = {
                    in_fixed_point(input_of(from, 0).format.step() * input_of(from, 1).format.step() / step)};
                return;
            case NodeKind::table:
                return set_table(from, node);
            case NodeKind::scale:
                return set_scale(from, node);
            case NodeKind::gather:
                node.table = from.places;
                node.fill = {saturated(node, double{from.fill} / step)};
                return;
            case NodeKind::input:
            case NodeKind::max_pool:
            case NodeKind::flatten:
                return;
        }
    }

    void set_matrix_factors(const FloatNode& from, Node& node) const {
        const Format& input = input_of(from, 0).format;
        const MatrixWeights& weights = node.weights;
        const bool shifts = weights.steps.empty() && input.power_of_two() && plain(node.format);
        if (shifts || (node.format.wide() && weights.steps.size() <= 1)) return;
        const int factors = weights.steps.size() <= 1 ? 1 : weights.outputs;
        for (int output = 0; output < factors; ++output)
            node.rescale.push_back(in_fixed_point(std::ldexp(weights.step(output), -weights.bias_bits) *
                                                  input.step() / node.format.step()));
    }

    void set_copy_factors(const FloatNode& from, Node& node) const {
        bool shifts = node.format.power_of_two();
        for (std::size_t i = 0; i < from.inputs.size(); ++i)
            shifts = shifts && input_of(from, i).format.power_of_two();
        for (std::size_t i = 0; !shifts && i < from.inputs.size(); ++i)
            node.rescale.push_back(in_fixed_point(input_of(from, i).format.step() / node.format.step()));
    }

    /// Both in steps of 2^-shift of the result's: the larger factor has 31 bits.
    void set_sum_factors(const FloatNode& from, Node& node) const {
        const Format& first = input_of(from, 0).format;
        const Format& second = input_of(from, 1).format;
        if (plain(first) && plain(second) && plain(node.format)) return;
        constexpr int kBits = 31;
        const double a = first.step() / node.format.step(), b = second.step() / node.format.step();
        int exponent = 0;
        (void)std::frexp(std::max(a, b), &exponent);
        const int shift = std::max(kBits - 1 - exponent, 0);
        for (const double factor : {a, b})
            node.rescale.push_back(
                {static_cast<std::int64_t>(std::nearbyint(std::ldexp(factor, shift))), shift});
    }

    [[nodiscard]] static std::int32_t saturated(const Node& node, double steps) {
        const Limits limits = code_limits(node);
        if (std::isnan(steps)) return node.format.zero;
        return static_cast<std::int32_t>(
            std::clamp<double>(std::nearbyint(steps) + node.format.zero, limits.lowest, limits.highest));
    }

    void set_table(const FloatNode& from, Node& node) const {
        const Format& input = input_of(from, 0).format;
        for (std::int64_t code = input.lowest(); code <= input.highest(); ++code) {
            const double value =
                through(from.functions, static_cast<double>(code - input.zero) * input.step());
            node.table.push_back(saturated(node, value / node.format.step()));
        }
    }

    /// Shifts as long as 62 bits hold the offsets.
    void set_scale(const FloatNode& from, Node& node) const {
        constexpr int kOffsetBits = 60;
        const double ratio = input_of(from, 0).format.step() / node.format.step();
        const auto one_of = [&](std::size_t count, std::size_t value) {
            return count == 1 ? 0 : count == node.shape.size() ? value : value / node.shape.pixels();
        };
        double largest = 0;
        for (const float shift : from.shift) largest = std::max(largest, std::fabs(double{shift}));
        int whole_bits = 0;
        (void)std::frexp(largest / node.format.step() + 1, &whole_bits);
        const int longest = std::clamp(kOffsetBits - whole_bits, 0, kOffsetBits);
        for (const float gain : from.gain) {
            Rescale by = in_fixed_point(double{gain} * ratio);
            if (by.multiplier == 1 || by.multiplier == 0)
                by = {static_cast<std::int64_t>(std::ldexp(double{gain} * ratio, 30)), 30};
            if (by.shift < 0 || by.shift > longest) {
                const int shift = std::clamp(by.shift, 0, longest);
                by = {static_cast<std::int64_t>(std::nearbyint(std::ldexp(double{gain} * ratio, shift))),
                      shift};
            }
            node.rescale.push_back(by);
        }
        // Offsets are in the steps of the products they are added to.
        const std::size_t count = std::max(from.shift.size(), from.gain.size());
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t value = count == node.shape.size() ? i : i * node.shape.pixels();
            const Rescale& by = node.rescale[one_of(from.gain.size(), value)];
            const double shift = double{from.shift[one_of(from.shift.size(), value)]} / node.format.step();
            node.offsets.push_back(static_cast<std::int64_t>(std::nearbyint(std::ldexp(shift, by.shift))));
        }
    }

    const FloatNetwork& source_;
    const QuantiseOptions& options_;
    const ActivationRanges& ranges_;
    QuantisedNetwork result_;
    std::vector<bool> wide_;           ///< by node: keeps 32-bit sums
    std::vector<std::int64_t> reach_;  ///< by node: the largest |code - zero|
    std::int64_t wide_reach_ = 0;      ///< of the wide map that was made last
};

}  // namespace

int range_exponent(double maximum) {
    constexpr int kOfNothing = -16;  // an all-zero layer must have some step
    if (!(maximum > 0)) return kOfNothing;
    int exponent = 0;
    const double mantissa = std::frexp(maximum, &exponent);
    return mantissa > 0.5 ? exponent : exponent - 1;
}

std::int64_t accumulator_bound(const MatrixWeights& weights, const Format& input, int output) {
    const std::int64_t largest_input = std::max(std::int64_t{input.highest()}, -std::int64_t{input.lowest()});
    std::int64_t magnitude = 0;
    const std::int16_t* codes = weights.codes_of(output);
    for (int row = 0; row < weights.group_rows(); ++row) magnitude += std::abs(int{codes[row]});
    return (magnitude * largest_input << weights.bias_bits) +
           std::abs(std::int64_t{weights.bias[static_cast<std::size_t>(output)]});
}

std::int64_t accumulator_bound(const Node& node, const Format& input) {
    std::int64_t bound = 0;
    for (int output = 0; output < node.weights.outputs; ++output)
        bound = std::max(bound, accumulator_bound(node.weights, input, output));
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
