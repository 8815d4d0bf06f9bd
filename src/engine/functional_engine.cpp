#include "engine/functional_engine.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "base/worker_team.h"
#include "engine/layer_runner.h"
#include "network/integer_ops.h"

namespace sliver::engine {
namespace {

constexpr std::size_t kTileWindows = kMostTileWindows;
/// Images computed side by side, so that layers with few windows fill their tiles.
constexpr std::size_t kImagesPerThread = 8;

using Map = std::vector<std::int32_t>;

}  // namespace

struct FunctionalEngine::Impl {
    /// Maps of some images that a later run may start from, and what they were computed with.
    struct Remembered {
        bool valid = false;
        std::size_t count = 0;
        std::vector<std::vector<Map>> maps;  ///< [node][image]; empty maps where `worth_keeping` says no
        std::vector<LayerConverters> converters;
        std::vector<std::vector<SliceStatistics>> statistics;
    };

    /// A matrix layer; one in groups is computed by the parts that share no rows (mapping::BlockLayer).
    struct Layer {
        std::vector<std::unique_ptr<network::Node>> nodes;  ///< of the parts, where they have own ones
        std::vector<std::unique_ptr<LayerRunner>> parts;
        [[nodiscard]] const LayerRunner& first() const { return *parts.front(); }
    };

    Impl(const network::QuantisedNetwork& quantised, const mapping::NetworkMapping& mapped, int dac_bits,
         EngineOptions wished, std::shared_ptr<const bitline::AnalogNetwork> analog);

    [[nodiscard]] std::vector<LayerConverters> converters_from(const mapping::AdcWidths& widths) const;
    void add_parts(const network::Node& node, const network::Node& input, const mapping::LayerMapping& layer,
                   Layer& to) const;
    void prepare(const std::vector<LayerConverters>& converters);
    /// Nodes with another map than the remembered one; matrix nodes also if only their converters differ.
    void find_stale(const std::vector<LayerConverters>& converters);
    /// All chunks of a run: the stale nodes, the others from the remembered maps. `images` may be null where
    /// the input is not stale. `keep`: maps go to the remembered ones.
    BatchResult run_all(const std::int32_t* images, std::size_t count, bool keep, Watch what);
    BatchResult run_remembered(const mapping::AdcWidths& widths, bool keep);
    void run_chunk(const std::int32_t* images, std::size_t first, std::size_t count, bool keep,
                   std::int32_t* logits);
    void run_matrix(std::size_t layer, std::size_t first, std::size_t count);
    void run_part(std::size_t layer, std::size_t part, std::size_t first, std::size_t count);
    void run_digital(network::NodeId id, std::size_t first, std::size_t count);
    void check_images(const std::int32_t* images, std::size_t count) const;
    [[nodiscard]] const Map& map_of(network::NodeId id, std::size_t first, std::size_t image) const {
        return stale[id] ? maps[id][image] : remembered.maps[id][first + image];
    }

    const network::QuantisedNetwork& network;
    EngineOptions options;
    std::shared_ptr<const bitline::AnalogNetwork> arrays;  ///< null: ideal devices
    WorkerTeam team;
    std::vector<Layer> layers;
    std::vector<std::vector<std::array<std::uint64_t, 2>>> stored_columns;  ///< [layer][slice][sign]
    std::vector<std::size_t> layer_of_node;
    std::vector<network::NodeId> last_user;  ///< of each node's map
    /// The output, and nodes with a user that can change while they do not: matrices, whose converters may,
    /// and nodes with another input.
    std::vector<bool> worth_keeping;

