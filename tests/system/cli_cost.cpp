// A run that is priced again is the run that would have been: byte for byte, whatever the prices.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "cli_support.h"
#include "cost/adc_laws.h"

BOOST_AUTO_TEST_SUITE(cli_cost)

using namespace cli_support;
using nlohmann::json;

namespace {

struct Recorded : Sandbox {
    Recorded() { good(fixture_run("vgg-opset13", {"--count", "2", "--out", path("base")})); }

    void same(const std::vector<std::string>& run_options,
              const std::vector<std::string>& cost_options) const {
        std::vector<std::string> fresh =
            fixture_run("vgg-opset13", {"--count", "2", "--out", path("fresh"), "--force"});
        fresh.insert(fresh.end(), run_options.begin(), run_options.end());
        good(fresh);
        std::vector<std::string> again = {"cost", path("base"), "--out", path("again"), "--force"};
        again.insert(again.end(), cost_options.begin(), cost_options.end());
        good(again);
        BOOST_TEST((snapshot(folder / "fresh") == snapshot(folder / "again")), cost_options.front());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(nothing_changed_changes_nothing, Recorded) {
    good({"cost", path("base"), "--out", path("again")});
    BOOST_TEST((snapshot(folder / "base") == snapshot(folder / "again")));
    BOOST_TEST((good({"cost", path("base"), "--json"}) == read(folder / "base/stats.json")));
}

BOOST_FIXTURE_TEST_CASE(totals_that_do_not_follow_from_the_counts_are_refused, Recorded) {
    const std::string text = read(folder / "base/stats.json");
    json stats = json::parse(text);
    fs::remove(folder / "base/.sliver");
    // Written down in another way it says the same.
    write(folder / "base/stats.json", stats.dump());
    good({"cost", path("base")});
    stats["totals"]["energy_j"] = 1e-30;
    write(folder / "base/stats.json", stats.dump(1));
    for (const char* command : {"cost", "report"}) {
        const Outcome outcome = run({command, path("base")});
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
        BOOST_TEST(outcome.err.find("not what its counts give: it was edited, or made by another version; "
                                    "run again") != std::string::npos,
                   outcome.err);
    }
}

BOOST_FIXTURE_TEST_CASE(histograms_stay_as_they_are, Sandbox) {
    const auto run = [&](const std::string& name, const std::vector<std::string>& more) {
        std::vector<std::string> arguments =
            fixture_run("vgg-opset13", {"--histograms", "--adc", "3", "--out", path(name)});
        arguments.insert(arguments.end(), more.begin(), more.end());
        good(arguments);
    };
    run("base", {});
    run("fresh", {"--adc-law", "puma"});
    good({"cost", path("base"), "--out", path("again")});
    good({"cost", path("base"), "--adc-law", "puma", "--out", path("other")});
    BOOST_TEST((snapshot(folder / "base") == snapshot(folder / "again")));
    BOOST_TEST((snapshot(folder / "fresh") == snapshot(folder / "other")));
}

BOOST_FIXTURE_TEST_CASE(every_law_and_accounting, Recorded) {
    for (const std::string& law : sliver::cost::adc_law_names()) same({"--adc-law", law}, {"--adc-law", law});
    for (const std::string accounting : {"whole", "used", "driven"})
        same({"--accounting", accounting}, {"--accounting", accounting});
}

BOOST_FIXTURE_TEST_CASE(technology_and_unit_costs, Recorded) {
    same({"--set", "cost.technology=14 nm"}, {"--technology", "14"});
    same({"--set", "cost.energy_overrides.bus_byte_j=3.5 pJ"},
         {"--set", "cost.energy_overrides.bus_byte_j=3.5 pJ"});
    same({"--adc-law", "puma", "--accounting", "whole", "--set", "cost.technology=45 nm"},
         {"--adc-law", "puma", "--accounting", "whole", "--technology", "45nm"});
}

BOOST_FIXTURE_TEST_CASE(prices_can_be_changed_back, Recorded) {
    good({"cost", path("base"), "--adc-law", "zigzag", "--technology", "22", "--out", path("other")});
    BOOST_TEST((read(folder / "other/stats.json") != read(folder / "base/stats.json")));
    BOOST_TEST((read(folder / "other/logits.npy") == read(folder / "base/logits.npy")));
    good({"cost", path("other"), "--adc-law", "isaac", "--technology", "32", "--out", path("back")});
    BOOST_TEST((snapshot(folder / "back") == snapshot(folder / "base")));
}

BOOST_FIXTURE_TEST_CASE(all_laws_are_those_of_the_band, Recorded) {
    const std::string table = good({"cost", path("base"), "--all-laws"});
    const json band = json::parse(read(folder / "base/stats.json")).at("energy_band_j");
    for (const auto& law : band.items()) BOOST_TEST(table.find(law.key()) != std::string::npos, law.key());
    for (const std::string& law : sliver::cost::adc_law_names()) {
        const json repriced = json::parse(good({"cost", path("base"), "--adc-law", law, "--json"}));
        BOOST_TEST(repriced.at("totals").at("energy_j") == band.at(law));
    }
}

BOOST_AUTO_TEST_SUITE_END()
