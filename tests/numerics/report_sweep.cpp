// The report of a sweep: numbers are those of sweep.json, and stand where their titles say.
#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>

#include "report/reports.h"
#include "report_oracle.h"
#include "sweep/sweep_files.h"
#include "sweep/sweep_results.h"

BOOST_AUTO_TEST_SUITE(report_sweep)

using namespace sliver;
using namespace sliver::report;
using namespace report_oracle;

namespace {

const Vega kBundles = {{{"one", "first();\n"}}, "You may copy this."};
constexpr std::size_t kBaseline = 1, kChosen = 2;

sweep::PointResult point(std::size_t number, const std::string& label, sweep::PointState state) {
    sweep::PointResult made;
    made.number = number;
    made.id = "id" + std::to_string(number);
    made.simulation = "sim";
    made.labels = {label};
    made.state = state;
    if (state != sweep::PointState::done) {
        made.message = "does not fit " + std::to_string(number);
        return made;
    }
    made.values.resize(sweep::metrics().size());
    made.estimates.resize(sweep::metrics().size());
    const auto set = [&](const char* name, double value, double estimate) {
        const std::size_t place = sweep::place_of(*sweep::find_metric(name));
        made.values[place] = value;
        made.estimates[place] = estimate;
    };
    const auto size = static_cast<double>(number);
    set("energy_per_image_j", 1e-6 * (10 - size), 1.1e-6 * (10 - size));
    set("latency_s", 2e-6 * size, 1.5e-6 * size);
    made.components = {{"adc", 1e-6 * size, 2 * size}, {"dac", 3e-7 * size, 0.5 * size}};
    return made;
}

json sample() {
    using sweep::PointState;
    sweep::SweepResults results;
    results.name = "test";
    results.version = "1";
    results.sampling = "grid";
    results.objectives = {sweep::parse_objective("energy_per_image_j", "t"),
                          sweep::parse_objective("latency_s", "t")};
    results.axes = {{"axis", false, {"a", "b", "c", "d", "e", "f", "g"}, {}}};
    results.points = {point(1, "a", PointState::done),   point(2, "b", PointState::done),
                      point(3, "c", PointState::done),   point(4, "d", PointState::failed),
                      point(5, "e", PointState::open),   point(6, "f", PointState::open),
                      point(7, "g", PointState::dropped)};
    judge(results);
    explain(results);
    results.baseline = kBaseline;
    results.points[kBaseline].baseline = true;
    results.chosen = kChosen;
    return json::parse(sweep::results_json(results));
}

std::string page() {
    return render(sweep_page(Source(sample().dump(), "F")), kBundles);
}

json chart(const std::string& wanted) {
    for (const auto& [name, spec] : charts_of(page()))
        if (name == wanted) return spec;
    BOOST_FAIL("no chart " << wanted);
    return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_number_is_in_the_file) {
    BOOST_TEST(check_tables(page(), sample()) > 10U);
    for (const auto& [name, spec] : charts_of(page())) BOOST_TEST(check_chart(spec, sample()) > 0U, name);
}

BOOST_AUTO_TEST_CASE(the_baseline_is_the_baseline) {
    const json rows = rows_of(chart("components"));
    for (const json& row : rows)
        for (const auto& [field, place] : {std::pair{"baseline", kBaseline}, {"chosen", kChosen}}) {
            const std::string key = row.at("keys").at(field).get<std::string>();
            BOOST_TEST(key.rfind("/points/" + std::to_string(place) + "/components/", 0) == 0U, key);
        }
    BOOST_TEST(rows.size() == 2U);
}

BOOST_AUTO_TEST_CASE(estimates_across_simulated_values_up) {
    const json spec = chart("closed-forms");
    BOOST_TEST(spec.at("encoding").at("x").at("title") == "energy_per_image_j (J), closed form");
    BOOST_TEST(spec.at("encoding").at("y").at("title") == "energy_per_image_j (J), simulated");
    for (const json& row : rows_of(spec)) {
        BOOST_TEST(row.at("keys").at("x").get<std::string>().find("/estimates/") != std::string::npos);
        BOOST_TEST(row.at("keys").at("y").get<std::string>().find("/values/") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(points_without_a_result_by_what_became_of_them) {
    BOOST_TEST(page().find("<p>1 failed, 2 not run, 1 dropped by pre-screening.</p>") != std::string::npos);
    BOOST_TEST(page().find("does not fit 4") != std::string::npos);
    BOOST_TEST(page().find("does not fit 5") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
