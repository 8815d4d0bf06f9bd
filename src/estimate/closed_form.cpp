#include "estimate/closed_form.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "cost/unit_costs.h"
#include "estimate/plane_use.h"
#include "estimate/window_times.h"
#include "network/integer_ops.h"
#include "results/chip_shape.h"
#include "timing/femtoseconds.h"
#include "timing/least_room.h"
#include "timing/link_loads.h"
#include "timing/mesh_routes.h"
#include "timing/multicast.h"
#include "timing/pipeline.h"
#include "timing/read_period.h"

namespace sliver::estimate {
namespace {

using network::NodeId;
using network::NodeKind;
using timing::femtoseconds;
using timing::MeshRoutes;

/// Beyond these the interval between images is taken to stay what it is.
constexpr std::uint64_t kTimedImages = 8;
constexpr std::uint64_t kIndexBytes = 2;

struct Channels {
    int first = 0, end = 0;
    [[nodiscard]] std::uint64_t count() const { return static_cast<std::uint64_t>(std::max(0, end - first)); }
    void unite(const Channels& other) {
        if (end == first) *this = other;
        first = std::min(first, other.first);
        end = std::max(end, other.end);
    }
};

Channels overlap(const Channels& a, const Channels& b) {
    return {std::max(a.first, b.first), std::max(std::max(a.first, b.first), std::min(a.end, b.end))};
}

/// Channels of a node's map that come into being on a tile.
struct Home {
    Channels channels;
    std::size_t tile = 0;
};

/// Who needs (a part of) a map.
struct MapConsumer {
    Home home;
    bool digital = false;  ///< takes what comes into being on its own tile without the mesh
};

/// A processing element of a copy; copies are alike.
struct CopyElement {
    Channels channels;
    std::size_t first_block = 0, last_block = 0;
    std::uint64_t read_fs = 0;
    /// skip.zero_planes: [image, in turn][window]: how long it occupies the arrays; else empty.
    std::vector<std::vector<std::uint64_t>> windows_fs;
};

/// Reads of arrays that are alike, over all images.
struct Reads {
    std::uint64_t made = 0, skipped = 0;
    std::uint64_t rows = 0;         ///< in use, of the reads made
    std::uint64_t driven_rows = 0;  ///< over all
};

/// What a tile's eDRAM must hold.
struct TileRooms {
    std::string name;
    std::vector<timing::RoomNeed> needs;
};

class Run {
  public:
    Run(const MappedNetwork& mapped, const config::ChipConfig& chip, std::uint64_t images)
        : mapped_(mapped),
          network_(mapped.network()),
          mapping_(mapped.mapping()),
          chip_(chip),
          images_(images),
          widths_(mapped.widths(chip)),
          parts_(mapped.parts(widths_)),
          mesh_(chip.mesh),
          links_(mesh_),
          pipeline_(timing::pipeline_of(chip)),
          homes_(network_.nodes.size()),
          consumers_(network_.nodes.size()),
          layer_of_node_(network_.nodes.size()),
          delays_(network_.nodes.size()) {
        result_.chip = chip;
        result_.record.images = images;
        result_.columns.resize(mapping_.layers.size());
    }

    results::RunResult take() {
        make_inventory();
        copies_ = mapping::replication(network_, mapping_, chip_, widths_);
        place_and_count();
        for (NodeId id = 1; id < network_.nodes.size(); ++id) count_inputs(id);
        for (NodeId id = 0; id < network_.nodes.size(); ++id) count_packets(id);
        count_logits();
        measure_times();
        return std::move(result_);
    }

  private:
    cost::Actions& actions_of(NodeId id) { return record().layers[layer_of_node_[id]].actions; }
    results::ChipRecord& record() { return result_.record; }

    /// Every converter as wide as the configuration says; those in use are put right by place_and_count().
    void make_inventory() {
        const cost::ChipShape shape = results::chip_shape(chip_);
        bank_ = shape.adcs_per_bank;
        record().inventory = cost::make_inventory(shape);
    }

    void place_and_count() {
        std::size_t layer = 0;
        for (NodeId id = 0; id < network_.nodes.size(); ++id) {
            const network::Node& node = network_.nodes[id];
            std::size_t charged = 0;
            for (const NodeId input : node.inputs) charged = std::max(charged, layer_of_node_[input]);
            if (node.kind == NodeKind::matrix) charged = layer;
            layer_of_node_[id] = charged;
            delays_[id].assign(node.inputs.size(), 0);
            tile_channels_.emplace_back();
            if (node.kind == NodeKind::matrix)
                place_layer(layer++);
            else if (node.kind != NodeKind::input && node.kind != NodeKind::flatten)
                place_digital(id);
        }
        record().tiles = tiles_;
        if (tiles_ > static_cast<std::size_t>(chip_.tiles()))  // says so in the words of a run
            (void)mapping::place_network(network_, mapping_, copies_, chip_);
        for (const NodeId id : digital_) {
            count_digital(id);
            need_operands(id);
        }
        for (const TileRooms& tile : rooms_)
            (void)timing::share_room(*chip_.tile.buffer_bytes, tile.needs, tile.name);
    }

