// Nothing of the user's is lost: results are complete or not there, whatever ends the program, and take the
// place of nothing that sliver did not write.
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "../support/sanitized.h"
#include "base/error.h"
#include "base/output_file.h"
#include "base/output_folder.h"
#include "base/own_folder.h"
#include "cli_support.h"
#include "network/npy.h"

BOOST_AUTO_TEST_SUITE(cli_output)

using namespace cli_support;

namespace {

bool has_staging(const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().filename().string().find(".sliver-") != std::string::npos) return true;
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
        const sliver::OutputFolder staged(destination, {});
        staged.write("stats.json", "new");
        ::raise(SIGKILL);
    });
    BOOST_TEST(!fs::exists(destination));

    {
        sliver::OutputFolder staged(destination, {});
        staged.write("stats.json", "old");
        staged.commit();
    }
    const std::string before = snapshot(destination);
    do_and_die([&] {
        const sliver::OutputFolder staged(destination, {"sliver run", "--out", true});
        staged.write("stats.json", "new");
        ::raise(SIGKILL);
    });
    BOOST_TEST(snapshot(destination) == before);
    // The next run is not stopped by what the killed one left beside it.
    {
        sliver::OutputFolder staged(destination, {"sliver run", "--out", true});
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

BOOST_FIXTURE_TEST_CASE(an_empty_folder_needs_no_force, Sandbox) {
    // A path with a slash at its end is the same folder.
    fs::create_directory(folder / "fresh");
    good(fixture_run("mlp-gemm", {"--out", path("fresh/")}));
    BOOST_TEST(fs::exists(folder / "fresh/stats.json"));
    BOOST_TEST(!has_staging(folder));
}

BOOST_FIXTURE_TEST_CASE(force_replaces_only_what_sliver_wrote, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    good({"report", path("out")});
    // All that sliver wrote, a report that came later too: replaced, in any spelling of the path.
    good(fixture_run("mlp-gemm", {"--out", path("out/."), "--force"}));
    BOOST_TEST(!fs::exists(folder / "out/report.html"));
    const auto kept = [&](const std::string& out, const std::string& why) {
        const std::string before = snapshot(folder / out);
        const Outcome outcome = run(fixture_run("mlp-gemm", {"--out", path(out), "--force"}));
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(outcome.err.find(why) != std::string::npos, outcome.err);
        BOOST_TEST((snapshot(folder / out) == before));
    };
    // A note beside the results, an edited result, a folder within, a link.
    write(folder / "out/notes.txt", "mine");
    kept("out", "holds notes.txt, which sliver did not write");
    fs::remove(folder / "out/notes.txt");
    const std::string config = read(folder / "out/config.yaml");
    write(folder / "out/config.yaml", config + "# tuned\n");
    kept("out", "holds config.yaml, which was changed since sliver wrote it");
    write(folder / "out/config.yaml", config);
    fs::create_directory(folder / "out/thesis");
    kept("out", "holds thesis, which sliver did not write");
    fs::remove(folder / "out/thesis");
    write(folder / "elsewhere.txt", config);
    fs::remove(folder / "out/config.yaml");
    fs::create_symlink(folder / "elsewhere.txt", folder / "out/config.yaml");
    kept("out", "config.yaml");
    // A folder that was never sliver's, whatever its files are called.
    fs::create_directories(folder / "home/project");
    write(folder / "home/project/thesis.tex", "years");
    write(folder / "home/stats.json", "{}");
    kept("home", "has no mark of sliver");
    // The folder of a sweep or of a cache is nobody's to replace.
    fs::create_directory(folder / "cache");
    write(folder / "cache/.sliver", "# sliver conductance cache: made and filled by sliver\n");
    kept("cache", "is sliver's conductance cache");
}

BOOST_FIXTURE_TEST_CASE(every_command_that_writes_asks_the_same_place, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("done")}));
    const std::string network = (kFixtures / "mlp-gemm.onnx").string(),
                      images = (kFixtures / "mlp-gemm.input.npy").string();
    write(folder / "ohm.npy", sliver::network::npy_bytes({2, 2}, std::vector<double>{1e4, 1e5, 1e5, 1e4}));
    write(folder / "volt.npy", sliver::network::npy_bytes({2}, std::vector<double>{0.2, 0.2}));
    fs::create_directory(folder / "mine");
    write(folder / "mine/thesis.tex", "years");
    write(folder / "mine.txt", "years");
    const std::string before = snapshot(folder / "mine");
    const std::vector<std::vector<std::string>> folders = {
        fixture_run("mlp-gemm"),
        {"compare", "--chip", "small", "--networks", network, "--images", images, "--count", "1"},
        {"cost", path("done")},
        {"crossbar", "solve", "--resistances", path("ohm.npy"), "--voltages", path("volt.npy"), "--r-driver",
         "1", "--r-row", "1", "--r-col", "1", "--r-sense", "1"},
        {"study", "slices", "--network", "mlp-mnist-dense"},
        {"study", "adc", "--network", network, "--images", images},
        {"study", "nonideal", "--network", network, "--images", images}};
    for (std::vector<std::string> command : folders) {
        const std::string name = command[0] + " " + command[1];
        command.insert(command.end(), {"--force", "--out", path("mine")});
        const Outcome outcome = run(command);
        BOOST_TEST(outcome.code == 2, name << ": " << outcome.err);
        BOOST_TEST(outcome.err.find("has no mark of sliver") != std::string::npos,
                   name << ": " << outcome.err);
    }
    std::vector<std::vector<std::string>> files = {
        {"export", network, "--calibrate", images, "--force", "--out"},
        {"report", path("done"), "--force", "--out"},
        fixture_run("mlp-gemm", {"--force", "--trace"}),
        fixture_run("mlp-gemm", {"--force", "--vcd"})};
    for (std::vector<std::string> command : files) {
        const std::string name = command[0] + " " + command.back();
        for (const auto& [place, why] : {std::pair{"mine.txt", "--force replaces only those"},
                                         {"mine", "is a folder"},
                                         {"fifo", "is not a file"}}) {
            if (std::string(place) == "fifo" && !fs::exists(folder / "fifo"))
                BOOST_REQUIRE(::mkfifo(path("fifo").c_str(), 0600) == 0);
            command.push_back(path(place));
            const Outcome outcome = run(command);
            command.pop_back();
            BOOST_TEST(outcome.code == 2, name << ": " << outcome.err);
            BOOST_TEST(outcome.err.find(why) != std::string::npos, name << ": " << outcome.err);
        }
        // Its own file is replaced; not once it was edited, be it in the middle, or lost its seal.
        command.push_back(path("own"));
        good(command);
        const std::string own = read(folder / "own");
        good(command);
        BOOST_TEST((read(folder / "own") == own));
        std::string edited = own;
        edited[own.size() / 2] ^= 1;
        for (const auto& [content, why] :
             {std::pair{edited, "was changed since sliver wrote it"},
              {own.substr(0, 20) + " " + own.substr(20), "was changed since sliver wrote it"},
              {own + " ", "--force replaces only those"},
              {own.substr(0, own.size() / 2), "--force replaces only those"}}) {
            write(folder / "own", content);
            const Outcome outcome = run(command);
            BOOST_TEST(outcome.code == 2, name << ": " << outcome.err);
            BOOST_TEST(outcome.err.find(path("own") + ": ") != std::string::npos,
                       name << ": " << outcome.err);
            BOOST_TEST(outcome.err.find(why) != std::string::npos, name << ": " << outcome.err);
            BOOST_TEST((read(folder / "own") == content), name);
        }
        fs::remove(folder / "own");
    }
    // A cache is filled bit by bit: in a folder of its own.
    const Outcome cache = run(fixture_run("mlp-gemm", {"--conductance-cache", path("mine"), "--set",
                                                       "cells.kind=resistive", "--set", "wires.kind=exact"}));
    BOOST_TEST(cache.code == 2, cache.err);
    BOOST_TEST(cache.err.find("is in use by something that is no conductance cache") != std::string::npos,
               cache.err);
    BOOST_TEST((snapshot(folder / "mine") == before));
    BOOST_TEST(read(folder / "mine.txt") == "years");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_put_in_place_is_refused_before_the_work, Sandbox) {
    const auto refused = [&](const std::string& out, const std::string& why) {
        // No such network: whoever got as far as that would hear of it.
        const Outcome outcome =
            run({"run", "--chip", "small", "--network", "no-such-network", "--out", out, "--force"});
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(outcome.err.find(why) != std::string::npos, outcome.err);
    };
    const fs::path before = fs::current_path();
    fs::create_directories(folder / "here/below");
    fs::current_path(folder / "here/below");
    for (const char* out : {".", "./", "../below", ".."}) refused(out, "is the working folder, or holds it");
    fs::current_path(before);
    refused("/dev/shm", "is a mount point");
    refused("/", "the working folder");
    refused("/dev/null", "is not a folder");
    fs::create_symlink("round", folder / "round");
    refused(path("round"), "circle");
    // An input, or the folder that holds one.
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    std::vector<std::string> again = fixture_run("mlp-gemm", {"--out", path("out"), "--force"});
    again[2] = path("out/config.yaml");
    Outcome outcome = run(again);
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(outcome.err.find("out/config.yaml, which this command reads") != std::string::npos,
               outcome.err);
    outcome = run({"cost", path("out"), "--out", path("out"), "--force"});
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(outcome.err.find("which this command reads") != std::string::npos, outcome.err);
    BOOST_TEST(fs::exists(folder / "out/stats.json"));
}

