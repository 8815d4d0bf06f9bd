// The network as the hardware knows it: integer codes, a graph of nodes.
//
// Made by network::quantise(); read by mapping, bitline, model, results. Nothing that the hardware computes
// with is floating point: steps are there to read results and to print, multipliers are integers. A value of
// a node is (code - zero) * step. Arithmetic contract: docs/arithmetic.md (design.md, section 5):
//   weights      code = sign * min(2^n - 1, round(|w| / 2^(S-n))), S = ceil(log2 max|w|) of the layer, n =
//                weight bits; where the file fixes codes and steps: those
//   bias         integer in units of the accumulator, weight step * input step, or finer by a power of two;
//                the input's zero point is folded into it
//   activations  n bits: unsigned [0, 2^n - 1], or signed two's complement [-2^(n-1), 2^(n-1) - 1]
//   requantise   code = saturate(round_half_even(accumulator * multiplier / 2^shift) + zero)
//   last layer   leaves its 32-bit accumulators: the logits
// Rows of a matrix layer's weights are numbered (channel, kernel row, kernel column), as ONNX lays them out.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sliver::network {

/// Extent of an activation map. Values lie channel-major: index = (channel * height + y) * width + x.
struct Shape {
    int channels = 0;
    int height = 1;
    int width = 1;
    [[nodiscard]] std::size_t size() const {
        return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
               static_cast<std::size_t>(width);
    }
    [[nodiscard]] std::size_t pixels() const {
        return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    }
    friend bool operator==(const Shape& a, const Shape& b) {
        return a.channels == b.channels && a.height == b.height && a.width == b.width;
    }
};

/// Most values one activation map may have; it bounds what a hostile file can make us allocate.
constexpr std::size_t kLargestMap = std::size_t{1} << 26;

/// Sliding window of a convolution or pooling; a linear layer is a 1x1 window over a 1x1 map.
struct Window {
    int kernel_height = 1, kernel_width = 1;
    int stride_y = 1, stride_x = 1;
    int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
    int dilation_y = 1, dilation_x = 1;  ///< pixels from one kernel row (column) to the next
    /// Rows and columns of the map from the first to the last that the window reads.
    [[nodiscard]] int reach_y() const { return (kernel_height - 1) * dilation_y + 1; }
    [[nodiscard]] int reach_x() const { return (kernel_width - 1) * dilation_x + 1; }
};

/// The first of start, start + step, ... that is not negative: of a window's pixels those from there on lie
/// on the map.
[[nodiscard]] inline int first_on_map(int start, int step) {
    return start >= 0 ? start : start + (-start + step - 1) / step * step;
}

/// Bits of accumulators, and of maps that are kept as those.
constexpr int kWideBits = 32;

