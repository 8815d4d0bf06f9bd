// Server: what works off one job at a time, first come first served: a bus, a link.
//
// Models: when a job begins and ends. Counts how long it was busy, and how long idle. Jobs come in the order
// in which they are ready. Called by the blocks that are servers; no module of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <systemc>

#include "model/kernel_time.h"

namespace sliver::model {

class Server {
  public:
    /// A job that is ready at `ready` (absolute) and takes `duration`. Returns when it begins.
    sc_core::sc_time serve(const sc_core::sc_time& ready, const sc_core::sc_time& duration) {
        const sc_core::sc_time start = std::max(ready, free_at_);
        add_to(idle_, start - free_at_);
        free_at_ = later(start, duration);
        add_to(busy_, duration);
        return start;
    }
    [[nodiscard]] const sc_core::sc_time& free_at() const { return free_at_; }
    [[nodiscard]] const sc_core::sc_time& busy() const { return busy_; }
    /// Up to `now`, when its last job is over.
    [[nodiscard]] sc_core::sc_time idle(const sc_core::sc_time& now) const {
        return later(idle_, now - std::min(now, free_at_));
    }
    /// Its jobs are dropped, its counts begin anew.
    void reset() {
        free_at_ = sc_core::sc_time_stamp();
        busy_ = idle_ = sc_core::SC_ZERO_TIME;
    }

  private:
    sc_core::sc_time free_at_, busy_, idle_;
};

/// A server that works off `per_s` bytes or values a second; 0: as many as come, in no time.
class RatedServer {
  public:
    explicit RatedServer(double per_s) : per_s_(per_s) {}

    [[nodiscard]] bool bounded() const { return per_s_ > 0; }
    /// `amount` more of them, asked for now. Returns when they are done, relative to now.
    sc_core::sc_time take(std::size_t amount) {
        if (!bounded()) return sc_core::SC_ZERO_TIME;
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        server_.serve(now, from_seconds(static_cast<double>(amount) / per_s_));
        return server_.free_at() - now;
    }
    [[nodiscard]] const Server& server() const { return server_; }
    void reset() { server_.reset(); }

  private:
    double per_s_;
    Server server_;
};

}  // namespace sliver::model