BOOST_FIXTURE_TEST_CASE(links_are_followed, Sandbox) {
    fs::create_directory(folder / "disk");
    fs::create_symlink("disk", folder / "link");
    fs::create_symlink("disk/later/results", folder / "dangling");
    good(fixture_run("mlp-gemm", {"--out", path("link")}));
    good(fixture_run("mlp-gemm", {"--out", path("link"), "--force"}));
    BOOST_TEST(fs::is_symlink(folder / "link"));
    BOOST_TEST(fs::exists(folder / "disk/stats.json"));
    fs::remove_all(folder / "disk");
    good(fixture_run("mlp-gemm", {"--out", path("dangling")}));
    BOOST_TEST(fs::is_symlink(folder / "dangling"));
    BOOST_TEST(fs::exists(folder / "disk/later/results/stats.json"));
    fs::create_symlink("disk/trace.json", folder / "trace");
    good(fixture_run("mlp-gemm", {"--trace", path("trace")}));
    good(fixture_run("mlp-gemm", {"--trace", path("trace"), "--force"}));
    BOOST_TEST(fs::is_symlink(folder / "trace"));
    BOOST_TEST(fs::is_regular_file(folder / "disk/trace.json"));
}

BOOST_FIXTURE_TEST_CASE(what_came_to_exist_meanwhile_is_kept, Sandbox) {
    for (const bool force : {false, true}) {
        sliver::OutputRules rules{"sliver run", "--out", force};
        sliver::OutputFolder staged(folder / "out", rules);
        staged.write("stats.json", "new");
        fs::create_directory(folder / "out");
        write(folder / "out/thesis.tex", "years");
        BOOST_CHECK_EXCEPTION(staged.commit(), sliver::InputError, [&](const sliver::InputError& error) {
            return std::string(error.what()).find(path("out.new-1")) != std::string::npos;
        });
        BOOST_TEST(read(folder / "out/thesis.tex") == "years");
        BOOST_TEST(read(folder / "out.new-1/stats.json") == "new");
        fs::remove_all(folder / "out");
        fs::remove_all(folder / "out.new-1");
        // Results of another run count as well, without --force.
        rules.maker = "sliver run --trace";
        sliver::OutputFile file(folder / "trace.json", rules);
        file.append("new");
        write(folder / "trace.json", "years");
        BOOST_CHECK_EXCEPTION(file.commit(), sliver::InputError, [&](const sliver::InputError& error) {
            return std::string(error.what()).find(path("trace.json.new-1")) != std::string::npos;
        });
        BOOST_TEST(read(folder / "trace.json") == "years");
        BOOST_TEST(read(folder / "trace.json.new-1") == "new");
        fs::remove(folder / "trace.json");
        fs::remove(folder / "trace.json.new-1");
    }
    BOOST_TEST(!has_staging(folder));
}