/// How the codes of a map are to be read: value = (code - zero) * significand * 2^exponent.
struct Format {
    bool is_signed = false;
    int bits = 8;
    int exponent = 0;
    std::int32_t zero = 0;   ///< the code of 0; padding drives it
    double significand = 1;  ///< in [1, 2); 1: the step is a power of two
    [[nodiscard]] double step() const { return std::ldexp(significand, exponent); }
    [[nodiscard]] bool power_of_two() const { return !(significand > 1); }
    /// Accumulators, which nothing has rounded.
    [[nodiscard]] bool wide() const { return bits == kWideBits; }
    /// What a value of it takes in eDRAM, in a register or on a link.
    [[nodiscard]] int bytes() const { return (bits + 7) / 8; }
    [[nodiscard]] std::int32_t lowest() const {
        return is_signed ? static_cast<std::int32_t>(-(std::int64_t{1} << (bits - 1))) : 0;
    }
    [[nodiscard]] std::int32_t highest() const {
        return static_cast<std::int32_t>((std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1);
    }
};

/// Numbers stand in archives (docs/results.md): new kinds come last.
enum class NodeKind {
    input,         ///< the image
    matrix,        ///< convolution or linear layer: crossbars do it
    max_pool,      ///< on codes
    average_pool,  ///< round_half_even(sum / count); count includes the padding where count_include_pad
    add,           ///< residual addition of two maps; aligned to the finer step, then requantised
    relu,          ///< max(code, 0) where it could not be fused
    flatten,       ///< (c, y, x) becomes (c*y*x, 1, 1); codes stay
    table,         ///< table[code - lowest()] of the post-processor: sigmoid, clip, ..., another step
    scale,  ///< code * multiplier + offset, of each channel or value: a batch norm that could not be folded
    multiply,  ///< product of two maps; the second may be one value a channel
    concat,    ///< maps one behind the other, by channel, in one format
    gather,    ///< values of the input in other places: padding of any kind, slices, transposed maps
};

/// A factor in fixed point, as integer hardware multiplies: round_half_even(value * multiplier / 2^shift).
/// 31 bits: 2^30 <= multiplier < 2^31, or 1 with the shift of a power of two; 0 is 0.
struct Rescale {
    std::int64_t multiplier = 1;
    int shift = 0;  ///< negative: to the left
    friend bool operator==(const Rescale& a, const Rescale& b) {
        return a.multiplier == b.multiplier && a.shift == b.shift;
    }
};

/// Weights of a matrix layer: `codes[output * group_rows() + row]`, row = (channel * kernel_height + ky) *
/// kernel_width + kx, of the channels of the output's group. A layer of g groups is a block-diagonal matrix
/// of `rows` x `outputs`: output o reads the rows [first_row(o), first_row(o) + group_rows()) only.
struct MatrixWeights {
    int outputs = 0;
    int rows = 0;      ///< of all groups: every value of the window
    int bits = 8;      ///< magnitude bits; |code| <= 2^bits - 1
    int exponent = 0;  ///< weight = code * 2^exponent, where `steps` is empty
    std::vector<std::int16_t> codes;
    std::vector<std::int32_t> bias;  ///< one an output, in accumulator units / 2^bias_bits
    int groups = 1;                  ///< divides rows and outputs
    std::vector<double> steps{};  ///< weight = code * step: one for all, or one an output; empty: 2^exponent
    /// Bits by which biases are finer than accumulators, which are coarse where weights have few bits.
    int bias_bits = 0;
    [[nodiscard]] int group_rows() const { return rows / groups; }
    [[nodiscard]] int group_outputs() const { return outputs / groups; }
    [[nodiscard]] int first_row(int output) const { return output / group_outputs() * group_rows(); }
    /// The codes of `output`, from row first_row(output) on.
    [[nodiscard]] const std::int16_t* codes_of(int output) const {
        return codes.data() + static_cast<std::size_t>(output) * static_cast<std::size_t>(group_rows());
    }
    /// Of any row of the layer: 0 outside of the output's group.
    [[nodiscard]] int code(int output, int row) const {
        const int own = row - first_row(output);
        return own < 0 || own >= group_rows() ? 0 : codes_of(output)[own];
    }
    [[nodiscard]] double step(int output) const {
        if (steps.empty()) return std::ldexp(1.0, exponent);
        return steps[steps.size() == 1 ? 0 : static_cast<std::size_t>(output)];
    }
};

using NodeId = std::size_t;

struct Node {
    NodeKind kind = NodeKind::input;
    std::string name;            ///< the ONNX node's (or output's) name: messages and layer tables use it
    std::vector<NodeId> inputs;  ///< always smaller than the node's own id
    Shape shape;                 ///< of the output
    Format format;               ///< of the output; wide() for accumulators: not requantised, not saturated
    Window window;               ///< matrix and pools
    MatrixWeights weights;       ///< matrix only
    bool relu = false;           ///< matrix and add: ReLU fused in front of the saturation
    bool count_include_pad = false;  ///< average_pool only
    bool is_output = false;          ///< the network's logits
    /// Narrower limits of the codes than those of the format: a Clip, a ReLU6, a narrow range.
    std::int32_t at_least = std::numeric_limits<std::int32_t>::min();
    std::int32_t at_most = std::numeric_limits<std::int32_t>::max();
    /// matrix: one, or one an output; average_pool: one, in front of the division by the count; add, concat:
    /// one an input (add: of one shift); multiply: one; scale: one, or one a channel. Empty: powers of two,
    /// by the exponents.
    std::vector<Rescale> rescale;
    /// table: by code - lowest() of the input. gather: the input's place of each value, -1: `fill`.
    std::vector<std::int32_t> table;
    /// scale: added to the product before it is rounded: one, one a channel, or one a value.
    std::vector<std::int64_t> offsets;
    /// gather: the code of what lies outside of the input: one, or one a channel.
    std::vector<std::int32_t> fill = {0};
};

/// How the integers differ from what the file says; counts of nodes and weights.
struct Fidelity {
    bool quantised_file = false;         ///< the file fixes steps at all
    std::size_t kept_maps = 0;           ///< step, zero point and limits as the file has them
    std::size_t calibrated_maps = 0;     ///< steps are powers of two that hold the range seen in calibration
    std::size_t coarser_maps = 0;        ///< the file's step, raised: the chip's inputs have fewer bits
    std::size_t kept_layers = 0;         ///< weights as the file quantised them
    std::size_t requantised_layers = 0;  ///< the file quantised them; other codes are used
    std::size_t float_layers = 0;        ///< quantised here, steps are powers of two
    std::size_t clipped_weights = 0;     ///< codes beyond the chip's weights.bits, saturated
    std::vector<std::string> notes;      ///< what import left out or changed, one sentence each
};

/// Nodes in an order in which every input precedes its users; node 0 is the input, the last node the output.
struct QuantisedNetwork {
    std::string name;
    std::string source;  ///< file it came from
    std::vector<Node> nodes;
    Fidelity fidelity;
    [[nodiscard]] const Node& output() const { return nodes.back(); }
    /// Ids of the matrix nodes in order: LayerIndex i is the i-th of them.
    [[nodiscard]] std::vector<NodeId> matrix_nodes() const {
        std::vector<NodeId> ids;
        for (NodeId id = 0; id < nodes.size(); ++id)
            if (nodes[id].kind == NodeKind::matrix) ids.push_back(id);
        return ids;
    }
};

}  // namespace sliver::network