    // State of one run; run() is const to its callers and one at a time.
    std::mutex mutex;
    std::vector<std::vector<ConverterPlan>> plans;  ///< [layer][part], for the converters it had last
    std::vector<Scratch> scratch;                   ///< one a thread
    std::vector<std::vector<Map>> maps;             ///< [node][image of the chunk]
    std::vector<PaddedMap> padded;                  ///< [image of the chunk]
    std::vector<bool> stale;                        ///< nodes to compute
    Watch usual_watch = Watch::clips, watch = Watch::clips;
    std::uint64_t first_image = 0;   ///< number in a longer run of the first image given
    mapping::ColumnProfile profile;  ///< filled where `watch` is all_sums
    Remembered remembered;
};

FunctionalEngine::Impl::Impl(const network::QuantisedNetwork& quantised,
                             const mapping::NetworkMapping& mapped, int dac_bits, EngineOptions wished,
                             std::shared_ptr<const bitline::AnalogNetwork> analog)
    : network(quantised), options(wished), arrays(std::move(analog)), team(wished.threads) {
    layer_of_node.assign(network.nodes.size(), 0);
    last_user.assign(network.nodes.size(), network.nodes.size());
    worth_keeping.assign(network.nodes.size(), false);
    worth_keeping.back() = true;
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        const network::Node& node = network.nodes[id];
        const bool may_change_alone = node.kind == network::NodeKind::matrix || node.inputs.size() > 1;
        for (const network::NodeId input : node.inputs) {
            last_user[input] = id;
            if (may_change_alone) worth_keeping[input] = true;
        }
    }
    if (arrays == nullptr && options.linear_converters)
        throw std::invalid_argument("FunctionalEngine: linear converters are of crossbars with arrays");
    if (arrays == nullptr && !mapped.rows_in_runs())
        throw std::invalid_argument("FunctionalEngine: rows that packing has moved need their arrays");
    for (const mapping::LayerMapping& layer : mapped.layers)
        for (stored_columns.emplace_back(); stored_columns.back().size() < layer.shifts.size();) {
            const SliceIndex slice(stored_columns.back().size());
            stored_columns.back().push_back({layer.columns(slice, mapping::Sign::positive),
                                             layer.columns(slice, mapping::Sign::negative)});
        }
    layers.resize(mapped.layers.size());
    team.run(layers.size(), [&](std::size_t i, int) {
        // The largest layers come last in most networks: first come, first served would leave one thread with
        // them.
        const std::size_t index = layers.size() - 1 - i;
        const mapping::LayerMapping& layer = mapped.layers[LayerIndex(index)];
        const network::Node& node = network.nodes[layer.node];
        const network::Node& input = network.nodes[node.inputs.front()];
        mapping::LayerMapping with_planes = layer;
        with_planes.planes = mapping::input_planes(input.format, dac_bits);
        if (arrays == nullptr && node.weights.groups > 1)
            add_parts(node, input, with_planes, layers[index]);
        else
            layers[index].parts.push_back(std::make_unique<LayerRunner>(
                node, input, with_planes, options.instruction_set, arrays != nullptr));
        if (arrays != nullptr && options.linear_converters)
            layers[index].parts.front()->use_linear(std::make_unique<LinearLayer>(
                node, input.format, with_planes, arrays->at(index), options.instruction_set));
        else if (arrays != nullptr)
            layers[index].parts.front()->use_analog(
                std::make_unique<AnalogLayer>(node, with_planes, arrays->at(index), options.instruction_set));
    });
    for (std::size_t index = 0; index < layers.size(); ++index)
        layer_of_node[mapped.layers[LayerIndex(index)].node] = index;
    scratch.resize(static_cast<std::size_t>(team.threads()));
    maps.resize(network.nodes.size());
    plans.resize(layers.size());
    usual_watch = options.record_sums ? Watch::largest_sums : Watch::clips;
}

void FunctionalEngine::Impl::add_parts(const network::Node& node, const network::Node& input,
                                       const mapping::LayerMapping& layer, Layer& to) const {
    for (mapping::BlockLayer& block : mapping::block_layers(node.weights, layer)) {
        auto own = std::make_unique<network::Node>(node);
        own->weights = std::move(block.weights);
        if (own->rescale.size() > 1) {
            const auto first = node.rescale.begin() + block.first_output;
            own->rescale.assign(first, first + block.layer.outputs);
        }
        to.parts.push_back(
            std::make_unique<LayerRunner>(*own, input, block.layer, options.instruction_set, false));
        to.parts.back()->set_part(block.first_row, block.first_output);
        to.nodes.push_back(std::move(own));
    }
}

