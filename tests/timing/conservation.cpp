// What goes into a chip comes out of it, on random chips under load: time of parts, bytes of buffers and of
// the host, reads and conversions, flits and deliveries, places and room. Half of the chips have the least
// buffers that are accepted.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "load_trials.h"
#include "results/run_result.h"
#include "support/sanitized.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_conservation)

namespace {

using load_trials::Trial;
using namespace sliver;

constexpr std::size_t kImages = 6;
#ifdef SLIVER_SANITIZED
constexpr std::uint64_t kChips = 6;
#else
constexpr std::uint64_t kChips = 30;
#endif
constexpr std::uint64_t kFirstSeed = 5000;  ///< other chips than those of under_load.cpp

struct Placed {
    mapping::NetworkMapping mapping;
    mapping::Placement placement;
};

Placed placed(const Trial& trial) {
    Placed result;
    result.mapping = mapping::map_network(trial.network, trial.chip);
    result.placement = mapping::place_network(trial.network, result.mapping,
                                              load_trials::copies_of(trial, result.mapping), trial.chip);
    return result;
}

/// Parts of a layer: what each copy has on each tile.
std::uint64_t parts_of(const mapping::LayerPlacement& layer) {
    std::uint64_t parts = 0;
    for (const mapping::CopyPlacement& copy : layer.copies) {
        std::set<std::size_t> tiles;
        for (const mapping::CrossbarPlace& place : copy) tiles.insert(place.tile.value());
        parts += tiles.size();
    }
    return parts;
}

/// Channels of a map: the first one, and the one behind the last.
using Range = std::pair<int, int>;

/// What each tile of a layer keeps of a pixel: the channels from the first to the last that its rows read.
std::map<std::size_t, Range> channels_kept(const Trial& trial, const mapping::LayerMapping& layer,
                                           const mapping::LayerPlacement& placement) {
    const network::Window window = mapping::effective_window(trial.network, layer.node);
    const int kernel = window.kernel_height * window.kernel_width;
    std::map<std::size_t, Range> kept;
    for (const mapping::CopyPlacement& copy : placement.copies)
        for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
            const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
            for (int row = 0; row < slot.rows; ++row) {
                const int channel = slot.matrix_row(row) / kernel;
                auto& [first, end] =
                    kept.try_emplace(copy[CrossbarIndex(i)].tile.value(), channel, channel + 1).first->second;
                first = std::min(first, channel);
                end = std::max(end, channel + 1);
            }
        }
    return kept;
}

/// Bytes of an image that are written to the buffers of a layer's tiles.
std::uint64_t bytes_kept(const Trial& trial, const mapping::LayerMapping& layer,
                         const mapping::LayerPlacement& placement) {
    const network::NodeId input =
        mapping::look_through_flatten(trial.network, trial.network.nodes[layer.node].inputs.front());
    std::uint64_t channels = 0;
    for (const auto& [tile, range] : channels_kept(trial, layer, placement))
        channels += static_cast<std::uint64_t>(range.second - range.first);
    return channels * trial.network.nodes[input].shape.pixels();
}

/// What a layer's windows move over the buses and what the adders add, an image: from the places alone.
struct Moved {
    std::uint64_t bytes_in = 0, bytes_out = 0, additions = 0;
};

