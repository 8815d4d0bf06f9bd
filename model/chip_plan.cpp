#include "model/chip_plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/error.h"
#include "mapping/row_parts.h"
#include "timing/least_room.h"

namespace sliver::model {
namespace {

using network::NodeId;
using network::NodeKind;

ChannelRange unite(const ChannelRange& a, const ChannelRange& b) {
    const int first = std::min(a.first, b.first);
    return {first, std::max(a.end(), b.end()) - first};
}

/// Channels of the input map from the first to the last that the rows of an array read.
ChannelRange channels_of_rows(const network::Window& window, const mapping::CrossbarSlot& slot) {
    const int per_channel = window.kernel_height * window.kernel_width;
    const int first = slot.matrix_row(0) / per_channel;  // rows ascend
    return {first, slot.matrix_row(slot.rows - 1) / per_channel - first + 1};
}

void plan_fragments(ChipPlan& plan, const mapping::LayerMapping& layer,
                    const IndexedVector<CrossbarIndex, int>& parts, LayerPlan& layer_plan) {
    const mapping::LayerPlacement& placement = plan.placement->layers[layer.layer];
    for (std::size_t copy = 0; copy < placement.copies.size(); ++copy) {
        std::map<std::size_t, FragmentPlan> by_tile;
        for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
            const CrossbarIndex index(i);
            const mapping::CrossbarPlace& place = placement.copies[copy][index];
            const mapping::CrossbarSlot& slot = layer.crossbars[index];
            const ChannelRange channels = channels_of_rows(layer_plan.window, slot);
            FragmentPlan& fragment = by_tile[place.tile.value()];
            if (fragment.pes.empty()) {
                fragment.layer = layer.layer;
                fragment.copy = CopyIndex(copy);
                fragment.channels = channels;
            }
            fragment.channels = unite(fragment.channels, channels);
            if (fragment.pes.empty() || fragment.pes.back().pe != place.pe)
                fragment.pes.push_back({place.pe, {}});
            fragment.pes.back().arrays.push_back({index, place.array, parts[index]});
            if (fragment.column_blocks.empty() || fragment.column_blocks.back() != slot.column_block)
                fragment.column_blocks.push_back(slot.column_block);
        }
        std::vector<int> contributors(layer.column_blocks.size(), 0);
        for (auto& [tile, fragment] : by_tile) {
            for (const std::size_t block : fragment.column_blocks) ++contributors[block];
            TilePlan& tile_plan = plan.tiles[tile];
            tile_plan.layer = layer.layer;
            tile_plan.channels =
                tile_plan.channels ? unite(*tile_plan.channels, fragment.channels) : fragment.channels;
            tile_plan.fragments.push_back(std::move(fragment));
        }
        layer_plan.contributors.push_back(std::move(contributors));
    }
}

/// What tiles cannot do: maps whose rows are gone, sums where codes are driven.
void check_input(const network::QuantisedNetwork& network, const network::Node& node, NodeId input) {
    const network::Node& source = network.nodes[mapping::look_through_flatten(network, input)];
    const network::Shape& shape = source.shape;
    const bool matrix = node.kind == NodeKind::matrix;
    if (source.format.wide() && (matrix || node.kind == NodeKind::concat || node.kind == NodeKind::table))
        refuse("node {}: reads the 32-bit sums of {}; a {} works on codes: requantise in front of it",
               node.name, source.name,
               matrix                          ? "layer"
               : node.kind == NodeKind::concat ? "concat"
                                               : "table");
    if (!matrix && node.kind != NodeKind::gather && network.nodes[input].kind == NodeKind::flatten &&
        shape.pixels() != 1)
        refuse(
            "node {}: works behind a flatten of a {}x{}x{} map; the tiles do everything but layers on maps: "
            "put it in front of the flatten",
            node.name, shape.channels, shape.height, shape.width);
}

void plan_digital(ChipPlan& plan, NodeId id) {
    const network::QuantisedNetwork& network = *plan.network;
    const network::Node& node = network.nodes[id];
    for (const mapping::ChannelHome& home : plan.placement->homes[id]) {
        std::vector<DigitalPlan>& stages = plan.tiles[home.tile.value()].digital;
        DigitalPlan digital{id, {home.first_channel, home.channels}, {}, {}};
        for (std::size_t input = 0; input < node.inputs.size(); ++input) {
            const mapping::ChannelSpan span =
                mapping::operand_channels(network, id, input, {home.first_channel, home.channels});
            if (span.count == 0) {
                digital.operand_of_input.push_back(DigitalPlan::kAbsent);
                continue;
            }
            const OperandPlan operand{mapping::look_through_flatten(network, node.inputs[input]),
                                      {span.first, span.count},
                                      mapping::channel_offset(network, id, input)};
            const auto known =
                std::find_if(digital.operands.begin(), digital.operands.end(), [&](const OperandPlan& other) {
                    return other.source == operand.source && other.offset == operand.offset;
                });
            digital.operand_of_input.push_back(static_cast<std::size_t>(known - digital.operands.begin()));
            if (known != digital.operands.end()) continue;  // x + x
            plan.consumers[operand.source].push_back({ConsumerKind::digital, home.tile, id, operand.channels,
                                                      stages.size(), digital.operands.size(),
                                                      operand.offset});
            digital.operands.push_back(operand);
        }
        stages.push_back(std::move(digital));
    }
}

/// Divides the eDRAM of every tile among the maps it keeps.
void plan_rooms(ChipPlan& plan, const config::ChipConfig& chip) {
    const network::QuantisedNetwork& network = *plan.network;
    const auto least = timing::least_room(network, chip.pipeline.pipelined);
    const auto least_for = [&](NodeId node, NodeId source) {
        std::size_t input = 0;
        while (mapping::look_through_flatten(network, network.nodes[node].inputs[input]) != source) ++input;
        return least[node][input];
    };
    for (TilePlan& tile : plan.tiles) {
        std::vector<timing::RoomNeed> needs;
        std::string name;
        if (tile.layer) {
            const LayerPlan& layer = plan.layers[*tile.layer];
            name = "layer " + network.nodes[layer.node].name;
            needs.push_back(
                {least_for(layer.node, layer.input_node), static_cast<std::size_t>(tile.channels->count)});
        }
        for (const DigitalPlan& digital : tile.digital) {
            if (name.empty()) name = "node " + network.nodes[digital.node].name;
            for (const OperandPlan& operand : digital.operands)
                needs.push_back({least_for(digital.node, operand.source),
                                 static_cast<std::size_t>(operand.channels.count),
                                 static_cast<std::size_t>(network.nodes[operand.source].format.bytes())});
        }
        plan.least_buffer_bytes = std::max(plan.least_buffer_bytes, timing::least_bytes(needs));
        if (!chip.tile.buffer_bytes) continue;
        const std::vector<std::size_t> shares = timing::share_room(*chip.tile.buffer_bytes, needs, name);
        auto share = shares.begin();
        if (tile.layer) tile.room = *share++;
        for (DigitalPlan& digital : tile.digital)
            for (OperandPlan& operand : digital.operands) operand.room = *share++;
    }
}

}  // namespace

