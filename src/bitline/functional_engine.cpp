#include "bitline/functional_engine.h"

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "bitline/layer_runner.h"
#include "bitline/worker_team.h"
#include "network/integer_ops.h"

namespace sliver::bitline {
namespace {

/// Windows that share the weights and cells in the cache.
constexpr std::size_t kTileWindows = 32;
/// Images computed side by side, so that layers with few windows fill their tiles.
constexpr std::size_t kImagesPerThread = 8;

using Map = std::vector<std::int32_t>;

}  // namespace

struct FunctionalEngine::Impl {
    Impl(const network::QuantisedNetwork& quantised, const mapping::NetworkMapping& mapped, int dac_bits,
         EngineOptions wished);

    void prepare(const mapping::AdcWidths& widths);
    void run_chunk(const std::int32_t* images, std::size_t count, std::int32_t* logits);
    void run_matrix(std::size_t layer, std::size_t count);
    void run_digital(network::NodeId id, std::size_t count);
    void check_images(const std::int32_t* images, std::size_t count) const;

    const network::QuantisedNetwork& network;
    EngineOptions options;
    WorkerTeam team;
    std::vector<std::unique_ptr<LayerRunner>> layers;
    std::vector<std::size_t> layer_of_node;
    std::vector<network::NodeId> last_user;  ///< of each node's map

    // State of one run; run() is const to its callers and one at a time.
    std::mutex mutex;
    std::vector<std::vector<int>> planned_widths;
    std::vector<LayerPlan> plans;
    std::vector<Scratch> scratch;        ///< one a thread
    std::vector<std::vector<Map>> maps;  ///< [node][image of the chunk]
    std::vector<PaddedMap> padded;       ///< [image of the chunk]
};

FunctionalEngine::Impl::Impl(const network::QuantisedNetwork& quantised,
                             const mapping::NetworkMapping& mapped, int dac_bits, EngineOptions wished)
    : network(quantised), options(wished), team(wished.threads) {
    layer_of_node.assign(network.nodes.size(), 0);
    last_user.assign(network.nodes.size(), network.nodes.size());
    for (network::NodeId id = 0; id < network.nodes.size(); ++id)
        for (const network::NodeId input : network.nodes[id].inputs) last_user[input] = id;
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
        layers[index] =
            std::make_unique<LayerRunner>(node, input, with_planes, mapped.format, options.instruction_set);
    });
    for (std::size_t index = 0; index < layers.size(); ++index)
        layer_of_node[mapped.layers[LayerIndex(index)].node] = index;
    scratch.resize(static_cast<std::size_t>(team.threads()));
    maps.resize(network.nodes.size());
}

