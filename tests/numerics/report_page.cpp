// A report's page: every number is one of stats.json, nothing that a file holds becomes markup, what is
// missing is said.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

#include "base/error.h"
#include "report/html.h"
#include "report/reports.h"
#include "report_oracle.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results_sample.h"

BOOST_AUTO_TEST_SUITE(report_page)

using namespace sliver;
using namespace sliver::report;
using namespace report_oracle;

namespace {

const Vega kBundles = {{{"one", "first();\n"}, {"two", "second();\n"}}, "You may <copy> this."};

json stats_of(const results::RunResult& result) {
    return json::parse(results::stats_json(result, results::price(result)));
}

json edited(const std::function<void(json&)>& edit) {
    json stats = stats_of(results_sample::sample());
    edit(stats);
    return stats;
}

std::string page_of(const json& stats, const Vega& vega = kBundles) {
    return render(run_page(Source(stats.dump(), "F")), vega);
}

/// What is said of the sample after `edit`; empty when it makes a page.
std::string refusal(const std::function<void(json&)>& edit) {
    try {
        static_cast<void>(page_of(edited(edit)));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

void nothing(json& stats) {
    static_cast<void>(stats);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_number_of_the_tables_is_in_the_file) {
    const json stats = edited(nothing);
    const std::string page = page_of(stats);
    BOOST_TEST(check_tables(page, stats) > 200U);
    for (const char* key : {"/totals/energy_j", "/totals/latency_s", "/run/seed", "/accuracy/top1",
                            "/layers/0/adc_bits/3", "/layers/1/energy_j/adc", "/components/0/energy_j",
                            "/energy_band_j/isaac", "/energy_by_accounting_j/whole", "/shared/energy_total_j",
                            "/layers/0/waited_output_fs", "/steady/resources/1/utilisation",
                            "/totals/latency_streaming_s", "/layers/0/adc_worst_case/bits/0"})
        BOOST_TEST(occurrences(page, "data-key=\"" + std::string(key) + "\"") >= 1U, key);
    for (const char* word :
         {"run/config_hash", "run/chip", "run/network", "run/adc_law", "run/images_sha256"})
        BOOST_TEST(page.find(stats.at(json::json_pointer("/" + std::string(word))).get<std::string>()) !=
                       std::string::npos,
                   word);
}

BOOST_AUTO_TEST_CASE(every_number_of_the_charts_is_in_the_file) {
    const json stats = edited(nothing);
    std::set<std::string> names;
    for (const auto& [name, spec] : charts_of(page_of(stats))) {
        BOOST_TEST(check_chart(spec, stats) > 0U, name);
        BOOST_TEST(names.insert(name).second, name);
        BOOST_TEST(spec.at("$schema") == "https://vega.github.io/schema/vega-lite/v5.json");
        BOOST_TEST((spec.contains("mark") || spec.contains("layer")), name);
        const std::size_t rows = rows_of(spec).size();
        std::size_t active = 0;
        for (const json& component : stats.at("components"))
            if (component.at("energy_j") > 0) ++active;
        if (name == "energy-by-component") {
            BOOST_TEST(rows == stats.at("components").size());
            BOOST_TEST(spec.at("encoding").at("x").at("field") == "energy_j");
        }
        if (name == "energy-by-layer" || name == "energy-shares") BOOST_TEST(rows == 3 * active);
        if (name == "adc-widths") BOOST_TEST(rows == 2U * 4U);
        if (name == "timeline") BOOST_TEST(rows == 2U);
        if (name == "limits") BOOST_TEST(rows == 2U);
        if (name == "adc-laws") BOOST_TEST(rows <= stats.at("energy_band_j").size());
    }
    const std::set<std::string> wanted = {"adc-laws",        "adc-widths",    "energy-by-component",
                                          "energy-by-layer", "energy-shares", "limits",
                                          "timeline"};
    BOOST_TEST(names == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(histograms_come_with_a_run_that_counted) {
    const json stats = stats_of(results_sample::counted_sample());
    const std::string page = page_of(stats), without = page_of(edited(nothing));
    BOOST_TEST(occurrences(page, "<section id=\"column-sums\">") == 1U);
    BOOST_TEST(without.find("column-sums") == std::string::npos);
    // Seen and held: eight histograms of the first layer, four of the second.
    BOOST_TEST(check_tables(page, stats) == check_tables(without, stats) + 2U * (8 + 4));
    for (const char* key : {"/layers/0/column_sums/0/range", "/layers/1/column_sums/3/largest_seen"})
        BOOST_TEST(occurrences(page, "data-key=\"" + std::string(key) + "\"") == 1U, key);
    json sums;
    for (const auto& [name, spec] : charts_of(page))
        if (name == "column-sums") sums = spec;
    BOOST_TEST(check_chart(sums, stats) > 0U);
    const json rows = rows_of(sums);
    BOOST_TEST(rows.size() == 8U + 4U);
    BOOST_TEST(rows.at(2).at("sign") == "positive");
    BOOST_TEST(rows.at(2).at("counts") == stats.at("layers")[0].at("column_sums")[2].at("counts"));
    BOOST_TEST(rows.at(2).at("range") == 255);
    // It opens on the widest, slice 0 of the first layer, and offers all.
    BOOST_TEST(sums.at("params")[0].at("value") == stats.at("layers")[0].at("name"));
    BOOST_TEST(sums.at("params")[0].at("bind").at("options").size() == 2U);
    BOOST_TEST(sums.at("params")[1].at("value") == 0);
    BOOST_TEST(sums.at("params")[1].at("bind").at("options") == json({3, 2, 1, 0}));
    BOOST_TEST(sums.at("transform")[0].at("filter") == "datum.histogram === layer && datum.slice === slice");
}

BOOST_AUTO_TEST_CASE(names_stay_text) {
    const std::string hostile = "</script><script>alert(1)</script><!-- \"&'\x01 \xC3\xA9";
    const json stats = edited([&](json& s) {
        s["layers"][0]["name"] = hostile;
        s["layers"][1]["kind"] = hostile;
        s["components"][1]["name"] = hostile;
        s["run"]["network"] = hostile;
        s["run"]["images"] = hostile;
        s["config"] = {hostile};
        s["energy_band_j"][hostile + "/~"] = 1.5;
        for (json* energies :
             {&s["layers"][0]["energy_j"], &s["layers"][1]["energy_j"], &s["shared"]["energy_j"]})
            (*energies)[hostile] = 0.5;
    });
    const std::string page = page_of(stats);
    BOOST_TEST(page.find("<script>alert") == std::string::npos);
    // But for the page's own comment, its seal.
    BOOST_TEST(page.find("<!--") == page.size() - kPageSeal.size());
    BOOST_TEST(page.find('\x01') == std::string::npos);
    // Six charts, two bundles, the page's own script.
    BOOST_TEST(occurrences(page, "<script") == 7U + 2U + 1U);
    BOOST_TEST(occurrences(page, "</script>") == 7U + 2U + 1U);
    // The charts get the name as it is.
    for (const auto& [name, spec] : charts_of(page))
        if (name == "timeline") BOOST_TEST(rows_of(spec).at(0).at("layer") == hostile);
    BOOST_TEST(escaped("a<b>&\"'\x07") == "a&lt;b&gt;&amp;&quot;&#39;\xEF\xBF\xBD");
    BOOST_TEST(script_json("</script>&") == R"("\u003c/script\u003e\u0026")");
}

BOOST_AUTO_TEST_CASE(layers_of_one_name_are_told_apart) {
    const json stats = edited([](json& s) { s["layers"][1]["name"] = s["layers"][0]["name"]; });
    std::set<std::string> names;
    for (const auto& [name, spec] : charts_of(page_of(stats)))
        if (name == "timeline")
            for (const json& row : rows_of(spec)) names.insert(row.at("layer").get<std::string>());
    BOOST_TEST(names.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_page_asks_for_nothing) {
    check_self_contained(page_of(edited(nothing)));
    check_self_contained(page_of(edited(nothing), {}));
}

BOOST_AUTO_TEST_CASE(bundles_run_in_their_order_and_keep_their_licence) {
    const std::string page = page_of(edited(nothing));
    BOOST_TEST(page.find("first();") < page.find("second();"));
    BOOST_TEST(page.find("second();") < page.rfind("<script>"));
    BOOST_TEST(page.find("You may &lt;copy&gt; this.") != std::string::npos);
    BOOST_TEST(page.find(kChartsMissing) == std::string::npos);
    BOOST_TEST(page_of(edited(nothing)) == page);
}

BOOST_AUTO_TEST_CASE(without_bundles_the_tables_stay_and_the_page_says_why) {
    const json stats = edited(nothing);
    const std::string with = page_of(stats), without = page_of(stats, {});
    BOOST_TEST(occurrences(without, kChartsMissing) == 1U);
    BOOST_TEST(occurrences(without, "<body class=\"no-charts\">") == 1U);
    BOOST_TEST(occurrences(without, "<script>") == 0U);
    BOOST_TEST(check_tables(without, stats) == check_tables(with, stats));
}

BOOST_AUTO_TEST_CASE(sections_come_with_their_data) {
    for (const char* section :
         {"summary", "energy", "layers", "adc-widths", "timeline", "adc-laws", "configuration"})
        BOOST_TEST(
            occurrences(page_of(edited(nothing)), "<section id=\"" + std::string(section) + "\">") == 1U,
            section);
    const std::string page = page_of(edited([](json& s) {
        s.erase("energy_band_j");
        s.erase("config");
    }));
    BOOST_TEST(page.find("<section id=\"adc-laws\">") == std::string::npos);
    BOOST_TEST(page.find("<section id=\"configuration\">") == std::string::npos);
    BOOST_TEST(page.find("<section id=\"layers\">") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_wrong_is_one_line_with_its_place) {
    BOOST_TEST(refusal(nothing) == "");
    BOOST_TEST(refusal([](json& s) { s["totals"].erase("energy_j"); }) == "F: /totals/energy_j: is missing");
    BOOST_TEST(refusal([](json& s) { s["layers"][1]["rows"] = "4"; }) ==
               "F: /layers/1/rows: must be a number");
    BOOST_TEST(refusal([](json& s) { s["run"]["chip"] = 4; }) == "F: /run/chip: must be text");
    BOOST_TEST(refusal([](json& s) { s["layers"] = 4; }) == "F: /layers: must be a list");
    BOOST_TEST(refusal([](json& s) { s["energy_band_j"] = 4; }) == "F: /energy_band_j: must be an object");
    for (const char* text : {"", "[]", "{", "{\"a\": 1e999}", "{\"a\": \"\xFF\"}"}) {
        const auto one_line = [](const InputError& error) {
            const std::string what = error.what();
            return what.rfind("F:", 0) == 0 && what.find('\n') == std::string::npos;
        };
        BOOST_CHECK_EXCEPTION(Source(text, "F"), InputError, one_line);
    }
}

BOOST_AUTO_TEST_SUITE_END()
