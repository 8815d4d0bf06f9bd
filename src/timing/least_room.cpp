#include "timing/least_room.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "mapping/placement.h"
#include "timing/map_reads.h"

namespace sliver::timing {
namespace {

using network::Node;
using network::NodeId;
using network::NodeKind;
using network::Shape;

constexpr std::size_t kNothing = std::numeric_limits<std::size_t>::max();

struct Operand {
    NodeId source = 0;
    std::size_t granule = 1;         ///< pixels that arrive together
    std::vector<std::size_t> ready;  ///< by window: pixels that must be there for it and all before it
    std::vector<std::size_t> kept;   ///< by window: first pixel that it or a later one reads; kNothing: none
    std::size_t room = 0;
};

struct Consumer {
    std::size_t stage = 0, operand = 0;
};

/// A node that works: the image's rows, a layer, a digital node.
struct Stage {
    NodeId node = 0;
    std::size_t windows = 0, next = 0;
    std::size_t pixels_a_window = 1;
    std::vector<Operand> operands;
    std::vector<Consumer> consumers;
    [[nodiscard]] std::size_t emitted() const { return next * pixels_a_window; }
};

Operand make_operand(const network::QuantisedNetwork& network, NodeId id, std::size_t input, bool pipelined) {
    const Node& node = network.nodes[id];
    const bool matrix = node.kind == NodeKind::matrix;
    const MapReads reads(network, id, input);
    Operand operand;
    operand.source = mapping::look_through_flatten(network, node.inputs[input]);
    const Shape& map = network.nodes[operand.source].shape;
    operand.granule = operand.source == 0 ? static_cast<std::size_t>(map.width) : 1;
    operand.ready.resize(reads.windows(), 0);
    operand.kept.resize(reads.windows(), kNothing);
    // A digital node begins an image when something of it is there.
    std::size_t ready = matrix ? (pipelined ? 0 : map.pixels()) : 1;
    for (std::size_t number = 0; number < reads.windows(); ++number) {
        if (!reads.empty(number)) {
            ready = std::max(ready, reads.last(number) + 1);
            operand.kept[number] = reads.first(number);
        }
        operand.ready[number] = ready;
    }
    for (std::size_t number = reads.windows(); number-- > 1;)
        operand.kept[number - 1] = std::min(operand.kept[number - 1], operand.kept[number]);
    return operand;
}

/// Stages in topological order, the image first. Reads the network only.
std::vector<Stage> make_stages(const network::QuantisedNetwork& network, bool pipelined) {
    std::vector<Stage> stages;
    std::vector<std::size_t> stage_of(network.nodes.size(), 0);
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        const Node& node = network.nodes[id];
        if (node.kind == NodeKind::flatten) continue;
        Stage stage;
        stage.node = id;
        stage_of[id] = stages.size();
        if (node.kind == NodeKind::input) {
            stage.windows = static_cast<std::size_t>(node.shape.height);
            stage.pixels_a_window = static_cast<std::size_t>(node.shape.width);
        } else {
            stage.windows = node.shape.pixels();
        }
        for (std::size_t input = 0; input < node.inputs.size(); ++input) {
            const NodeId source = mapping::look_through_flatten(network, node.inputs[input]);
            const bool known = std::any_of(stage.operands.begin(), stage.operands.end(),
                                           [&](const Operand& other) { return other.source == source; });
            if (known) continue;
            stages[stage_of[source]].consumers.push_back({stages.size(), stage.operands.size()});
            stage.operands.push_back(make_operand(network, id, input, pipelined));
        }
        stages.push_back(std::move(stage));
    }
    return stages;
}

bool is_ready(const Stage& stage, const std::vector<Stage>& stages,
              const std::vector<std::size_t>& stage_of_source) {
    if (stage.next == stage.windows) return false;
    for (const Operand& operand : stage.operands)
        if (stages[stage_of_source[operand.source]].emitted() < operand.ready[stage.next]) return false;
    return true;
}

}  // namespace

std::vector<std::vector<std::size_t>> least_room(const network::QuantisedNetwork& network, bool pipelined) {
    std::vector<Stage> stages = make_stages(network, pipelined);
    std::vector<std::size_t> stage_of(network.nodes.size(), 0);
    for (std::size_t i = 0; i < stages.size(); ++i) stage_of[stages[i].node] = i;
    for (std::size_t i = stages.size(); i-- > 0;) {
        Stage& stage = stages[i];
        if (!is_ready(stage, stages, stage_of)) continue;
        ++stage.next;
        for (const Consumer& consumer : stage.consumers) {
            const Stage& reader = stages[consumer.stage];
            Operand& operand = stages[consumer.stage].operands[consumer.operand];
            operand.room = std::max(operand.room, operand.granule);
            if (reader.next == reader.windows) continue;
            const std::size_t kept = operand.kept[reader.next];
            if (kept < stage.emitted()) operand.room = std::max(operand.room, stage.emitted() - kept);
        }
        i = stages.size();
    }
    std::vector<std::vector<std::size_t>> rooms(network.nodes.size());
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        const Node& node = network.nodes[id];
        rooms[id].assign(node.inputs.size(), 0);
        if (node.kind == NodeKind::flatten || node.kind == NodeKind::input) continue;
        for (std::size_t input = 0; input < node.inputs.size(); ++input)
            for (const Operand& operand : stages[stage_of[id]].operands)
                if (operand.source == mapping::look_through_flatten(network, node.inputs[input]))
                    rooms[id][input] = operand.room;
    }
    return rooms;
}

std::uint64_t least_bytes(const std::vector<RoomNeed>& needs) {
    std::uint64_t bytes = 0;
    for (const RoomNeed& need : needs) bytes += std::uint64_t{need.pixels} * need.channels * need.value_bytes;
    return bytes;
}

std::vector<std::size_t> share_room(std::int64_t bytes, const std::vector<RoomNeed>& needs,
                                    const std::string& tile) {
    const std::uint64_t needed = least_bytes(needs);
    const auto there = static_cast<std::uint64_t>(bytes);
    if (needed > there) {
        std::string parts;
        for (const RoomNeed& need : needs)
            parts += fmt::format("{}{} pixels of {} channels{}", parts.empty() ? "" : " + ", need.pixels,
                                 need.channels, need.value_bytes == 1 ? "" : " of 32 bits");
        refuse("tile.buffer: {} bytes; a tile of {} needs at least {} bytes: {}", bytes, tile, needed, parts);
    }
    std::vector<std::size_t> pixels;
    for (const RoomNeed& need : needs) {
        // At most 2^30 bytes (the key's bound) times 2^24 pixels (the memory map's).
        pixels.push_back(need.pixels * there / std::max<std::uint64_t>(1, needed));
    }
    return pixels;
}

}  // namespace sliver::timing
