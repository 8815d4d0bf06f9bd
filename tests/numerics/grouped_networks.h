// Networks at random with grouped and depthwise convolutions, and layers of different weight and input bits.
#pragma once

#include <algorithm>
#include <vector>

#include "bitline_reference.h"

namespace grouped_networks {

using bitline_reference::Dice;
using bitline_reference::Setting;

/// A convolution of `groups` groups, which divide the channels of `source` and `outputs`.
inline sliver::network::Node grouped_node(const std::string& name,
                                          const sliver::network::QuantisedNetwork& network, int groups,
                                          int outputs, int kernel, int weight_bits, int output_bits,
                                          Dice& dice) {
    using namespace sliver::network;
    const NodeId source = network.nodes.size() - 1;
    Window window;
    window.kernel_height = kernel;
    window.kernel_width = dice.between(1, kernel);
    window.stride_x = dice.between(1, 2);
    window.pad_top = window.pad_bottom = kernel / 2;
    window.pad_left = dice.between(0, window.kernel_width - 1);
    window.pad_right = window.kernel_width - 1 - window.pad_left;
    Node node = bitline_reference::matrix_node(name, network.nodes[source].shape, window, outputs,
                                               weight_bits, output_bits, source, dice);
    node.weights.groups = groups;
    node.weights.codes.resize(static_cast<std::size_t>(outputs * (node.weights.rows / groups)));
    if (output_bits == 1) {  // a signed code of one bit would be all sign
        node.relu = true;
        node.format.is_signed = false;
    }
    return node;
}

/// A grouped convolution, often a depthwise one behind it, then a linear layer. Weights of at most
/// `setting.weight_bits`, maps of at most `most_bits` bits.
inline sliver::network::QuantisedNetwork random_network(const Setting& setting, int most_bits, Dice& dice) {
    using namespace sliver::network;
    QuantisedNetwork network;
    network.name = "grouped";
    Node input;
    input.kind = NodeKind::input;
    input.name = "input";
    const int groups = dice.one_of<int>({2, 3, 5, 8});
    input.shape = {groups * dice.one_of<int>({1, 1, 2, 5}), dice.between(3, 5), dice.between(3, 5)};
    input.format.bits = dice.between(1, most_bits);
    input.format.is_signed = input.format.bits > 1 && dice.chance(50);
    network.nodes.push_back(input);
    const auto bits = [&] { return dice.between(1, setting.weight_bits); };
    const auto map_bits = [&] { return dice.between(1, most_bits); };
    const int kernel = dice.between(1, 3), outputs = groups * dice.one_of<int>({1, 2, 3, 9});
    network.nodes.push_back(
        grouped_node("grouped", network, groups, outputs, kernel, bits(), map_bits(), dice));
    if (dice.chance(60)) {
        const int multiplier = dice.between(1, 2);
        network.nodes.push_back(
            grouped_node("depthwise", network, outputs, outputs * multiplier, 3, bits(), map_bits(), dice));
    }
    Node flatten =
        bitline_reference::digital_node("flatten", NodeKind::flatten, network, network.nodes.size() - 1);
    flatten.shape = {static_cast<int>(flatten.shape.size()), 1, 1};
    network.nodes.push_back(flatten);
    network.nodes.push_back(bitline_reference::matrix_node(
        "linear", flatten.shape, Window(), dice.between(1, 12), bits(), 8, network.nodes.size() - 1, dice));
    Node& output = network.nodes.back();
    for (std::int32_t& bias : output.weights.bias) bias %= 1000;  // the logits are checked to fit 32 bits
    output.relu = false;
    output.is_output = true;
    output.format = {true, 32, 0};
    return network;
}

inline Setting random_setting(Dice& dice) {
    Setting setting;
    setting.array_rows = dice.one_of<int>({16, 17, 32, 50, 64, 100, 128});
    setting.array_columns = dice.one_of<int>({16, 24, 32, 64, 128});
    setting.cell_bits = dice.between(1, 4);
    setting.weight_bits = dice.between(1, 8);
    setting.dac_bits = dice.one_of<int>({1, 1, 2, 3});
    setting.interleaved = dice.chance(50);
    setting.dense_groups = dice.chance(20);
    setting.encoding =
        dice.chance(50) ? sliver::config::Encoding::offset : sliver::config::Encoding::differential;
    setting.flip_columns = setting.encoding == sliver::config::Encoding::offset && dice.chance(60);
    return setting;
}

/// Slices of weights of `bits` bits, counted by hand.
inline int slices_of(const Setting& setting, int bits) {
    Setting own = setting;
    own.weight_bits = bits;
    return own.slices();
}

/// A number by layer and slice.
inline std::vector<std::vector<int>> random_table(const sliver::network::QuantisedNetwork& network,
                                                  const Setting& setting, int lowest, int highest,
                                                  Dice& dice) {
    std::vector<std::vector<int>> table;
    for (const sliver::network::NodeId id : network.matrix_nodes()) {
        table.emplace_back();
        for (int slice = 0; slice < slices_of(setting, network.nodes[id].weights.bits); ++slice)
            table.back().push_back(dice.between(lowest, highest));
    }
    return table;
}

}  // namespace grouped_networks
