// Router: one switch stage, where the head of a packet takes the link on, or the way out to a port.
//
// Models: routes (timing/mesh_routes.h); `router_cycles` for the head; a packet with several receivers forks
// where their ways part. Has the links to its neighbours, if it has any. Does not model: virtual channels,
// finite buffers: a packet moves on when the next link is free and is kept whole until then. So no router
// can lock up. Called by routed interconnects, which own the events; no module of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <systemc>
#include <vector>

#include "model/link.h"
#include "timing/mesh_routes.h"

namespace sliver::model {

class Router {
  public:
    Router(std::size_t number, const timing::MeshRoutes& routes, const Link::Common& links);

    /// From the head's being here to its being ready for the next link.
    [[nodiscard]] sc_core::sc_time latency() const { return latency_; }
    /// Whether a packet for that router leaves here.
    [[nodiscard]] bool is(std::size_t target) const { return number_ == target; }
    struct Onward {
        Link& link;
        std::size_t router;  ///< at its other end
    };
    /// Where a packet for another router goes.
    [[nodiscard]] Onward onward(std::size_t target);
    /// To the east, west, north and south: timing::Direction.
    [[nodiscard]] const std::array<Link, timing::kDirections>& links() const { return links_; }
    [[nodiscard]] std::array<Link, timing::kDirections>& links() { return links_; }

    /// Of receivers [first, end) those whose ways from here are one: calls `go(port, first, end)` for each
    /// way with its receivers, one of whose ports is `port`. Sorts them so. `port_of` of an address,
    /// `router_of` of a port.
    template <typename PortOf, typename RouterOf, typename Go>
    void fork(std::vector<std::uint64_t>& receivers, std::size_t first, std::size_t end,
              const PortOf& port_of, const RouterOf& router_of, const Go& go) const;

  private:
    std::size_t number_;
    const timing::MeshRoutes& routes_;
    sc_core::sc_time latency_;
    std::array<Link, timing::kDirections> links_;
};

template <typename PortOf, typename RouterOf, typename Go>
void Router::fork(std::vector<std::uint64_t>& receivers, std::size_t first, std::size_t end,
                  const PortOf& port_of, const RouterOf& router_of, const Go& go) const {
    // A direction, or behind those a port.
    const auto way_to = [&](std::uint64_t receiver) {
        const std::size_t port = port_of(receiver), target = router_of(port);
        if (is(target)) return timing::kDirections + port;
        return static_cast<std::size_t>(routes_.next(number_, target).direction);
    };
    const auto at = [&](std::size_t place) { return receivers.begin() + static_cast<std::ptrdiff_t>(place); };
    while (first < end) {
        const std::size_t way = way_to(*at(first)), port = port_of(*at(first));
        const auto others = std::stable_partition(
            at(first), at(end), [&](std::uint64_t receiver) { return way_to(receiver) == way; });
        const auto behind = static_cast<std::size_t>(others - receivers.begin());
        go(port, first, behind);
        first = behind;
    }
}

}  // namespace sliver::model
