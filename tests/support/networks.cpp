#include "support/networks.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sliver::support {

using network::Format;
using network::Node;
using network::NodeId;
using network::NodeKind;
using network::Shape;
using network::Window;

NetworkBuilder::NetworkBuilder(Shape input, Format input_format, std::uint32_t seed, int weight_bits,
                               int activation_bits)
    : random_(seed), weight_bits_(weight_bits), activation_bits_(activation_bits) {
    Node node;
    node.kind = NodeKind::input;
    node.name = "image";
    node.shape = input;
    node.format = input_format;
    network_.name = "synthetic-" + std::to_string(seed);
    network_.nodes.push_back(std::move(node));
}

NodeId NetworkBuilder::append(Node node) {
    network_.nodes.push_back(std::move(node));
    return network_.nodes.size() - 1;
}

NodeId NetworkBuilder::matrix(NodeId input, Shape shape, Window window, int rows, bool relu) {
    Node node;
    node.kind = NodeKind::matrix;
    node.name = "layer" + std::to_string(++matrices_);
    node.inputs = {input};
    node.shape = shape;
    node.window = window;
    node.relu = relu;
    node.weights.outputs = shape.channels;
    node.weights.rows = rows;
    node.weights.bits = weight_bits_;
    node.weights.exponent = -weight_bits_;
    const int largest = (1 << weight_bits_) - 1;
    std::normal_distribution<double> gaussian(0.0, largest / 4.0);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    double squares = 0;
    for (int i = 0; i < shape.channels * rows; ++i) {
        int code = static_cast<int>(std::lround(gaussian(random_)));
        code = std::clamp(code, -largest, largest);
        if (uniform(random_) >= density_) code = 0;
        squares += static_cast<double>(code) * code;
        node.weights.codes.push_back(static_cast<std::int16_t>(code));
    }
    std::uniform_int_distribution<int> bias(-200, 200);
    for (int i = 0; i < shape.channels; ++i) node.weights.bias.push_back(bias(random_));
    // Accumulators spread over about rows^0.5 * rms(weight) * rms(input); bring three sigma to the range's
    // end.
    const Format& in = network_.nodes[input].format;
    const double spread = std::sqrt(squares / shape.channels) * in.highest() / 3.0;
    const int wanted = static_cast<int>(std::ceil(std::log2(std::max(1.0, 3.0 * spread))));
    node.format.is_signed = !relu;
    node.format.bits = activation_bits_;
    node.format.exponent = node.weights.exponent + in.exponent + std::max(0, wanted - activation_bits_);
    return append(std::move(node));
}

NodeId NetworkBuilder::convolution(NodeId input, int outputs, int kernel, int stride, int pad, bool relu) {
    const Shape& in = network_.nodes[input].shape;
    const Window window{kernel, kernel, stride, stride, pad, pad, pad, pad};
    const Shape shape{outputs, (in.height + 2 * pad - kernel) / stride + 1,
                      (in.width + 2 * pad - kernel) / stride + 1};
    return matrix(input, shape, window, in.channels * kernel * kernel, relu);
}

NodeId NetworkBuilder::linear(NodeId input, int outputs, bool relu) {
    return matrix(input, {outputs, 1, 1}, Window{}, static_cast<int>(network_.nodes[input].shape.size()),
                  relu);
}

NodeId NetworkBuilder::max_pool(NodeId input, int kernel, int stride, int pad) {
    Node node;
    node.kind = NodeKind::max_pool;
    node.name = "pool" + std::to_string(network_.nodes.size());
    node.inputs = {input};
    const Shape& in = network_.nodes[input].shape;
    node.window = {kernel, kernel, stride, stride, pad, pad, pad, pad};
    node.shape = {in.channels, (in.height + 2 * pad - kernel) / stride + 1,
                  (in.width + 2 * pad - kernel) / stride + 1};
    node.format = network_.nodes[input].format;
    return append(std::move(node));
}

NodeId NetworkBuilder::average_pool(NodeId input, int kernel, int stride) {
    const NodeId id = max_pool(input, kernel, stride);
    network_.nodes[id].kind = NodeKind::average_pool;
    return id;
}

