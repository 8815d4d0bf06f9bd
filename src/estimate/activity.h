// How often the rows of each layer are driven: what the accounting `driven` charges, counted on images by the
// golden executor instead of the chip.
//
// Exact where no conversion is cut or rounded; else the chip's activations differ a little from the golden
// ones. Depends on the quantised network and the images alone, not on arrays: done once for all points of a
// sweep that share them. Called by MappedNetwork's makers (cli/sweep_estimate.h, tests).
#pragma once

#include <cstdint>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::estimate {

struct Activity {
    std::uint64_t images = 0;
    /// [layer][row of its matrix]: input digits other than zero, over all windows and planes of `images`.
    std::vector<std::vector<std::uint64_t>> digits;
};

/// `codes`: input codes of `images` images, one after the other.
Activity measure_activity(const network::QuantisedNetwork& network, const std::vector<std::int32_t>& codes,
                          std::size_t images, int dac_bits);

}  // namespace sliver::estimate