std::vector<LayerConverters> FunctionalEngine::Impl::converters_from(const mapping::AdcWidths& widths) const {
    for (const auto* table : {&widths.bits, &widths.negative_bits, &widths.drops})
        if (table->size() != layers.size() && (table == &widths.bits || !table->empty()))
            refuse("ADC widths or drops for {} layers; network {} has {} matrix layers", table->size(),
                   network.name, layers.size());
    if (widths.split_rows && !layers.empty() && layers.front().first().is_analog())
        refuse("network {}: rows cannot be split on non-ideal crossbars", network.name);
    const std::vector<network::NodeId> nodes = network.matrix_nodes();
    std::vector<LayerConverters> converters;
    for (std::size_t index = 0; index < layers.size(); ++index)
        converters.push_back(converters_of(layers[index].first().cells(), network.nodes[nodes[index]].name,
                                           widths, LayerIndex(index)));
    return converters;
}

void FunctionalEngine::Impl::prepare(const std::vector<LayerConverters>& converters) {
    team.run(layers.size(), [&](std::size_t index, int) {
        plans[index].resize(layers[index].parts.size());
        for (std::size_t part = 0; part < plans[index].size(); ++part) {
            ConverterPlan& plan = plans[index][part];
            if (plan.safe_rows.empty() || !(plan.converters == converters[index]))
                plan = make_plan(layers[index].parts[part]->cells(), converters[index]);
        }
    });
}

void FunctionalEngine::Impl::find_stale(const std::vector<LayerConverters>& converters) {
    stale.assign(network.nodes.size(), false);
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        const network::Node& node = network.nodes[id];
        for (const network::NodeId input : node.inputs) stale[id] = stale[id] || stale[input];
        if (node.kind == network::NodeKind::matrix)
            stale[id] =
                stale[id] || !(converters[layer_of_node[id]] == remembered.converters[layer_of_node[id]]);
    }
}

void FunctionalEngine::Impl::check_images(const std::int32_t* images, std::size_t count) const {
    const network::Node& input = network.nodes.front();
    const std::size_t values = count * input.shape.size();
    const std::int32_t lowest = input.format.lowest(), highest = input.format.highest();
    for (std::size_t i = 0; i < values; ++i)
        if (images[i] < lowest || images[i] > highest)
            refuse("image {}: input code {} is outside {}..{}", i / input.shape.size(), images[i], lowest,
                   highest);
}

void FunctionalEngine::Impl::run_matrix(std::size_t layer, std::size_t first, std::size_t count) {
    const network::NodeId id = network.matrix_nodes()[layer];
    const network::Node& node = network.nodes[id];
    padded.resize(count);
    team.run(count, [&](std::size_t image, int) {
        layers[layer].first().pad(map_of(node.inputs.front(), first, image), padded[image]);
        maps[id][image].resize(node.shape.size());
    });
    for (std::size_t part = 0; part < layers[layer].parts.size(); ++part) run_part(layer, part, first, count);
}

void FunctionalEngine::Impl::run_part(std::size_t layer, std::size_t part, std::size_t first,
                                      std::size_t count) {
    const LayerRunner& runner = *layers[layer].parts[part];
    const network::NodeId id = network.matrix_nodes()[layer];
    const std::size_t windows = count * static_cast<std::size_t>(runner.windows());
    if (windows == 0) return;
    const std::size_t tiles = (windows + kTileWindows - 1) / kTileWindows;
    const std::size_t tile_windows = (windows + tiles - 1) / tiles;
    // With fewer tiles than threads can share evenly, the columns are divided too.
    const auto groups = static_cast<std::size_t>(runner.cells().column_groups());
    const auto threads = static_cast<std::size_t>(team.threads());
    std::size_t sections = 1;
    if (threads > 1 && tiles < 4 * threads && !runner.is_analog())
        sections = std::min(groups, (4 * threads + tiles - 1) / tiles);
    const std::size_t section_groups = (groups + sections - 1) / sections;
    sections = (groups + section_groups - 1) / section_groups;
    if (watch == Watch::all_sums)
        for (Scratch& own : scratch) runner.start_counting(own);
    team.run(tiles * sections, [&](std::size_t unit, int worker) {
        WindowBatch tile;
        tile.first_window = unit / sections * tile_windows;
        tile.first_image = first_image + first;
        if (tile.first_window >= windows) return;
        tile.windows = static_cast<int>(std::min(tile_windows, windows - tile.first_window));
        tile.first_group = static_cast<int>(unit % sections * section_groups);
        tile.groups = static_cast<int>(std::min(section_groups, groups - unit % sections * section_groups));
        Scratch& own = scratch[static_cast<std::size_t>(worker)];
        runner.run(tile, plans[layer][part], padded, watch, own, own.statistics[layer], maps[id]);
    });
    if (watch == Watch::all_sums)
        for (Scratch& own : scratch) runner.add_counted(own, profile.groups[layer]);
}

