// Who wakes up in which order at one time: by the calendar, whatever else is in the kernel's heap.
#include "model/calendar.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "kernel_steps.h"
#include "tb/chip_bench.h"
#include "timing/femtoseconds.h"
#include "timing/in_a_child.h"
#include "timing/load_trials.h"

BOOST_AUTO_TEST_SUITE(tlm_calendar)

namespace {

using namespace sliver;
using kernel_steps::fs;
using model::Alarm;
using model::Calendar;

/// Writes down when it is woken, and does what it is told to then.
class Sleeper : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Sleeper);
    Sleeper(const sc_core::sc_module_name& name, Calendar& calendar, Calendar::Rank rank,
            std::vector<std::string>& diary)
        : sc_module(name), alarm(&calendar, rank), diary_(diary) {
        SC_METHOD(step);
        sensitive << alarm.event();
        dont_initialize();
    }
    Alarm alarm;
    std::function<void()> next;

  private:
    void step() {
        diary_.push_back(std::string(basename()) + "@" + std::to_string(sc_core::sc_time_stamp().value()));
        if (next) std::exchange(next, nullptr)();
    }
    std::vector<std::string>& diary_;
};

/// Events of nobody, at many times and between: the kernel's heap is another one.
class Crowd : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Crowd);
    Crowd(const sc_core::sc_module_name& name, std::size_t count, std::uint64_t period_fs)
        : sc_module(name), events_(count), period_(fs(period_fs)) {
        SC_METHOD(step);
        for (const sc_core::sc_event& event : events_) sensitive << event;
    }

  private:
    void step() {
        if (rounds_++ > 20'000) return;
        for (std::size_t i = 0; i < events_.size(); ++i)
            events_[(i * 7 + rounds_) % events_.size()].notify(
                static_cast<double>(1 + (i * 5 + rounds_) % 11) * period_);
    }
    std::vector<sc_core::sc_event> events_;
    sc_core::sc_time period_;
    std::size_t rounds_ = 0;
};

/// What a trial's chip records, beside `crowd` other events.
std::string recorded(std::uint64_t seed, std::size_t crowd) {
    const load_trials::Trial trial = load_trials::random_trial(seed, 4);
    tb::ChipBench bench;
    bench.add(trial.network, trial.chip, trial.images, {trial.count, {}, &trial.widths});
    std::unique_ptr<Crowd> others;
    if (crowd != 0)
        others = std::make_unique<Crowd>("crowd", crowd,
                                         sliver::timing::femtoseconds(trial.chip.array.cycle_s) / 4);
    bench.run();
    std::string text;
    for (const std::uint64_t time : bench.record(0).completed_fs) text += std::to_string(time) + " ";
    for (const results::LayerRecord& layer : bench.record(0).layers)
        text += std::to_string(layer.waited_input_fs) + "," + std::to_string(layer.waited_output_fs) + "," +
                std::to_string(layer.waited_bus_fs) + "," + std::to_string(layer.last_start_fs) + " ";
    return text + std::to_string(bench.record(0).mesh.waited_fs);
}

}  // namespace

BOOST_AUTO_TEST_CASE(units_first_then_in_the_order_in_which_they_were_made) {
    Calendar calendar("calendar");
    std::vector<std::string> diary;
    Sleeper a("a", calendar, Calendar::Rank::others, diary), u("u", calendar, Calendar::Rank::units, diary),
        b("b", calendar, Calendar::Rank::others, diary), v("v", calendar, Calendar::Rank::units, diary);
    kernel_steps::run_until(0);
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    const auto at = [&](const std::string& name, std::uint64_t after) {
        return name + "@" + std::to_string(now + after);
    };
    // Rung backwards; an earlier time stays, a later one does not count.
    for (Sleeper* sleeper : {&v, &b, &u, &a}) sleeper->alarm.ring(fs(now + 10));
    b.alarm.ring(fs(now + 20));
    v.alarm.ring(fs(now + 5));
    // b wakes a unit at the same time, and that wakes a: units go first again.
    b.next = [&] {
        a.alarm.ring(fs(now + 10));
        u.alarm.ring(fs(now + 10));
    };
    kernel_steps::run_until(now + 30);
    const std::vector<std::string> expected = {at("v", 5),  at("u", 10), at("a", 10),
                                               at("b", 10), at("u", 10), at("a", 10)};
    BOOST_TEST(diary == expected, boost::test_tools::per_element());
}

// The kernel takes events of one time as its heap has them. Chips must not see that.
BOOST_AUTO_TEST_CASE(other_models_in_the_kernel_change_nothing) {
    for (std::uint64_t seed = 7000; seed < 7012; ++seed) {
        const auto answer = [&](std::size_t crowd) {
            return in_a_child::answer_of(in_a_child::ask([&] { return recorded(seed, crowd); }));
        };
        const std::string alone = answer(0);
        BOOST_TEST(alone.find(' ') != std::string::npos, alone);
        BOOST_TEST(answer(3) == alone, "seed " << seed);
        BOOST_TEST(answer(40) == alone, "seed " << seed);
    }
}

BOOST_AUTO_TEST_SUITE_END()