NodeId NetworkBuilder::add(NodeId a, NodeId b, bool relu) {
    Node node;
    node.kind = NodeKind::add;
    node.name = "add" + std::to_string(network_.nodes.size());
    node.inputs = {a, b};
    node.shape = network_.nodes[a].shape;
    node.relu = relu;
    node.format = network_.nodes[a].format;
    node.format.is_signed = !relu;
    node.format.exponent = std::max(network_.nodes[a].format.exponent, network_.nodes[b].format.exponent) + 1;
    return append(std::move(node));
}

NodeId NetworkBuilder::relu(NodeId input) {
    Node node;
    node.kind = NodeKind::relu;
    node.name = "relu" + std::to_string(network_.nodes.size());
    node.inputs = {input};
    node.shape = network_.nodes[input].shape;
    node.format = network_.nodes[input].format;
    return append(std::move(node));
}

NodeId NetworkBuilder::flatten(NodeId input) {
    Node node;
    node.kind = NodeKind::flatten;
    node.name = "flatten" + std::to_string(network_.nodes.size());
    node.inputs = {input};
    node.shape = {static_cast<int>(network_.nodes[input].shape.size()), 1, 1};
    node.format = network_.nodes[input].format;
    return append(std::move(node));
}

network::QuantisedNetwork NetworkBuilder::finish() {
    Node& output = network_.nodes.back();
    output.is_output = true;
    if (output.kind == NodeKind::matrix) {
        output.relu = false;
        output.format = {true, 32,
                         output.weights.exponent + network_.nodes[output.inputs.front()].format.exponent};
    }
    return std::move(network_);
}

network::QuantisedNetwork vgg11(int channels, std::uint32_t seed, int weight_bits) {
    NetworkBuilder build({channels, 32, 32}, {true, 8, -6}, seed, weight_bits);
    NodeId x = NetworkBuilder::kInput;
    for (const int outputs : {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0})
        x = outputs == 0 ? build.max_pool(x, 2, 2) : build.convolution(x, outputs, 3, 1, 1);
    build.linear(build.flatten(x), 10);
    return build.finish();
}

network::QuantisedNetwork small_vgg(std::uint32_t seed, int weight_bits, int activation_bits,
                                    bool signed_input) {
    NetworkBuilder build({3, 9, 8}, {signed_input, activation_bits, -5}, seed, weight_bits, activation_bits);
    NodeId x = build.convolution(NetworkBuilder::kInput, 20, 3, 1, 1);
    x = build.max_pool(x, 2, 2);
    x = build.convolution(x, 37, 3, 1, 1);
    x = build.convolution(x, 24, 3, 2, 1);
    x = build.average_pool(x, 2, 1);
    x = build.flatten(x);
    x = build.linear(x, 33);
    build.linear(x, 7);
    return build.finish();
}

network::QuantisedNetwork small_resnet(std::uint32_t seed) {
    NetworkBuilder build({3, 8, 8}, {true, 8, -6}, seed);
    NodeId x = build.convolution(NetworkBuilder::kInput, 16, 3, 1, 1);
    for (const int outputs : {16, 24}) {
        const int stride = outputs == 16 ? 1 : 2;
        const NodeId first = build.convolution(x, outputs, 3, stride, 1);
        const NodeId second = build.convolution(first, outputs, 3, 1, 1, false);
        const NodeId shortcut = outputs == 16 ? x : build.convolution(x, outputs, 1, stride, 0, false);
        x = build.add(second, shortcut);
    }
    x = build.average_pool(x, 4, 1);
    build.linear(build.flatten(x), 10);
    return build.finish();
}

std::vector<std::int32_t> random_images(const network::QuantisedNetwork& network, std::size_t count,
                                        std::uint32_t seed) {
    const Node& input = network.nodes.front();
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> value(input.format.lowest(), input.format.highest());
    std::vector<std::int32_t> images(count * input.shape.size());
    for (std::int32_t& code : images) code = value(random);
    return images;
}

config::ChipConfig oracle_chip() {
    config::ChipConfig chip;
    chip.name = "isaac-oracle";
    chip.weights.slices = config::SlicePlacement::interleaved;
    chip.tile.buffer_bytes.reset();
    chip.mesh.kind = config::MeshKind::ideal;
    chip.host.bytes_per_s = 0;
    chip.cost.accounting = config::Accounting::used;
    return chip;
}

}  // namespace sliver::support
