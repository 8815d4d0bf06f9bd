// Where the crossbars of a network lie on the chip: replication of layers, tiles, processing elements, shared
// ADCs.
//
// Rules: a tile belongs to one layer (all its copies); a copy starts on a fresh processing element; within a
// copy crossbars fill processing elements and tiles in the mapper's order. Unused arrays of a tile stay dark.
// The outputs of a column block come together at its home: the tile of the block's first crossbar in copy 0;
// those of a layer whose columns are sorted (packing.h) at one home, that of its first crossbar, which puts
// them back in order.
// Digital nodes are done at the home of what they work on, one that works on the image itself on a tile of
// its own (digital_homes()). Plain C++, no time. Called by the program (does it fit?) and by model/ (what to
// elaborate).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mapping/adc_widths.h"
#include "mapping/layer_mapping.h"

namespace sliver::mapping {

struct CrossbarPlace {
    TileIndex tile;
    PeIndex pe;     ///< within the tile
    int array = 0;  ///< within the processing element
};

/// One replica of a layer: a place for every crossbar of its mapping.
using CopyPlacement = IndexedVector<CrossbarIndex, CrossbarPlace>;

struct LayerPlacement {
    std::vector<CopyPlacement> copies;
    std::size_t first_tile = 0, tiles = 0;
    std::vector<TileIndex> block_homes;  ///< by column block: where its partial sums come together
};

/// Channels [first, first + channels) of a node's map come into being on `tile`.
struct ChannelHome {
    int first_channel = 0, channels = 0;
    TileIndex tile;
};

struct Placement {
    IndexedVector<LayerIndex, LayerPlacement> layers;
    std::vector<std::vector<ChannelHome>> homes;  ///< by node; empty for the input and for flatten nodes
    std::size_t tiles = 0;                        ///< in use
    std::size_t processing_elements = 0;          ///< in use
    std::size_t crossbars = 0;                    ///< in use, all copies
};

/// Node that `id` stands for once flatten nodes are looked through (flatten moves nothing: channel-major
/// order stays).
network::NodeId look_through_flatten(const network::QuantisedNetwork& network, network::NodeId id);

/// Channels [first, first + count).
struct ChannelSpan {
    int first = 0, count = 0;
};

/// Whether every value that gather `id` takes stays in its channel.
bool gather_keeps_channels(const network::QuantisedNetwork& network, network::NodeId id);

/// Channels of input `input` that the channels `own` of digital node `id` are made of: the same; of a concat
/// those that this input feeds (there may be none); of a gather that moves values to other channels, from the
/// first to the last that it reads.
ChannelSpan operand_channels(const network::QuantisedNetwork& network, network::NodeId id, std::size_t input,
                             ChannelSpan own);
/// How far behind their numbers in input `input` the channels of node `id` are: those of the inputs in front
/// of it in a concat, else 0.
int channel_offset(const network::QuantisedNetwork& network, network::NodeId id, std::size_t input);

/// Where digital node `id` is done. `homes_of`: homes of a node in front of it, none for the image;
/// `own_tile`: opens a tile.
///   concat      each input's channels where they came into being: nothing moves
///   gather      one that keeps channels: where its input came into being; else all of it at the first of
///               these homes
///   product     at the home of its first input, which is the larger one
///   others      at the home of the latest of their inputs that has one
/// What only the image feeds gets a tile of its own.
std::vector<ChannelHome> digital_homes(
    const network::QuantisedNetwork& network, network::NodeId id,
    const std::function<std::vector<ChannelHome>(network::NodeId)>& homes_of,
    const std::function<TileIndex()>& own_tile);

/// Sliding window of node `id` over the map that reaches it when flatten is looked through: a linear layer
/// behind a flatten is a window as large as the map; what works value by value has one of 1x1.
network::Window effective_window(const network::QuantisedNetwork& network, network::NodeId id);

/// Windows one image takes in matrix node `id`: output positions before pooling.
std::size_t windows_per_image(const network::Node& node);

/// Copies of each layer: all ones (none), the configured list, or the fewest that bring a layer's windows *
/// planes * read_cycles below the target interval. InputError when the list has not one positive entry a
/// layer.
std::vector<int> replication(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                             const config::ChipConfig& chip, double read_cycles);

/// The same with the read time of the converters in `widths`; an array that is read in parts (row_parts.h)
/// takes that many reads a plane.
std::vector<int> replication(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                             const config::ChipConfig& chip, const AdcWidths& widths);

/// InputError naming the tiles needed and there when the network does not fit.
Placement place_network(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                        const std::vector<int>& copies, const config::ChipConfig& chip);

struct MatrixShape {
    int rows = 0, outputs = 0;
    int groups = 1;
    int weight_bits = 8;  ///< those that the file fixes; the chip's bound them
};
/// InputError as place_network()'s, from the shapes of the matrix layers alone, before anything is quantised.
/// Refuses nothing that place_network() would take; where arrays are packed or layers have copies, nothing at
/// all.
void refuse_too_large(const std::string& network, const std::vector<MatrixShape>& layers,
                      const config::ChipConfig& chip);

/// Time of one conversion at `bits` in seconds: constant, or proportional to the width with the configured
/// rate at 8 bits (hardware-parameters.md 2.8: 97.656 ps a bit at 1.28 GS/s).
double conversion_time_s(const config::AdcConfig& adc, int bits);

/// Which slice of an array, counted from its lowest, has the columns that hold nothing swept with its own:
/// with one converter the widest (the first of equals), in a bank (adc.bank: per-slice) the lowest. `bits`:
/// of the array's slices.
std::size_t sweeping_slice(config::AdcBank bank, const std::vector<int>& bits);

/// Period of one crossbar read where `arrays_per_adc` arrays share a converter and every column has `bits`:
/// max(array cycle, arrays * columns * conversion time).
double read_time_s(const config::ChipConfig& chip, int bits);

}  // namespace sliver::mapping
