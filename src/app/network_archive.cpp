#include "app/network_archive.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "network/npy.h"
#include "network/npz.h"

namespace sliver::app {
namespace {

using network::Node;
using network::NodeKind;
using network::QuantisedNetwork;

/// Version of the naming in docs/results.md.
constexpr std::int32_t kArchiveFormat = 1;
constexpr std::size_t kMostInputs = 2;

class Archive {
  public:
    template <typename T>
    void add(const std::string& name, const std::vector<std::size_t>& shape, const std::vector<T>& values) {
        writer_.add(name, network::npy_bytes(shape, values));
    }
    void text(const std::string& name, const std::string& value) {
        add(name, {value.size()}, std::vector<std::uint8_t>(value.begin(), value.end()));
    }
    void number(const std::string& name, std::int32_t value) {
        add(name, {1}, std::vector<std::int32_t>{value});
    }
    [[nodiscard]] std::string finish() const { return writer_.finish(); }

  private:
    network::NpzWriter writer_;
};

void add_nodes(Archive& archive, const QuantisedNetwork& network) {
    const std::size_t count = network.nodes.size();
    std::vector<std::int32_t> kinds, inputs, shapes, formats, windows, flags;
    std::string names;
    for (const Node& node : network.nodes) {
        kinds.push_back(static_cast<std::int32_t>(node.kind));
        for (std::size_t i = 0; i < kMostInputs; ++i)
            inputs.push_back(i < node.inputs.size() ? static_cast<std::int32_t>(node.inputs[i]) : -1);
        for (const int side : {node.shape.channels, node.shape.height, node.shape.width})
            shapes.push_back(side);
        formats.push_back(node.format.is_signed ? 1 : 0);
        formats.push_back(node.format.bits);
        formats.push_back(node.format.exponent);
        const network::Window& w = node.window;
        for (const int extent : {w.kernel_height, w.kernel_width, w.stride_y, w.stride_x, w.pad_top,
                                 w.pad_left, w.pad_bottom, w.pad_right})
            windows.push_back(extent);
        for (const bool flag : {node.relu, node.count_include_pad, node.is_output})
            flags.push_back(flag ? 1 : 0);
        names += node.name + "\n";
    }
    archive.text("node_names", names);
    archive.add("node_kind", {count}, kinds);
    archive.add("node_inputs", {count, kMostInputs}, inputs);
    archive.add("node_shape", {count, 3}, shapes);
    archive.add("node_format", {count, 3}, formats);
    archive.add("node_window", {count, 8}, windows);
    archive.add("node_flags", {count, 3}, flags);
}

void add_layer(Archive& archive, const std::string& prefix, const QuantisedNetwork& network,
               const Node& node) {
    const network::MatrixWeights& weights = node.weights;
    const auto outputs = static_cast<std::size_t>(weights.outputs),
               rows = static_cast<std::size_t>(weights.rows);
    std::vector<std::uint8_t> codes;
    std::vector<std::int8_t> signs;
    codes.reserve(weights.codes.size());
    signs.reserve(weights.codes.size());
    for (const std::int16_t code : weights.codes) {
        codes.push_back(static_cast<std::uint8_t>(std::abs(code)));
        signs.push_back(static_cast<std::int8_t>(code > 0 ? 1 : code < 0 ? -1 : 0));
    }
    const std::size_t kernel = static_cast<std::size_t>(node.window.kernel_height) *
                               static_cast<std::size_t>(node.window.kernel_width);
    const std::vector<std::int32_t> shape = {weights.outputs, static_cast<std::int32_t>(rows / kernel),
                                             node.window.kernel_height, node.window.kernel_width};
    archive.text(prefix + ".name", node.name);
    archive.add(prefix + ".codes", {outputs, rows}, codes);
    archive.add(prefix + ".signs", {outputs, rows}, signs);
    archive.add(prefix + ".bias", {outputs}, weights.bias);
    archive.add(prefix + ".shape", {4}, shape);
    archive.number(prefix + ".weight_bits", weights.bits);
    archive.number(prefix + ".weight_exponent", weights.exponent);
    archive.number(prefix + ".input_exponent", network.nodes[node.inputs.front()].format.exponent);
    archive.number(prefix + ".output_exponent", node.format.exponent);
}

}  // namespace

std::string network_archive(const QuantisedNetwork& network) {
    Archive archive;
    archive.number("format", kArchiveFormat);
    archive.text("name", network.name);
    std::vector<std::int32_t> order;
    for (const network::NodeId id : network.matrix_nodes()) order.push_back(static_cast<std::int32_t>(id));
    archive.add("layer_order", {order.size()}, order);
    add_nodes(archive, network);
    for (std::size_t layer = 0; layer < order.size(); ++layer)
        add_layer(archive, fmt::format("layer{:02}", layer), network,
                  network.nodes[static_cast<std::size_t>(order[layer])]);
    return archive.finish();
}

}  // namespace sliver::app
