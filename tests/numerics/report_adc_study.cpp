// The report of an ADC study: every number is one of adc.json, sections come with their data, names stay
// text, other files are refused.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

#include "adc_study_sample.h"
#include "base/error.h"
#include "report/reports.h"
#include "report_oracle.h"

BOOST_AUTO_TEST_SUITE(report_adc_study)

using namespace sliver;
using namespace sliver::report;
using namespace report_oracle;

namespace {

const Vega kBundles = {{{"one", "first();\n"}}, "You may copy this."};

json edited(const std::function<void(json&)>& edit) {
    json study = json::parse(study::adc_json(adc_study_sample::sample()));
    edit(study);
    return study;
}

void nothing(json& study) {
    static_cast<void>(study);
}

std::string page_of(const json& study) {
    return render(adc_study_page(Source(study.dump(), "F")), kBundles);
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

json chart(const std::string& page, const std::string& wanted) {
    for (const auto& [name, spec] : charts_of(page))
        if (name == wanted) return spec;
    BOOST_FAIL("no chart " << wanted);
    return {};
}

/// The chart's data rows for which all of `words` hold.
std::vector<json> rows_with(const json& spec, const json& words) {
    std::vector<json> rows;
    for (const json& row : rows_of(spec)) {
        bool fits = true;
        for (const auto& [field, value] : words.items()) fits = fits && row.at(field) == value;
        if (fits) rows.push_back(row);
    }
    return rows;
}

const std::vector<std::string> kSections = {
    "summary", "allocations", "adc-widths", "trade-off",         "energy",       "table3",
    "effects", "column-sums", "search",     "shared-converters", "configuration"};

}  // namespace

BOOST_AUTO_TEST_CASE(every_number_of_the_tables_is_in_the_file) {
    const json study = edited(nothing);
    const std::string page = page_of(study);
    BOOST_TEST(check_tables(page, study) > 250U);
    for (const char* key : {"/images/count",
                            "/loss_points",
                            "/budget",
                            "/networks/1/card_top1",
                            "/networks/0/allocations/2/mean_bits",
                            "/networks/1/allocations/1/cost/adc_area_mm2",
                            "/networks/0/allocations/1/negative_bits/0/1",
                            "/networks/0/allocations/2/drops/1/1",
                            "/networks/0/allocations/0/cost/laws/saberi/adc_j",
                            "/networks/1/search/required_correct",
                            "/networks/1/search/trail/3/correct",
                            "/networks/1/search/groups/1/candidates/1/drop",
                            "/networks/0/uniform_widths/1/top1",
                            "/networks/1/ablation/effects/1/alone_j",
                            "/networks/1/ablation/effects/2/skip_logic_j",
                            "/networks/1/ablation/baseline/shared_interval_s",
                            "/networks/1/ablation/planes_skipped",
                            "/networks/0/shared_converters/0/cost/adc_wait_s",
                            "/table3_from_law/0/energy_saving",
                            "/networks/1/table3_executed/accuracy/1/speed_up",
                            "/networks/0/histograms/3/largest_possible"})
        BOOST_TEST(occurrences(page, "data-key=\"" + std::string(key) + "\"") >= 1U, key);
    for (const json& sentence : study.at("verdict"))
        BOOST_TEST(page.find("<li>" + sentence.get<std::string>() + "</li>") != std::string::npos, sentence);
    BOOST_TEST(page.find("<h2>Summary</h2>\n<ul class=\"verdict\">") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_number_of_the_charts_is_in_the_file) {
    const json study = edited(nothing);
    std::set<std::string> names;
    for (const auto& [name, spec] : charts_of(page_of(study))) {
        BOOST_TEST(check_chart(spec, study) > 0U, name);
        BOOST_TEST(names.insert(name).second, name);
        BOOST_TEST(spec.contains("layer"), name);
    }
    const std::set<std::string> wanted = {
        "accuracy-over-bits", "accuracy-over-energy", "adc-laws", "adc-share",
        "adc-widths",         "column-sums",          "effects",  "search"};
    BOOST_TEST(names == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(charts_show_what_the_study_holds) {
    const std::string page = page_of(edited(nothing));
    // Two networks: three allocations and two single widths each; the drawing makes two marks of an
    // allocation, for ADCs and chip.
    BOOST_TEST(rows_with(chart(page, "accuracy-over-bits"), json::object()).size() == 2U * (3 + 2));
    BOOST_TEST(rows_with(chart(page, "accuracy-over-energy"), json::object()).size() == 2U * 3);
    BOOST_TEST(rows_with(chart(page, "adc-share"), json::object()).size() == 2U * 3);
    // A law without a cost has no mark.
    BOOST_TEST(rows_with(chart(page, "adc-laws"), json::object()).size() == 2U * 3 * 2);
    // One row a layer, two where the signs have converters of their own.
    const json widths = chart(page, "adc-widths");
    BOOST_TEST(rows_with(widths, {{"network", "net-dense"}, {"allocation", "fixed-8"}}).size() == 2U);
    const auto by_sign = rows_with(
        widths, {{"network", "net-dense"}, {"allocation", "worst-case"}, {"layer", "conv"}, {"sign", " −"}});
    BOOST_REQUIRE(by_sign.size() == 1U);
    BOOST_TEST(by_sign.front().at("bits") == json({5, 5}));
    // The ends and three effects; questions to the accuracy only.
    BOOST_TEST(rows_with(chart(page, "effects"), json::object()).size() == 5U);
    const auto questions = rows_with(chart(page, "search"), {{"stage", "refinement"}, {"answer", "kept"}});
    BOOST_REQUIRE(questions.size() == 1U);
    BOOST_TEST(questions.front().at("bits") == 2);
    BOOST_TEST(questions.front().at("drop") == 1);
    BOOST_TEST(rows_with(chart(page, "search"), json::object()).size() == 3U);
}

BOOST_AUTO_TEST_CASE(columns_hold_what_their_titles_say) {
    const std::string page = page_of(edited(nothing));
    const std::size_t caption = page.find("clipped and conversions over all test images");
    BOOST_REQUIRE(caption != std::string::npos);
    const std::string table = page.substr(caption, page.find("</table>", caption) - caption);
    std::vector<std::string> titles;
    for (const std::string& head : between(table, "<th scope=\"col\"", "</th>"))
        titles.push_back(head.substr(head.find('>') + 1));
    const std::vector<std::pair<std::string, std::string>> wanted = {
        {"mean bits", "/mean_bits"},       {"top-1", "/top1"},
        {"clipped", "/clipped"},           {"conversions", "/conversions"},
        {"ADC energy", "/cost/adc_j"},     {"chip energy", "/cost/total_j"},
        {"latency", "/cost/latency_s"},    {"interval", "/cost/interval_s"},
        {"ADC area", "/cost/adc_area_mm2"}};
    // The allocation and its widths come first.
    BOOST_REQUIRE(titles.size() == 2 + wanted.size());
    const std::vector<std::string> cells =
        between(table.substr(table.find("8 bits")), "<td class=\"number\"", "</td>");
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        BOOST_TEST(titles[2 + i] == wanted[i].first);
        const std::string key = between(cells.at(1 + i), "data-key=\"", "\"").at(0);
        BOOST_TEST(key == "/networks/0/allocations/0" + wanted[i].second);
    }
    // Widths, highest slice first.
    const std::vector<std::string> widths = between(cells.at(0), "data-key=\"", "\"");
    BOOST_REQUIRE(widths.size() == 2U);
    BOOST_TEST(widths[0].back() == '1');
    BOOST_TEST(widths[1].back() == '0');
}

BOOST_AUTO_TEST_CASE(the_chart_of_laws_shows_the_energy_that_was_chosen) {
    const json laws = chart(page_of(edited(nothing)), "adc-laws");
    for (const json& parameter : laws.at("params")) {
        if (parameter.at("name") != "energy") continue;
        BOOST_TEST(parameter.at("value") == "adc_j");
        BOOST_TEST(parameter.at("bind").at("options") == json({"adc_j", "total_j"}));
        BOOST_TEST(parameter.at("bind").at("labels") == json({"ADCs", "chip"}));
    }
}

BOOST_AUTO_TEST_CASE(ranges_stand_at_their_histogram) {
    const json sums = chart(page_of(edited(nothing)), "column-sums");
    const auto rows =
        rows_with(sums, {{"network", "net-bitslice"}, {"layer", "fc"}, {"sign", "negative"}, {"slice", 1}});
    BOOST_REQUIRE(rows.size() == 1U);
    BOOST_TEST(rows.front().at("counts") == json({9000, 101, 0, 8}));
    BOOST_TEST(rows.front().at("range of fixed-8") == 255);
    BOOST_TEST(rows.front().at("range of worst-case") == 7);
    // One bit in steps of eight: (1 << 3) + 3.
    BOOST_TEST(rows.front().at("range of accuracy") == 11);
}

BOOST_AUTO_TEST_CASE(the_tightest_certificate_is_shown) {
    const std::string page = page_of(edited(nothing));
    // Fixed: all ranges are 255, the fullest column is entry 3. Accuracy: 7 and 9 in a range of 4 lose to 20
    // in 15.
    BOOST_TEST(occurrences(page, "data-key=\"/networks/0/allocations/0/certificates/3/margin\"") == 1U);
    BOOST_TEST(occurrences(page, "data-key=\"/networks/0/allocations/0/certificates/0/margin\"") == 0U);
    BOOST_TEST(occurrences(page, "data-key=\"/networks/0/allocations/2/certificates/3/margin\"") == 1U);
    BOOST_TEST(occurrences(page, "<td>every input</td>") == 2U * 2);
    BOOST_TEST(occurrences(page, "<td>the profiled images</td>") == 2U);
}

BOOST_AUTO_TEST_CASE(one_network_needs_no_choice_of_it) {
    const auto bound = [](const json& spec, const std::string& name) {
        for (const json& parameter : spec.at("params"))
            if (parameter.at("name") == name) return parameter.contains("bind");
        return false;
    };
    const std::string two = page_of(edited(nothing));
    const std::string one = page_of(edited([](json& s) { s["networks"].erase(0); }));
    BOOST_TEST(bound(chart(two, "adc-widths"), "network"));
    BOOST_TEST(!bound(chart(one, "adc-widths"), "network"));
    BOOST_TEST(bound(chart(one, "adc-widths"), "allocation"));
}

BOOST_AUTO_TEST_CASE(same_names_are_told_apart) {
    const json study = edited([](json& s) {
        s["networks"][1]["name"] = s["networks"][0]["name"];
        for (json& network : s["networks"]) {
            network["layers"] = {"conv", "conv"};
            for (json& histogram : network["histograms"]) histogram["layer"] = "conv";
            for (json& allocation : network["allocations"])
                for (json& certificate : allocation["certificates"]) certificate["layer"] = "conv";
        }
    });
    const json sums = chart(page_of(study), "column-sums");
    std::set<std::string> groups;
    for (const json& row : rows_of(sums))
        groups.insert(row.at("network").get<std::string>() + row.at("layer").get<std::string>() +
                      row.at("sign").get<std::string>() + row.at("slice").dump());
    BOOST_TEST(groups.size() == 2U * 2 * 2 * 2);
    const auto second = rows_with(sums, {{"layer", "conv [1]"}, {"sign", "positive"}, {"slice", 1}});
    BOOST_REQUIRE(second.size() == 2U);
    BOOST_TEST(second.front().at("range of accuracy") == 11);
}

BOOST_AUTO_TEST_CASE(names_stay_text) {
    const std::string hostile = "</script><script>alert(1)</script><!-- \"&'\x01 \xC3\xA9";
    const std::string page = page_of(edited([&](json& s) {
        s["chip"] = hostile;
        s["verdict"] = {hostile};
        s["config"] = {hostile};
        s["networks"][0]["name"] = hostile;
        s["networks"][1]["method"] = hostile;
        s["networks"][0]["allocations"][1]["title"] = hostile;
        s["networks"][0]["allocations"][1]["key"] = hostile;
        s["networks"][1]["ablation"]["effects"][0]["effect"] = hostile;
        s["networks"][1]["search"]["trail"][1]["stage"] = hostile;
        s["networks"][1]["shared_converters"][0]["bank"] = hostile;
        s["table3_from_law"][0]["group"] = hostile;
    }));
    BOOST_TEST(page.find("<script>alert") == std::string::npos);
    BOOST_TEST(page.find("<!--") == page.size() - kPageSeal.size());
    BOOST_TEST(page.find('\x01') == std::string::npos);
    // Eight charts, one bundle, the page's own script.
    BOOST_TEST(occurrences(page, "<script") == 8U + 1U + 1U);
    check_self_contained(page);
}

BOOST_AUTO_TEST_CASE(sections_come_with_their_data) {
    const std::string page = page_of(edited(nothing));
    for (const std::string& section : kSections)
        BOOST_TEST(occurrences(page, "<section id=\"" + section + "\">") == 1U, section);
    const json little = edited([](json& s) {
        s.erase("config");
        s.erase("table3_from_law");
        s.erase("verdict");
        for (json& network : s["networks"]) {
            network["search"] = nullptr;
            network["ablation"] = nullptr;
            for (const char* list : {"histograms", "shared_converters", "uniform_widths"})
                network[list] = json::array();
        }
    });
    const std::string rest = page_of(little);
    BOOST_TEST(check_tables(rest, little) > 100U);
    const std::set<std::string> gone = {"table3", "effects",           "column-sums",
                                        "search", "shared-converters", "configuration"};
    for (const std::string& section : kSections)
        BOOST_TEST(occurrences(rest, "<section id=\"" + section + "\">") == (gone.count(section) ? 0U : 1U),
                   section);
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_wrong_is_one_line_with_its_place) {
    BOOST_TEST(refusal(nothing) == "");
    BOOST_TEST(refusal([](json& s) { s["study"] = "slices"; }) == "F: /study: must be 'adc', not 'slices'");
    BOOST_TEST(refusal([](json& s) { s["schema"] = 1; }) ==
               "F: /schema: this version reads schema 2, the file has 1");
    BOOST_TEST(refusal([](json& s) { s.erase("schema"); }) == "F: /schema: is missing");
    BOOST_TEST(refusal([](json& s) { s["networks"] = 4; }) == "F: /networks: must be a list");
    BOOST_TEST(refusal([](json& s) { s["networks"][0]["allocations"][0]["cost"].erase("adc_j"); }) ==
               "F: /networks/0/allocations/0/cost/adc_j: is missing");
    BOOST_TEST(refusal([](json& s) { s["networks"][1]["histograms"][2]["counts"][1] = "many"; }) ==
               "F: /networks/1/histograms/2/counts/1: must be a number");
    BOOST_TEST(refusal([](json& s) { s["networks"][1]["histograms"][2]["layer"] = "other"; }) ==
               "F: /networks/1/histograms/2/layer: must name a layer of the network, in their order");
    BOOST_TEST(refusal([](json& s) { s["networks"][1]["histograms"][2]["slice"] = -1; }) ==
               "F: /networks/1/histograms/2/slice: must be 0 or more");
}

BOOST_AUTO_TEST_SUITE_END()
