// Progress where stderr is no terminal: a line every ten seconds, by a clock of the test's.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "cli/terminal_progress.h"

BOOST_AUTO_TEST_SUITE(cli_progress)

using sliver::cli::TerminalProgress;

namespace {

struct Log {
    Log() : file(std::tmpfile(), &std::fclose) { BOOST_REQUIRE(file != nullptr); }
    [[nodiscard]] TerminalProgress progress() {
        return TerminalProgress(file.get(), [this] { return now; });
    }
    void pass(double seconds) {
        now += std::chrono::duration_cast<TerminalProgress::Clock::duration>(
            std::chrono::duration<double>(seconds));
    }
    [[nodiscard]] std::string text() const {
        std::rewind(file.get());
        std::string text;
        for (int letter = std::fgetc(file.get()); letter != EOF; letter = std::fgetc(file.get()))
            text += static_cast<char>(letter);
        return text;
    }
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file;
    TerminalProgress::Clock::time_point now{};
};

}  // namespace

BOOST_AUTO_TEST_CASE(long_work_leaves_a_line_every_ten_seconds) {
    Log log;
    TerminalProgress progress = log.progress();
    for (std::size_t done = 0; done <= 100; ++done) {
        progress.count("functional engine", done, 100, "images");
        log.pass(0.25);
    }
    BOOST_TEST(log.text() ==
               "functional engine: 40 of 100 images, 4.0 a second, 15 s left\n"
               "functional engine: 80 of 100 images, 4.0 a second, 5 s left\n");
}

BOOST_AUTO_TEST_CASE(short_work_leaves_nothing) {
    Log log;
    {
        TerminalProgress progress = log.progress();
        for (const char* stage : {"calibrating", "mapping", "simulating 1 image"}) {
            progress.stage(stage);
            log.pass(3);
        }
        progress.count("functional engine", 7, 7, "images");
        progress.clear();
    }
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_CASE(stages_that_take_long_together_are_told_too) {
    Log log;
    TerminalProgress progress = log.progress();
    for (int point = 1; point <= 6; ++point) {
        progress.stage("point " + std::to_string(point));
        log.pass(4);
    }
    BOOST_TEST(log.text() == "point 4 ...\n");
}

BOOST_AUTO_TEST_CASE(who_wants_none_gets_none) {
    ::setenv("SLIVER_PROGRESS", "none", 1);
    Log log;
    TerminalProgress progress = log.progress();
    ::unsetenv("SLIVER_PROGRESS");
    progress.stage("calibrating");
    log.pass(20);
    progress.count("functional engine", 1, 2, "images");
    progress.stage("mapping");
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_SUITE_END()