Moved moved(const Trial& trial, const mapping::LayerMapping& layer,
            const mapping::LayerPlacement& placement) {
    const network::Node& node = trial.network.nodes[layer.node];
    const network::Window window = mapping::effective_window(trial.network, layer.node);
    const int kernel = window.kernel_height * window.kernel_width;
    const std::size_t copies = placement.copies.size(), windows = mapping::windows_per_image(node);
    Moved sum;
    for (std::size_t number = 0; number < windows; ++number) {
        const mapping::CopyPlacement& copy = placement.copies[number % copies];
        std::map<std::size_t, std::pair<int, int>> channels;  // by tile: first and last
        std::map<std::size_t, std::set<std::pair<std::size_t, std::size_t>>> units;  // by column block
        for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
            const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
            const mapping::CrossbarPlace& at = copy[CrossbarIndex(i)];
            units[slot.column_block].insert({at.tile.value(), at.pe.value()});
            for (int row = 0; row < slot.rows; ++row) {
                const int channel = slot.matrix_row(row) / kernel;
                auto& [first, last] = channels.try_emplace(at.tile.value(), channel, channel).first->second;
                first = std::min(first, channel);
                last = std::max(last, channel);
            }
        }
        for (const auto& [tile, range] : channels)
            sum.bytes_in += static_cast<std::uint64_t>((range.second - range.first + 1) * kernel);
        for (const auto& [block, of_block] : units) {
            const auto outputs = static_cast<std::uint64_t>(layer.column_blocks[block].outputs);
            sum.bytes_out += of_block.size() * outputs * 4;
            // The first is kept, the others are added, and the bias.
            sum.additions += of_block.size() * outputs;
        }
    }
    return sum;
}

// ---- flits of an image, from docs/time.md (Mesh)

constexpr std::size_t kHost = ~std::size_t{0};

/// Walks every packet of an image from router to router.
class Walks {
  public:
    explicit Walks(const Trial& trial) : mesh_(trial.chip.mesh) {
        while ((side_ + 1) * (side_ + 1) <= mesh_.concentration) ++side_;
    }
    /// `packets` of `bytes` bytes to each of `to`: together where packets fork.
    void send(std::size_t from, const std::vector<std::size_t>& to, std::uint64_t bytes,
              std::uint64_t packets) {
        const auto bits = static_cast<std::uint64_t>(mesh_.link_bits);
        const std::uint64_t flits = packets * (1 + (8 * bytes + bits - 1) / bits);
        std::set<std::pair<int, int>> tree;
        for (const std::size_t port : to) {
            auto [x, y] = router(from);
            const auto [target_x, target_y] = router(port);
            const auto pass = [&, this](int at_x, int at_y) {
                if (mesh_.multicast == config::Multicast::unicast || tree.insert({at_x, at_y}).second)
                    flit_hops += flits;
            };
            pass(x, y);
            for (; x != target_x; pass(x, y)) x += x < target_x ? 1 : -1;
            for (; y != target_y; pass(x, y)) y += y < target_y ? 1 : -1;
            delivered += packets;
        }
    }
    std::uint64_t flit_hops = 0, delivered = 0;

  private:
    [[nodiscard]] std::pair<int, int> router(std::size_t port) const {
        if (port == kHost || mesh_.kind == config::MeshKind::crossbar_switch) return {0, 0};
        const int tile = static_cast<int>(port);
        return {tile % mesh_.columns / side_, tile / mesh_.columns / side_};
    }
    const config::MeshConfig& mesh_;
    int side_ = 1;
};

/// Somebody who needs channels of a map, on a tile.
struct Needed {
    std::size_t tile = 0;
    Range channels;
    bool digital = false;
};