BOOST_FIXTURE_TEST_CASE(four_processes_at_one_place_a_hundred_times, Sandbox) {
    for (int round = 0; round < 100; ++round) {
        const fs::path destination = folder / ("out" + std::to_string(round));
        std::vector<pid_t> children;
        for (int number = 0; number < 4; ++number) {
            const pid_t child = ::fork();
            if (child == 0) {
                int code = 0;
                try {
                    sliver::OutputFolder staged(destination, {});
                    staged.write("a", std::to_string(number));
                    staged.write("b", std::to_string(number));
                    staged.commit();
                } catch (const sliver::InputError& error) {
                    const std::string text = error.what();
                    const bool clear = text.find("another sliver is writing there") != std::string::npos ||
                                       text.find("the folder is in use") != std::string::npos;
                    code = clear ? 2 : 3;
                } catch (const std::exception& error) {
                    code = 4;
                }
                std::_Exit(code);
            }
            children.push_back(child);
        }
        std::vector<int> codes;
        for (const pid_t child : children) {
            int status = 0;
            ::waitpid(child, &status, 0);
            codes.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        }
        BOOST_TEST(std::count(codes.begin(), codes.end(), 0) == 1);
        BOOST_TEST(std::count(codes.begin(), codes.end(), 2) == 3);
        const std::string winner = std::to_string(std::find(codes.begin(), codes.end(), 0) - codes.begin());
        BOOST_TEST(read(destination / "a") == winner);
        BOOST_TEST(read(destination / "b") == winner);
    }
    BOOST_TEST(!has_staging(folder));
}

