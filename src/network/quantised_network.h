// The network as the hardware knows it: integer codes, power-of-two steps, a graph of nodes.
//
// Made by network::quantise(); read by mapping, bitline, model, results. Nothing in here is floating point: a
// value of a node is code * 2^exponent. Arithmetic contract: docs/arithmetic.md (design.md, section 5):
//   weights      code = sign * min(2^n - 1, round(|w| / 2^(S-n))), S = ceil(log2 max|w|) of the layer, n =
//   weight bits bias         integer in units of the accumulator, 2^(weight exponent + input exponent)
//   activations  n bits: unsigned [0, 2^n - 1], or signed two's complement [-2^(n-1), 2^(n-1) - 1]
//   requantise   code = saturate(round_half_even(accumulator * 2^-shift)), ReLU before saturation where fused
//   last layer   leaves its 32-bit accumulators: the logits
// Rows of a matrix layer's weights are numbered (channel, kernel row, kernel column), as ONNX lays them out.
#pragma once

#include <cstddef>
#include <cstdint>
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
};

/// How the codes of a map are to be read: value = code * 2^exponent.
struct Format {
    bool is_signed = false;
    int bits = 8;
    int exponent = 0;
    [[nodiscard]] std::int32_t lowest() const {
        return is_signed ? static_cast<std::int32_t>(-(std::int64_t{1} << (bits - 1))) : 0;
    }
    [[nodiscard]] std::int32_t highest() const {
        return static_cast<std::int32_t>((std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1);
    }
};

enum class NodeKind {
    input,         ///< the image
    matrix,        ///< convolution or linear layer: crossbars do it
    max_pool,      ///< on codes
    average_pool,  ///< round_half_even(sum / count); count includes the padding where count_include_pad
    add,           ///< residual addition of two maps; aligned to the finer step, then requantised
    relu,          ///< max(code, 0) where it could not be fused
    flatten,       ///< (c, y, x) becomes (c*y*x, 1, 1); codes stay
};

/// Weights of a matrix layer: `codes[output * rows + row]`, row = (channel * kernel_height + ky) *
/// kernel_width + kx.
struct MatrixWeights {
    int outputs = 0;
    int rows = 0;
    int bits = 8;      ///< magnitude bits; |code| <= 2^bits - 1
    int exponent = 0;  ///< weight = code * 2^exponent
    std::vector<std::int16_t> codes;
    std::vector<std::int32_t> bias;  ///< one an output, in accumulator units
};

using NodeId = std::size_t;

struct Node {
    NodeKind kind = NodeKind::input;
    std::string name;            ///< the ONNX node's (or output's) name: messages and layer tables use it
    std::vector<NodeId> inputs;  ///< always smaller than the node's own id
    Shape shape;                 ///< of the output
    Format format;  ///< of the output; for the network's output the accumulator's exponent, 32 bits signed
    Window window;  ///< matrix and pools
    MatrixWeights weights;           ///< matrix only
    bool relu = false;               ///< matrix and add: ReLU fused in front of the saturation
    bool count_include_pad = false;  ///< average_pool only
    bool is_output = false;          ///< the network's logits: not requantised, not saturated
};

/// Nodes in an order in which every input precedes its users; node 0 is the input, the last node the output.
struct QuantisedNetwork {
    std::string name;
    std::string source;  ///< file it came from
    std::vector<Node> nodes;
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