    void place_digital(NodeId id) {
        const std::vector<mapping::ChannelHome> homes = mapping::digital_homes(
            network_, id,
            [&](NodeId input) {
                std::vector<mapping::ChannelHome> known;
                for (const Home& home : homes_[input])
                    known.push_back(
                        {home.channels.first, static_cast<int>(home.channels.count()), TileIndex(home.tile)});
                return known;
            },
            [&] {
                ++record().processing_elements;
                return TileIndex(tiles_++);
            });
        for (const mapping::ChannelHome& home : homes)
            homes_[id].push_back(
                {{home.first_channel, home.first_channel + home.channels}, home.tile.value()});
        digital_.push_back(id);
    }

    /// What the post-processor does for all values of a node, `values` of each channel.
    void count_work(NodeId id, std::uint64_t values) {
        const network::Node& node = network_.nodes[id];
        std::vector<int> input_channels;
        for (const NodeId input : node.inputs) input_channels.push_back(network_.nodes[input].shape.channels);
        cost::Actions& actions = actions_of(id);
        for (int channel = 0; channel < node.shape.channels; ++channel) {
            const network::ValueWork work = network::work_of_value(node, channel, input_channels);
            actions.activation_ops += values * work.activations;
            actions.pool_ops += values * work.comparisons;
            actions.add_ops += values * work.additions;
            actions.table_lookups += values * work.look_ups;
            actions.rescale_ops += values * work.multiplications;
        }
        actions.output_register_bytes +=
            values * static_cast<std::uint64_t>(node.shape.channels) * value_bytes(id);
    }
    [[nodiscard]] std::uint64_t value_bytes(NodeId id) const {
        return static_cast<std::uint64_t>(network_.nodes[id].format.bytes());
    }

    void count_digital(NodeId id) {
        const network::Node& node = network_.nodes[id];
        count_work(id, images_ * node.shape.pixels());
        for (const Home& home : homes_[id])
            taken(finisher_busy_, home.tile) +=
                node.shape.pixels() * rated_fs(home.channels.count(), chip_.tile.postprocessor_hz);
    }

    /// Channels of input `input` that digital node `id` works on at `home`.
    [[nodiscard]] Channels operand_channels(NodeId id, std::size_t input, const Home& home) const {
        const mapping::ChannelSpan span = mapping::operand_channels(
            network_, id, input, {home.channels.first, static_cast<int>(home.channels.count())});
        return {span.first, span.first + span.count};
    }

    // ---- layers ------------------------------------------------------------------------------------------

    void place_layer(std::size_t number) {
        const mapping::LayerMapping& mapped = mapping_.layers[LayerIndex(number)];
        const MappedLayer& layer = mapped_.layers()[number];
        const network::Node& node = network_.nodes[layer.node];
        results::LayerRecord made;
        made.name = node.name;
        made.kind = node.shape.height * node.shape.width > 1 || node.window.kernel_height > 1 ? "convolution"
                                                                                              : "linear";
        made.rows = static_cast<std::uint64_t>(mapped.rows);
        made.outputs = static_cast<std::uint64_t>(mapped.outputs);
        made.windows = layer.footprints.size();
        made.planes = mapped.planes.size();
        made.copies = static_cast<std::uint64_t>(copies_[number]);
        made.crossbars = mapped.crossbars.size() * made.copies;
        made.macs = mapped.weights * made.windows;
        made.adc_bits = widths_.bits[number];
        made.actions.windows = made.windows * images_;
        made.conversions.assign(made.adc_bits.size(), 0);
        made.clipped.assign(made.adc_bits.size(), 0);
        record().crossbars += made.crossbars;
        record().crossbars_unpacked += mapped.unpacked_crossbars * made.copies;
        record().layers.push_back(std::move(made));
        planes_.reset();
        if (chip_.skip.zero_planes)
            planes_.emplace(network_, mapped, parts_.empty() ? nullptr : &parts_[number], mapped_.activity());
        count_arrays(number);
        const std::vector<CopyElement> units = units_of(number);
        place_units(number, units);
    }

    [[nodiscard]] int parts_of(std::size_t number, std::size_t crossbar) const {
        return parts_.empty() ? 1 : parts_[number][CrossbarIndex(crossbar)];
    }

    [[nodiscard]] timing::VisitedColumns visited_columns(const ArrayShape& shape) const {
        if (chip_.skip.empty_columns) return {shape.filled, 0};
        return timing::every_column(chip_, shape.runs);
    }

    [[nodiscard]] std::vector<int> bits_of(std::size_t number, const ArrayShape& shape) const {
        std::vector<int> bits;
        for (const mapping::ColumnRun& run : shape.runs)
            bits.push_back(
                widths_.at(LayerIndex(number), SliceIndex(static_cast<std::size_t>(run.slice)), shape.sign)
                    .bits);
        return bits;
    }

