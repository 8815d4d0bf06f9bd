// Fronts against brute force, effects by hand, and results that survive their files.
#include "sweep/sweep_results.h"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/output_file.h"
#include "base/random_stream.h"
#include "base/text.h"
#include "sweep/sweep_files.h"
#include "sweep/sweep_text.h"

BOOST_AUTO_TEST_SUITE(sweep_results)

using namespace sliver;
using namespace sliver::sweep;
namespace fs = std::filesystem;

namespace {

PointResult point(std::size_t number, std::vector<std::string> labels, double energy, double latency,
                  double area) {
    PointResult made;
    made.number = number;
    made.id = "id" + std::to_string(number);
    made.simulation = "sim";
    made.labels = std::move(labels);
    made.state = PointState::done;
    made.values.resize(metrics().size());
    const auto set = [&](const char* name, double value) {
        made.values[static_cast<std::size_t>(find_metric(name) - metrics().data())] = value;
    };
    set("energy_per_image_j", energy);
    set("latency_s", latency);
    set("area_mm2", area);
    made.components = {{"adc", energy / 2, area / 4}, {"dac", energy / 2, area / 4}};
    return made;
}

SweepResults results_of(std::vector<PointResult> points) {
    SweepResults results;
    results.name = "test";
    results.summary = "a \"quoted\", summary";
    results.version = "1";
    results.sampling = "grid";
    results.fixed = "chip isaac";
    results.objectives = {parse_objective("energy_per_image_j", "t"), parse_objective("latency_s", "t")};
    results.points = std::move(points);
    return results;
}

SweepResults random_results(std::size_t count, std::size_t objectives) {
    RandomStream random(7, {count});
    std::vector<PointResult> points;
    for (std::size_t i = 0; i < count; ++i) {
        // Few values, so that there are ties and equal points.
        const auto draw = [&] { return std::floor(random.uniform() * 40); };
        points.push_back(point(i + 1, {random.uniform() < 0.5 ? "x" : "y"}, draw(), draw(), draw()));
    }
    SweepResults results = results_of(std::move(points));
    results.axes = {{"axis", false, {"x", "y"}, {}}};
    if (objectives == 3) results.objectives.push_back(parse_objective("max area_mm2", "t"));
    results.constraints = {parse_constraint("area_mm2 > 0", "t")};
    return results;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_front_is_that_of_brute_force) {
    for (const bool scenario : {false, true})
        for (const std::size_t objectives : {2, 3}) {
            SweepResults results = random_results(300, objectives);
            results.axes.front().scenario = scenario;
            judge(results);
            std::size_t on = 0;
            for (const PointResult& a : results.points) {
                bool best = *a.value(*find_metric("area_mm2")) > 0;
                for (const PointResult& b : results.points) {
                    if (*b.value(*find_metric("area_mm2")) <= 0) continue;
                    if (scenario && a.labels != b.labels) continue;
                    bool no_worse = true, better = false;
                    for (const Objective& objective : results.objectives) {
                        const double sign = objective.better == Better::less ? 1 : -1;
                        const double x = sign * *a.value(*objective.metric),
                                     y = sign * *b.value(*objective.metric);
                        no_worse = no_worse && y <= x;
                        better = better || y < x;
                    }
                    best = best && !(no_worse && better);
                }
                BOOST_TEST(a.front == best);
                on += best ? 1 : 0;
            }
            BOOST_TEST(on >= objectives - 1);
            BOOST_TEST(results.front().size() == on);
        }
}

BOOST_AUTO_TEST_CASE(the_chosen_point_is_nearest_to_the_best_of_everything) {
    // Front (1, 9), (2, 3), (8, 1): scaled (0, 1), (1/7, 1/4), (1, 0).
    SweepResults results = results_of({point(1, {"a"}, 1, 9, 1), point(2, {"b"}, 2, 3, 1),
                                       point(3, {"c"}, 8, 1, 1), point(4, {"d"}, 8, 9, 1)});
    results.axes = {{"axis", false, {"a", "b", "c", "d"}, {}}};
    judge(results);
    BOOST_REQUIRE(results.chosen);
    BOOST_TEST(*results.chosen == 1U);
    BOOST_TEST(!results.points[3].front);
    // Under scenarios: in that of the baseline.
    results.axes.front().scenario = true;
    results.axes.push_back({"other", false, {"z"}, {}});
    for (PointResult& one : results.points) one.labels.emplace_back("z");
    results.baseline = 3;
    judge(results);
    BOOST_TEST(*results.chosen == 3U);
}

BOOST_AUTO_TEST_CASE(effects_by_hand) {
    // Energies 1, 3 | 5, 7: mean 4, between 2 * 4 + 2 * 4 = 16, all 9 + 1 + 1 + 9 = 20. Latency: the second
    // axis.
    SweepResults results = results_of({point(1, {"a", "1 KiB"}, 1, 1, 1), point(2, {"a", "2 KiB"}, 3, 2, 1),
                                       point(3, {"b", "3 KiB"}, 5, 3, 1), point(4, {"b", "4 KiB"}, 7, 4, 1)});
    results.axes = {{"first", false, {"a", "b"}, {}}, {"second", false, {}, {}}};
    explain(results);
    BOOST_REQUIRE(results.axes[0].effects[0]);
    BOOST_TEST(results.axes[0].effects[0]->explained == 16.0 / 20, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(results.axes[0].effects[0]->means[1].mean == 6.0);
    // A range: four quarters of one point each explain all there is.
    BOOST_TEST(results.axes[1].effects[1]->explained == 1.0, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(results.axes[1].effects[1]->means.size() == 4U);
    BOOST_TEST(results.axes[1].effects[1]->means[3].label == "4 KiB");
    BOOST_TEST(!results.axes[0].effects[0]->uneven());
    results.points[3].state = PointState::failed;
    results.points[3].values.clear();
    explain(results);
    BOOST_TEST(results.axes[0].effects[0]->uneven());
}

BOOST_AUTO_TEST_CASE(points_are_told_by_what_became_of_them) {
    const std::vector<std::pair<PointState, std::size_t>> states = {
        {PointState::done, 4}, {PointState::failed, 1}, {PointState::open, 2}, {PointState::dropped, 3}};
    std::vector<PointResult> points;
    for (const auto& [state, count] : states)
        for (std::size_t i = 0; i < count; ++i) {
            points.push_back(point(points.size() + 1, {"a"}, 1, 1, 1));
            points.back().state = state;
            if (state != PointState::done) points.back().values.clear();
            if (state == PointState::failed) points.back().message = "no room";
        }
    SweepResults results = results_of(std::move(points));
    results.axes = {{"axis", false, {"a"}, {}}};
    judge(results);
    const std::string text = sweep_text(results);
    BOOST_TEST(text.find("10 points (grid): 4 done, 1 failed, 2 not run, 3 dropped by pre-screening\n") !=
               std::string::npos);
    BOOST_TEST(text.find("  failed: id5 (a): no room\n") != std::string::npos);
    // The words of the files are those that docs/sweeps.md has.
    const std::string csv = results_csv(results);
    for (const auto& [line, word] :
         {std::pair{1, "done"}, {4, "done"}, {5, "failed"}, {6, "open"}, {7, "open"}, {8, "dropped"}})
        BOOST_TEST(csv.find(fmt::format("\n{0},id{0},sim,{1},", line, word)) != std::string::npos, word);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_judged_is_not_feasible) {
    SweepResults results =
        results_of({point(1, {"a"}, 1, 9, 1), point(2, {"b"}, 2, 3, 1), point(3, {"c"}, 0, 0, 1)});
    results.axes = {{"axis", false, {"a", "b", "c"}, {}}};
    results.points[2].state = PointState::failed;
    results.points[2].values.clear();
    results.points[0].values[0].reset();
    judge(results);
    BOOST_TEST(!results.points[0].feasible);
    BOOST_TEST(results.points[1].front);
    BOOST_TEST(!results.points[2].feasible);
}

namespace {

/// What read_sqlite() says of a good file that `sql` was done to.
std::string refusal_after(const fs::path& file, const std::string& sql) {
    const fs::path damaged = file.parent_path() / "damaged.sqlite";
    fs::copy_file(file, damaged, fs::copy_options::overwrite_existing);
    BOOST_REQUIRE_NO_THROW(SQLite::Database(damaged.string(), SQLite::OPEN_READWRITE).exec(sql));
    try {
        (void)read_sqlite(damaged);
    } catch (const InputError& refused) {
        return refused.what();
    }
    return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_database_that_others_made_is_read_with_care) {
    const fs::path folder = fs::temp_directory_path() / ("sliver-sqlite-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    SweepResults results = random_results(5, 2);
    write_file(folder / "good.sqlite", results_sqlite(results));
    const auto said = [&](const std::string& sql) { return refusal_after(folder / "good.sqlite", sql); };
    const auto says = [&](const std::string& sql, const std::string& words) {
        const std::string text = said(sql);
        BOOST_TEST(text.find(words) != std::string::npos, text);
        BOOST_TEST(text.size() < 500U);
        BOOST_TEST(cleaned(text) == text);
    };
    BOOST_TEST(said("SELECT 1") == "");
    // A view that never ends, in place of a table; one that a table's column computes.
    says(
        "ALTER TABLE axes RENAME TO old; CREATE VIEW axes AS WITH RECURSIVE n(place, name, scenario) AS "
        "(SELECT 0, 'a', 0 UNION ALL SELECT place + 1, 'a', 0 FROM n) SELECT * FROM n",
        "does not hold the tables");
    says("ALTER TABLE sweep ADD COLUMN more TEXT AS (hex(zeroblob(1000000))) VIRTUAL", "computed columns");
    says("UPDATE points SET latency_s = 9e999", "latency_s: value Inf: must be a finite number");
    says("UPDATE points SET latency_s = 'a\x1b[31m'", "must be a finite number");
    says("UPDATE points SET state = '" + std::string(100'000, 'x') + "'", "is no state of a point");
    says("UPDATE points SET state = 'a\x1b[31m'", "is no state of a point");
    says("UPDATE axes SET scenario = -1", "must be a whole number");
    says("UPDATE objectives SET metric = 'a\x1b[31m" + std::string(100'000, 'y') + "'", "damaged.sqlite");
    says("UPDATE sweep SET value = '" + std::string(100'000, '9') + "' WHERE key = 'schema'",
         "reads schema 1");
    says("ALTER TABLE points RENAME COLUMN latency_s TO other", "table points");
    says("UPDATE sweep SET value = zeroblob(2000000)", "damaged.sqlite");
    BOOST_CHECK_THROW(read_sqlite_bytes("SQLite format 3", "cut.sqlite"), InputError);
    fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(files_say_the_same_and_read_back) {
    const fs::path folder = fs::temp_directory_path() / ("sliver-sweep-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    SweepResults results = random_results(20, 3);
    // Values in the order of their file, which is not that of the alphabet.
    results.axes.push_back({"odd \"name\", with blanks", true, {"p,q", "64 KiB", "8 KiB"}, {}});
    for (PointResult& one : results.points) one.labels.emplace_back("p,q");
    results.points[4].state = PointState::failed;
    results.points[4].values.clear();
    results.points[4].message = "line, with \"quotes\"";
    results.baseline = 2;
    results.points[2].baseline = true;
    judge(results);
    explain(results);
    write_file(folder / "a.sqlite", results_sqlite(results));
    BOOST_TEST((results_sqlite(results) == results_sqlite(results)));
    SweepResults back = read_sqlite(folder / "a.sqlite");
    judge(back);
    explain(back);
    BOOST_TEST(results_csv(back) == results_csv(results));
    BOOST_TEST(front_text(back) == front_text(results));
    BOOST_TEST(*back.baseline == 2U);
    BOOST_TEST(back.axes[1].labels == results.axes[1].labels, boost::test_tools::per_element());
    BOOST_TEST(results_csv(results).find("\"line, with \"\"quotes\"\"\"\n") != std::string::npos);
    BOOST_TEST(results_csv(results).find(",\"odd \"\"name\"\", with blanks\",") != std::string::npos);
    const auto json = nlohmann::json::parse(results_json(results));
    BOOST_TEST(json.at("points").size() == 20U);
    BOOST_TEST(json.at("points")[4].at("values").is_null());
    BOOST_TEST(json.at("chosen").get<std::size_t>() == *results.chosen);

    std::ofstream(folder / "c.sqlite")
        << "no database at all, but long enough to have a header of its own, says who";
    BOOST_CHECK_THROW(read_sqlite(folder / "c.sqlite"), InputError);
    BOOST_CHECK_THROW(read_sqlite(folder / "d.sqlite"), InputError);
    fs::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
