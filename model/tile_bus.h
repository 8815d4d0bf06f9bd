// TileBus: the bus between a tile's eDRAM, its processing elements and its adders.
//
// Models: the bytes of a window on their way from the eDRAM to the input registers of all its processing
// elements at once, and the accumulators (32 bits each) on their way from the output registers to the adders,
// one processing element after the other. With a rate: one transfer at a time, first come first served.
// Without one (`tile.bus: unlimited`) transfers take no time of their own; the pipeline's stages cover them.
// Counts bytes and what it was busy with. Does not model: arbitration by priority, widths. Called by Tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <systemc>

#include "cost/actions.h"
#include "model/server.h"

namespace sliver::model {

class TileBus {
  public:
    /// Bytes a second; 0: unlimited.
    explicit TileBus(double bytes_per_s) : wires_(bytes_per_s) {}

    [[nodiscard]] bool bounded() const { return wires_.bounded(); }
    /// Asked now. Returns when the last byte is there, relative to now.
    sc_core::sc_time move(std::size_t bytes) {
        bytes_ += bytes;
        return wires_.take(bytes);
    }
    [[nodiscard]] const Server& server() const { return wires_.server(); }
    void reset() {
        wires_.reset();
        bytes_ = 0;
    }
    void count(cost::Actions& actions) const { actions.bus_bytes += bytes_; }

  private:
    RatedServer wires_;
    std::uint64_t bytes_ = 0;
};

}  // namespace sliver::model
