#include "app/map_archive.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "base/worker_team.h"
#include "network/golden.h"
#include "network/npy.h"
#include "network/npz.h"

namespace sliver::app {
namespace {

using network::Node;
using network::QuantisedNetwork;
using Maps = std::vector<std::vector<std::int32_t>>;

/// Version of the naming in docs/results.md.
constexpr std::int32_t kMapsFormat = 1;

template <typename T>
std::string narrow_bytes(const std::vector<std::size_t>& dims, const std::vector<Maps>& of_images,
                         std::size_t node) {
    std::vector<T> codes;
    for (const Maps& maps : of_images)
        for (const std::int32_t code : maps[node]) codes.push_back(static_cast<T>(code));
    return network::npy_bytes(dims, codes);
}

/// In the narrowest type that holds the format.
std::string map_bytes(const Node& node, std::size_t id, const std::vector<Maps>& of_images) {
    const std::vector<std::size_t> dims = {of_images.size(), static_cast<std::size_t>(node.shape.channels),
                                           static_cast<std::size_t>(node.shape.height),
                                           static_cast<std::size_t>(node.shape.width)};
    if (node.format.bytes() > 1) return narrow_bytes<std::int32_t>(dims, of_images, id);
    if (node.format.is_signed) return narrow_bytes<std::int8_t>(dims, of_images, id);
    return narrow_bytes<std::uint8_t>(dims, of_images, id);
}

std::string text_bytes(const std::string& text) {
    return network::npy_bytes({text.size()}, std::vector<std::uint8_t>(text.begin(), text.end()));
}

}  // namespace

std::string map_archive(const LoadedNetwork& loaded, const QuantisedNetwork& network,
                        const network::ImageSet& set, std::size_t first, std::size_t count, int threads) {
    const Node& input = network.nodes.front();
    std::vector<Maps> of_images(count);
    std::vector<std::vector<float>> pixels(count);
    in_parallel(count, threads, [&](std::size_t i, int) {
        pixels[i] = set.image(first + i);
        of_images[i] = network::run_golden_maps(network, network::quantise_image(input, pixels[i].data()));
    });
    std::string names;
    std::vector<std::int32_t> kinds, zeros;
    std::vector<double> steps;
    std::vector<std::uint8_t> relus;
    for (const Node& node : network.nodes) {
        names += node.name + "\n";
        kinds.push_back(static_cast<std::int32_t>(node.kind));
        zeros.push_back(node.format.zero);
        steps.push_back(node.format.step());
        relus.push_back(node.relu ? 1 : 0);
    }
    std::vector<float> all;
    for (const std::vector<float>& image : pixels) all.insert(all.end(), image.begin(), image.end());
    const bool last = loaded.network.layout == network::ImageLayout::channels_last;
    const std::size_t nodes = network.nodes.size();
    network::NpzWriter writer;
    writer.add("format", network::npy_bytes({1}, std::vector<std::int32_t>{kMapsFormat}));
    writer.add("name", text_bytes(network.name));
    writer.add("node_names", text_bytes(names));
    writer.add("node_kind", network::npy_bytes({nodes}, kinds));
    writer.add("node_step", network::npy_bytes({nodes}, steps));
    writer.add("node_zero", network::npy_bytes({nodes}, zeros));
    writer.add("node_relu", network::npy_bytes({nodes}, relus));
    writer.add("channels_last",
               network::npy_bytes({1}, std::vector<std::uint8_t>{static_cast<std::uint8_t>(last ? 1 : 0)}));
    writer.add("images", network::npy_bytes({count, static_cast<std::size_t>(input.shape.channels),
                                             static_cast<std::size_t>(input.shape.height),
                                             static_cast<std::size_t>(input.shape.width)},
                                            all));
    for (std::size_t id = 0; id < nodes; ++id)
        writer.add(fmt::format("map{:03}", id), map_bytes(network.nodes[id], id, of_images));
    return writer.finish();
}

}  // namespace sliver::app
