#include "model/credit_line.h"

#include <algorithm>
#include <utility>

namespace sliver::model {

void CreditLine::raise(std::uint64_t limit) {
    if (limit <= limit_) return;
    limit_ = limit;
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (!changes_.empty() && changes_.back().since == now)
        changes_.back().limit = limit;
    else
        changes_.push_back({now, limit});
    while (!changes_.empty() && later(changes_.front().since, longest_) <= now) {
        known_ = changes_.front().limit;
        changes_.pop_front();
    }
    for (std::size_t i = 0; i < waiting_.size();) {
        if (waiting_[i].number >= limit) {
            ++i;
            continue;
        }
        Waiting called = std::move(waiting_[i]);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        called.agenda->at(later(now, called.delay), std::move(called.action));
    }
}

void CreditLine::reset() {
    limit_ = known_ = first_limit_;
    changes_.clear();
    waiting_.clear();
    calls_ = 0;
}

/// When the limit passed a number that not every sender knew then.
const sc_core::sc_time& CreditLine::passed(std::uint64_t number) const {
    return std::find_if(changes_.begin(), changes_.end(),
                        [&](const Change& change) { return number < change.limit; })
        ->since;
}

bool CreditLine::grants(std::uint64_t number, const sc_core::sc_time& delay) const {
    if (number < known_) return true;
    return number < limit_ && later(passed(number), delay) <= sc_core::sc_time_stamp();
}

void CreditLine::call(std::uint64_t number, const sc_core::sc_time& delay, Agenda& agenda,
                      Agenda::Action action) {
    ++calls_;
    if (number < known_)
        agenda.at(sc_core::sc_time_stamp(), std::move(action));
    else if (number < limit_)
        agenda.at(later(passed(number), delay), std::move(action));
    else
        waiting_.push_back({number, delay, &agenda, std::move(action)});
}

}  // namespace sliver::model
