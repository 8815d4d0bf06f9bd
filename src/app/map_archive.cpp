#include "app/map_archive.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "app/archive.h"
#include "base/worker_team.h"
#include "network/golden.h"

namespace sliver::app {
namespace {

using network::Node;
using network::QuantisedNetwork;
using Maps = std::vector<std::vector<std::int32_t>>;

/// Version of the naming in docs/results.md.
constexpr std::int32_t kMapsFormat = 1;

template <typename T>
void add_as(Archive& archive, const std::string& name, const std::vector<std::size_t>& dims,
            const std::vector<Maps>& of_images, std::size_t node) {
    std::vector<T> codes;
    for (const Maps& maps : of_images)
        for (const std::int32_t code : maps[node]) codes.push_back(static_cast<T>(code));
    archive.add(name, dims, codes);
}

/// In the narrowest type that holds the format.
void add_map(Archive& archive, const Node& node, std::size_t id, const std::vector<Maps>& of_images) {
    const std::string name = fmt::format("map{:03}", id);
    const std::vector<std::size_t> dims = {of_images.size(), static_cast<std::size_t>(node.shape.channels),
                                           static_cast<std::size_t>(node.shape.height),
                                           static_cast<std::size_t>(node.shape.width)};
    if (node.format.bytes() > 1) return add_as<std::int32_t>(archive, name, dims, of_images, id);
    if (node.format.is_signed) return add_as<std::int8_t>(archive, name, dims, of_images, id);
    add_as<std::uint8_t>(archive, name, dims, of_images, id);
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
    Archive archive;
    archive.number("format", kMapsFormat);
    archive.text("name", network.name);
    archive.text("node_names", names);
    archive.add("node_kind", {nodes}, kinds);
    archive.add("node_step", {nodes}, steps);
    archive.add("node_zero", {nodes}, zeros);
    archive.add("node_relu", {nodes}, relus);
    archive.add("channels_last", {1}, std::vector<std::uint8_t>{static_cast<std::uint8_t>(last ? 1 : 0)});
    archive.add("images",
                {count, static_cast<std::size_t>(input.shape.channels),
                 static_cast<std::size_t>(input.shape.height), static_cast<std::size_t>(input.shape.width)},
                all);
    for (std::size_t id = 0; id < nodes; ++id) add_map(archive, network.nodes[id], id, of_images);
    return archive.finish();
}

}  // namespace sliver::app
