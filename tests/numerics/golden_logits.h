// What a chip without any clipping computes: the golden executor over several images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "network/golden.h"

namespace test {

/// Logits of the first `count` images of `images` (input codes), one image after the other.
inline std::vector<std::int32_t> golden_logits(const sliver::network::QuantisedNetwork& network,
                                               const std::vector<std::int32_t>& images, std::size_t count) {
    const auto pixels = static_cast<std::ptrdiff_t>(network.nodes.front().shape.size());
    std::vector<std::int32_t> all;
    for (std::size_t image = 0; image < count; ++image) {
        const auto first = images.begin() + static_cast<std::ptrdiff_t>(image) * pixels;
        const auto logits = sliver::network::run_golden(network, {first, first + pixels});
        all.insert(all.end(), logits.begin(), logits.end());
    }
    return all;
}

/// The same of all of them.
inline std::vector<std::int32_t> golden_logits(const sliver::network::QuantisedNetwork& network,
                                               const std::vector<std::int32_t>& images) {
    return golden_logits(network, images, images.size() / network.nodes.front().shape.size());
}

}  // namespace test
