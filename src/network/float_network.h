// The network as imported: a graph of float layers in the very form the quantised network will have.
//
// Made by import_onnx() (network/onnx_import.h) after batch norms, separate biases and paddings are folded
// into their layers and ReLUs are fused; run by FloatExecutor; turned into integers by quantise(). Node ids,
// names, shapes and windows stay the same from here to QuantisedNetwork. Every number in it is finite.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "network/digit_sets.h"
#include "network/quantised_network.h"

namespace sliver::network {

/// How the file quantises a map: code = saturate(round(value / step) + zero) within [lowest, highest].
struct QuantisationGrid {
    bool is_signed = false;  ///< the codes' type: two's complement or unsigned
    float step = 1;          ///< > 0
    int bits = 8;            ///< of a code, 1 to 8
    int zero = 0;
    /// Narrower limits than those of the type (a Clip between QuantizeLinear and DequantizeLinear).
    int lowest = std::numeric_limits<int>::min(), highest = std::numeric_limits<int>::max();
    /// log2 of the step where it is an exact power of two.
    [[nodiscard]] std::optional<int> exponent() const;
    friend bool operator==(const QuantisationGrid& a, const QuantisationGrid& b) {
        return a.is_signed == b.is_signed && a.bits == b.bits && a.zero == b.zero && a.lowest == b.lowest &&
               a.highest == b.highest && !(a.step < b.step) && !(b.step < a.step);
    }
};

/// How the file quantises the weights of a layer: weight = code * step, |code| < 2^bits. (Zero points of
/// weights are in the codes: w = (c - z) * step.)
struct WeightGrid {
    std::vector<float> steps;  ///< one for all, or one an output
    int bits = 8;              ///< magnitude bits that the codes' type can take, 1 to 8
};

/// Of one value: what a table of the post-processor holds.
struct Function {
    enum class Kind {
        clip,          ///< to [a, b]
        leaky_relu,    ///< x, or a * x below 0
        sigmoid,       ///< 1 / (1 + exp(-x))
        tanh,          ///< tanh(x)
        hard_sigmoid,  ///< clip(a * x + b) to [0, 1]
        hard_swish,    ///< x * clip(x / 6 + 1/2) to [0, 1]
        elu,           ///< x, or a * (exp(x) - 1) below 0
        softplus,      ///< log(exp(x) + 1)
        swish,         ///< x / (1 + exp(-x))
        gelu,          ///< x * (1 + erf(x / sqrt(2))) / 2
        absolute,      ///< |x|
        exp,           ///< exp(x)
        log,           ///< log(x)
        sqrt,          ///< sqrt(x)
        power,         ///< x^a
        affine,        ///< a * x + b
        requantise,    ///< x, in steps that the file fixes
        erf,           ///< erf(x)
        mish,          ///< x * tanh(log(exp(x) + 1))
        bipolar,       ///< a, or -a below 0
    };
    Kind kind = Kind::requantise;
    double a = 0, b = 0;
    [[nodiscard]] double operator()(double x) const;
};

/// What `functions` make of a value, one after the other.
[[nodiscard]] double through(const std::vector<Function>& functions, double x);

struct FloatNode {
    NodeKind kind = NodeKind::input;
    std::string name;            ///< unique in the network
    std::string op;              ///< ONNX operator it came from
    std::vector<NodeId> inputs;  ///< always smaller than the node's own id
    Shape shape;                 ///< of the output
    Window window;               ///< matrix and pools
    int outputs = 0, rows = 0;   ///< matrix only; rows of all groups
    int groups = 1;              ///< matrix only: MatrixWeights
    std::vector<float> weights;  ///< as MatrixWeights::codes
    std::vector<float> bias;     ///< one an output
    /// Where a DequantizeLinear made the weights, or they lie in the file as codes.
    std::optional<WeightGrid> weight_grid;
    bool relu = false;  ///< matrix and add
    /// Narrower limits that are fused (Clip, ReLU6), of any node that rounds.
    float at_least = -std::numeric_limits<float>::infinity();
    float at_most = std::numeric_limits<float>::infinity();
    bool count_include_pad = false;  ///< average_pool
    bool is_output = false;
    std::optional<QuantisationGrid> grid;  ///< of the output map, where the file fixes it
    std::vector<Function> functions;       ///< table: applied one after the other
    /// scale: value * gain + shift; one, one a channel, or one a value each.
    std::vector<float> gain, shift;
    std::vector<std::int32_t> places;  ///< gather: as Node::table
    float fill = 0;                    ///< gather
};

/// Order of the dimensions of the images as the file wants them, without the batch.
enum class ImageLayout {
    channels_first,  ///< (channels, height, width), (channels, width) or (features)
    channels_last,   ///< (height, width, channels): Keras and TensorFlow
};

/// A file beside the model's that holds some of its weights.
struct DataFile {
    std::string location;  ///< as the model names it, relative to its own folder
    std::shared_ptr<const std::string> bytes;
};

/// Node 0 is the input, the last node the output.
struct FloatNetwork {
    std::string name;    ///< file name without folder, .gz and .onnx
    std::string source;  ///< file it came from
    std::vector<FloatNode> nodes;
    ImageLayout layout = ImageLayout::channels_first;
    /// What import left out or changed, a sentence each ("Softmax 'prob' at the end is left out: ...").
    std::vector<std::string> notes;
    /// In order of their names. The digest of a network covers the model's bytes and, behind them, these.
    std::vector<DataFile> data_files;
    /// Of a file that `sliver decompose` wrote.
    std::optional<DigitSets> digits;
    [[nodiscard]] const Shape& input_shape() const { return nodes.front().shape; }
    [[nodiscard]] std::size_t classes() const { return nodes.back().shape.size(); }
};

}  // namespace sliver::network