    /// Reads and what they charge: a copy takes its share of the windows, all copies together take them all.
    void count_arrays(std::size_t number) {
        const MappedLayer& layer = mapped_.layers()[number];
        std::map<std::pair<std::size_t, int>, Reads> kinds;  // by shape and parts
        std::map<std::pair<std::size_t, int>, std::uint64_t> arrays;
        for (std::size_t i = 0; i < layer.shape_of.size(); ++i) {
            const std::pair<std::size_t, int> kind{layer.shape_of[i], parts_of(number, i)};
            ++arrays[kind];
            if (!planes_) continue;
            const PlaneUse::Reads own = planes_->reads(i);
            Reads& reads = kinds[kind];
            reads.made += own.made;
            reads.skipped += own.skipped;
            reads.rows += own.rows;
        }
        std::set<std::size_t> driven;  // rows are driven once, however many parts there are
        for (const auto& [kind, count] : arrays) {
            const ArrayShape& shape = layer.shapes[kind.first];
            Reads reads = kinds[kind];
            if (planes_) {
                reads.made = of_run(reads.made);
                reads.skipped = of_run(reads.skipped);
                reads.rows = of_run(reads.rows);
            } else {
                const results::LayerRecord& own = record().layers[number];
                const std::uint64_t plane_reads = count * own.windows * own.planes * images_;
                reads.made = plane_reads * static_cast<std::uint64_t>(kind.second);
                reads.rows = plane_reads * static_cast<std::uint64_t>(shape.rows);
            }
            const bool first = driven.insert(kind.first).second;
            if (first) reads.driven_rows = of_run(shape.driven_rows);
            count_reads(number, shape, kind.second, reads);
            if (shape.places)
                record().layers[number].actions.index_lookups += count * record().layers[number].windows *
                                                                 images_ *
                                                                 static_cast<std::uint64_t>(shape.outputs);
            if (first && chip_.cost.accounting == config::Accounting::conducting)
                count_levels(number, kind.first, reads.driven_rows);
        }
    }

    /// What the images of the activity did, for those of the run.
    [[nodiscard]] std::uint64_t of_run(std::uint64_t count) const {
        return count * images_ / std::max<std::uint64_t>(1, mapped_.activity().images);
    }

    void count_levels(std::size_t number, std::size_t shape, std::uint64_t driven) {
        const LevelUse& use = mapped_.level_use()[number][shape];
        cost::Actions& actions = record().layers[number].actions;
        const bool unit = chip_.weights.encoding == config::Encoding::offset;
        actions.conducting_cells += of_run(use.conducting) + (unit ? driven : 0);
        cost::LevelCounts by_level{};
        for (std::size_t level = 0; level < by_level.size(); ++level)
            by_level[level] = of_run(use.by_level[level]);
        if (unit) by_level[1] += of_run(use.squares);
        for (std::size_t level = 0; level < by_level.size(); ++level)
            actions.cells_by_level[level] += by_level[level];
        if (chip_.wires.kind == config::WireKind::ideal) return;
        // As if there were no wires: a bound.
        constexpr double kNano = 1e-9;
        const cost::CellReads cells =
            cost::cell_reads(chip_.array.cell_bits, chip_.cells.on_ohm, chip_.cells.off_ohm, 1, 1, 1);
        double nanosiemens = 0;
        for (std::size_t level = 0; level < by_level.size(); ++level)
            nanosiemens += static_cast<double>(by_level[level]) * cells.siemens[level] / kNano;
        actions.conductance_driven += static_cast<std::uint64_t>(nanosiemens);
    }

    void count_reads(std::size_t number, const ArrayShape& shape, int parts, const Reads& all) {
        results::LayerRecord& layer = record().layers[number];
        const std::uint64_t reads = all.made, rows_read = all.rows, driven = all.driven_rows;
        const std::uint64_t columns = shape.used_columns();
        const auto array_rows = static_cast<std::uint64_t>(chip_.array.rows),
                   array_columns = static_cast<std::uint64_t>(chip_.array.columns);
        cost::Actions& actions = layer.actions;
        actions.crossbar_reads += reads;
        actions.planes_skipped += all.skipped;
        actions.input_register_accesses += reads;
        actions.output_register_accesses += reads;
        const std::vector<int> bits = bits_of(number, shape);
        const timing::VisitedColumns visited = visited_columns(shape);
        std::uint64_t converted = 0;  // columns a read
        for (std::size_t i = 0; i < bits.size(); ++i) {
            const auto own = static_cast<std::uint64_t>(visited.by_slice[i]);
            converted += own;
            actions.conversions_used[static_cast<std::size_t>(bits[i])] += reads * own;
            actions.conversions_all[static_cast<std::size_t>(bits[i])] += reads * own;
            layer.conversions[static_cast<std::size_t>(shape.runs[i].slice)] += reads * own;
        }
        const auto unused = static_cast<std::uint64_t>(visited.unused);
        actions
            .conversions_all[static_cast<std::size_t>(bits[mapping::sweeping_slice(chip_.adc.bank, bits)])] +=
            reads * unused;
        actions.conversions_skipped += reads * (columns - converted);
        if (chip_.skip.empty_columns) actions.mask_reads += reads;
        actions.cells_whole += reads * array_rows * array_columns;
        actions.cells_used += rows_read * columns;
        actions.cells_driven += driven * columns;
        actions.row_drives_whole += reads * array_rows;
        actions.row_drives_used += rows_read;
        actions.row_drives_driven += driven;
        actions.samples_whole += reads * (converted + unused);
        actions.samples_used += reads * converted;
        actions.shift_adds_whole += reads * (converted + unused);
        actions.shift_adds_used += reads * converted;
        if (chip_.weights.encoding != config::Encoding::offset) return;
        const int unit_bits = mapping::unit_column_bits(shape.rows, parts, chip_.inputs.dac_bits);
        actions.conversions_unit[static_cast<std::size_t>(unit_bits)] += reads;
        actions.cells_whole += reads * array_rows;
        actions.cells_used += rows_read;
        actions.cells_driven += driven;
        actions.samples_whole += reads;
        actions.samples_used += reads;
        actions.shift_adds_whole += reads;
        actions.shift_adds_used += reads;
    }

