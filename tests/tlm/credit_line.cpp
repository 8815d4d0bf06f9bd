// The credit line alone: who knows what when, each looked at a femtosecond before and at it.
#include "model/credit_line.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel_steps.h"

BOOST_AUTO_TEST_SUITE(tlm_credit_line)

namespace {

using namespace sliver;
using kernel_steps::Fs;
using kernel_steps::fs;
using kernel_steps::run_until;
using model::Agenda;
using model::CreditLine;

/// Somebody with an agenda: raises lines, asks them, is called by them.
class Party : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Party);
    explicit Party(const sc_core::sc_module_name& name) : sc_module(name) {
        SC_METHOD(step);
        sensitive << agenda.event();
        dont_initialize();
    }
    void raise(CreditLine& line, Fs time, std::uint64_t limit) {
        agenda.at(fs(time), [&line, limit] { line.raise(limit); });
    }
    /// At `time` it asks for `number`, is refused, and wants to be called.
    void wait_for(CreditLine& line, Fs time, std::uint64_t number, Fs delay) {
        agenda.at(fs(time), [this, &line, number, delay] {
            line.call(number, fs(delay), agenda, [this, &line, number, delay] {
                called.push_back(sc_core::sc_time_stamp().value());
                granted_when_called = granted_when_called && line.grants(number, fs(delay));
            });
        });
    }
    Agenda agenda;
    std::vector<Fs> called;
    bool granted_when_called = true;

  private:
    void step() { agenda.run_due(); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(known_after_the_delay) {
    Party receiver("receiver");
    CreditLine line(3);
    const std::vector<Fs> delays = {0, 1, 5'000, 12'000'000};
    for (const Fs delay : delays) line.connect(fs(delay));
    constexpr Fs kRaised = 20'000'000, kRaisedAgain = 21'000'000;
    receiver.raise(line, kRaised, 5);
    receiver.raise(line, kRaised + 500'000, 4);  // lower: nothing
    receiver.raise(line, kRaisedAgain, 8);
    struct Step {
        Fs time, delay;
        std::uint64_t limit;  ///< numbers below it are known to have room, this one not yet
    };
    const std::vector<Step> steps = {
        {0, 0, 3},
        {kRaised - 1, 0, 3},
        {kRaised, 0, 5},
        {kRaised, 1, 3},
        {kRaised, 12'000'000, 3},
        {kRaised + 1, 1, 5},
        {kRaised + 4'999, 5'000, 3},
        {kRaised + 5'000, 5'000, 5},
        {kRaisedAgain - 1, 0, 5},
        {kRaisedAgain, 0, 8},
        {kRaisedAgain, 1, 5},
        {kRaisedAgain + 4'999, 5'000, 5},
        {kRaisedAgain + 5'000, 5'000, 8},
        {kRaised + 11'999'999, 12'000'000, 3},
        {kRaised + 12'000'000, 12'000'000, 5},
        {kRaisedAgain + 11'999'999, 12'000'000, 5},
        {kRaisedAgain + 12'000'000, 12'000'000, 8},
    };
    for (const Step& step : steps) {
        run_until(step.time);
        BOOST_TEST_CONTEXT("at " << step.time << " fs, " << step.delay << " fs away") {
            BOOST_TEST(line.grants(0, fs(step.delay)));
            BOOST_TEST(line.grants(step.limit - 1, fs(step.delay)));
            BOOST_TEST(!line.grants(step.limit, fs(step.delay)));
        }
    }
    // What everybody knows has been forgotten one by one; later changes are as late as the first.
    receiver.raise(line, 60'000'000, 10);
    run_until(60'000'000 + 4'999);
    BOOST_TEST(line.grants(7, fs(12'000'000)));
    BOOST_TEST(!line.grants(8, fs(5'000)));
    run_until(60'000'000 + 5'000);
    BOOST_TEST(line.grants(9, fs(5'000)));
    BOOST_TEST(!line.grants(8, fs(12'000'000)));
    BOOST_TEST(line.calls() == 0U);
}

BOOST_AUTO_TEST_CASE(senders_are_called_once) {
    Party receiver("receiver"), near("near"), far("far"), late("late"), never("never"), at_once("at_once");
    CreditLine line(1);
    for (const Fs delay : {Fs{2'000}, Fs{9'000'000}}) line.connect(fs(delay));
    near.wait_for(line, 1'000, 3, 2'000);
    far.wait_for(line, 1'000, 3, 9'000'000);
    never.wait_for(line, 1'000, 7, 2'000);
    at_once.wait_for(line, 1'000, 0, 9'000'000);  // has had room from the beginning
    receiver.raise(line, 10'000'000, 3);          // not enough for number 3
    receiver.raise(line, 12'000'000, 4);
    late.wait_for(line, 13'000'000, 3, 9'000'000);  // the news is on its way
    receiver.raise(line, 14'000'000, 7);            // nobody is called again
    run_until(30'000'000);
    BOOST_TEST(near.called == (std::vector<Fs>{12'002'000}), boost::test_tools::per_element());
    BOOST_TEST(far.called == (std::vector<Fs>{21'000'000}), boost::test_tools::per_element());
    BOOST_TEST(late.called == (std::vector<Fs>{21'000'000}), boost::test_tools::per_element());
    BOOST_TEST(at_once.called == (std::vector<Fs>{1'000}), boost::test_tools::per_element());
    BOOST_TEST(never.called.empty());
    for (const Party* party : {&near, &far, &late, &at_once}) BOOST_TEST(party->granted_when_called);
    BOOST_TEST(line.calls() == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
