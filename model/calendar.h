// Calendar: which parts of a chip wake up when, and those of the same time in which order.
//
// SystemC does not say in which order processes run that are woken at the same time, and Accellera's kernel
// takes them as its heap has them: whatever else is in the simulation could change who of two tiles is first.
// Every alarm of a chip is therefore rung from here, by one event: at a time first the parts of processing
// elements (Rank::units), then the others in the order in which they were made, again and again until nobody
// is left for that time. An owner is a process sensitive to its alarm's event; it is woken by an immediate
// notification, so that it runs in the evaluation phase in which it was rung. Takes no time. Alarms without
// a calendar are rung by the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <systemc>
#include <vector>

#include "model/kernel_time.h"

namespace sliver::model {

class Calendar : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Calendar);

    enum class Rank { units, others };

    explicit Calendar(const sc_core::sc_module_name& name);

    /// During elaboration. `event`: notified when it is rung; outlives the simulation.
    std::size_t join(Rank rank, sc_core::sc_event& event);
    /// Rings that event at `time`, now at the earliest. One that is to be rung earlier stays so.
    void ring(std::size_t member, const sc_core::sc_time& time);

  private:
    struct Member {
        Rank rank;
        sc_core::sc_event* event;
        sc_core::sc_time time;
        bool set = false;
    };
    struct Entry {
        sc_core::sc_time time;
        std::size_t member;
        bool operator>(const Entry& other) const {
            return time != other.time ? time > other.time : member > other.member;
        }
    };
    void step();

    std::vector<Member> members_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;  ///< some are out of date
    std::vector<std::size_t> units_, others_;                                 ///< that are due
    sc_core::sc_event next_;
};

/// What wakes one process: the earliest of the times that were asked for since it was woken last.
class Alarm {
  public:
    /// `calendar`: of the chip; null: the kernel rings. Outlives the alarm.
    explicit Alarm(Calendar* calendar = nullptr, Calendar::Rank rank = Calendar::Rank::others)
        : calendar_(calendar), member_(calendar == nullptr ? 0 : calendar->join(rank, event_)) {}
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    [[nodiscard]] const sc_core::sc_event& event() const { return event_; }
    /// At `time`, now at the earliest: then in the next delta cycle.
    void ring(const sc_core::sc_time& time) {
        if (calendar_ != nullptr) {
            calendar_->ring(member_, time);
            return;
        }
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        if (has_wrapped(time, now)) end_of_kernel_time();
        if (time <= now)
            event_.notify(sc_core::SC_ZERO_TIME);
        else
            event_.notify(time - now);  // an earlier pending notification stays, a later one is replaced
    }

  private:
    sc_core::sc_event event_;
    Calendar* calendar_;
    std::size_t member_;
};

}  // namespace sliver::model