    /// The processing elements of one copy: their pace, and the converters of all copies.
    std::vector<CopyElement> units_of(std::size_t number) {
        const mapping::LayerMapping& mapped = mapping_.layers[LayerIndex(number)];
        const MappedLayer& layer = mapped_.layers()[number];
        std::vector<std::vector<int>> bits;
        std::vector<std::vector<std::uint64_t>> bursts;
        for (const ArrayShape& shape : layer.shapes) {
            bits.push_back(bits_of(number, shape));
            bursts.push_back(timing::bursts_of(chip_, bits.back(), visited_columns(shape)));
        }
        const bool banked = chip_.adc.bank == config::AdcBank::per_slice;
        const auto a_unit = static_cast<std::size_t>(chip_.tile.arrays_per_pe),
                   a_group = static_cast<std::size_t>(chip_.adc.arrays_per_adc);
        cost::WidthCounts& adcs = record().inventory.adcs;
        std::vector<CopyElement> units;
        std::vector<timing::ReadArray> arrays;
        std::vector<int> widest;  // by converter of the group
        for (std::size_t first = 0; first < layer.shape_of.size(); first += a_unit) {
            const std::size_t end = std::min(first + a_unit, layer.shape_of.size());
            CopyElement unit;
            unit.first_block = mapped.crossbars[CrossbarIndex(first)].column_block;
            unit.last_block = mapped.crossbars[CrossbarIndex(end - 1)].column_block;
            arrays.clear();
            for (std::size_t group = first; group < end; group += a_group) {
                widest.assign(banked ? widths_.bits[number].size() : 1, 0);
                for (std::size_t i = group; i < std::min(end, group + a_group); ++i) {
                    const std::size_t kind = layer.shape_of[i];
                    const ArrayShape& shape = layer.shapes[kind];
                    unit.channels.unite({layer.first_channel[i], layer.end_channel[i]});
                    arrays.push_back({static_cast<int>((group - first) / a_group), parts_of(number, i),
                                      &bursts[kind], banked ? shape.runs.front().slice : 0});
                    for (std::size_t run = 0; run < bits[kind].size(); ++run) {
                        int& own = widest[banked ? static_cast<std::size_t>(shape.runs[run].slice) : 0];
                        own = std::max(own, bits[kind][run]);
                    }
                }
                adcs[static_cast<std::size_t>(chip_.adc.bits)] -= bank_ * record().layers[number].copies;
                for (const int width : widest)
                    if (width > 0) adcs[static_cast<std::size_t>(width)] += record().layers[number].copies;
            }
            unit.read_fs = timing::read_period_fs(arrays, pipeline_.cycle_fs);
            if (planes_) {
                time_windows(number, first, arrays, unit);
                count_checks(number, first, end);
            }
            units.push_back(unit);
        }
        return units;
    }

    /// How long each window occupies the arrays of a unit, the first of which is `first`: planes as long as
    /// those of their arrays take that are read.
    void time_windows(std::size_t number, std::size_t first, const std::vector<timing::ReadArray>& arrays,
                      CopyElement& unit) {
        const std::size_t windows = mapped_.layers()[number].footprints.size();
        std::map<std::vector<int>, std::uint64_t> known;  // by parts that are driven
        std::vector<int> driven(arrays.size());
        for (std::size_t image = 0; image < planes_->images(); ++image) {
            std::vector<std::uint64_t>& occupied = unit.windows_fs.emplace_back(windows, 0);
            for (std::size_t window = 0; window < windows; ++window)
                for (std::size_t plane = 0; plane < record().layers[number].planes; ++plane) {
                    for (std::size_t i = 0; i < arrays.size(); ++i)
                        driven[i] = planes_->driven_parts(first + i, image, window, plane);
                    const auto [time, fresh] = known.try_emplace(driven, 0);
                    if (fresh) time->second = period_of(arrays, driven);
                    occupied[window] += time->second;
                }
            for (std::uint64_t& time : occupied) time = std::max(time, pipeline_.cycle_fs);
        }
    }

    /// Of the parts of the arrays that are driven.
    [[nodiscard]] std::uint64_t period_of(const std::vector<timing::ReadArray>& arrays,
                                          const std::vector<int>& parts) const {
        std::vector<timing::ReadArray> read;
        for (std::size_t i = 0; i < arrays.size(); ++i) {
            if (parts[i] == 0) continue;
            read.push_back(arrays[i]);
            read.back().parts = parts[i];
        }
        return read.empty() ? 0 : timing::read_period_fs(read, pipeline_.cycle_fs);
    }

    /// What the zero detector of a unit sees: planes of each of its row blocks, and parts of those that drive
    /// one.
    void count_checks(std::size_t number, std::size_t first, std::size_t end) {
        results::LayerRecord& own = record().layers[number];
        std::set<std::vector<int>> blocks;
        std::uint64_t part_checks = 0;
        for (std::size_t i = first; i < end; ++i) {
            const mapping::CrossbarSlot& slot =
                mapping_.layers[LayerIndex(number)].crossbars[CrossbarIndex(i)];
            std::vector<int> rows;
            for (int row = 0; row < slot.rows; ++row) rows.push_back(slot.matrix_row(row));
            blocks.insert(std::move(rows));
            part_checks += planes_->reads(i).part_checks;
        }
        own.actions.zero_checks += own.windows * images_ * own.planes * blocks.size() + of_run(part_checks);
    }