Walks packets_of(const Trial& trial, const Placed& place) {
    const network::QuantisedNetwork& network = trial.network;
    std::vector<std::vector<Needed>> needed(network.nodes.size());
    Walks walks(trial);
    std::size_t layer = 0;
    for (network::NodeId id = 1; id < network.nodes.size(); ++id) {
        const network::Node& node = network.nodes[id];
        std::set<network::NodeId> sources;
        for (const network::NodeId input : node.inputs)
            sources.insert(mapping::look_through_flatten(network, input));
        if (node.kind == network::NodeKind::matrix) {
            const mapping::LayerMapping& mapped = place.mapping.layers[LayerIndex(layer)];
            const mapping::LayerPlacement& placement = place.placement.layers[LayerIndex(layer++)];
            for (const auto& [tile, range] : channels_kept(trial, mapped, placement))
                needed[*sources.begin()].push_back({tile, range, false});
            // Partial sums: of each window those of its copy, from every other tile that has a part of the
            // block.
            const std::size_t windows = mapping::windows_per_image(node), copies = placement.copies.size();
            for (std::size_t copy = 0; copy < copies; ++copy)
                for (std::size_t block = 0; block < mapped.column_blocks.size(); ++block) {
                    const std::size_t home = placement.block_homes[block].value();
                    std::set<std::size_t> tiles;
                    for (std::size_t i = 0; i < mapped.crossbars.size(); ++i)
                        if (mapped.crossbars[CrossbarIndex(i)].column_block == block)
                            tiles.insert(placement.copies[copy][CrossbarIndex(i)].tile.value());
                    tiles.erase(home);
                    for (const std::size_t tile : tiles)
                        walks.send(tile, {home},
                                   4 * static_cast<std::uint64_t>(mapped.column_blocks[block].outputs),
                                   (windows + copies - 1 - copy) / copies);
                }
        } else if (node.kind != network::NodeKind::flatten) {
            for (const network::NodeId source : sources)
                for (const mapping::ChannelHome& home : place.placement.homes[id])
                    needed[source].push_back(
                        {home.tile.value(), {home.first_channel, home.first_channel + home.channels}, true});
        }
    }
    const network::NodeId output = mapping::look_through_flatten(network, network.nodes.size() - 1);
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        const network::Shape& map = network.nodes[id].shape;
        std::vector<mapping::ChannelHome> homes = place.placement.homes[id];
        if (id == 0) homes = {{0, map.channels, TileIndex()}};
        for (const mapping::ChannelHome& home : homes) {
            const std::size_t from = id == 0 ? kHost : home.tile.value();
            std::map<Range, std::vector<std::size_t>> receivers;
            for (const Needed& each : needed[id]) {
                const Range common{std::max(home.first_channel, each.channels.first),
                                   std::min(home.first_channel + home.channels, each.channels.second)};
                if (common.first < common.second && !(each.digital && each.tile == from))
                    receivers[common].push_back(each.tile);
            }
            for (const auto& [range, to] : receivers) {
                const auto channels = static_cast<std::uint64_t>(range.second - range.first);
                if (id == 0)
                    walks.send(from, to, channels * static_cast<std::uint64_t>(map.width),
                               static_cast<std::uint64_t>(map.height));
                else
                    walks.send(from, to, channels, map.pixels());
            }
            if (id == output)
                walks.send(from, {kHost}, 4 * static_cast<std::uint64_t>(home.channels), map.pixels());
        }
    }
    return walks;
}