BOOST_FIXTURE_TEST_CASE(a_running_process_keeps_its_place, Sandbox) {
    const sliver::OutputFolder staged(folder / "out", {});
    const Outcome outcome = run(fixture_run("mlp-gemm", {"--out", path("out")}));
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(outcome.err.find("another sliver is writing there") != std::string::npos, outcome.err);
    BOOST_TEST(fs::exists(staged.staging()));
    // Nor does anybody take it for left behind.
    sliver::remove_leftovers(folder);
    BOOST_TEST(fs::exists(staged.staging()));
}

BOOST_FIXTURE_TEST_CASE(signals_leave_nothing_behind, Sandbox) {
    const std::vector<float> pixels(4 * 32 * 32, 0.5F);
    write(folder / "images.npy", sliver::network::npy_bytes({4, 1, 32, 32}, pixels));
    const std::vector<std::string> images = {"--images", path("images.npy"), "--out", path("results/out")};
    std::vector<std::string> one = {"run",
                                    "--chip",
                                    "isaac",
                                    "--network",
                                    "vgg11-fashion-dense",
                                    "--count",
                                    "4",
                                    "--trace",
                                    path("results/trace.json"),
                                    "--trace-to",
                                    "1 us"};
    std::vector<std::string> both = {
        "compare", "--chip", "isaac", "--networks", "vgg11-fashion-dense,vgg11-fashion-bitslice",
        "--count", "4"};
    for (std::vector<std::string>* command : {&one, &both})
        command->insert(command->end(), images.begin(), images.end());
    for (const auto& [command, signal, code] : {std::tuple{&one, SIGINT, 130},
                                                {&one, SIGTERM, 143},
                                                {&one, SIGHUP, 129},
                                                {&one, SIGQUIT, 131},
                                                {&both, SIGTERM, 143}}) {
        const pid_t child = start(*command);
        while (!has_staging(folder / "results")) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        ::kill(child, signal);
        int status = 0;
        BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
        BOOST_TEST(WIFEXITED(status));
        BOOST_TEST(WEXITSTATUS(status) == code);
        BOOST_TEST(!fs::exists(folder / "results"));  // it was made for them
        fs::remove_all(folder / "results");
    }
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_is_the_machines_fault, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("done")}));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const std::string network = (kFixtures / "mlp-gemm.onnx").string(),
                      images = (kFixtures / "mlp-gemm.input.npy").string();
    for (const auto& [name, arguments] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"out", fixture_run("mlp-gemm", {"--out", path("out")})},
             {"x.npz", {"export", network, "--calibrate", images, "--out", path("x.npz")}},
             {"page.html", {"report", path("done"), "--out", path("page.html")}},
             {"trace.json", fixture_run("mlp-gemm", {"--trace", path("trace.json")})}}) {
        rlimit small = before;
        small.rlim_cur = 6000;
        ::setrlimit(RLIMIT_FSIZE, &small);
        const Outcome outcome = run(arguments);
        ::setrlimit(RLIMIT_FSIZE, &before);
        BOOST_TEST(outcome.code == 1, name << ": " << outcome.err);
        BOOST_TEST(outcome.err.rfind("sliver: " + path(name), 0) == 0, outcome.err);
        BOOST_TEST(outcome.err.find(".sliver-") == std::string::npos, outcome.err);
        BOOST_TEST(!fs::exists(folder / name));
        BOOST_TEST(!has_staging(folder));
    }
    // Help into a full disk is not given.
    for (const char* command : {"--help", "", "list --help"})
        BOOST_TEST(
            std::system((std::string(SLIVER_PROGRAM) + " " + command + " >/dev/full 2>/dev/null").c_str()) ==
            1 << 8);
}

