#include "mapping/placement.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace sliver::mapping {
namespace {

constexpr int kRatedBits = 8;

/// Hands out arrays in order and opens tiles and processing elements as they fill.
class ArrayCursor {
  public:
    ArrayCursor(int arrays_per_pe, int pes_per_tile)
        : arrays_per_pe_(arrays_per_pe), pes_per_tile_(pes_per_tile) {}

    void next_tile() {
        if (pe_ != 0 || array_ != 0) ++tile_;
        pe_ = array_ = 0;
    }
    void next_pe() {
        if (array_ == 0) return;
        array_ = 0;
        if (++pe_ == pes_per_tile_) next_tile();
    }
    CrossbarPlace take() {
        const CrossbarPlace place{TileIndex(tile_), PeIndex(static_cast<std::size_t>(pe_)), array_};
        if (array_ == 0) ++pes_used_;
        if (++array_ == arrays_per_pe_) next_pe();
        return place;
    }
    [[nodiscard]] std::size_t tile() const { return tile_; }
    [[nodiscard]] std::size_t pes_used() const { return pes_used_; }

  private:
    int arrays_per_pe_, pes_per_tile_;
    std::size_t tile_ = 0, pes_used_ = 0;
    int pe_ = 0, array_ = 0;
};

/// Home of a digital node: that of the latest of its inputs that has one; a tile of its own where only the
/// image feeds it.
std::vector<ChannelHome> digital_home(const network::QuantisedNetwork& network, const Placement& placement,
                                      const network::Node& node, ArrayCursor& cursor) {
    const std::vector<ChannelHome>* home = nullptr;
    for (const network::NodeId input : node.inputs) {
        const auto& candidate = placement.homes[look_through_flatten(network, input)];
        if (!candidate.empty()) home = &candidate;
    }
    if (home != nullptr) return *home;
    cursor.next_tile();
    const ChannelHome own{0, node.shape.channels, TileIndex(cursor.tile())};
    cursor.take();  // the tile is in use although its arrays are not
    return {own};
}

}  // namespace

network::NodeId look_through_flatten(const network::QuantisedNetwork& network, network::NodeId id) {
    while (network.nodes[id].kind == network::NodeKind::flatten) id = network.nodes[id].inputs.front();
    return id;
}

network::Window effective_window(const network::QuantisedNetwork& network, network::NodeId id) {
    const network::Node& node = network.nodes[id];
    const network::NodeId direct = node.inputs.front();
    network::Window window = node.window;
    if (network.nodes[direct].kind != network::NodeKind::flatten) return window;
    const network::Shape& shape = network.nodes[look_through_flatten(network, direct)].shape;
    window.kernel_height = shape.height;
    window.kernel_width = shape.width;
    return window;
}

std::size_t windows_per_image(const network::Node& node) {
    return static_cast<std::size_t>(node.shape.height) * static_cast<std::size_t>(node.shape.width);
}

std::vector<int> replication(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                             const config::ChipConfig& chip, double read_cycles) {
    std::vector<int> copies(mapping.layers.size(), 1);
    switch (chip.replication.mode) {
        case config::ReplicationMode::none:
            break;
        case config::ReplicationMode::list:
            if (chip.replication.copies.size() != copies.size())
                refuse("replication.copies: {} entries, the network has {} matrix layers",
                       chip.replication.copies.size(), copies.size());
            copies = chip.replication.copies;
            break;
        case config::ReplicationMode::balance:
            for (std::size_t i = 0; i < copies.size(); ++i) {
                const LayerMapping& layer = mapping.layers[LayerIndex(i)];
                const double cycles = static_cast<double>(windows_per_image(network.nodes[layer.node])) *
                                      static_cast<double>(layer.planes.size()) * read_cycles;
                const double wanted = std::ceil(cycles / chip.replication.target_interval_cycles);
                copies[i] = static_cast<int>(std::clamp(
                    wanted, 1.0, static_cast<double>(windows_per_image(network.nodes[layer.node]))));
            }
            break;
    }
    for (std::size_t i = 0; i < copies.size(); ++i)
        if (copies[i] < 1)
            refuse("replication.copies: {} copies of layer {}; at least 1", copies[i],
                   mapping.layers[LayerIndex(i)].name);
    return copies;
}

Placement place_network(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                        const std::vector<int>& copies, const config::ChipConfig& chip) {
    Placement placement;
    placement.homes.resize(network.nodes.size());
    ArrayCursor cursor(chip.tile.arrays_per_pe, chip.tile.processing_elements);
    std::size_t layer_number = 0;
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        const network::Node& node = network.nodes[id];
        if (node.kind == network::NodeKind::input || node.kind == network::NodeKind::flatten) continue;
        if (node.kind != network::NodeKind::matrix) {
            placement.homes[id] = digital_home(network, placement, node, cursor);
            continue;
        }
        const LayerIndex index(layer_number++);
        const LayerMapping& layer = mapping.layers[index];
        LayerPlacement placed;
        cursor.next_tile();
        placed.first_tile = cursor.tile();
        for (int copy = 0; copy < copies[index.value()]; ++copy) {
            cursor.next_pe();
            CopyPlacement arrays;
            for (std::size_t i = 0; i < layer.crossbars.size(); ++i) arrays.push_back(cursor.take());
            placement.crossbars += layer.crossbars.size();
            placed.copies.push_back(std::move(arrays));
        }
        const CopyPlacement& first = placed.copies.front();
        for (const ColumnBlock& block : layer.column_blocks)
            placement.homes[id].push_back(
                {block.first_output, block.outputs, first[CrossbarIndex(block.first_crossbar)].tile});
        const CopyPlacement& last = placed.copies.back();
        placed.tiles = last[CrossbarIndex(last.size() - 1)].tile.value() - placed.first_tile + 1;
        placement.layers.push_back(std::move(placed));
    }
    cursor.next_tile();
    placement.tiles = cursor.tile();
    placement.processing_elements = cursor.pes_used();
    const std::size_t available = static_cast<std::size_t>(chip.tiles());
    if (placement.tiles > available)
        refuse(
            "network {} does not fit chip {}: it needs {} tiles ({} crossbars in {} processing elements) and "
            "the chip "
            "has {}",
            network.name, chip.name, placement.tiles, placement.crossbars, placement.processing_elements,
            available);
    return placement;
}

double conversion_time_s(const config::AdcConfig& adc, int bits) {
    const double at_rated = 1.0 / adc.rate_hz;
    return adc.time == config::ConversionTime::fixed ? at_rated : at_rated * bits / kRatedBits;
}

double read_time_s(const config::ChipConfig& chip, int bits) {
    const double burst = conversion_time_s(chip.adc, bits) * chip.array.columns * chip.adc.arrays_per_adc;
    return std::max(chip.array.cycle_s, burst);
}

}  // namespace sliver::mapping