ChipPlan plan_chip(const network::QuantisedNetwork& network, const mapping::NetworkMapping& mapping,
                   const mapping::Placement& placement, const mapping::AdcWidths& widths,
                   const config::ChipConfig& chip) {
    ChipPlan plan;
    plan.network = &network;
    plan.mapping = &mapping;
    plan.placement = &placement;
    plan.consumers.resize(network.nodes.size());
    plan.layer_of_node.resize(network.nodes.size());
    plan.output_node = mapping::look_through_flatten(network, network.nodes.size() - 1);
    plan.tiles.resize(placement.tiles);
    for (std::size_t i = 0; i < placement.tiles; ++i) plan.tiles[i].tile = TileIndex(i);

    std::size_t layer_number = 0;
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        const network::Node& node = network.nodes[id];
        LayerIndex charged(0);
        for (const NodeId input : node.inputs) {
            charged = std::max(charged, plan.layer_of_node[input]);
            if (node.kind != NodeKind::flatten) check_input(network, node, input);
        }
        if (node.kind == NodeKind::matrix) {
            charged = LayerIndex(layer_number++);
            const mapping::LayerMapping& layer = mapping.layers[charged];
            LayerPlan layer_plan;
            layer_plan.node = id;
            layer_plan.input_node = mapping::look_through_flatten(network, node.inputs.front());
            layer_plan.window = mapping::effective_window(network, id);
            layer_plan.copies = static_cast<int>(placement.layers[charged].copies.size());
            layer_plan.windows = mapping::windows_per_image(node);
            layer_plan.block_places = {0};
            for (const mapping::ColumnBlock& block : layer.column_blocks)
                layer_plan.block_places.push_back(layer_plan.block_places.back() +
                                                  static_cast<std::size_t>(block.outputs));
            plan_fragments(plan, layer, mapping::row_parts(node.weights, layer, widths), layer_plan);
            for (std::size_t t = 0; t < placement.layers[charged].tiles; ++t) {
                const TilePlan& tile = plan.tiles[placement.layers[charged].first_tile + t];
                plan.consumers[layer_plan.input_node].push_back(
                    {ConsumerKind::matrix, tile.tile, id, tile.channels.value(), 0, 0, 0});
            }
            plan.layers.push_back(std::move(layer_plan));
        } else if (node.kind != NodeKind::input && node.kind != NodeKind::flatten) {
            plan_digital(plan, id);
        }
        plan.layer_of_node[id] = charged;
    }
    plan.consumers[plan.output_node].push_back({ConsumerKind::host,
                                                TileIndex(),
                                                plan.output_node,
                                                {0, network.nodes[plan.output_node].shape.channels},
                                                0,
                                                0,
                                                0});
    plan_rooms(plan, chip);
    return plan;
}

}  // namespace sliver::model