BOOST_FIXTURE_TEST_CASE(what_killed_processes_left_goes_with_the_next, Sandbox) {
    do_and_die([&] {
        const sliver::OutputFolder staged(folder / "out", {});
        staged.write("stats.json", "half");
        ::raise(SIGKILL);  // before the destructor
    });
    do_and_die([&] {
        sliver::OutputFile staged(folder / "trace.json", {"sliver run --trace"});
        staged.append("half");
        ::raise(SIGKILL);
    });
    BOOST_TEST(has_staging(folder));
    // Of another name, and a folder that somebody called so: left alone.
    const fs::path foreign = folder / (".out.sliver-" + std::string(32, 'a'));
    fs::create_directory(foreign);
    write(foreign / "thesis.tex", "years");
    good(fixture_run("mlp-gemm", {"--out", path("out"), "--trace", path("trace.json")}));
    BOOST_TEST(read(foreign / "thesis.tex") == "years");
    fs::remove_all(foreign);
    BOOST_TEST(!has_staging(folder));
    // A file is made exclusively: not over a name that is there, not through a link.
    write(folder / "victim", "years");
    fs::create_symlink("victim", folder / "planted");
    BOOST_CHECK_THROW(sliver::NewFile(folder / "planted", "x"), sliver::MachineError);
    BOOST_TEST(read(folder / "victim") == "years");
}

