#include "timing/link_loads.h"

#include <algorithm>

namespace sliver::timing {

std::uint64_t& LinkLoads::of_port(std::vector<std::uint64_t>& links, std::size_t port) {
    const std::size_t place = port == MeshRoutes::kHost ? 0 : 1 + port;
    if (links.size() <= place) links.resize(place + 1, 0);
    return links[place];
}

void LinkLoads::add(std::size_t from, std::size_t to, std::uint64_t bytes, std::uint64_t packets) {
    // A placement that does not fit the chip is refused later.
    if (std::max(routes_.router_of(from), routes_.router_of(to)) >= routes_.routers()) return;
    const std::uint64_t flits = routes_.flits(bytes) * packets;
    of_port(in_, from) += flits;
    of_port(out_, to) += flits;
    const std::size_t target = routes_.router_of(to);
    for (std::size_t router = routes_.router_of(from); router != target;) {
        const MeshRoutes::Hop hop = routes_.next(router, target);
        between_[router * kDirections + static_cast<std::size_t>(hop.direction)] += flits;
        router = hop.router;
    }
}

std::uint64_t LinkLoads::busiest_fs() const {
    std::uint64_t most = 0;
    for (const auto* links : {&between_, &in_, &out_})
        for (const std::uint64_t flits : *links) most = std::max(most, flits);
    return most * routes_.clock_fs();
}

}  // namespace sliver::timing
