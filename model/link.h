// Link: one way from a port to a router, from a router to the next, or out to a port.
//
// Models: it carries one flit a clock and one packet at a time, first come first served; a head flit is on it
// for `link_cycles`. Waiting is counted. Does not model: bit errors, width other than the flit's. Times are
// the kernel's. Called by routed interconnects, in the order of time; no module of its own.
#pragma once

#include <cstdint>
#include <systemc>

#include "model/interconnect.h"
#include "model/server.h"
#include "model/timeline.h"

namespace sliver::model {

class Link {
  public:
    /// What all links of an interconnect have in common.
    struct Common {
        sc_core::sc_time clock, latency;
        Interconnect::Counters& counters;
        Timeline* timeline;  ///< null: nobody watches
    };
    explicit Link(const Common& common) : common_(common) {}

    struct Load {
        std::uint64_t flits = 0;
        std::size_t port = 0;  ///< where it goes; of several ports one
        network::NodeId payer = 0;
    };
    /// A packet whose head is ready at `ready`. Returns when its head starts to move.
    sc_core::sc_time carry(const sc_core::sc_time& ready, const Load& load);
    /// From the head's start to its being at the other end.
    [[nodiscard]] const sc_core::sc_time& latency() const { return common_.latency; }
    [[nodiscard]] const Server& server() const { return server_; }
    void watch(Timeline::Lane lane) { lane_ = lane; }
    void reset() { server_.reset(); }

  private:
    const Common& common_;
    Server server_;
    Timeline::Lane lane_ = 0;
};

}  // namespace sliver::model
