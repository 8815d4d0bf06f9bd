// Which consumers of a map have a packet together, where the mesh forms trees (`mesh.multicast: tree`).
//
// The channels of a pixel that come into being at one place leave together. Of these, consumers that want the
// same ones have one packet; a consumer that wants others has one of its own. Plain C++; called by the chip
// (tiles, host) and by the closed forms.
#pragma once

#include <cstddef>
#include <vector>

namespace sliver::timing {

/// What one consumer wants of the channels that leave together: [first, end).
struct Wanted {
    int first = 0, end = 0;
    bool alone = false;  ///< takes no part: on the tile itself, or at the host
};

/// By consumer: the first one that has a packet together with it; itself, where that is the first.
[[nodiscard]] std::vector<std::size_t> shared_packets(const std::vector<Wanted>& consumers);

}  // namespace sliver::timing
