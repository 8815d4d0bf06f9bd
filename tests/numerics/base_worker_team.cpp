// Every unit once, whatever the threads; the lowest failure; and the threads that the machine refuses.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

#include "../support/sanitized.h"
#include "base/worker_team.h"

BOOST_AUTO_TEST_SUITE(base_worker_team)

namespace {

using sliver::WorkerTeam;

std::string failure_of(WorkerTeam& team, const std::set<std::size_t>& bad) {
    try {
        team.run(200, [&](std::size_t unit, int) {
            if (bad.count(unit) > 0) throw std::runtime_error("unit " + std::to_string(unit));
        });
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

/// Exit status of a child process that calls `trial`; a child that hangs is ended.
template <typename Trial>
int in_child(Trial trial) {
    const pid_t child = fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        alarm(60);
        _exit(trial());
    }
    int status = 0;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    BOOST_TEST_MESSAGE("wait status " << status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum Outcome { kFewer = 0, kWrongSum = 10, kNoLimit = 11, kNotTold = 12, kFailureLost = 13 };

/// A team of 64 under a limit: some threads are missing, and all works as with all of them.
int team_of_64() {
    for (int round = 0; round < 20; ++round) {
        WorkerTeam team(64);
        if (team.threads() >= 64) return kNoLimit;
        std::vector<std::size_t> seen(10'000, 0);
        std::vector<std::size_t> by_worker(static_cast<std::size_t>(team.threads()), 0);
        team.run(seen.size(), [&](std::size_t unit, int worker) {
            ++seen[unit];
            ++by_worker[static_cast<std::size_t>(worker)];
        });
        if (std::any_of(seen.begin(), seen.end(), [](std::size_t times) { return times != 1; }) ||
            std::accumulate(by_worker.begin(), by_worker.end(), std::size_t{0}) != seen.size())
            return kWrongSum;
        if (failure_of(team, {7, 150}) != "unit 7") return kFailureLost;
    }
    const auto shortage = sliver::thread_shortage();
    return shortage && shortage->wanted == 64 && shortage->had < 64 ? kFewer : kNotTold;
}

/// Root has no limit on processes: nobody has.
int limit_processes(rlim_t most) {
    if (geteuid() == 0 && setuid(65534) != 0) return 1;
    const rlimit limit{most, most};
    return setrlimit(RLIMIT_NPROC, &limit);
}

BOOST_AUTO_TEST_CASE(every_unit_once) {
    for (const int threads : {-3, 0, 1, 2, 7}) {
        WorkerTeam team(threads);
        BOOST_TEST(team.threads() == std::max(1, threads));
        for (const std::size_t units : {0U, 1U, 2U, 1'000U}) {
            std::vector<std::atomic<int>> seen(units);
            std::atomic<bool> strange_worker{false};
            team.run(units, [&](std::size_t unit, int worker) {
                ++seen[unit];
                if (worker < 0 || worker >= team.threads()) strange_worker = true;
            });
            BOOST_TEST(std::all_of(seen.begin(), seen.end(), [](const auto& times) { return times == 1; }));
            BOOST_TEST(!strange_worker);
        }
    }
    BOOST_TEST(!sliver::thread_shortage().has_value());
}

BOOST_AUTO_TEST_CASE(lowest_failure_decides) {
    for (const int threads : {1, 2, 5}) {
        WorkerTeam team(threads);
        for (int round = 0; round < 200; ++round) {
            BOOST_TEST_REQUIRE(failure_of(team, {13, 14, 15, 16, 199}) == "unit 13");
            BOOST_TEST_REQUIRE(failure_of(team, {}) == "none");  // nothing stays behind
        }
    }
}

BOOST_AUTO_TEST_CASE(lowest_failure_decides_though_it_comes_last) {
    using namespace std::chrono_literals;
    WorkerTeam team(2);
    std::atomic<bool> other_thrown{false};
    const auto run = [&] {
        team.run(2, [&](std::size_t unit, int) {
            // Unit 0 waits for the other worker; where there is none, not for ever.
            for (int waited = 0; unit == 0 && !other_thrown && waited < 1'000; ++waited)
                std::this_thread::sleep_for(1ms);
            if (unit == 0) std::this_thread::sleep_for(50ms);
            other_thrown = true;
            throw std::runtime_error("unit " + std::to_string(unit));
        });
    };
    BOOST_CHECK_EXCEPTION(run(), std::runtime_error, [](const std::runtime_error& error) {
        return std::string(error.what()) == "unit 0";
    });
}

BOOST_AUTO_TEST_CASE(a_team_for_one_loop) {
    std::vector<int> seen(100, 0);
    sliver::in_parallel(seen.size(), 4, [&](std::size_t unit, int) { ++seen[unit]; });
    BOOST_TEST(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
    sliver::in_parallel(0, 4, [&](std::size_t, int) { BOOST_ERROR("there is no unit"); });
    BOOST_TEST(sliver::processors() >= 1);
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_threads_there_are) {
    for (const rlim_t most : {1U, 3U}) {
        const int outcome = in_child([&] { return limit_processes(most) == 0 ? team_of_64() : kNoLimit; });
        if (outcome == kNoLimit)
            BOOST_TEST_MESSAGE("this system does not limit the threads of a user");
        else
            BOOST_TEST(outcome == kFewer);
    }
}

#ifndef SLIVER_SANITIZED  // sanitizers reserve more than any limit
BOOST_AUTO_TEST_CASE(goes_on_without_room_for_stacks) {
    const int outcome = in_child([] {
        const rlimit limit{256U << 20U, 256U << 20U};  // 64 stacks of 8 MiB do not fit
        return setrlimit(RLIMIT_AS, &limit) == 0 ? team_of_64() : kNoLimit;
    });
    BOOST_TEST(outcome == kFewer);
}
#endif

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