void check(const Trial& trial, const Placed& place, const results::ChipRecord& record) {
    const std::uint64_t unit_column = trial.chip.weights.encoding == config::Encoding::offset ? 1 : 0;
    std::uint64_t additions = 0;
    for (const network::Node& node : trial.network.nodes)
        if (node.kind == network::NodeKind::add) additions += kImages * node.shape.size();
    const std::uint64_t cycle = 100'000'000;  // the first one of every part is the fetch
    for (std::size_t i = 0; i < record.layers.size(); ++i) {
        const results::LayerRecord& layer = record.layers[i];
        const mapping::LayerMapping& mapped = place.mapping.layers[LayerIndex(i)];
        const mapping::LayerPlacement& placement = place.placement.layers[LayerIndex(i)];
        BOOST_TEST_CONTEXT(layer.name) {
            // Time: a part's stage is busy or waits, or has nothing left to do.
            const std::uint64_t parts = parts_of(placement);
            BOOST_TEST(layer.busy_fs + layer.waited_input_fs + layer.waited_bus_fs + layer.waited_output_fs +
                           parts * cycle <=
                       parts * record.elapsed_fs);
            BOOST_TEST(layer.busy_fs >= layer.interval_fs * kImages);
            // Bytes.
            BOOST_TEST(layer.actions.buffer_bytes_written == kImages * bytes_kept(trial, mapped, placement));
            // Reads, made or left out: every array once a window and plane, and a part of its rows; of the
            // copy whose turn it is.
            const network::Node& node = trial.network.nodes[mapped.node];
            const auto row_parts = mapping::row_parts(node.weights, mapped, trial.widths);
            std::uint64_t all_reads = 0, all_columns = 0, all_rows = 0, all_cells = 0;
            for (std::size_t array = 0; array < mapped.crossbars.size(); ++array) {
                const mapping::CrossbarSlot& slot = mapped.crossbars[CrossbarIndex(array)];
                const std::uint64_t planes =
                    kImages * mapping::windows_per_image(node) * mapped.planes.size();
                const std::uint64_t of_array =
                    planes * static_cast<std::uint64_t>(row_parts[CrossbarIndex(array)]);
                all_reads += of_array;
                const auto columns = static_cast<std::uint64_t>(slot.used_columns());
                all_columns += of_array * columns;
                const std::uint64_t rows = planes * static_cast<std::uint64_t>(slot.rows);
                all_rows += rows;
                all_cells += rows * (columns + unit_column);
            }
            const cost::Actions& actions = layer.actions;
            const bool masked = trial.chip.skip.empty_columns, detects = trial.chip.skip.zero_planes;
            const std::uint64_t reads = actions.crossbar_reads,
                                conversions = cost::sum(actions.conversions_used);
            BOOST_TEST(reads + actions.planes_skipped == all_reads);
            BOOST_TEST((detects || actions.planes_skipped == 0));
            BOOST_TEST((masked || actions.conversions_skipped == 0));
            // A used column of a read is converted or left out; which reads are made depends on the values.
            const std::uint64_t columns = conversions + actions.conversions_skipped;
            if (!detects) {
                BOOST_TEST(columns == all_columns);
                BOOST_TEST(actions.row_drives_used == all_rows);
                BOOST_TEST(actions.cells_used == all_cells);
            }
            BOOST_TEST(columns <= all_columns);
            BOOST_TEST(actions.row_drives_used <= all_rows);
            BOOST_TEST(actions.cells_used <= all_cells);
            BOOST_TEST(actions.windows == kImages * mapping::windows_per_image(node));
            // What belongs to a read: its registers, its samples and additions, the rows and cells it has.
            const auto array_rows = static_cast<std::uint64_t>(trial.chip.array.rows),
                       array_columns = static_cast<std::uint64_t>(trial.chip.array.columns);
            const std::uint64_t swept = masked ? conversions : array_columns * reads;
            BOOST_TEST(actions.input_register_accesses == reads);
            BOOST_TEST(actions.output_register_accesses == reads);
            BOOST_TEST(actions.mask_reads == (masked ? reads : 0));
            BOOST_TEST((actions.zero_checks != 0) == detects);
            BOOST_TEST(actions.samples_used == conversions + unit_column * reads);
            BOOST_TEST(actions.shift_adds_used == conversions + unit_column * reads);
            BOOST_TEST(cost::sum(actions.conversions_unit) == unit_column * reads);
            BOOST_TEST(cost::sum(actions.conversions_all) == swept);
            BOOST_TEST(actions.samples_whole == swept + unit_column * reads);
            BOOST_TEST(actions.shift_adds_whole == swept + unit_column * reads);
            BOOST_TEST(actions.row_drives_whole == array_rows * reads);
            BOOST_TEST(actions.cells_whole == array_rows * (array_columns + unit_column) * reads);
            // Cells have levels, whatever draws their current.
            if (trial.chip.inputs.dac_bits == 1)
                BOOST_TEST(cost::sum(actions.cells_by_level) == actions.cells_driven);
            BOOST_CHECK_NO_THROW(cost::check_actions(actions, layer.name));
            // The bus and the adders.
            const Moved bus = moved(trial, mapped, placement);
            BOOST_TEST(layer.actions.buffer_bytes_read == kImages * bus.bytes_in);
            BOOST_TEST(layer.actions.bus_bytes == kImages * (bus.bytes_in + bus.bytes_out));
            additions += kImages * bus.additions;
        }
    }
    const std::size_t image = trial.network.nodes.front().shape.size();
    const std::size_t logits = trial.network.nodes.back().shape.size();
    BOOST_TEST(results::total_actions(record).add_ops == additions);
    BOOST_TEST(record.shared.host_bytes == kImages * (image + 4 * logits));
    BOOST_TEST(std::is_sorted(record.completed_fs.begin(), record.completed_fs.end()));
    const Walks walks = packets_of(trial, place);
    BOOST_TEST(results::total_actions(record).flit_hops ==
               (trial.chip.mesh.is_ideal() ? 0 : kImages * walks.flit_hops));
    BOOST_TEST(record.mesh.delivered == kImages * walks.delivered);
    if (trial.chip.mesh.forms_trees())
        BOOST_TEST(record.mesh.packets <= record.mesh.delivered);
    else
        BOOST_TEST(record.mesh.packets == record.mesh.delivered);
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_chips) {
    tb::ChipBench bench;
    std::vector<Trial> trials;
    std::vector<Placed> places;
    for (std::uint64_t i = 0; i < kChips; ++i) {
        trials.push_back(i % 5 == 4 ? load_trials::random_digit_trial(kFirstSeed + i, kImages)
                                    : load_trials::random_trial(kFirstSeed + i, kImages));
        Trial& trial = trials.back();
        places.push_back(placed(trial));
        if (i % 2 == 0)
            trial.chip.tile.buffer_bytes =
                static_cast<std::int64_t>(model::plan_chip(trial.network, places.back().mapping,
                                                           places.back().placement, trial.widths, trial.chip)
                                              .least_buffer_bytes);
        bench.add(trial.network, trial.chip, trial.images, {trial.count, {}, &trial.widths});
    }
    bench.run();
    int waited = 0, forked = 0;
    std::set<config::MeshKind> kinds;
    std::set<std::string> stalled;  ///< kinds
    for (std::size_t i = 0; i < trials.size(); ++i)
        BOOST_TEST_CONTEXT("seed " << kFirstSeed + i << ": " << load_trials::to_text(trials[i].chip) << " | "
                                   << load_trials::to_text(trials[i].network)) {
            check(trials[i], places[i], bench.record(i));
            kinds.insert(trials[i].chip.mesh.kind);
            // All resources have had the same time, whatever they did with it.
            const auto resources = bench.chip(i).resources(kImages);
            BOOST_TEST(resources.size() > 1U);
            for (const results::ResourceRecord& resource : resources)
                BOOST_TEST(resource.busy_fs + resource.stalled_fs + resource.idle_fs ==
                               sc_core::sc_time_stamp().value(),
                           resource.kind << " " << resource.name);
            for (const results::ResourceRecord& resource : resources)
                if (resource.stalled_fs != 0) stalled.insert(resource.kind);
            BOOST_TEST(bench.chip(i).at_rest());
            for (const results::LayerRecord& layer : bench.record(i).layers)
                if (layer.waited_output_fs != 0) ++waited;
            if (bench.record(i).mesh.packets < bench.record(i).mesh.delivered) ++forked;
        }
    BOOST_TEST(waited > 0);  // they are under load
    BOOST_TEST(stalled.count("array stage") == 1U);
#ifndef SLIVER_SANITIZED  // among so few chips there is none whose host waits and is busy enough to be listed
    BOOST_TEST(stalled.count("host link") == 1U);
#endif
    BOOST_TEST(forked > 0);
#ifndef SLIVER_SANITIZED
    BOOST_TEST(kinds.size() == 3U);
#endif
    BOOST_TEST(bench.violations().empty());
}

BOOST_AUTO_TEST_SUITE_END()