    /// Lays the copies on tiles, unit by unit: a tile's part of a copy takes windows on its own.
    void place_units(std::size_t number, const std::vector<CopyElement>& units) {
        const mapping::LayerMapping& mapped = mapping_.layers[LayerIndex(number)];
        const MappedLayer& layer = mapped_.layers()[number];
        results::LayerRecord& own = record().layers[number];
        const auto a_tile = static_cast<std::size_t>(chip_.tile.processing_elements);
        const auto copies = static_cast<std::size_t>(own.copies);
        const std::size_t first_tile = tiles_;
        own.tiles = (copies * units.size() + a_tile - 1) / a_tile;
        tiles_ += own.tiles;
        record().processing_elements += copies * units.size();
        const auto home_of = [&](std::size_t crossbar) {
            return first_tile + crossbar / static_cast<std::size_t>(chip_.tile.arrays_per_pe) / a_tile;
        };
        if (mapped.outputs_in_runs)
            for (const mapping::ColumnBlock& block : mapped.column_blocks)
                homes_[layer.node].push_back({{block.first_output, block.first_output + block.outputs},
                                              home_of(block.first_crossbar)});
        else
            homes_[layer.node].push_back({{0, mapped.outputs}, first_tile});

        cost::Actions& actions = own.actions;
        const auto kernel =
            static_cast<std::uint64_t>(layer.window.kernel_height * layer.window.kernel_width);
        std::vector<Channels>& tile_channels = tile_channels_[layer.node];
        tile_channels.assign(own.tiles, {});
        LayerPace pace;
        pace.copies = static_cast<int>(copies);
        std::vector<std::uint64_t> bus_fs(own.tiles, 0);
        std::uint64_t sums_delay = 0, results_fs = 0, values_fs = 0,
                      load_fs = timing::kLoadCycles * pipeline_.cycle_fs;
        for (std::size_t copy = 0; copy < copies; ++copy) {
            const std::uint64_t windows = copy < own.windows ? (own.windows - copy - 1) / copies + 1 : 0;
            std::vector<std::uint32_t> contributors(mapped.column_blocks.size(), 0);  // units
            std::uint64_t copy_read_fs = 0;
            for (std::size_t unit = 0; unit < units.size();) {
                const std::size_t tile = (copy * units.size() + unit) / a_tile;
                Channels channels;
                const std::size_t first_block = units[unit].first_block;
                std::size_t last_block = first_block;
                std::uint64_t results = 0;                        // of the tile's units, in bytes
                std::vector<std::vector<std::uint64_t>> part_fs;  // of the slowest of them, by window
                for (; unit < units.size() && (copy * units.size() + unit) / a_tile == tile; ++unit) {
                    channels.unite(units[unit].channels);
                    last_block = units[unit].last_block;
                    copy_read_fs = std::max(copy_read_fs, units[unit].read_fs);
                    take_slowest(part_fs, units[unit].windows_fs);
                    for (std::size_t block = units[unit].first_block; block <= last_block; ++block) {
                        ++contributors[block];
                        results += 4 * static_cast<std::uint64_t>(mapped.column_blocks[block].outputs);
                    }
                }
                take_slowest(pace.occupied_by_window_fs, part_fs);
                own.interval_fs = std::max(own.interval_fs, mean_of_turn(part_fs, copy, copies));
                tile_channels[tile].unite(channels);
                const std::uint64_t bytes = channels.count() * kernel;
                actions.buffer_bytes_read += windows * images_ * bytes;
                actions.bus_bytes += windows * images_ * (bytes + results);
                const std::uint64_t read_fs = rated_fs(bytes, chip_.tile.buffer_port_bytes_per_s),
                                    in_fs = rated_fs(bytes, chip_.tile.bus_bytes_per_s),
                                    out_fs = rated_fs(results, chip_.tile.bus_bytes_per_s);
                load_fs = std::max({load_fs, read_fs, in_fs});
                results_fs = std::max(results_fs, out_fs);
                taken(port_busy_, first_tile + tile) += windows * read_fs;
                bus_fs[tile] += windows * (in_fs + out_fs);
                for (std::size_t block = first_block; block <= last_block; ++block) {
                    const std::size_t home =
                        mapped.outputs_in_runs ? homes_[layer.node][block].tile : first_tile;
                    if (home == first_tile + tile) continue;
                    const std::uint64_t sums =
                        4 * static_cast<std::uint64_t>(mapped.column_blocks[block].outputs);
                    actions.flit_hops += windows * images_ * mesh_.flit_hops(first_tile + tile, home, sums);
                    links_.add(first_tile + tile, home, sums, windows);
                    sums_delay = std::max(sums_delay, mesh_.packet_fs(first_tile + tile, home, sums));
                }
            }
            for (std::size_t block = 0; block < contributors.size(); ++block) {
                const std::size_t home = mapped.outputs_in_runs ? homes_[layer.node][block].tile : first_tile;
                const std::uint64_t finish_fs =
                    rated_fs(static_cast<std::uint64_t>(mapped.column_blocks[block].outputs),
                             chip_.tile.postprocessor_hz);
                values_fs = std::max(values_fs, finish_fs);
                taken(finisher_busy_, home) += windows * finish_fs;
                actions.add_ops += windows * images_ * (contributors[block] - 1) *
                                   static_cast<std::uint64_t>(mapped.column_blocks[block].outputs);
            }
            pace.occupied_fs = std::max(pace.occupied_fs, own.planes * copy_read_fs);
            if (!planes_) own.interval_fs = std::max(own.interval_fs, windows * own.planes * copy_read_fs);
        }
        for (const std::uint64_t busy : bus_fs) need("tile bus", own.name, busy);
        need("array stage", own.name, own.interval_fs);
        const std::uint64_t values = own.windows * images_ * own.outputs;
        count_work(layer.node, own.windows * images_);
        if (!mapped.outputs_in_runs) actions.index_lookups += values;
        count_row_tables(number, units.size());
        for (std::size_t tile = 0; tile < own.tiles; ++tile)
            need_room(first_tile + tile, layer.node, 0, tile_channels[tile].count(), "layer ");
        pace.rest_fs = load_fs +
                       static_cast<std::uint64_t>(timing::kAdcCycles + pipeline_.unit_overhead_cycles +
                                                  timing::kTileCycles) *
                           pipeline_.cycle_fs +
                       results_fs + values_fs + sums_delay;
        paces_.push_back(pace);
    }

