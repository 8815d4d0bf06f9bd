// A results folder is complete or not there, whatever kills the program; what was there before stays until
// then.
#define BOOST_TEST_MODULE cli_atomic
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/atomic_folder.h"
#include "cli_support.h"
#include "network/npy.h"

using namespace cli_support;

namespace {

bool has_staging(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename().string().find(".partial-") != std::string::npos) return true;
    return false;
}

/// Does `work` in a child that then dies by SIGKILL.
template <typename Work>
void do_and_die(const Work& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        work();
        ::raise(SIGKILL);
        std::_Exit(97);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFSIGNALED(status));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(killed_between_writing_and_commit, Sandbox) {
    const fs::path destination = folder / "out";
    do_and_die([&] {
        const sliver::AtomicFolder staged(destination, false);
        staged.write("stats.json", "new");
    });
    BOOST_TEST(!fs::exists(destination));

    fs::create_directory(destination);
    write(destination / "stats.json", "old");
    const std::string before = snapshot(destination);
    do_and_die([&] {
        const sliver::AtomicFolder staged(destination, true);
        staged.write("stats.json", "new");
    });
    BOOST_TEST(snapshot(destination) == before);
    // The next run is not stopped by what the killed one left beside it.
    {
        sliver::AtomicFolder staged(destination, true);
        staged.write("stats.json", "new");
        staged.commit();
    }
    BOOST_TEST(read(destination / "stats.json") == "new");
}

BOOST_FIXTURE_TEST_CASE(the_program_killed_in_the_middle, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    const std::string before = snapshot(folder / "out");
    // Two images of VGG-11 on the chip take seconds; the staging folder shows that the run has begun.
    const std::vector<float> pixels(2 * 32 * 32, 0.5F);
    write(folder / "images.npy", sliver::network::npy_bytes({2, 1, 32, 32}, pixels));
    const pid_t child = start({"run", "--chip", "isaac", "--network", "vgg11-fashion-dense", "--images",
                               path("images.npy"), "--count", "2", "--out", path("out"), "--force"});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!has_staging(folder) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    BOOST_REQUIRE(has_staging(folder));
    ::kill(child, SIGKILL);
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE_MESSAGE(WIFSIGNALED(status), "the run was over before it could be killed");
    BOOST_TEST((snapshot(folder / "out") == before));
}

BOOST_FIXTURE_TEST_CASE(a_refused_run_leaves_nothing_behind, Sandbox) {
    fs::create_directory(folder / "empty");
    BOOST_TEST(run(fixture_run("mlp-gemm", {"--count", "99", "--out", path("empty")})).code == 2);
    BOOST_TEST(fs::is_empty(folder / "empty"));
    BOOST_TEST(!has_staging(folder));
}

BOOST_FIXTURE_TEST_CASE(force_replaces_all_of_the_old_folder, Sandbox) {
    fs::create_directory(folder / "out");
    write(folder / "out/stale.txt", "old");
    good(fixture_run("mlp-gemm", {"--out", path("out"), "--force"}));
    BOOST_TEST(!fs::exists(folder / "out/stale.txt"));
    BOOST_TEST(fs::exists(folder / "out/stats.json"));
    // An empty folder needs no force; a path with a slash at its end is the same folder.
    fs::create_directory(folder / "fresh");
    good(fixture_run("mlp-gemm", {"--out", path("fresh/")}));
    BOOST_TEST(fs::exists(folder / "fresh/stats.json"));
    BOOST_TEST(!has_staging(folder));
}
