// `sliver sweep --prescreen` as a user calls it: kept points are those of the whole sweep to the byte,
// dropped ones have their estimates, and closed forms are as near as docs/sweeps.md says.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cli_sweep_support.h"
#include "network/npy.h"
#include "numerics/report_oracle.h"
#include "sweep/screening.h"
#include "sweep/sweep_files.h"

BOOST_AUTO_TEST_SUITE(cli_prescreen)

using namespace cli_support;
using namespace sliver;
using nlohmann::json;

namespace {

struct Screened : SweepSandbox {
    /// 12 points; 16 x 16 arrays on a chip of 4 tiles do not hold the network.
    Screened() {
        file("sweep.yaml", "small",
             "  array.rows, array.columns: [16, 64, 128]\n  adc.arrays_per_adc: [1, 4]\n  mesh.columns: [1, "
             "4]\n",
             "[energy_per_image_j, latency_s, area_mm2]");
    }
    void file(const std::string& name, const std::string& chip, const std::string& axes,
              const std::string& objectives, const std::string& more = "") const {
        write(folder / name, "name: demo\nfixed: {chip: " + chip + ", network: " + kNetwork +
                                 ", images: " + kImages + ", adc: worst-case}\naxes:\n" + axes +
                                 "objectives: " + objectives + "\n" + more);
    }
    [[nodiscard]] sweep::SweepResults found(const std::string& out) const {
        return sweep::read_sqlite(folder / out / "results.sqlite");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(kept_points_are_those_of_the_whole_sweep, Screened) {
    good(sweep("all"));
    const std::string printed = good(sweep("some", {"--prescreen", "0.34"}));
    BOOST_TEST(printed.find("dropped by pre-screening") != std::string::npos);
    const sweep::SweepResults all = found("all"), some = found("some");
    std::size_t done = 0, misfits = 0;
    for (std::size_t i = 0; i < all.points.size(); ++i) {
        const sweep::PointResult& point = some.points[i];
        BOOST_TEST(point.id == all.points[i].id);
        const bool fits = all.points[i].state == sweep::PointState::done;
        BOOST_TEST(point.estimates.empty() != fits);
        if (point.state == sweep::PointState::done) {
            ++done;
            BOOST_TEST(snapshot(folder / "some/points" / point.id) ==
                       snapshot(folder / "all/points" / point.id));
            BOOST_TEST((point.values == all.points[i].values));
        } else {
            BOOST_TEST((point.state == sweep::PointState::dropped));
            BOOST_TEST(!fs::exists(folder / "some/points" / point.id));
        }
        if (fits) continue;
        // What does not fit is dropped, in the words of the run that failed.
        ++misfits;
        BOOST_TEST(point.message == all.points[i].message);
    }
    BOOST_TEST(done == 5U);  // 0.34 of 12
    BOOST_TEST(misfits > 0U);
    BOOST_TEST(misfits < 7U);

    // A larger share only adds; no share at all runs the rest.
    good(sweep("some", {"--prescreen", "0.5", "--resume"}));
    const sweep::SweepResults more = found("some");
    for (std::size_t i = 0; i < some.points.size(); ++i)
        if (some.points[i].state == sweep::PointState::done)
            BOOST_TEST((more.points[i].state == sweep::PointState::done));
    BOOST_TEST(more.count(sweep::PointState::done) == 6U);
    const std::string before = read(folder / "some/results.csv");
    good(sweep("some", {"--collect"}));
    BOOST_TEST(read(folder / "some/results.csv") == before);
    good(sweep("some", {"--resume"}));
    BOOST_TEST(found("some").count(sweep::PointState::dropped) == 0U);
    BOOST_TEST(read(folder / "some/results.csv") == read(folder / "all/results.csv"));
}

// The stated errors: counts exact, energy by the digits of golden activations, times without waiting.
BOOST_FIXTURE_TEST_CASE(estimates_are_near, Screened) {
    for (const std::string chip : {"small", "isaac", "isaac-oracle"}) {
        file("near.yaml", chip, "  array.rows, array.columns: [64, 128]\n  adc.arrays_per_adc: [1, 2]\n",
             "[energy_per_image_j, latency_s]");
        good(sweep(chip, {"--prescreen", "1"}, "near.yaml"));
        const sweep::SweepResults results = found(chip);
        BOOST_TEST(results.count(sweep::PointState::done) == 4U);
        const std::vector<sweep::EstimateError> errors = sweep::estimate_errors(results);
        BOOST_TEST(errors.size() > 10U);
        for (const sweep::EstimateError& error : errors) {
            const std::string name(error.metric->name);
            const bool timed = name == "latency_s" || name == "energy_delay_js" || name == "power_w" ||
                               name == "static_energy_per_image_j" || name == "all_energy_per_image_j";
            const double bound = timed && chip != "isaac-oracle" ? 0.05 : 1e-12;
            BOOST_TEST(error.largest <= bound, chip << " " << name << " " << error.largest);
            BOOST_TEST(error.points == 4U);
        }
        const json written = json::parse(read(folder / chip / "sweep.json"));
        BOOST_TEST(written["estimate_errors"].size() == errors.size());
        BOOST_TEST(read(folder / chip / "sweep.txt").find("Closed forms against simulation") !=
                   std::string::npos);
    }
}

BOOST_FIXTURE_TEST_CASE(the_shipped_mlp_on_the_oracle_is_exact, Screened) {
    std::vector<float> pixels;
    for (int i = 0; i < 28 * 28; ++i) pixels.push_back(static_cast<float>(i * 37 % 257) / 256);
    write(folder / "image.npy", network::npy_bytes({1, 1, 28, 28}, pixels));
    write(folder / "mlp.yaml",
          "name: mlp\nfixed: {chip: isaac-oracle, network: mlp-mnist-bitslice, images: " + path("image.npy") +
              "}\naxes:\n  weights.slices: [interleaved, grouped]\n  adc: [8, worst-case]\n"
              "objectives: [energy_per_image_j, latency_s]\n");
    good(sweep("mlp", {"--prescreen", "1"}, "mlp.yaml"));
    for (const sweep::EstimateError& error : sweep::estimate_errors(found("mlp")))
        BOOST_TEST(error.largest <= 1e-12, error.metric->name << " " << error.largest);
    BOOST_TEST(found("mlp").count(sweep::PointState::done) == 4U);
}

BOOST_FIXTURE_TEST_CASE(a_list_shows_estimates_and_runs_nothing, Screened) {
    const std::string text = good(sweep("none", {"--list", "--prescreen", "0.34"}));
    BOOST_TEST(text.find("~energy_per_image_j") != std::string::npos);
    BOOST_TEST(text.find("dropped") != std::string::npos);
    BOOST_TEST(text.find("5 of 12 points kept") != std::string::npos);
    BOOST_TEST(text.find("A guess from the number of reads") != std::string::npos);
    BOOST_TEST(!fs::exists(folder / "none"));
    std::size_t open = 0;
    const json list = json::parse(good(sweep("none", {"--list", "--json", "--prescreen", "0.34"})));
    for (const json& simulation : list["simulations"]) open += simulation["open"].get<bool>() ? 1 : 0;
    BOOST_TEST(open == 5U);
}

BOOST_FIXTURE_TEST_CASE(a_report_says_how_far_off_they_were, Screened) {
    good(sweep("one", {"--prescreen", "0.5"}));
    good({"report", path("one")});
    const json results = json::parse(read(folder / "one/sweep.json"));
    const std::string html = read(folder / "one/report.html");
    report_oracle::check_self_contained(html);
    BOOST_TEST(report_oracle::check_tables(html, results) > 20U);
    std::set<std::string> names;
    for (const auto& [name, spec] : report_oracle::charts_of(html)) {
        names.insert(name);
        BOOST_TEST(report_oracle::check_chart(spec, results) > 0U);
    }
    BOOST_TEST(names.count("closed-forms") == 1U);
    BOOST_TEST(html.find("How far the closed forms were off") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_screened_is_refused_or_said, Screened) {
    BOOST_TEST(refusal(sweep("x", {"--prescreen", "0"})).find("--prescreen") != std::string::npos);
    BOOST_TEST(refusal(sweep("x", {"--prescreen", "1.5"})).find("--prescreen") != std::string::npos);
    BOOST_TEST(refusal(sweep("x", {"--prescreen", "0.5", "--only", "y"})).find("--prescreen") !=
               std::string::npos);
    BOOST_TEST(refusal(sweep("x", {"--prescreen", "0.5", "--collect"})).find("--prescreen") !=
               std::string::npos);
    file("accuracy.yaml", "small", "  adc.arrays_per_adc: [1, 2]\n", "[max top1]");
    BOOST_TEST(refusal(sweep("x", {"--prescreen", "0.5"}, "accuracy.yaml"))
                   .find("no objective of sweep demo has an estimate: top1 only come") != std::string::npos);
    BOOST_TEST(!fs::exists(folder / "x"));
    file("both.yaml", "small", "  adc.arrays_per_adc: [1, 2]\n", "[max top1, area_mm2]",
         "constraints: [clipped_share < 0.1]\n");
    BOOST_TEST(good(sweep("y", {"--prescreen", "0.5"}, "both.yaml"))
                   .find("without an estimate, left out: top1, clipped_share < 0.1") != std::string::npos);
    write(folder / "y/prescreen.json", "{\"a\"");
    BOOST_TEST(refusal(sweep("y", {"--collect"}, "both.yaml")).find("prescreen.json: is no result") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
