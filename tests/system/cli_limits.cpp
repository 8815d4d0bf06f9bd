// A machine that gives less than was asked for: fewer threads do not change a byte, and no memory is one
// line.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include "cli_support.h"

BOOST_AUTO_TEST_SUITE(cli_limits)

using namespace cli_support;

namespace {

constexpr rlim_t kMiB = 1'048'576;

void limit(int resource, rlim_t most) {
    const rlimit limits{most, most};
    if (::setrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0) std::_Exit(97);
}

struct LimitedSandbox : Sandbox {
    /// run() with `memory` bytes of address space, of which every thread reserves `stack` for itself.
    [[nodiscard]] Outcome limited(const std::vector<std::string>& arguments, rlim_t memory,
                                  rlim_t stack) const {
        // The limits are inherited: this process sets them in a child of its own, which starts the program.
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            limit(RLIMIT_STACK, stack);
            limit(RLIMIT_AS, memory);
            ::alarm(100);  // a program that hangs is a failure
            become(arguments);
        }
        return outcome_of(child);
    }
    /// The program's results under a limit that leaves 2 or 3 of 16 threads, which it says.
    std::string few_threads(std::vector<std::string> arguments, bool takes_threads = true) const {
        if (takes_threads) arguments.insert(arguments.end(), {"--threads", "16"});
        const Outcome outcome = limited(arguments, 2048 * kMiB, 900 * kMiB);
        BOOST_REQUIRE_MESSAGE(outcome.code == 0, outcome.code << ": " << outcome.err);
        if (takes_threads) BOOST_TEST(outcome.err.find(" threads could be started") != std::string::npos);
        return outcome.out;
    }
};

/// What `eval` prints but for the time it took.
std::string without_time(const std::string& text) {
    return text.substr(0, text.rfind('\n', text.size() - 2));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(fewer_threads_give_the_same_bytes, LimitedSandbox) {
    const std::vector<std::string> more = {"--adc",       "profiled",
                                           "--calibrate", (kFixtures / "vgg-opset13.input.npy").string(),
                                           "--set",       "cells.kind=resistive"};
    std::vector<std::string> eval = fixture_run("vgg-opset13", more);
    eval[0] = "eval";
    BOOST_TEST(without_time(few_threads(eval)) == without_time(good(eval)));
    std::vector<std::string> golden = fixture_run("vgg-opset13");
    golden[0] = "eval";
    golden.emplace_back("--golden");
    BOOST_TEST(without_time(few_threads(golden)) == without_time(good(golden)));

    std::vector<std::string> run = fixture_run("mlp-gemm", {"--functional-count", "4", "--out", path("one")});
    good(run);
    run.back() = path("two");
    few_threads(run);
    BOOST_TEST((snapshot(folder / "one") == snapshot(folder / "two")));

    std::vector<std::string> slices = {"study", "slices"};
    for (const char* name : {"mlp-gemm", "vgg-opset13", "mlp-matmul"})
        slices.insert(slices.end(), {"--network", (kFixtures / (std::string(name) + ".onnx")).string()});
    BOOST_TEST(few_threads(slices, false) == good(slices));
}

BOOST_FIXTURE_TEST_CASE(no_memory_is_one_line, LimitedSandbox) {
    // Large enough to need more than the program itself.
    const std::vector<std::string> arguments = {"check", "isaac", "vgg11-fashion-bitslice"};
    int refused = 0;
    bool done = false;
    for (rlim_t megabytes = 16; megabytes <= 1024 && !done; megabytes += megabytes / 8) {
        // The system's own loader needs some before the program begins.
        if (limited({"--version"}, megabytes * kMiB, kMiB).code != 0) continue;
        const Outcome outcome = limited(arguments, megabytes * kMiB, kMiB);
        done = outcome.code == 0;
        refused += done ? 0 : 1;
        if (done) continue;
        BOOST_TEST(outcome.code == 1, megabytes << " MiB: " << outcome.code << ": " << outcome.err);
        BOOST_TEST(outcome.err == "sliver: out of memory\n", megabytes << " MiB: " << outcome.err);
    }
    BOOST_TEST(done);
    BOOST_TEST(refused > 0);
}

BOOST_AUTO_TEST_SUITE_END()
