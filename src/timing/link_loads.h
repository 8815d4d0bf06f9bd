// LinkLoads: how many flits each link of the mesh moves for an image, from routes alone.
//
// Plain C++. Called by the closed forms: the busiest link bounds the interval between images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "timing/mesh_routes.h"

namespace sliver::timing {

class LinkLoads {
  public:
    explicit LinkLoads(const MeshRoutes& routes)
        : routes_(routes), between_(routes.routers() * kDirections, 0) {}

    /// `packets` packets of `bytes` bytes from port to port (tiles or MeshRoutes::kHost).
    void add(std::size_t from, std::size_t to, std::uint64_t bytes, std::uint64_t packets) {
        add(routes_.tree(from, {to}), bytes, packets);
    }
    /// The same, each to several ports.
    void add(const MeshRoutes::Tree& tree, std::uint64_t bytes, std::uint64_t packets);
    /// Of the link that moves most: how long it is taken.
    [[nodiscard]] std::uint64_t busiest_fs() const;

  private:
    static std::uint64_t& of_port(std::vector<std::uint64_t>& links, std::size_t port);

    const MeshRoutes& routes_;
    std::vector<std::uint64_t> between_;   ///< router * kDirections + direction
    std::vector<std::uint64_t> in_, out_;  ///< by port, the host first
};

}  // namespace sliver::timing