void FunctionalEngine::Impl::prepare(const mapping::AdcWidths& widths) {
    if (widths.bits.size() != layers.size())
        refuse("ADC widths for {} layers; network {} has {} matrix layers", widths.bits.size(), network.name,
               layers.size());
    if (widths.bits == planned_widths) return;
    planned_widths.clear();
    plans.assign(layers.size(), LayerPlan());
    const std::vector<network::NodeId> nodes = network.matrix_nodes();
    team.run(layers.size(), [&](std::size_t index, int) {
        plans[index] =
            make_plan(layers[index]->cells(), network.nodes[nodes[index]].name, widths.bits[index]);
    });
    planned_widths = widths.bits;
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

void FunctionalEngine::Impl::run_matrix(std::size_t layer, std::size_t count) {
    const LayerRunner& runner = *layers[layer];
    const network::NodeId id = network.matrix_nodes()[layer];
    const network::Node& node = network.nodes[id];
    const std::vector<Map>& inputs = maps[node.inputs.front()];
    padded.resize(count);
    team.run(count, [&](std::size_t image, int) {
        runner.pad(inputs[image], padded[image]);
        maps[id][image].resize(node.shape.size());
    });
    const std::size_t windows = count * static_cast<std::size_t>(runner.windows());
    if (windows == 0) return;
    const std::size_t tiles = (windows + kTileWindows - 1) / kTileWindows;
    const std::size_t tile_windows = (windows + tiles - 1) / tiles;
    // With fewer tiles than threads can share evenly, the columns are divided too.
    const auto groups = static_cast<std::size_t>(runner.cells().column_groups());
    const auto threads = static_cast<std::size_t>(team.threads());
    std::size_t sections = 1;
    if (threads > 1 && tiles < 4 * threads) sections = std::min(groups, (4 * threads + tiles - 1) / tiles);
    const std::size_t section_groups = (groups + sections - 1) / sections;
    sections = (groups + section_groups - 1) / section_groups;
    team.run(tiles * sections, [&](std::size_t unit, int worker) {
        Tile tile;
        tile.first_window = unit / sections * tile_windows;
        if (tile.first_window >= windows) return;
        tile.windows = static_cast<int>(std::min(tile_windows, windows - tile.first_window));
        tile.first_group = static_cast<int>(unit % sections * section_groups);
        tile.groups = static_cast<int>(std::min(section_groups, groups - unit % sections * section_groups));
        Scratch& own = scratch[static_cast<std::size_t>(worker)];
        runner.run(tile, plans[layer], padded, options.record_sums, own, own.statistics[layer], maps[id]);
    });
}

void FunctionalEngine::Impl::run_digital(network::NodeId id, std::size_t count) {
    const network::Node& node = network.nodes[id];
    std::vector<const network::Node*> sources;
    for (const network::NodeId input : node.inputs) sources.push_back(&network.nodes[input]);
    team.run(count, [&](std::size_t image, int) {
        std::vector<const Map*> inputs;
        for (const network::NodeId input : node.inputs) inputs.push_back(&maps[input][image]);
        maps[id][image] = network::apply_digital(node, sources, inputs);
    });
}

void FunctionalEngine::Impl::run_chunk(const std::int32_t* images, std::size_t count, std::int32_t* logits) {
    const std::size_t pixels = network.nodes.front().shape.size();
    for (network::NodeId id = 0; id < network.nodes.size(); ++id) {
        maps[id].resize(count);
        switch (network.nodes[id].kind) {
            case network::NodeKind::input:
                for (std::size_t image = 0; image < count; ++image)
                    maps[id][image].assign(images + image * pixels, images + (image + 1) * pixels);
                break;
            case network::NodeKind::matrix:
                run_matrix(layer_of_node[id], count);
                break;
            default:
                run_digital(id, count);
                break;
        }
        for (const network::NodeId input : network.nodes[id].inputs)
            if (last_user[input] == id && input != id) maps[input].clear();
    }
    for (const Map& map : maps.back()) logits = std::copy(map.begin(), map.end(), logits);
    maps.back().clear();
}

FunctionalEngine::FunctionalEngine(const network::QuantisedNetwork& network,
                                   const mapping::NetworkMapping& mapping, int dac_bits,
                                   EngineOptions options)
    : impl_(std::make_unique<Impl>(network, mapping, dac_bits, options)) {}

FunctionalEngine::~FunctionalEngine() = default;

BatchResult FunctionalEngine::run(const std::int32_t* images, std::size_t count,
                                  const mapping::AdcWidths& widths) const {
    Impl& impl = *impl_;
    const std::lock_guard<std::mutex> lock(impl.mutex);
    impl.prepare(widths);
    impl.check_images(images, count);
    BatchResult result;
    for (const auto& layer : impl.layers)
        result.statistics.emplace_back(static_cast<std::size_t>(layer->cells().slices()));
    for (Scratch& own : impl.scratch) own.statistics = result.statistics;
    const std::size_t outputs = impl.network.output().shape.size();
    const std::size_t pixels = impl.network.nodes.front().shape.size();
    result.logits.resize(count * outputs);
    const std::size_t chunk = kImagesPerThread * static_cast<std::size_t>(impl.team.threads());
    for (std::size_t first = 0; first < count; first += chunk)
        impl.run_chunk(images + first * pixels, std::min(chunk, count - first),
                       &result.logits[first * outputs]);
    for (const Scratch& own : impl.scratch) {
        for (std::size_t layer = 0; layer < own.statistics.size(); ++layer) {
            for (std::size_t slice = 0; slice < own.statistics[layer].size(); ++slice) {
                SliceStatistics& total = result.statistics[layer][slice];
                total.clipped += own.statistics[layer][slice].clipped;
                total.largest_sum = std::max(total.largest_sum, own.statistics[layer][slice].largest_sum);
            }
        }
    }
    return result;
}

}  // namespace sliver::bitline
