#include "mapping/placement.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "mapping/row_parts.h"

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

/// Period of a read where every slice of an array has a converter of its own: that of the slowest.
double bank_read_time_s(const config::ChipConfig& chip, const LayerMapping& layer, const AdcWidths& widths) {
    double longest = 0;
    for (const CrossbarSlot& slot : layer.crossbars) {
        std::vector<int> bits;
        for (const ColumnRun& run : slot.runs)
            bits.push_back(
                widths.at(layer.layer, SliceIndex(static_cast<std::size_t>(run.slice)), slot.sign).bits);
        const std::size_t sweeping = sweeping_slice(chip.adc.bank, bits);
        for (std::size_t i = 0; i < bits.size(); ++i) {
            const int unused = i == sweeping ? chip.array.columns - slot.used_columns() : 0;
            longest =
                std::max(longest, (slot.runs[i].columns + unused) * conversion_time_s(chip.adc, bits[i]));
        }
    }
    return std::max(chip.array.cycle_s, longest * chip.adc.arrays_per_adc);
}

int widest_of(const AdcWidths& widths) {
    int widest = 1;
    for (const auto* by_sign : {&widths.bits, &widths.negative_bits})
        for (const std::vector<int>& layer : *by_sign)
            for (const int bits : layer) widest = std::max(widest, bits);
    return widest;
}

/// `cycles_a_plane`: of each layer, in array cycles.
std::vector<int> balanced(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                          const config::ChipConfig& chip, const std::vector<double>& cycles_a_plane) {
    std::vector<int> copies;
    for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
        const LayerMapping& layer = mapping.layers[LayerIndex(i)];
        const auto windows = static_cast<double>(windows_per_image(network.nodes[layer.node]));
        const double cycles = windows * static_cast<double>(layer.planes.size()) * cycles_a_plane[i];
        const double wanted = std::ceil(cycles / chip.replication.target_interval_cycles);
        copies.push_back(static_cast<int>(std::clamp(wanted, 1.0, windows)));
    }
    return copies;
}

std::vector<int> copies_of(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                           const config::ChipConfig& chip, const std::vector<double>& cycles_a_plane) {
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
            copies = balanced(network, mapping, chip, cycles_a_plane);
            break;
    }
    for (std::size_t i = 0; i < copies.size(); ++i)
        if (copies[i] < 1)
            refuse("replication.copies: {} copies of layer {}; at least 1", copies[i],
                   mapping.layers[LayerIndex(i)].name);
    return copies;
}

[[noreturn]] void refuse_tiles(const std::string& network, const config::ChipConfig& chip,
                               const Placement& needed) {
    refuse(
        "network {} does not fit chip {}: it needs {} tiles ({} crossbars in {} processing elements) and the "
        "chip has {}",
        network, chip.name, needed.tiles, needed.crossbars, needed.processing_elements, chip.tiles());
}

}  // namespace

network::NodeId look_through_flatten(const network::QuantisedNetwork& network, network::NodeId id) {
    while (network.nodes[id].kind == network::NodeKind::flatten) id = network.nodes[id].inputs.front();
    return id;
}

bool gather_keeps_channels(const network::QuantisedNetwork& network, network::NodeId id) {
    const network::Node& node = network.nodes[id];
    const network::Shape& map = network.nodes[look_through_flatten(network, node.inputs.front())].shape;
    if (node.shape.channels != map.channels) return false;
    for (std::size_t value = 0; value < node.table.size(); ++value)
        if (node.table[value] >= 0 &&
            static_cast<std::size_t>(node.table[value]) / map.pixels() != value / node.shape.pixels())
            return false;
    return true;
}

int channel_offset(const network::QuantisedNetwork& network, network::NodeId id, std::size_t input) {
    const network::Node& node = network.nodes[id];
    int offset = 0;
    for (std::size_t before = 0; node.kind == network::NodeKind::concat && before < input; ++before)
        offset += network.nodes[node.inputs[before]].shape.channels;
    return offset;
}

ChannelSpan operand_channels(const network::QuantisedNetwork& network, network::NodeId id, std::size_t input,
                             ChannelSpan own) {
    const network::Node& node = network.nodes[id];
    if (node.kind == network::NodeKind::concat) {
        const int offset = channel_offset(network, id, input);
        const int first = std::max(own.first - offset, 0);
        const int end =
            std::min(own.first + own.count - offset, network.nodes[node.inputs[input]].shape.channels);
        return {first, std::max(0, end - first)};
    }
    if (node.kind != network::NodeKind::gather || gather_keeps_channels(network, id)) return own;
    const network::Shape& map = network.nodes[look_through_flatten(network, node.inputs.front())].shape;
    int first = map.channels, last = 0;
    for (const std::int32_t place : node.table) {
        if (place < 0) continue;
        const int channel = static_cast<int>(static_cast<std::size_t>(place) / map.pixels());
        first = std::min(first, channel);
        last = std::max(last, channel);
    }
    if (first > last) return {0, 1};  // reads nothing; a channel tells it when an image begins
    return {first, last - first + 1};
}

