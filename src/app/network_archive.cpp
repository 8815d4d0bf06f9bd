#include "app/network_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "app/archive.h"
#include "network/integer_ops.h"

namespace sliver::app {
namespace {

using network::Node;
using network::NodeKind;
using network::QuantisedNetwork;

/// Version of the naming in docs/results.md.
constexpr std::int32_t kArchiveFormat = 2;

/// What only some nodes have.
void add_factors(Archive& archive, const std::string& prefix, const Node& node) {
    if (!node.rescale.empty()) {
        std::vector<std::int64_t> multipliers;
        std::vector<std::int32_t> shifts;
        for (const network::Rescale& by : node.rescale) {
            multipliers.push_back(by.multiplier);
            shifts.push_back(by.shift);
        }
        archive.add(prefix + ".multipliers", {multipliers.size()}, multipliers);
        archive.add(prefix + ".shifts", {shifts.size()}, shifts);
    }
    if (!node.offsets.empty()) archive.add(prefix + ".offsets", {node.offsets.size()}, node.offsets);
    if (!node.table.empty()) archive.add(prefix + ".table", {node.table.size()}, node.table);
    if (node.kind == NodeKind::gather) archive.add(prefix + ".fill", {node.fill.size()}, node.fill);
}

void add_nodes(Archive& archive, const QuantisedNetwork& network) {
    const std::size_t count = network.nodes.size();
    std::size_t most_inputs = 2;
    for (const Node& node : network.nodes) most_inputs = std::max(most_inputs, node.inputs.size());
    std::vector<std::int32_t> kinds, inputs, shapes, formats, zeros, limits, windows, flags;
    std::vector<double> steps;
    std::string names;
    for (const Node& node : network.nodes) {
        kinds.push_back(static_cast<std::int32_t>(node.kind));
        for (std::size_t i = 0; i < most_inputs; ++i)
            inputs.push_back(i < node.inputs.size() ? static_cast<std::int32_t>(node.inputs[i]) : -1);
        for (const int side : {node.shape.channels, node.shape.height, node.shape.width})
            shapes.push_back(side);
        formats.push_back(node.format.is_signed ? 1 : 0);
        formats.push_back(node.format.bits);
        formats.push_back(node.format.exponent);
        steps.push_back(node.format.step());
        zeros.push_back(node.format.zero);
        const network::Limits codes = network::code_limits(node);
        for (const std::int32_t limit : {codes.lowest, codes.highest}) limits.push_back(limit);
        const network::Window& w = node.window;
        for (const int extent : {w.kernel_height, w.kernel_width, w.stride_y, w.stride_x, w.pad_top,
                                 w.pad_left, w.pad_bottom, w.pad_right, w.dilation_y, w.dilation_x})
            windows.push_back(extent);
        for (const bool flag : {node.relu, node.count_include_pad, node.is_output})
            flags.push_back(flag ? 1 : 0);
        names += node.name + "\n";
    }
    archive.text("node_names", names);
    archive.add("node_kind", {count}, kinds);
    archive.add("node_inputs", {count, most_inputs}, inputs);
    archive.add("node_shape", {count, 3}, shapes);
    archive.add("node_format", {count, 3}, formats);
    archive.add("node_step", {count}, steps);
    archive.add("node_zero", {count}, zeros);
    archive.add("node_limits", {count, 2}, limits);
    archive.add("node_window", {count, 10}, windows);
    archive.add("node_flags", {count, 3}, flags);
    for (std::size_t id = 0; id < count; ++id)
        add_factors(archive, fmt::format("node{:03}", id), network.nodes[id]);
}

void add_layer(Archive& archive, const std::string& prefix, const QuantisedNetwork& network,
               const Node& node) {
    const network::MatrixWeights& weights = node.weights;
    const auto outputs = static_cast<std::size_t>(weights.outputs),
               rows = static_cast<std::size_t>(weights.group_rows());
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
    archive.number(prefix + ".groups", weights.groups);
    archive.number(prefix + ".bias_bits", weights.bias_bits);
    if (!weights.steps.empty()) archive.add(prefix + ".weight_steps", {weights.steps.size()}, weights.steps);
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
