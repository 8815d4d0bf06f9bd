// How often the rows of each layer are driven: what the accountings `driven` and `conducting` charge, counted
// on images by the golden executor instead of the chip. And, where asked, the maps themselves: which reads a
// zero detector would leave out depends on them.
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
    /// The same, each digit squared: what a cell draws of a row whose voltage follows its digit.
    std::vector<std::vector<std::uint64_t>> squares;
    /// [image][node]: codes; none where they were not asked for.
    std::vector<std::vector<std::vector<std::int32_t>>> maps;
};

/// `codes`: input codes of `images` images, one after the other. `keep_maps`: for chips with
/// skip.zero_planes.
Activity measure_activity(const network::QuantisedNetwork& network, const std::vector<std::int32_t>& codes,
                          std::size_t images, int dac_bits, bool keep_maps);

}  // namespace sliver::estimate
