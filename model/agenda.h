// Agenda: what a module has to do, and when. One alarm (calendar.h) for any number of future actions.
//
// The owner's SC_METHOD is sensitive to event() and calls run_due() first. Actions of the same time run in
// the order of their turns: as they were scheduled, or as a turn was reserved for them.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <systemc>
#include <utility>
#include <vector>

#include "model/calendar.h"

namespace sliver::model {

class Agenda {
  public:
    using Action = std::function<void()>;
    using Turn = std::uint64_t;

    /// `calendar`: of the owner's chip; null: the kernel wakes the owner.
    explicit Agenda(Calendar* calendar = nullptr) : alarm_(calendar) {}

    [[nodiscard]] const sc_core::sc_event& event() const { return alarm_.event(); }

    /// Runs `action` at absolute time `time` (now at the earliest).
    void at(const sc_core::sc_time& time, Action action) { at(time, reserve(), std::move(action)); }
    /// The same, in a turn that was reserved before its time was known.
    void at(const sc_core::sc_time& time, Turn turn, Action action) {
        alarm_.ring(time);
        entries_.push({time, turn, std::move(action)});
    }
    [[nodiscard]] Turn reserve() { return turns_++; }
    /// Wakes the owner's method in the next delta cycle.
    void soon() { alarm_.ring(sc_core::sc_time_stamp()); }
    /// Wakes the owner's method at `time` at the latest.
    void wake_at(const sc_core::sc_time& time) { at(time, nullptr); }

    void run_due() {
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        while (!entries_.empty() && entries_.top().time <= now) {
            const Action action = std::move(const_cast<Entry&>(entries_.top()).action);
            entries_.pop();
            if (action) action();
        }
        if (!entries_.empty()) alarm_.ring(entries_.top().time);
    }
    /// Nothing is to be done any more; the owner may still be woken for it. Not called by an action.
    void reset() {
        entries_ = {};
        turns_ = 0;
    }

  private:
    struct Entry {
        sc_core::sc_time time;
        Turn turn;
        Action action;
        bool operator<(const Entry& other) const {
            return time != other.time ? time > other.time : turn > other.turn;
        }
    };

    std::priority_queue<Entry> entries_;
    Turn turns_ = 0;
    Alarm alarm_;
};

}  // namespace sliver::model