BOOST_FIXTURE_TEST_CASE(a_mark_reaches_nothing_outside_its_folder, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    fs::create_directory(folder / "victim");
    write(folder / "victim/thesis.tex", "years");
    const std::string mark = read(folder / "out/.sliver"), digest(64, '0');
    for (const std::string& name : {path("victim/thesis.tex"), std::string("../victim/thesis.tex"),
                                    std::string("./x/../../victim/thesis.tex"), std::string()}) {
        write(folder / "out/.sliver", mark + digest + "  " + name + "\n");
        const Outcome outcome = run(fixture_run("mlp-gemm", {"--out", path("out"), "--force"}));
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(outcome.err.find("has no mark of sliver") != std::string::npos, outcome.err);
    }
    // Through a link within: the link is not listed, so the folder is refused.
    fs::create_directory_symlink(folder / "victim", folder / "out/sub");
    write(folder / "out/.sliver", mark + digest + "  sub/thesis.tex\n");
    BOOST_TEST(run(fixture_run("mlp-gemm", {"--out", path("out"), "--force"})).code == 2);
    BOOST_TEST(!sliver::remove_own(folder / "out"));
    BOOST_TEST(read(folder / "victim/thesis.tex") == "years");
}

BOOST_FIXTURE_TEST_CASE(names_of_ours_that_hold_something_are_not_ours, Sandbox) {
    write(folder / ".out.sliver-lock", "years");
    const Outcome outcome = run(fixture_run("mlp-gemm", {"--out", path("out")}));
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(outcome.err.find(".out.sliver-lock") != std::string::npos, outcome.err);
    BOOST_TEST(read(folder / ".out.sliver-lock") == "years");
    fs::remove(folder / ".out.sliver-lock");
    // What a killed report left in the folder does not make it foreign.
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    write(folder / "out" / (".report.html.sliver-" + std::string(32, '0')), "half");
    write(folder / "out/.report.html.sliver-lock", "");
    good(fixture_run("mlp-gemm", {"--out", path("out"), "--force"}));
    // A report that was edited stays.
    good({"report", path("out")});
    write(folder / "out/report.html", read(folder / "out/report.html") + "<!-- mine -->");
    const Outcome edited = run({"report", path("out"), "--force"});
    BOOST_TEST(edited.code == 2);
    BOOST_TEST(edited.err.find("was changed since sliver wrote it") != std::string::npos, edited.err);
}

#ifndef SLIVER_SANITIZED  // sanitizers open files of their own, and call it a defect when they cannot
BOOST_FIXTURE_TEST_CASE(too_few_descriptors_end_the_program, Sandbox) {
    for (const int most : {4, 5, 6, 8}) {
        std::string command = "ulimit -n " + std::to_string(most) + "; exec timeout 20 " + SLIVER_PROGRAM;
        for (const std::string& word : fixture_run("mlp-gemm", {"--out", path("out")}))
            command += " '" + word + "'";
        const int status = std::system(("bash -c \"" + command + "\" >/dev/null 2>&1").c_str());
        BOOST_TEST(WIFEXITED(status));
        BOOST_TEST(WEXITSTATUS(status) != 124);  // it had to be stopped; 127: it could not even be loaded
        BOOST_TEST(!has_staging(folder));
        fs::remove_all(folder / "out");
    }
}

#endif

BOOST_FIXTURE_TEST_CASE(modes_empty_names_and_names_that_steer_a_terminal, Sandbox) {
    fs::create_directory(folder / "private");
    fs::permissions(folder / "private", fs::perms::owner_all);
    good(fixture_run("mlp-gemm", {"--out", path("private")}));
    good(fixture_run("mlp-gemm", {"--out", path("private"), "--force"}));
    BOOST_TEST((fs::status(folder / "private").permissions() == fs::perms::owner_all));
    const Outcome empty = run(fixture_run("mlp-gemm", {"--out", ""}));
    BOOST_TEST(empty.code == 2);
    BOOST_TEST(empty.err.find("--out: is empty") != std::string::npos, empty.err);
    const std::string shown = good(fixture_run("mlp-gemm", {"--out", path("x\x1b[31my")}));
    BOOST_TEST(shown.find('\x1b') == std::string::npos);
    BOOST_TEST(fs::exists(folder / "x\x1b[31my/stats.json"));
}

BOOST_AUTO_TEST_SUITE_END()
