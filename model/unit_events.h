// UnitEvents: what happens when inside one processing element that is approximately timed (style.h).
//
// A read, a burst and an addition begin and end as events of the block that does them. There are some
// hundred thousand an image, so the blocks of a processing element share one alarm (calendar.h) instead of a
// kernel event each. Events of the same time come in the order of their steps, then of the arrays: so that
// converters take samples first come first served, those of the first array first, as docs/time.md says.
// The owner's SC_METHOD is sensitive to event() and calls run_due().
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <systemc>
#include <vector>

#include "model/calendar.h"

namespace sliver::model {

class UnitEvents {
  public:
    enum class Step : std::uint8_t {
        added,          ///< shift-add: the codes of a read are in the accumulators
        sampling_free,  ///< converters: a read driven now finds its sample-and-hold free; in front of the end
                        ///< of a burst, since one without a column ends when it begins
        burst_end,      ///< converters: one has swept its columns of a read
        held,           ///< array: the samples of a read are held
        ready,          ///< processing element: the accumulators of a window are complete
        announced,      ///< processing element: its arrays are free a cycle from now
        stage_over      ///< processing element: a window without a read has taken its cycle
    };
    /// The block that an event belongs to.
    class Owner {
      public:
        /// `about`: what was given to at().
        virtual void on_step(Step step, std::size_t about) = 0;

      protected:
        ~Owner() = default;
    };

    explicit UnitEvents(Calendar& calendar) : alarm_(&calendar, Calendar::Rank::units) {}

    [[nodiscard]] const sc_core::sc_event& event() const { return alarm_.event(); }

    /// `array`: of the processing element, by its place; `about`: for the owner.
    void at(const sc_core::sc_time& time, Step step, std::size_t array, Owner& owner, std::size_t about = 0) {
        alarm_.ring(time);
        entries_.push({time, step, array, turns_++, &owner, about});
    }

    void run_due() {
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        while (!entries_.empty() && entries_.top().time <= now) {
            const Entry entry = entries_.top();
            entries_.pop();
            entry.owner->on_step(entry.step, entry.about);
        }
        if (!entries_.empty()) alarm_.ring(entries_.top().time);
    }

    /// Nothing happens any more (Chip::reset()).
    void reset() { entries_ = {}; }

  private:
    struct Entry {
        sc_core::sc_time time;
        Step step;
        std::size_t array;
        std::uint64_t turn;
        Owner* owner;
        std::size_t about;
        bool operator>(const Entry& other) const {
            if (time != other.time) return time > other.time;
            if (step != other.step) return step > other.step;
            return array != other.array ? array > other.array : turn > other.turn;
        }
    };

    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
    std::uint64_t turns_ = 0;
    Alarm alarm_;
};

}  // namespace sliver::model
