// MeshRoutes: how packets go between tiles and host, and what they take where nobody is in their way.
//
// Of a mesh (mesh.kind) the routers lie in a grid, `mesh.concentration` tiles (a square of them) at each; the
// host is at router 0. XY routing: along the row first, then along the column. A packet is one head flit and
// its payload; a link moves one flit a clock. A packet for several ports takes the routes to all of them
// together: they are a tree, since what an XY route passes up to a router is the XY route to it. A central
// switch is one router, at which all ports are. Of an ideal interconnect nothing takes time. Plain C++,
// integer femtoseconds. Called by model/routed_interconnect (which adds the waiting) and by the closed forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/chip_config.h"

namespace sliver::timing {

enum class Direction : std::uint8_t { east, west, north, south };
constexpr std::size_t kDirections = 4;

class MeshRoutes {
  public:
    explicit MeshRoutes(const config::MeshConfig& config);

    /// The port that is no tile.
    static constexpr std::size_t kHost = ~std::size_t{0};

    [[nodiscard]] std::size_t routers() const { return columns_ * rows_; }
    [[nodiscard]] std::size_t router_of(std::size_t port) const;
    /// Flits of a packet with `bytes` bytes of payload.
    [[nodiscard]] std::uint64_t flits(std::uint64_t bytes) const;

    struct Hop {
        Direction direction = Direction::east;
        std::size_t router = 0;  ///< the next one
    };
    /// Where a packet for another router goes on at `router`.
    [[nodiscard]] Hop next(std::size_t router, std::size_t target) const;
    /// A link from router to router: router * kDirections + direction.
    using LinkIndex = std::size_t;
    struct Tree {
        std::size_t from = 0;
        std::vector<std::size_t> to;   ///< ports, each once
        std::vector<LinkIndex> links;  ///< each once, in order of their numbers
        /// Every router but the first is entered by one link.
        [[nodiscard]] std::uint64_t routers() const { return 1 + links.size(); }
    };
    /// The routes from a port to others, together. What is named twice counts once.
    [[nodiscard]] Tree tree(std::size_t from, std::vector<std::size_t> to) const;
    /// Routers that a packet between two ports passes, at least one.
    [[nodiscard]] std::uint64_t routers_between(std::size_t from, std::size_t to) const;

    [[nodiscard]] std::uint64_t clock_fs() const { return clock_fs_; }
    [[nodiscard]] std::uint64_t link_fs() const { return link_fs_; }
    [[nodiscard]] std::uint64_t router_fs() const { return router_fs_; }

    /// From the port's injection to the delivery of the last flit, on an empty mesh.
    [[nodiscard]] std::uint64_t packet_fs(std::size_t from, std::size_t to, std::uint64_t bytes) const;
    /// Routers times flits: what a packet is charged.
    [[nodiscard]] std::uint64_t flit_hops(std::size_t from, std::size_t to, std::uint64_t bytes) const;
    /// The same for several receivers: a flit that forks in a router passes it once.
    [[nodiscard]] std::uint64_t flit_hops(const Tree& tree, std::uint64_t bytes) const;
    /// From a receiver that has room again to a sender that knows: the way of a head flit, on wires beside
    /// the links.
    [[nodiscard]] std::uint64_t credit_fs(std::size_t from, std::size_t to) const;

  private:
    bool ideal_, central_;
    std::uint64_t link_bits_;
    std::size_t tile_columns_, side_, columns_, rows_;
    std::uint64_t clock_fs_ = 0, link_fs_ = 0, router_fs_ = 0;
};

}  // namespace sliver::timing