std::vector<ChannelHome> digital_homes(
    const network::QuantisedNetwork& network, network::NodeId id,
    const std::function<std::vector<ChannelHome>(network::NodeId)>& homes_of,
    const std::function<TileIndex()>& own_tile) {
    const network::Node& node = network.nodes[id];
    std::vector<ChannelHome> homes;
    const auto homes_of_input = [&](std::size_t input) {
        return homes_of(look_through_flatten(network, node.inputs[input]));
    };
    if (node.kind == network::NodeKind::concat) {
        for (std::size_t input = 0; input < node.inputs.size(); ++input) {
            const int offset = channel_offset(network, id, input);
            const std::vector<ChannelHome> fed = homes_of_input(input);
            for (const ChannelHome& home : fed)
                homes.push_back({offset + home.first_channel, home.channels, home.tile});
            if (fed.empty())
                homes.push_back({offset, network.nodes[node.inputs[input]].shape.channels, own_tile()});
        }
        return homes;
    }
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
        if (node.kind == network::NodeKind::multiply && !homes.empty()) break;
        std::vector<ChannelHome> candidate = homes_of_input(input);
        if (!candidate.empty()) homes = std::move(candidate);
    }
    if (homes.empty()) return {{0, node.shape.channels, own_tile()}};
    if (node.kind == network::NodeKind::gather && !gather_keeps_channels(network, id))
        return {{0, node.shape.channels, homes.front().tile}};
    return homes;
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
    return copies_of(network, mapping, chip, std::vector<double>(mapping.layers.size(), read_cycles));
}

std::vector<int> replication(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                             const config::ChipConfig& chip, const AdcWidths& widths) {
    std::vector<double> cycles;
    if (chip.replication.mode != config::ReplicationMode::balance)
        return copies_of(network, mapping, chip, cycles);
    for (const LayerMapping& layer : mapping.layers) {
        const IndexedVector<CrossbarIndex, int> parts =
            row_parts(network.nodes[layer.node].weights, layer, widths);
        const double read_s = chip.adc.bank == config::AdcBank::single
                                  ? read_time_s(chip, widest_of(widths))
                                  : bank_read_time_s(chip, layer, widths);
        cycles.push_back(*std::max_element(parts.begin(), parts.end()) * (read_s / chip.array.cycle_s));
    }
    return copies_of(network, mapping, chip, cycles);
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
            placement.homes[id] = digital_homes(
                network, id, [&](network::NodeId input) { return placement.homes[input]; },
                [&] {
                    cursor.next_tile();
                    const TileIndex own(cursor.tile());
                    cursor.take();  // the tile is in use although its arrays are not
                    return own;
                });
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
        for (const ColumnBlock& block : layer.column_blocks) {
            const std::size_t meeting = layer.outputs_in_runs ? block.first_crossbar : 0;
            placed.block_homes.push_back(first[CrossbarIndex(meeting)].tile);
            if (layer.outputs_in_runs)
                placement.homes[id].push_back({block.first_output, block.outputs, placed.block_homes.back()});
        }
        if (!layer.outputs_in_runs)
            placement.homes[id].push_back({0, layer.outputs, placed.block_homes.front()});
        const CopyPlacement& last = placed.copies.back();
        placed.tiles = last[CrossbarIndex(last.size() - 1)].tile.value() - placed.first_tile + 1;
        placement.layers.push_back(std::move(placed));
    }
    cursor.next_tile();
    placement.tiles = cursor.tile();
    placement.processing_elements = cursor.pes_used();
    const auto available = static_cast<std::size_t>(chip.tiles());
    if (placement.tiles > available) refuse_tiles(network.name, chip, placement);
    return placement;
}

void refuse_too_large(const std::string& network, const std::vector<MatrixShape>& layers,
                      const config::ChipConfig& chip) {
    if (chip.weights.packing != config::Packing::none ||
        chip.replication.mode != config::ReplicationMode::none)
        return;
    const auto a_unit = static_cast<std::size_t>(chip.tile.arrays_per_pe),
               a_tile = static_cast<std::size_t>(chip.tile.processing_elements);
    Placement needed;
    for (const MatrixShape& layer : layers) {
        const CellFormat format = cell_format(chip, std::min(layer.weight_bits, chip.weights.bits));
        const std::size_t crossbars =
            crossbars_of_shape(layer.rows, layer.outputs, layer.groups, format, chip);
        const std::size_t units = (crossbars + a_unit - 1) / a_unit;
        needed.crossbars += crossbars;
        needed.processing_elements += units;
        needed.tiles += (units + a_tile - 1) / a_tile;  // a layer begins on a tile of its own
    }
    if (needed.tiles > static_cast<std::size_t>(chip.tiles())) refuse_tiles(network, chip, needed);
}

double conversion_time_s(const config::AdcConfig& adc, int bits) {
    const double at_rated = 1.0 / adc.rate_hz;
    return adc.time == config::ConversionTime::fixed ? at_rated : at_rated * bits / kRatedBits;
}

std::size_t sweeping_slice(config::AdcBank bank, const std::vector<int>& bits) {
    if (bank == config::AdcBank::per_slice) return 0;
    return static_cast<std::size_t>(std::max_element(bits.begin(), bits.end()) - bits.begin());
}

double read_time_s(const config::ChipConfig& chip, int bits) {
    const double burst = conversion_time_s(chip.adc, bits) * chip.array.columns * chip.adc.arrays_per_adc;
    return std::max(chip.array.cycle_s, burst);
}

}  // namespace sliver::mapping
