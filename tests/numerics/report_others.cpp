// The reports of solved crossbars and of studies of non-ideal crossbars: numbers are those of the file,
// charts draw what their rows have, and no chart is there that no report shows.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "report/chart.h"
#include "report/reports.h"
#include "report_oracle.h"

BOOST_AUTO_TEST_SUITE(report_others)

using namespace sliver;
using namespace sliver::report;
using namespace report_oracle;

namespace {

const Vega kBundles = {{{"one", "first();\n"}}, "You may copy this."};

json crossbar() {
    const auto input = [](double factor) {
        return json{{"driven_rows", 2},         {"ideal_sum_a", 3e-4},
                    {"current_sum_a", 2.9e-4},  {"driver_sum_a", 2.9e-4},
                    {"imbalance", 1e-15},       {"mean_factor", factor / 2},
                    {"largest_factor", factor}, {"worst_column", 1},
                    {"ideal_a", {1e-4, 2e-4}},  {"current_a", {1e-4, 1.9e-4}},
                    {"factor", {0, factor}}};
    };
    const json volts = {{0.2, 0.19}, {0.1, 0.09}, {0, 0}};
    return {{"kind", "crossbar"},
            {"schema", 1},
            {"version", "1"},
            {"rows", 6},
            {"columns", 2},
            {"cells", {{"file", "ohms.npy"}, {"given_as", "resistances"}, {"sha256", "ab"}}},
            {"voltages", {{"file", "volts.npy"}, {"sha256", "cd"}}},
            {"wires", {{"driver_ohm", 1}, {"row_ohm", 2}, {"column_ohm", 3}, {"sense_ohm", 0}}},
            {"idle_rows", "grounded"},
            {"factorisations", 1},
            {"inputs", {input(0.01), input(0.05)}},
            {"worst_input", 1},
            {"maps",
             {{"rows_per_block", 2},
              {"columns_per_block", 1},
              {"row_volts", volts},
              {"column_volts", volts},
              {"conductance_s", {{1e-5, 0}, {2e-5, 1e-5}, {1e-5, 1e-5}}},
              {"effective_s", {{9e-6, 0}, {1.9e-5, 9e-6}, {9e-6, 9e-6}}}}}};
}

json nonideal() {
    const auto point = [](int array, bool rearranged) {
        return json{{"network", "net"},
                    {"array", array},
                    {"rearranged", rearranged},
                    {"weight_constrained", false},
                    {"crossbars", 10},
                    {"crossbars_unpacked", 20},
                    {"compression", 2.0},
                    {"nonideality", 0.1},
                    {"ideal_top1", 0.9},
                    {"top1", 0.5},
                    {"top1_spread", 0.01},
                    {"top1_gain_by_array", 0.6},
                    {"top1_gain_by_array_spread", 0.02},
                    {"top1_gain_by_column", 0.7},
                    {"top1_gain_by_column_spread", 0.03},
                    {"cost", nullptr}};
    };
    json priced = point(64, true);
    priced["cost"] = {{"energy_j", 1e-6}, {"latency_s", 2e-6}, {"area_in_use_mm2", 3.0}};
    return {{"study", "nonideal"},
            {"schema", 1},
            {"version", "1"},
            {"chip", "small"},
            {"encoding", "differential"},
            {"cell_bits", 2},
            {"adc_law", "isaac"},
            {"images", {{"source", "images.npy"}, {"count", 24}}},
            {"devices",
             {{"source", "a <paper>"},
              {"on_ohm", 2e4},
              {"off_ohm", 2e5},
              {"variation", "lognormal"},
              {"sigma", 0.1},
              {"reference", "none"},
              {"wires", "exact"},
              {"driver_ohm", 1},
              {"row_ohm", 2},
              {"column_ohm", 3},
              {"sense_ohm", 4}}},
            {"answers", {{{"question", "Does it <help>?"}, {"answer", {"Yes & no."}}}}},
            {"points", {point(32, false), priced}}};
}

std::vector<std::pair<std::string, json>> checked_charts(const Page& page, const json& file) {
    const std::string html = render(page, kBundles);
    BOOST_TEST(check_tables(html, file) > 10U);
    check_self_contained(html);
    for (const auto& [name, spec] : charts_of(html)) BOOST_TEST(check_chart(spec, file) > 0U, name);
    return charts_of(html);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_crossbar) {
    const json file = crossbar();
    const Page page = crossbar_page(Source(file.dump(), "F"));
    std::set<std::string> names;
    for (const auto& [name, spec] : checked_charts(page, file)) {
        names.insert(name);
        // A row of the maps stands for two of the array.
        if (name == "row-volts") {
            BOOST_TEST(spec.at("usermeta").at("caption") == "Wordline voltages, input 1");
            BOOST_TEST(rows_of(spec).at(2).at("row") == "4");
            BOOST_TEST(spec.at("encoding").at("y").at("title") == "row, first of each 2");
            BOOST_TEST(spec.at("encoding").at("x").at("title") == "column");
        }
        if (name == "effective") BOOST_TEST(spec.at("encoding").at("color").at("scale").at("domainMax") == 1);
    }
    const std::set<std::string> wanted = {"column-volts", "effective", "factors", "row-volts"};
    BOOST_TEST(names == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(non_ideal_crossbars) {
    const json file = nonideal();
    const Page page = nonideal_page(Source(file.dump(), "F"));
    const auto charts = checked_charts(page, file);
    BOOST_REQUIRE(charts.size() == 3U);
    BOOST_TEST(rows_of(charts[1].second).at(0).at("top1") == 0.6);
    BOOST_TEST(rows_of(charts[1].second).at(1).at("with") == "T + R");
    BOOST_TEST(charts[1].second.at("usermeta").at("caption") ==
               "Top-1 over the array size, a gain for each array");
    const std::string html = render(page, kBundles);
    BOOST_TEST(html.find("<h3>Does it &lt;help&gt;?</h3>\n<ul>\n<li>Yes &amp; no.</li>\n</ul>") !=
               std::string::npos);
    BOOST_TEST(html.find("data-key=\"/points/1/cost/energy_j\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_specification_draws_something) {
    const std::vector<std::string> names = chart_names();
    BOOST_TEST(names.size() > 20U);
    for (const std::string& name : names) {
        Json spec;
        // Whatever is bound: only the file itself counts here.
        for (Bindings bound;;) {
            try {
                spec = chart_spec(name, Json::array(), bound);
                break;
            } catch (const std::logic_error& error) {
                const std::string what = error.what();
                const std::vector<std::string> missing = between(what, "nothing is bound to '", "'");
                BOOST_REQUIRE_MESSAGE(missing.size() == 1U, name << ": " << what);
                bound[missing.front()] = missing.front();
            }
        }
        BOOST_TEST(spec.at("$schema") == "https://vega.github.io/schema/vega-lite/v5.json", name);
        BOOST_TEST((spec.contains("mark") != spec.contains("layer")), name);
        BOOST_TEST(spec.at("usermeta").contains("caption"), name);
        BOOST_TEST(spec.at("data").size() == 1U, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
