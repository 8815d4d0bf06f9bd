// HostLink: the chip-to-chip link to the host (HyperTransport).
//
// Models: a rate in bytes a second each way (0: transfers take no time); each way carries one transfer after
// the other, first come first served. Counts bytes. Does not model: packets and protocol of the link itself.
// Times are the kernel's. Called by Host; no module of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <systemc>

#include "config/chip_config.h"
#include "model/server.h"

namespace sliver::model {

class HostLink {
  public:
    explicit HostLink(const config::HostConfig& config) : bytes_per_s_(config.bytes_per_s) {}

    /// One of its two ways.
    struct Way {
        Server server;
        std::uint64_t bytes = 0;
    };
    Way in, out;

    [[nodiscard]] sc_core::sc_time time_of(std::size_t bytes) const;
    void reset() {
        for (Way* way : {&in, &out}) {
            way->server.reset();
            way->bytes = 0;
        }
    }
    /// `bytes` bytes that are ready at `ready`. When the last has crossed: server.free_at() of the way.
    void carry(Way& way, const sc_core::sc_time& ready, std::size_t bytes) const;

  private:
    double bytes_per_s_;
};

}  // namespace sliver::model
