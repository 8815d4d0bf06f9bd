#include "model/calendar.h"

#include <algorithm>

namespace sliver::model {

Calendar::Calendar(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_METHOD(step);
    sensitive << next_;
    dont_initialize();
}

std::size_t Calendar::join(Rank rank, sc_core::sc_event& event) {
    members_.push_back({rank, &event, {}, false});
    return members_.size() - 1;
}

void Calendar::ring(std::size_t member, const sc_core::sc_time& time) {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (has_wrapped(time, now)) end_of_kernel_time();
    Member& own = members_[member];
    const sc_core::sc_time& at = std::max(time, now);
    if (own.set && own.time <= at) return;
    own.set = true;
    own.time = at;
    entries_.push({at, member});
    if (at == now)
        next_.notify(sc_core::SC_ZERO_TIME);
    else
        next_.notify(at - now);
}

void Calendar::step() {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    units_.clear();
    for (; !entries_.empty() && entries_.top().time <= now; entries_.pop()) {
        const std::size_t member = entries_.top().member;
        Member& own = members_[member];
        if (!own.set || own.time != entries_.top().time) continue;  // was rung earlier
        own.set = false;
        (own.rank == Rank::units ? units_ : others_).push_back(member);
    }
    if (!units_.empty()) {
        for (const std::size_t member : units_) members_[member].event->notify();
        next_.notify(sc_core::SC_ZERO_TIME);
        return;
    }
    std::sort(others_.begin(), others_.end());
    others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
    for (const std::size_t member : others_) members_[member].event->notify();
    others_.clear();
    if (!entries_.empty()) next_.notify(entries_.top().time - now);
}

}  // namespace sliver::model
