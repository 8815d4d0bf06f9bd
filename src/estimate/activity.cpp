#include "estimate/activity.h"

#include <cstddef>
#include <utility>

#include "mapping/placement.h"
#include "mapping/slices.h"
#include "network/golden.h"

namespace sliver::estimate {
namespace {

void count_layer(const network::QuantisedNetwork& network, network::NodeId id,
                 const std::vector<std::int32_t>& map, int dac_bits, std::vector<std::uint64_t>& digits,
                 std::vector<std::uint64_t>& squares) {
    const network::Node& node = network.nodes[id];
    const network::NodeId source = mapping::look_through_flatten(network, node.inputs.front());
    const network::Shape& shape = network.nodes[source].shape;
    const std::int32_t zero = network.nodes[source].format.zero;
    const network::Window window = mapping::effective_window(network, id);
    const mapping::CodeDigits table =
        mapping::code_digits(mapping::input_planes(network.nodes[source].format, dac_bits));
    std::size_t row = 0;
    for (int channel = 0; channel < shape.channels; ++channel)
        for (int ky = 0; ky < window.kernel_height; ++ky)
            for (int kx = 0; kx < window.kernel_width; ++kx, ++row)
                for (int oy = 0; oy < node.shape.height; ++oy) {
                    const int y = oy * window.stride_y - window.pad_top + ky * window.dilation_y;
                    const std::ptrdiff_t line =
                        (static_cast<std::ptrdiff_t>(channel) * shape.height + y) * shape.width;
                    for (int ox = 0; ox < node.shape.width; ++ox) {
                        const int x = ox * window.stride_x - window.pad_left + kx * window.dilation_x;
                        const bool outside = y < 0 || y >= shape.height || x < 0 || x >= shape.width;
                        const auto code = static_cast<std::uint8_t>(
                            outside ? zero : map[static_cast<std::size_t>(line + x)]);
                        digits[row] += table.driven[code];
                        squares[row] += table.squares[code];
                    }
                }
}

}  // namespace

Activity measure_activity(const network::QuantisedNetwork& network, const std::vector<std::int32_t>& codes,
                          std::size_t images, int dac_bits, bool keep_maps) {
    Activity activity;
    activity.images = images;
    const std::vector<network::NodeId> layers = network.matrix_nodes();
    for (const network::NodeId id : layers)
        activity.digits.emplace_back(static_cast<std::size_t>(network.nodes[id].weights.rows), 0);
    activity.squares = activity.digits;
    const std::size_t size = network.nodes.front().shape.size();
    for (std::size_t image = 0; image < images; ++image) {
        const auto first = codes.begin() + static_cast<std::ptrdiff_t>(image * size);
        auto maps = network::run_golden_maps(network, {first, first + static_cast<std::ptrdiff_t>(size)});
        for (std::size_t layer = 0; layer < layers.size(); ++layer)
            count_layer(
                network, layers[layer],
                maps[mapping::look_through_flatten(network, network.nodes[layers[layer]].inputs.front())],
                dac_bits, activity.digits[layer], activity.squares[layer]);
        if (keep_maps) activity.maps.push_back(std::move(maps));
    }
    return activity;
}

}  // namespace sliver::estimate
