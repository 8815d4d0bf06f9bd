// LeastRoom: how many pixels of its input maps a node must be able to hold so that no chip can lock up.
//
// Every node works off its windows in raster order. One order of all windows of an image is played through:
// the last node (in topological order) that has its inputs goes next. What a buffer holds at most on the way,
// from the first pixel that a window still to come reads to the newest one, is what it needs; docs/time.md
// says why that is enough for any number of copies, tiles and images, in whatever order they really go. Joins
// whose branches have unequal lengths hold what the short branch is ahead.
// Plain C++, no time. Called by the chip's plan (model/) and by the closed forms (estimate/), which both
// divide the eDRAM of a tile by share_room().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::timing {

/// Pixels, [node][input]; 0 for inputs of flatten nodes, which hold nothing. Inputs of a node that read the
/// same map share one buffer and have the same number. `pipelined`: a layer's window starts when its own
/// inputs are there (config::PipelineConfig); otherwise when the whole map is. The image comes row by row.
std::vector<std::vector<std::size_t>> least_room(const network::QuantisedNetwork& network, bool pipelined);

/// A buffer in the eDRAM of a tile.
struct RoomNeed {
    std::size_t pixels = 0, channels = 0;
    std::size_t value_bytes = 1;
};

/// What they need together.
std::uint64_t least_bytes(const std::vector<RoomNeed>& needs);

/// Divides `bytes` of eDRAM: each buffer gets what it needs, and of the rest a share
/// in proportion to that. Returns pixels. InputError when it is too small: `tile` names the layer whose tile
/// it is.
std::vector<std::size_t> share_room(std::int64_t bytes, const std::vector<RoomNeed>& needs,
                                    const std::string& tile);

}  // namespace sliver::timing
