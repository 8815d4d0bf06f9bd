// sliver report on real runs: its numbers, what it refuses, what it leaves alone.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "../numerics/report_oracle.h"
#include "cli_support.h"

BOOST_AUTO_TEST_SUITE(cli_report)

using namespace cli_support;
using namespace report_oracle;

namespace {

/// sliver report, well ended. A program that was built without the charts' bundles says so, and nothing else.
std::string report(const Sandbox& sandbox, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "report");
    const Outcome outcome = sandbox.run(arguments);
    BOOST_REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    BOOST_TEST((outcome.err.empty() || outcome.err.rfind("sliver: no charts: ", 0) == 0), outcome.err);
    return outcome.out;
}

/// The one line of a refusal.
std::string refused(const Sandbox& sandbox, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "report");
    const Outcome outcome = sandbox.run(arguments);
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    BOOST_TEST(outcome.out == "");
    return outcome.err;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_number_is_that_of_the_run, Sandbox) {
    for (const auto& [network, adc] : {std::pair{"resnet-opset13", "profiled"}, {"vgg-opset13", "2"}}) {
        const std::string run = path(network);
        const bool counted = std::string(network) == "vgg-opset13";
        std::vector<std::string> arguments = fixture_run(
            network, {"--count", "2", "--adc", adc, "--calibrate",
                      (kFixtures / (std::string(network) + ".input.npy")).string(), "--out", run});
        if (counted) arguments.emplace_back("--histograms");
        good(arguments);
        const std::string out = report(*this, {run});
        BOOST_TEST(out == "Report: " + run + "/report.html\n");
        const std::string page = read(folder / network / "report.html");
        const json stats = json::parse(read(folder / network / "stats.json"));
        BOOST_TEST(check_tables(page, stats) > 300U);
        const auto charts = charts_of(page);
        BOOST_TEST(charts.size() == (counted ? 8U : 7U));
        for (const auto& [name, spec] : charts) BOOST_TEST(check_chart(spec, stats) > 0U, name);
        check_self_contained(page);
        BOOST_TEST(page.find(stats.at("run").at("config_hash").get<std::string>()) != std::string::npos);
    }
}

BOOST_FIXTURE_TEST_CASE(the_same_run_gives_the_same_page, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    report(*this, {path("out"), "--out", path("a.html")});
    report(*this, {path("out"), "--out", path("new/folder/b.html")});
    BOOST_TEST((read(folder / "a.html") == read(folder / "new/folder/b.html")));
    BOOST_TEST(!fs::exists(folder / "out/report.html"));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_there_stays_without_force, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    write(folder / "out/report.html", "mine");
    const std::string before = snapshot(folder / "out");
    BOOST_TEST(refused(*this, {path("out")}).find("report.html: exists; ") != std::string::npos);
    BOOST_TEST(refused(*this, {path("out"), "--force"}).find("is no file that sliver report wrote") !=
               std::string::npos);
    BOOST_TEST((snapshot(folder / "out") == before));
    fs::remove(folder / "out/report.html");
    report(*this, {path("out")});
    report(*this, {path("out"), "--force"});
    BOOST_TEST(read(folder / "out/report.html").rfind("<!DOCTYPE html>", 0) == 0U);
    fs::create_directory(folder / "taken");
    BOOST_TEST(refused(*this, {path("out"), "--out", path("taken"), "--force"}).find("is a folder") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_run_is_refused_and_nothing_written, Sandbox) {
    fs::create_directory(folder / "empty");
    BOOST_TEST(refused(*this, {path("empty")})
                   .find("holds neither stats.json of a finished run, adc.json or nonideal.json of a study, "
                         "sweep.json of a sweep nor solve.json of a solved crossbar") != std::string::npos);
    BOOST_TEST(fs::is_empty(folder / "empty"));
    BOOST_TEST(refused(*this, {path("nowhere")}).find("no such folder") != std::string::npos);

    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    const std::string text = read(folder / "out/stats.json");
    json stats = json::parse(text);
    stats["totals"]["energy_j"] = "much";
    write(folder / "out/stats.json", stats.dump());
    BOOST_TEST(refused(*this, {path("out")}).find("was changed since sliver wrote it") != std::string::npos);
    fs::remove(folder / "out/.sliver");
    for (const json& energy : {json("much"), json(1e-30), json(-5)}) {
        stats["totals"]["energy_j"] = energy;
        write(folder / "out/stats.json", stats.dump());
        BOOST_TEST(refused(*this, {path("out")}).find("are not what its counts give") != std::string::npos);
    }
    write(folder / "out/stats.json", text.substr(0, text.size() / 2));
    BOOST_TEST(refused(*this, {path("out")}).find("stats.json") != std::string::npos);
    BOOST_TEST(!fs::exists(folder / "out/report.html"));
}

BOOST_FIXTURE_TEST_CASE(a_folder_of_two_kinds_or_of_another_study_is_refused, Sandbox) {
    fs::create_directory(folder / "both");
    write(folder / "both/stats.json", "{}");
    write(folder / "both/adc.json", "{}");
    BOOST_TEST(refused(*this, {path("both")}).find("holds stats.json and adc.json") != std::string::npos);
    fs::create_directory(folder / "other");
    write(folder / "other/adc.json", R"({"study": "slices", "schema": 1})");
    BOOST_TEST(refused(*this, {path("other")}).find("/study: ") != std::string::npos);
    write(folder / "other/adc.json", R"({"study": "adc", "schema": 99})");
    BOOST_TEST(refused(*this, {path("other")}).find("/schema: ") != std::string::npos);
    BOOST_TEST(!fs::exists(folder / "other/report.html"));
}

BOOST_FIXTURE_TEST_CASE(help_has_examples, Sandbox) {
    BOOST_TEST(good({"report", "--help"}).find("Examples:") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
