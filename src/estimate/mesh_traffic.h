// What packets cost on an empty mesh: flit-hops, and the time from a tile to another.
//
// XY routing as model/mesh has it, without waiting for links. Called by closed_form.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/chip_config.h"

namespace sliver::estimate {

class MeshTraffic {
  public:
    explicit MeshTraffic(const config::MeshConfig& config);

    static constexpr std::size_t kHost = ~std::size_t{0};
    struct Packet {
        std::uint64_t flit_hops = 0, femtoseconds = 0;
    };
    /// One packet of `bytes` from port to port (a tile, or kHost). Nothing where the mesh is off.
    [[nodiscard]] Packet packet(std::size_t from, std::size_t to, std::uint64_t bytes) const;

  private:
    [[nodiscard]] std::size_t router_of(std::size_t port) const;

    const config::MeshConfig& config_;
    std::size_t side_ = 1, router_columns_ = 1;
    std::uint64_t clock_fs_ = 0;
};

}  // namespace sliver::estimate