    using WindowTimesByImage = std::vector<std::vector<std::uint64_t>>;

    static void take_slowest(WindowTimesByImage& slowest, const WindowTimesByImage& other) {
        if (slowest.size() < other.size()) slowest.resize(other.size());
        for (std::size_t image = 0; image < other.size(); ++image) {
            slowest[image].resize(other[image].size(), 0);
            for (std::size_t window = 0; window < other[image].size(); ++window)
                slowest[image][window] = std::max(slowest[image][window], other[image][window]);
        }
    }
    /// What the windows of a copy take together, the mean over images, rounded down.
    static std::uint64_t mean_of_turn(const WindowTimesByImage& times, std::size_t copy, std::size_t copies) {
        std::uint64_t sum = 0;
        for (const std::vector<std::uint64_t>& image : times)
            for (std::size_t window = copy; window < image.size(); window += copies) sum += image[window];
        return times.empty() ? 0 : sum / times.size();
    }

    /// Tables that name the rows and columns of packed and sorted arrays, and the look-ups in them.
    void count_row_tables(std::size_t number, std::size_t units) {
        const mapping::LayerMapping& mapped = mapping_.layers[LayerIndex(number)];
        results::LayerRecord& own = record().layers[number];
        const auto a_unit = static_cast<std::size_t>(chip_.tile.arrays_per_pe);
        std::uint64_t rows_looked_up = 0, columns = 0;
        for (std::size_t unit = 0; unit < units; ++unit) {
            std::set<mapping::LineList> rows;
            for (std::size_t i = unit * a_unit; i < std::min(mapped.crossbars.size(), (unit + 1) * a_unit);
                 ++i) {
                const mapping::CrossbarSlot& slot = mapped.crossbars[CrossbarIndex(i)];
                if (slot.row_list != nullptr && rows.insert(slot.row_list).second)
                    rows_looked_up += slot.row_list->size();
                if (slot.places != nullptr) columns += slot.places->size();
            }
        }
        own.actions.index_lookups += own.windows * images_ * rows_looked_up;
        std::uint64_t entries = own.copies * (rows_looked_up + columns);
        if (!mapped.outputs_in_runs) entries += own.outputs;
        record().inventory.index_bytes += kIndexBytes * entries;
    }

    /// A buffer on a tile for input `input` of a node; `kind`: of the node whose tile it is, unless another
    /// was there first.
    void need_room(std::size_t tile, NodeId node, std::size_t input, std::uint64_t channels,
                   const char* kind) {
        if (!chip_.tile.buffer_bytes) return;
        if (rooms_.size() <= tile) rooms_.resize(tile + 1);
        if (rooms_[tile].needs.empty()) rooms_[tile].name = kind + network_.nodes[node].name;
        const NodeId source = mapping::look_through_flatten(network_, network_.nodes[node].inputs[input]);
        rooms_[tile].needs.push_back({mapped_.least_room(chip_.pipeline.pipelined)[node][input],
                                      static_cast<std::size_t>(channels),
                                      static_cast<std::size_t>(value_bytes(source))});
    }

    void need_operands(NodeId id) {
        for (const Home& home : homes_[id])
            for (std::size_t input = 0; input < network_.nodes[id].inputs.size(); ++input) {
                const std::uint64_t channels = operand_channels(id, input, home).count();
                if (channels != 0 && !is_known(id, input)) need_room(home.tile, id, input, channels, "node ");
            }
    }

    /// Whether an input in front of it is the same map, kept once. A concat keeps it for each.
    [[nodiscard]] bool is_known(NodeId id, std::size_t input) const {
        const network::Node& node = network_.nodes[id];
        const NodeId source = mapping::look_through_flatten(network_, node.inputs[input]);
        for (std::size_t before = 0; before < input && node.kind != NodeKind::concat; ++before)
            if (mapping::look_through_flatten(network_, node.inputs[before]) == source) return true;
        return false;
    }

    // ---- what a tile works off one after the other -------------------------------------------------------