void FunctionalEngine::Impl::run_digital(network::NodeId id, std::size_t first, std::size_t count) {
    const network::Node& node = network.nodes[id];
    std::vector<const network::Node*> sources;
    for (const network::NodeId input : node.inputs) sources.push_back(&network.nodes[input]);
    team.run(count, [&](std::size_t image, int) {
        std::vector<const Map*> inputs;
        for (const network::NodeId input : node.inputs) inputs.push_back(&map_of(input, first, image));
        maps[id][image] = network::apply_digital(node, sources, inputs);
    });
}

void FunctionalEngine::Impl::run_chunk(const std::int32_t* images, std::size_t first, std::size_t count,
                                       bool keep, std::int32_t* logits) {
    const std::size_t pixels = network.nodes.front().shape.size();
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        if (!stale[id]) continue;
        maps[id].resize(count);
        switch (network.nodes[id].kind) {
            case network::NodeKind::input:
                for (std::size_t image = 0; image < count; ++image)
                    maps[id][image].assign(images + (first + image) * pixels,
                                           images + (first + image + 1) * pixels);
                break;
            case network::NodeKind::matrix:
                run_matrix(layer_of_node[id], first, count);
                break;
            default:
                run_digital(id, first, count);
                break;
        }
        for (const network::NodeId input : network.nodes[id].inputs)
            if (last_user[input] == id && input != id && !(keep && worth_keeping[input])) maps[input].clear();
    }
    const network::NodeId last = network.nodes.size() - 1;
    for (std::size_t image = 0; image < count; ++image) {
        const Map& map = map_of(last, first, image);
        logits = std::copy(map.begin(), map.end(), logits);
    }
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        if (keep && stale[id] && worth_keeping[id])
            for (std::size_t image = 0; image < count; ++image)
                remembered.maps[id][first + image] = std::move(maps[id][image]);
        maps[id].clear();
    }
}

BatchResult FunctionalEngine::Impl::run_all(const std::int32_t* images, std::size_t count, bool keep,
                                            Watch what) {
    watch = what;
    BatchResult result;
    for (const Layer& layer : layers)
        result.statistics.emplace_back(static_cast<std::size_t>(layer.first().cells().slices()));
    for (Scratch& own : scratch) own.statistics = result.statistics;
    const std::size_t outputs = network.output().shape.size();
    result.logits.resize(count * outputs);
    const std::size_t chunk = kImagesPerThread * static_cast<std::size_t>(team.threads());
    for (std::size_t first = 0; first < count; first += chunk)
        run_chunk(images, first, std::min(chunk, count - first), keep, &result.logits[first * outputs]);
    const std::vector<network::NodeId> nodes = network.matrix_nodes();
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (!stale[nodes[layer]]) {
            result.statistics[layer] = remembered.statistics[layer];
            continue;
        }
        for (std::size_t slice = 0; slice < result.statistics[layer].size(); ++slice) {
            SliceStatistics& total = result.statistics[layer][slice];
            for (const Scratch& own : scratch) {
                const SliceStatistics& part = own.statistics[layer][slice];
                total.clipped += part.clipped;
                for (std::size_t sign = 0; sign < total.clipped_by_sign.size(); ++sign)
                    total.clipped_by_sign[sign] += part.clipped_by_sign[sign];
                total.largest_sum = std::max(total.largest_sum, part.largest_sum);
            }
        }
    }
    return result;
}

BatchResult FunctionalEngine::Impl::run_remembered(const mapping::AdcWidths& widths, bool keep) {
    if (!remembered.valid) refuse("network {}: no images are remembered", network.name);
    std::vector<LayerConverters> converters = converters_from(widths);
    prepare(converters);
    find_stale(converters);
    // Should this throw halfway, some maps would be new and some old.
    remembered.valid = !keep;
    BatchResult result = run_all(nullptr, remembered.count, keep, usual_watch);
    if (keep) {
        remembered.converters = std::move(converters);
        remembered.statistics = result.statistics;
        remembered.valid = true;
    }
    return result;
}

