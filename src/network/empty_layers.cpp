#include "network/empty_layers.h"

#include <algorithm>

#include "network/integer_ops.h"

namespace sliver::network {
namespace {

bool is_empty(const Node& node) {
    return node.kind == NodeKind::matrix && std::all_of(node.weights.codes.begin(), node.weights.codes.end(),
                                                        [](std::int16_t code) { return code == 0; });
}

/// The codes of `node`, whose accumulators are all 0.
Node constant(const Node& node, int input_exponent) {
    Node made;
    made.kind = NodeKind::gather;
    made.name = node.name;
    made.inputs = node.inputs;
    made.shape = node.shape;
    made.format = node.format;
    made.is_output = node.is_output;
    made.table.assign(node.shape.size(), -1);
    made.fill.clear();
    for (int channel = 0; channel < node.shape.channels; ++channel)
        made.fill.push_back(finish_accumulator(node, input_exponent, channel, 0));
    return made;
}

}  // namespace

std::vector<std::string> fold_empty_layers(QuantisedNetwork& network) {
    std::size_t left = network.matrix_nodes().size();
    std::vector<std::string> names;
    for (Node& node : network.nodes) {
        if (left == 1 || !is_empty(node)) continue;
        names.push_back(node.name);
        node = constant(node, network.nodes[node.inputs.front()].format.exponent);
        --left;
    }
    return names;
}

}  // namespace sliver::network
