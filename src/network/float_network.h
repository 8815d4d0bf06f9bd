// The network as imported: a graph of float layers in the very form the quantised network will have.
//
// Made by import_onnx() (network/onnx_import.h) after batch norms, separate biases and paddings are folded
// into their layers and ReLUs are fused; run by FloatExecutor; turned into integers by quantise(). Node ids,
// names, shapes and windows stay the same from here to QuantisedNetwork. Every number in it is finite.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

/// What a QuantizeLinear/DequantizeLinear pair in the file says about a map: 8-bit codes, zero point 0, this
/// step.
struct QuantisationGrid {
    bool is_signed = false;  ///< int8 or uint8
    float step = 1;          ///< > 0
    /// log2 of the step where it is an exact power of two.
    [[nodiscard]] std::optional<int> exponent() const;
    friend bool operator==(const QuantisationGrid& a, const QuantisationGrid& b) {
        return a.is_signed == b.is_signed && !(a.step < b.step) && !(b.step < a.step);
    }
};

struct FloatNode {
    NodeKind kind = NodeKind::input;
    std::string name;            ///< unique in the network
    std::string op;              ///< ONNX operator it came from
    std::vector<NodeId> inputs;  ///< always smaller than the node's own id
    Shape shape;                 ///< of the output
    Window window;               ///< matrix and pools
    int outputs = 0, rows = 0;   ///< matrix only
    std::vector<float>
        weights;  ///< weights[output * rows + row], rows numbered (channel, kernel row, kernel column)
    std::vector<float> bias;  ///< one an output
    /// log2 of the weights' step where a DequantizeLinear with an exact power of two and codes of at most 8
    /// magnitude bits made them.
    std::optional<int> weight_exponent;
    bool relu = false;               ///< matrix and add
    bool count_include_pad = false;  ///< average_pool
    bool is_output = false;
    std::optional<QuantisationGrid> grid;  ///< of the output map, where the file fixes it
};

/// Node 0 is the input, the last node the output.
struct FloatNetwork {
    std::string name;    ///< file name without folder, .gz and .onnx
    std::string source;  ///< file it came from
    std::vector<FloatNode> nodes;
    [[nodiscard]] const Shape& input_shape() const { return nodes.front().shape; }
    [[nodiscard]] std::size_t classes() const { return nodes.back().shape.size(); }
};

}  // namespace sliver::network
