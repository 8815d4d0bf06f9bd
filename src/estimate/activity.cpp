#include "estimate/activity.h"

#include <array>
#include <cstddef>

#include "mapping/placement.h"
#include "mapping/slices.h"
#include "network/golden.h"

namespace sliver::estimate {
namespace {

/// Planes in which a value of the map drives its row, by the value's byte.
std::array<std::uint8_t, 256> driven_planes(const network::Format& format, int dac_bits) {
    std::array<std::uint8_t, 256> table{};
    for (const mapping::InputPlane& plane : mapping::input_planes(format, dac_bits))
        for (unsigned byte = 0; byte < table.size(); ++byte)
            if ((byte >> static_cast<unsigned>(plane.shift) &
                 ((1U << static_cast<unsigned>(plane.bits)) - 1U)) != 0)
                ++table[byte];
    return table;
}

void count_layer(const network::QuantisedNetwork& network, network::NodeId id,
                 const std::vector<std::int32_t>& map, int dac_bits, std::vector<std::uint64_t>& digits) {
    const network::Node& node = network.nodes[id];
    const network::NodeId source = mapping::look_through_flatten(network, node.inputs.front());
    const network::Shape& shape = network.nodes[source].shape;
    const network::Window window = mapping::effective_window(network, id);
    const auto table = driven_planes(network.nodes[source].format, dac_bits);
    std::size_t row = 0;
    for (int channel = 0; channel < shape.channels; ++channel)
        for (int ky = 0; ky < window.kernel_height; ++ky)
            for (int kx = 0; kx < window.kernel_width; ++kx, ++row)
                for (int oy = 0; oy < node.shape.height; ++oy) {
                    const int y = oy * window.stride_y - window.pad_top + ky;
                    if (y < 0 || y >= shape.height) continue;
                    const std::size_t line =
                        (static_cast<std::size_t>(channel) * static_cast<std::size_t>(shape.height) +
                         static_cast<std::size_t>(y)) *
                        static_cast<std::size_t>(shape.width);
                    for (int ox = 0; ox < node.shape.width; ++ox) {
                        const int x = ox * window.stride_x - window.pad_left + kx;
                        if (x < 0 || x >= shape.width) continue;
                        digits[row] +=
                            table[static_cast<std::uint8_t>(map[line + static_cast<std::size_t>(x)])];
                    }
                }
}

}  // namespace

Activity measure_activity(const network::QuantisedNetwork& network, const std::vector<std::int32_t>& codes,
                          std::size_t images, int dac_bits) {
    Activity activity;
    activity.images = images;
    const std::vector<network::NodeId> layers = network.matrix_nodes();
    for (const network::NodeId id : layers)
        activity.digits.emplace_back(static_cast<std::size_t>(network.nodes[id].weights.rows), 0);
    const std::size_t size = network.nodes.front().shape.size();
    for (std::size_t image = 0; image < images; ++image) {
        const auto first = codes.begin() + static_cast<std::ptrdiff_t>(image * size);
        const auto maps =
            network::run_golden_maps(network, {first, first + static_cast<std::ptrdiff_t>(size)});
        for (std::size_t layer = 0; layer < layers.size(); ++layer)
            count_layer(
                network, layers[layer],
                maps[mapping::look_through_flatten(network, network.nodes[layers[layer]].inputs.front())],
                dac_bits, activity.digits[layer]);
    }
    return activity;
}

}  // namespace sliver::estimate
