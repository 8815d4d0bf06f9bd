// sliver run --log: what the blocks tell, on stderr, at their times; results that do not notice; refusals in
// one line.
#include <boost/test/unit_test.hpp>
#include <map>
#include <sstream>

#include "cli_support.h"

BOOST_AUTO_TEST_SUITE(cli_log)

using namespace cli_support;

namespace {

struct Logged : Sandbox {
    /// Lines of stderr by block and level, `mesh debug`.
    [[nodiscard]] std::map<std::string, std::vector<std::string>> lines(const std::string& text) const {
        std::map<std::string, std::vector<std::string>> by_block;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) {
            std::istringstream words(line);
            std::string time, unit, block, level;
            words >> time >> unit >> block >> level;
            by_block[block + " " + level].push_back(line);
        }
        return by_block;
    }
    [[nodiscard]] Outcome logged(const std::vector<std::string>& settings, const std::string& out) const {
        std::vector<std::string> arguments = fixture_run("vgg-opset13", {"--out", path(out)});
        for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--log", setting});
        Outcome outcome = run(arguments);
        BOOST_TEST(outcome.code == 0, outcome.err);
        return outcome;
    }
};

bool tells(const std::vector<std::string>& lines, const std::string& text) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(blocks_tell_what_they_are_asked, Logged) {
    const std::string quiet = logged({}, "quiet").err;
    BOOST_TEST(quiet.find("image 0") == std::string::npos);

    auto told = lines(logged({"host=info", "mesh=debug"}, "some").err);
    BOOST_TEST(tells(told["host info"], "image 0 goes in"));
    BOOST_TEST(tells(told["host info"], "image 0 is done, "));
    BOOST_TEST(told["host debug"].empty());
    BOOST_TEST(tells(told["mesh debug"], "chip.host.step: port "));
    std::size_t sent = 0, got = 0;
    for (const std::string& line : told["mesh debug"]) {
        sent += line.find(" sends ") != std::string::npos ? 1 : 0;
        got += line.find(" gets ") != std::string::npos ? 1 : 0;
    }
    BOOST_TEST(sent == got);
    BOOST_TEST(sent > 100U);
    for (const char* silent : {"tile debug", "adc debug", "mesh trace", "chip info"})
        BOOST_TEST(told[silent].empty(), silent);

    told = lines(logged({"all=trace", "mesh=off"}, "all").err);
    BOOST_TEST(tells(told["tile debug"], "image 0 window 0 of copy 0 is driven"));
    BOOST_TEST(tells(told["tile trace"], "are stored"));
    BOOST_TEST(tells(told["host debug"], "image 0 row 0: "));
    BOOST_TEST(tells(told["chip info"], "given"));
    BOOST_TEST(told["mesh debug"].empty());
    // Whoever listens changes nothing.
    BOOST_TEST((snapshot(folder / "quiet") == snapshot(folder / "some")));
    BOOST_TEST((snapshot(folder / "quiet") == snapshot(folder / "all")));
}

BOOST_FIXTURE_TEST_CASE(converters_tell_of_their_queue, Logged) {
    std::vector<std::string> arguments =
        fixture_run("mlp-gemm", {"--log", "adc=debug", "--set", "adc.arrays_per_adc=1"});
    auto told = lines(run(arguments).err);
    BOOST_TEST(told["adc debug"].empty());  // every array has its own
    arguments.back() = "adc.arrays_per_adc=2";
    const Outcome outcome = run(arguments);
    BOOST_TEST(outcome.code == 0, outcome.err);
    told = lines(outcome.err);
    BOOST_TEST(tells(told["adc debug"], " for the converter"));
    // The same run tells the same.
    BOOST_TEST((told["adc debug"] == lines(run(arguments).err)["adc debug"]));
    // And in the other style as many samples wait.
    arguments.insert(arguments.end(), {"--style", "at"});
    BOOST_TEST(lines(run(arguments).err)["adc debug"].size() == told["adc debug"].size());
}

BOOST_FIXTURE_TEST_CASE(what_is_no_setting_is_refused, Logged) {
    for (const char* setting :
         {"mesh", "mesh=", "=debug", "mesh=loud", "router=debug", "mesh=debug=info", ""}) {
        const Outcome outcome = run(fixture_run("mlp-gemm", {"--log", setting, "--out", path("none")}));
        BOOST_TEST(outcome.code == 2, setting);
        BOOST_TEST(outcome.out == "");
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1, outcome.err);
        for (const char* part : {"--log: ", "MODULE=LEVEL", "accelerator, adc, chip, host, mesh, tile",
                                 "off, info, debug, trace"})
            BOOST_TEST(outcome.err.find(part) != std::string::npos, outcome.err);
        BOOST_TEST(!fs::exists(folder / "none"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
