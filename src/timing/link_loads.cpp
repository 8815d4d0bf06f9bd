#include "timing/link_loads.h"

#include <algorithm>

namespace sliver::timing {

std::uint64_t& LinkLoads::of_port(std::vector<std::uint64_t>& links, std::size_t port) {
    const std::size_t place = port == MeshRoutes::kHost ? 0 : 1 + port;
    if (links.size() <= place) links.resize(place + 1, 0);
    return links[place];
}

void LinkLoads::add(const MeshRoutes::Tree& tree, std::uint64_t bytes, std::uint64_t packets) {
    // A placement that does not fit the chip is refused later.
    const auto outside = [&](std::size_t port) { return routes_.router_of(port) >= routes_.routers(); };
    if (outside(tree.from) || std::any_of(tree.to.begin(), tree.to.end(), outside)) return;
    const std::uint64_t flits = routes_.flits(bytes) * packets;
    of_port(in_, tree.from) += flits;
    for (const std::size_t port : tree.to) of_port(out_, port) += flits;
    for (const MeshRoutes::LinkIndex link : tree.links) between_[link] += flits;
}

std::uint64_t LinkLoads::busiest_fs() const {
    std::uint64_t most = 0;
    for (const auto* links : {&between_, &in_, &out_})
        for (const std::uint64_t flits : *links) most = std::max(most, flits);
    return most * routes_.clock_fs();
}

}  // namespace sliver::timing
