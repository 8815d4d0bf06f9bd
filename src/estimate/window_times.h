// When windows start: the recurrence of docs/time.md over all windows of a few images, without waiting for
// links, room or queues.
//
// start(window) = max(its inputs are there, the window before it on the same copy has left the arrays); its
// values are there a fixed time later. All parts of a copy are taken to be as slow as the slowest. Integer
// femtoseconds. Called by closed_form.h.
#pragma once

#include <cstdint>
#include <vector>

#include "config/chip_config.h"
#include "estimate/mapped_network.h"

namespace sliver::estimate {

struct LayerPace {
    int copies = 1;
    std::uint64_t occupied_fs = 0;  ///< planes x T_read: then the next window may follow
    std::uint64_t rest_fs = 0;      ///< beside that, from a window's start to its values at their home
    /// skip.zero_planes: [image, in turn][window]: occupied_fs of each; else empty.
    std::vector<std::vector<std::uint64_t>> occupied_by_window_fs;
};

/// From a node's home to who consumes its map: [node that consumes][which of its inputs].
using Delays = std::vector<std::vector<std::uint64_t>>;

struct LayerTimes {
    std::uint64_t first_start_fs = 0, last_start_fs = 0, done_fs = 0;  ///< of the first image
};

struct WindowTimes {
    std::vector<LayerTimes> layers;
    std::vector<std::uint64_t> completed_fs;  ///< by image: the last logit at its home
};

/// `row_fs`: a row of the image over the host's link.
WindowTimes window_times(const MappedNetwork& mapped, const config::ChipConfig& chip,
                         const std::vector<LayerPace>& paces, const Delays& delays, std::uint64_t row_fs,
                         std::size_t images);

}  // namespace sliver::estimate
