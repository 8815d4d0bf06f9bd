// Agenda: what a module has to do, and when. One SystemC event for any number of future actions.
//
// The owner's SC_METHOD is sensitive to event() and calls run_due() first. Actions of the same time run in
// the order in which they were scheduled.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <systemc>
#include <utility>
#include <vector>

#include "model/kernel_time.h"

namespace sliver::model {

class Agenda {
  public:
    using Action = std::function<void()>;

    [[nodiscard]] const sc_core::sc_event& event() const { return wake_; }

    /// Runs `action` at absolute time `time` (now at the earliest).
    void at(const sc_core::sc_time& time, Action action) {
        notify(time);
        entries_.push({time, order_++, std::move(action)});
    }
    /// Wakes the owner's method in the next delta cycle.
    void soon() { wake_.notify(sc_core::SC_ZERO_TIME); }
    /// Wakes the owner's method at `time` at the latest.
    void wake_at(const sc_core::sc_time& time) { at(time, nullptr); }

    void run_due() {
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        while (!entries_.empty() && entries_.top().time <= now) {
            const Action action = std::move(const_cast<Entry&>(entries_.top()).action);
            entries_.pop();
            if (action) action();
        }
        if (!entries_.empty()) wake_.notify(entries_.top().time - now);
    }

  private:
    struct Entry {
        sc_core::sc_time time;
        std::uint64_t order;
        Action action;
        bool operator<(const Entry& other) const {
            return time != other.time ? time > other.time : order > other.order;
        }
    };
    void notify(const sc_core::sc_time& time) {
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        if (has_wrapped(time, now)) end_of_kernel_time();
        if (time <= now)
            wake_.notify(sc_core::SC_ZERO_TIME);
        else
            wake_.notify(time - now);  // an earlier pending notification stays, a later one is replaced
    }

    std::priority_queue<Entry> entries_;
    std::uint64_t order_ = 0;
    sc_core::sc_event wake_;
};

}  // namespace sliver::model