FunctionalEngine::FunctionalEngine(const network::QuantisedNetwork& network,
                                   const mapping::NetworkMapping& mapping, int dac_bits,
                                   EngineOptions options)
    : impl_(std::make_unique<Impl>(network, mapping, dac_bits, options, nullptr)) {}

FunctionalEngine::FunctionalEngine(const network::QuantisedNetwork& network,
                                   const mapping::NetworkMapping& mapping, int dac_bits,
                                   EngineOptions options,
                                   std::shared_ptr<const bitline::AnalogNetwork> arrays)
    : impl_(std::make_unique<Impl>(network, mapping, dac_bits, options, std::move(arrays))) {}

FunctionalEngine::~FunctionalEngine() = default;

BatchResult FunctionalEngine::run(const std::int32_t* images, std::size_t count,
                                  const mapping::AdcWidths& widths, std::size_t first_image) const {
    Impl& impl = *impl_;
    const std::lock_guard<std::mutex> lock(impl.mutex);
    impl.prepare(impl.converters_from(widths));
    impl.check_images(images, count);
    impl.stale.assign(impl.network.nodes.size(), true);
    impl.first_image = first_image;
    BatchResult result = impl.run_all(images, count, false, impl.usual_watch);
    impl.first_image = 0;
    return result;
}

mapping::ColumnProfile FunctionalEngine::profile(const std::int32_t* images, std::size_t count) const {
    Impl& impl = *impl_;
    const std::lock_guard<std::mutex> lock(impl.mutex);
    impl.check_images(images, count);
    LayerConverters exact;
    exact.exact = true;
    impl.prepare(std::vector<LayerConverters>(impl.layers.size(), exact));
    impl.stale.assign(impl.network.nodes.size(), true);
    impl.profile = {};
    impl.profile.images = count;
    for (const Impl::Layer& layer : impl.layers)
        impl.profile.groups.emplace_back(static_cast<std::size_t>(layer.first().cells().slices()));
    impl.run_all(images, count, false, Watch::all_sums);
    // What was not counted drives no row or has no cells.
    for (std::size_t layer = 0; layer < impl.layers.size(); ++layer) {
        const LayerRunner& runner = impl.layers[layer].first();
        const LayerCells& cells = runner.cells();
        const std::uint64_t a_column =
            std::uint64_t{count} * static_cast<std::uint64_t>(runner.windows()) * cells.planes().size();
        if (a_column == 0) continue;
        auto& slices = impl.profile.groups[layer];
        for (std::size_t slice = 0; slice < slices.size(); ++slice) {
            for (std::size_t sign = 0; sign < static_cast<std::size_t>(cells.signs()); ++sign) {
                mapping::SumHistogram& histogram = slices[slice][sign];
                const std::uint64_t conversions = a_column * impl.stored_columns[layer][slice][sign];
                histogram.counts.resize(std::size_t{histogram.largest.sum} + 1, 0);
                // Columns that packing leaves out may be among the zeros that were counted.
                histogram.counts[0] = 0;
                histogram.counts[0] = conversions - histogram.conversions();
            }
        }
    }
    return std::move(impl.profile);
}

BatchResult FunctionalEngine::remember(const std::int32_t* images, std::size_t count,
                                       const mapping::AdcWidths& widths) const {
    Impl& impl = *impl_;
    const std::lock_guard<std::mutex> lock(impl.mutex);
    Impl::Remembered& remembered = impl.remembered;
    remembered = {};
    std::vector<LayerConverters> converters = impl.converters_from(widths);
    impl.prepare(converters);
    impl.check_images(images, count);
    impl.stale.assign(impl.network.nodes.size(), true);
    remembered.maps.assign(impl.network.nodes.size(), std::vector<Map>(count));
    BatchResult result = impl.run_all(images, count, true, impl.usual_watch);
    remembered.count = count;
    remembered.converters = std::move(converters);
    remembered.statistics = result.statistics;
    remembered.valid = true;
    return result;
}

BatchResult FunctionalEngine::run_changed(const mapping::AdcWidths& widths) const {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    return impl_->run_remembered(widths, false);
}

BatchResult FunctionalEngine::remember_changed(const mapping::AdcWidths& widths) const {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    return impl_->run_remembered(widths, true);
}

}  // namespace sliver::engine