    /// Bytes or values at a rate a second; 0: without end.
    static std::uint64_t rated_fs(std::uint64_t amount, double per_s) {
        return per_s > 0 ? femtoseconds(static_cast<double>(amount) / per_s) : 0;
    }
    /// A packet of `bytes` into the eDRAM of a tile, `packets` times an image.
    std::uint64_t written_fs(std::size_t tile, std::uint64_t bytes, std::uint64_t packets) {
        const std::uint64_t write_fs = rated_fs(bytes, chip_.tile.buffer_port_bytes_per_s);
        taken(port_busy_, tile) += packets * write_fs;
        return write_fs;
    }
    static std::uint64_t& taken(std::vector<std::uint64_t>& by_tile, std::size_t tile) {
        if (by_tile.size() <= tile) by_tile.resize(tile + 1, 0);
        return by_tile[tile];
    }

    // ---- maps between nodes ------------------------------------------------------------------------------

    /// Packets that bring a node its inputs, and what its tiles write of them.
    void count_inputs(NodeId id) {
        const network::Node& node = network_.nodes[id];
        if (node.kind == NodeKind::flatten) return;
        const bool matrix = node.kind == NodeKind::matrix;
        for (std::size_t input = 0; input < node.inputs.size(); ++input) {
            const NodeId from = mapping::look_through_flatten(network_, node.inputs[input]);
            if (is_known(id, input)) {
                delays_[id][input] = delays_[id].front();
                continue;
            }
            if (matrix) {
                const std::size_t first_tile = homes_[id].front().tile;  // that of the first block
                for (std::size_t tile = 0; tile < tile_channels_[id].size(); ++tile) {
                    const network::Shape& map = network_.nodes[from].shape;
                    actions_of(id).buffer_bytes_written +=
                        images_ * static_cast<std::uint64_t>(map.height * map.width) *
                        tile_channels_[id][tile].count();
                    bring(from, id, input, {tile_channels_[id][tile], first_tile + tile}, false);
                }
            } else {
                for (const Home& home : homes_[id])
                    bring(from, id, input, {operand_channels(id, input, home), home.tile}, true);
            }
        }
    }

    void bring(NodeId from, NodeId to, std::size_t input, const Home& consumer, bool digital) {
        if (consumer.channels.count() == 0) return;
        consumers_[from].push_back({consumer, digital});
        std::uint64_t& delay = delays_[to][input];
        if (from == 0) {
            const auto rows = static_cast<std::uint64_t>(network_.nodes[0].shape.height);
            const std::uint64_t row =
                static_cast<std::uint64_t>(network_.nodes[0].shape.width) * consumer.channels.count();
            delay = std::max(delay, mesh_.packet_fs(MeshRoutes::kHost, consumer.tile, row) +
                                        written_fs(consumer.tile, row, rows));
            return;
        }
        for (const Home& home : homes_[from]) {
            const std::uint64_t bytes = overlap(home.channels, consumer.channels).count() * value_bytes(from);
            if (bytes == 0) continue;
            const std::uint64_t written =
                written_fs(consumer.tile, bytes, network_.nodes[from].shape.pixels());
            const bool local = digital && home.tile == consumer.tile;
            delay = std::max(delay, written + (local ? 0 : mesh_.packet_fs(home.tile, consumer.tile, bytes)));
        }
    }

    /// What leaves every home of a node's map for those who consume it: rows of the image, pixels of others.
    void count_packets(NodeId from) {
        const network::Shape& map = network_.nodes[from].shape;
        if (from == 0) {
            count_packets({{0, map.channels}, MeshRoutes::kHost}, consumers_[0],
                          static_cast<std::uint64_t>(map.height), static_cast<std::uint64_t>(map.width),
                          record().shared);
            return;
        }
        for (const Home& home : homes_[from])
            count_packets(home, consumers_[from], map.pixels(), value_bytes(from), actions_of(from));
    }

    /// `packets` an image, each of `channel_bytes` a channel, to every consumer; to several of them at once
    /// where the mesh forms trees.
    void count_packets(const Home& home, const std::vector<MapConsumer>& consumers, std::uint64_t packets,
                       std::uint64_t channel_bytes, cost::Actions& actions) {
        std::vector<timing::Wanted> wanted;
        for (const MapConsumer& consumer : consumers) {
            const Channels channels = overlap(home.channels, consumer.home.channels);
            const bool local = consumer.digital && home.tile == consumer.home.tile;
            wanted.push_back({channels.first, local ? channels.first : channels.end});
        }
        std::vector<std::size_t> first = timing::shared_packets(wanted);
        if (!chip_.mesh.forms_trees()) std::iota(first.begin(), first.end(), std::size_t{0});
        std::map<std::size_t, std::vector<std::size_t>> receivers;  // tiles, by the first consumer
        for (std::size_t i = 0; i < first.size(); ++i)
            if (wanted[i].first < wanted[i].end) receivers[first[i]].push_back(consumers[i].home.tile);
        for (const auto& [number, tiles] : receivers) {
            const std::uint64_t bytes =
                channel_bytes * static_cast<std::uint64_t>(wanted[number].end - wanted[number].first);
            const MeshRoutes::Tree tree = mesh_.tree(home.tile, tiles);
            actions.flit_hops += images_ * packets * mesh_.flit_hops(tree, bytes);
            links_.add(tree, bytes, packets);
        }
    }

