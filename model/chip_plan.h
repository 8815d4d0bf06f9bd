// What the chip is built from: which tile holds what, who consumes whose values. Computed once, before
// elaboration, from the network, its mapping and its placement. Plain data; no SystemC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "config/chip_config.h"
#include "mapping/adc_widths.h"
#include "mapping/placement.h"

namespace sliver::model {

/// A range of channels [first, first + count).
struct ChannelRange {
    int first = 0, count = 0;
    [[nodiscard]] int end() const { return first + count; }
};

/// One crossbar inside a processing element.
struct ArrayPlan {
    CrossbarIndex crossbar;
    int array = 0;  ///< place in the processing element; arrays sharing an ADC are neighbours
    int parts = 1;  ///< reads one input digit takes: mapping/row_parts.h
};

struct PePlan {
    PeIndex pe;
    std::vector<ArrayPlan> arrays;
};

/// The part of one copy of a layer that lies on one tile: it takes windows on its own, as its inputs arrive.
struct FragmentPlan {
    LayerIndex layer;
    CopyIndex copy;
    ChannelRange channels;  ///< of the input map: what the rows of its crossbars read
    std::vector<PePlan> pes;
    std::vector<std::size_t> column_blocks;  ///< of the layer, those it has crossbars of
};

/// A map that a digital node works on, kept on its tile.
struct OperandPlan {
    network::NodeId source = 0;         ///< flatten looked through
    ChannelRange channels;              ///< of it
    int offset = 0;                     ///< concat: its channel c is channel offset + c of the node's map
    std::optional<std::size_t> room{};  ///< pixels; none: unlimited
};

/// A digital node (pool, sum, table, ...) done on a tile for a range of channels.
struct DigitalPlan {
    static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

    network::NodeId node = 0;
    ChannelRange channels;
    std::vector<OperandPlan> operands;          ///< distinct, in the order of the node's inputs
    std::vector<std::size_t> operand_of_input;  ///< kAbsent: no channel of it is worked on here
};

struct TilePlan {
    TileIndex tile;
    std::optional<LayerIndex> layer;       ///< of the crossbars, if any
    std::optional<ChannelRange> channels;  ///< of the layer's input map that this tile's fragments need
    std::optional<std::size_t> room;       ///< pixels of that map; none: unlimited
    std::vector<FragmentPlan> fragments;
    std::vector<DigitalPlan> digital;
};

enum class ConsumerKind { matrix, digital, host };

/// Somebody who needs (a range of) the channels of a map.
struct Consumer {
    ConsumerKind kind = ConsumerKind::matrix;
    TileIndex tile;            ///< not for the host
    network::NodeId node = 0;  ///< the node that consumes
    ChannelRange channels;     ///< of the map: what it keeps
    std::size_t stage = 0;     ///< digital: which of its tile's digital nodes
    std::size_t operand = 0;   ///< digital: which of that one's operands
    int offset = 0;            ///< digital: as OperandPlan has it
};

/// A matrix layer as the chip runs it.
struct LayerPlan {
    network::NodeId node = 0;
    network::NodeId input_node = 0;  ///< flatten looked through
    network::Window window;          ///< over the input node's map
    int copies = 1;
    std::size_t windows = 0;  ///< an image
    /// Tiles that contribute partial sums to column block `b` of copy `c`: contributors[c][b].
    std::vector<std::vector<int>> contributors;
    /// Values of a window that stand before each column block, one block behind the other; at the end: all.
    std::vector<std::size_t> block_places;
    /// Copies take the windows of an image in turn.
    [[nodiscard]] std::size_t copy_of(std::size_t window_number) const {
        return window_number % static_cast<std::size_t>(copies);
    }
    /// Number of a window among those of its copy, over all images.
    [[nodiscard]] std::uint64_t turn_of(std::uint64_t image, std::size_t window_number) const {
        const auto all = static_cast<std::size_t>(copies), copy = copy_of(window_number);
        return image * ((windows - copy + all - 1) / all) + window_number / all;
    }
};

struct ChipPlan {
    const network::QuantisedNetwork* network = nullptr;
    const mapping::NetworkMapping* mapping = nullptr;
    const mapping::Placement* placement = nullptr;
    std::vector<TilePlan> tiles;  ///< by tile, those in use
    IndexedVector<LayerIndex, LayerPlan> layers;
    std::vector<std::vector<Consumer>> consumers;  ///< by node that produces; flatten looked through
    std::vector<LayerIndex> layer_of_node;         ///< whom the traffic of a node is charged to
    network::NodeId output_node = 0;               ///< flatten looked through
    std::uint64_t least_buffer_bytes = 0;  ///< of eDRAM, on the tile that needs most (timing/least_room.h)
};

/// InputError for a graph the tiles cannot do (a digital node but a gather behind a flatten of a map larger
/// than 1x1; a layer or a concat that reads 32-bit sums), for an eDRAM too small for what a tile must hold
/// (timing/least_room.h), and as mapping::row_parts.
ChipPlan plan_chip(const network::QuantisedNetwork& network, const mapping::NetworkMapping& mapping,
                   const mapping::Placement& placement, const mapping::AdcWidths& widths,
                   const config::ChipConfig& chip);

}  // namespace sliver::model