    void count_logits() {
        const NodeId output = mapping::look_through_flatten(network_, network_.nodes.size() - 1);
        const network::Shape& shape = network_.nodes[output].shape;
        for (const Home& home : homes_[output]) {
            const std::uint64_t logits = value_bytes(output) * home.channels.count();
            actions_of(output).flit_hops +=
                images_ * shape.pixels() * mesh_.flit_hops(home.tile, MeshRoutes::kHost, logits);
            links_.add(home.tile, MeshRoutes::kHost, logits, shape.pixels());
            logits_fs_ = std::max(logits_fs_, mesh_.packet_fs(home.tile, MeshRoutes::kHost, logits));
        }
        record().shared.host_bytes =
            images_ * (network_.nodes.front().shape.size() + value_bytes(output) * shape.size());
        if (chip_.host.bytes_per_s > 0)
            logits_fs_ += femtoseconds(static_cast<double>(value_bytes(output) * shape.size()) /
                                       chip_.host.bytes_per_s);
    }

    // ---- times -------------------------------------------------------------------------------------------

    void need(const char* kind, const std::string& name, std::uint64_t femtoseconds_an_image) {
        if (femtoseconds_an_image == 0) return;
        record().steady.resources.push_back({kind, name, femtoseconds_an_image, 0, 0, 0});
    }

    /// An image in an empty chip; images of a stream follow each other as the busiest resource lets them.
    void measure_steady(std::uint64_t first_image_fs, std::uint64_t rows_fs) {
        results::SteadyRecord& steady = record().steady;
        steady.latency_fs = first_image_fs;
        if (!chip_.mesh.is_ideal()) need("mesh link", "busiest", links_.busiest_fs());
        for (const auto& [kind, busy] :
             {std::pair{"eDRAM port", &port_busy_}, {"post-processor", &finisher_busy_}})
            if (!busy->empty()) need(kind, "busiest", *std::max_element(busy->begin(), busy->end()));
        need("host link", "rows in", rows_fs);
        std::stable_sort(steady.resources.begin(), steady.resources.end(),
                         [](const auto& a, const auto& b) { return a.need_fs > b.need_fs; });
        constexpr std::size_t kBusiest = 10;
        if (steady.resources.size() > kBusiest) steady.resources.resize(kBusiest);
        steady.images = steady.measured = steady.period = 1;
        steady.measured_fs = steady.resources.front().need_fs;
    }

    void measure_times() {
        const network::Shape& image = network_.nodes.front().shape;
        std::uint64_t row_fs = 0;
        if (chip_.host.bytes_per_s > 0)
            row_fs = femtoseconds(static_cast<double>(image.channels * image.width) / chip_.host.bytes_per_s);
        const std::uint64_t timed = std::min(images_, kTimedImages);
        const WindowTimes times =
            window_times(mapped_, chip_, paces_, delays_, row_fs, static_cast<std::size_t>(timed));
        for (std::size_t i = 0; i < times.layers.size(); ++i) {
            record().layers[i].first_start_fs = times.layers[i].first_start_fs;
            record().layers[i].last_start_fs = times.layers[i].last_start_fs;
            record().layers[i].done_fs = times.layers[i].done_fs;
        }
        for (std::size_t i = 0; i < times.completed_fs.size(); ++i) {
            record().injected_fs.push_back(i * static_cast<std::uint64_t>(image.height) * row_fs);
            record().completed_fs.push_back(times.completed_fs[i] + logits_fs_);
        }
        measure_steady(record().completed_fs.front() - record().injected_fs.front(),
                       static_cast<std::uint64_t>(image.height) * row_fs);
        record().elapsed_fs = record().completed_fs.back();
        if (images_ > timed) record().elapsed_fs += (images_ - timed) * record().interval_fs().value();
    }

    const MappedNetwork& mapped_;
    const network::QuantisedNetwork& network_;
    const mapping::NetworkMapping& mapping_;
    const config::ChipConfig& chip_;
    std::uint64_t images_;
    mapping::AdcWidths widths_;
    const std::vector<IndexedVector<CrossbarIndex, int>>& parts_;
    MeshRoutes mesh_;
    timing::LinkLoads links_;
    std::vector<std::uint64_t> port_busy_, finisher_busy_;  ///< by tile, of an image
    timing::Pipeline pipeline_;
    std::optional<PlaneUse> planes_;  ///< of the layer that is placed; none: every plane is read
    std::uint64_t bank_ = 1;          ///< converters of the arrays that share
    std::vector<int> copies_;
    std::vector<std::vector<Home>> homes_;             ///< by node
    std::vector<std::vector<MapConsumer>> consumers_;  ///< by node
    std::vector<std::size_t> layer_of_node_;
    std::vector<NodeId> digital_;
    std::vector<std::vector<Channels>> tile_channels_;  ///< by matrix node: what its tiles keep
    std::vector<TileRooms> rooms_;                      ///< by tile; empty where the eDRAM is without end
    std::vector<LayerPace> paces_;
    Delays delays_;
    std::size_t tiles_ = 0;
    std::uint64_t logits_fs_ = 0;
    results::RunResult result_;
};

}  // namespace

results::RunResult estimate_run(const MappedNetwork& mapped, const config::ChipConfig& chip,
                                std::uint64_t images) {
    return Run(mapped, chip, images).take();
}

}  // namespace sliver::estimate
