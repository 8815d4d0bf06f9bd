// How a report writes numbers and colours: worked out by hand.
#include <boost/test/unit_test.hpp>

#include "base/error.h"
#include "report/chart.h"
#include "report/number.h"
#include "report/table.h"

BOOST_AUTO_TEST_SUITE(report_numbers)

using namespace sliver;
using namespace sliver::report;

namespace {

/// The text of a page's number for a JSON number.
std::string shown(const std::string& number, Measure unit) {
    const Source source("{\"x\":" + number + "}", "F");
    const std::string html = value_html(source, Pointer("/x"), unit);
    const std::string begin = "<data value=\"" + Json::parse(number).dump() + "\" data-key=\"/x\">",
                      end = "</data>";
    BOOST_REQUIRE_MESSAGE(html.rfind(begin, 0) == 0, html);
    return html.substr(begin.size(), html.size() - begin.size() - end.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(units_by_hand) {
    BOOST_TEST(shown("80748544", Measure::none) == "80,748,544");
    BOOST_TEST(shown("0.5", Measure::none) == "0.5");
    BOOST_TEST(shown("1152921504606846977", Measure::exact) == "1152921504606846977");
    BOOST_TEST(shown("8192", Measure::cycles) == "8,192");
    BOOST_TEST(shown("8777.708125", Measure::cycles) == "8,777.71");
    BOOST_TEST(shown("8777.999", Measure::cycles) == "8,778.00");
    BOOST_TEST(shown("0.05", Measure::cycles) == "0.05");
    BOOST_TEST(shown("0.0008777708125", Measure::seconds) == "877.8 µs");
    BOOST_TEST(shown("24250000", Measure::femtoseconds) == "24.25 ns");
    BOOST_TEST(shown("0.0", Measure::joule) == "0 J");
    BOOST_TEST(shown("0.00010422214133920856", Measure::joule) == "104.2 µJ");
    BOOST_TEST(shown("10.64528", Measure::watt) == "10.65 W");
    BOOST_TEST(shown("82.01839423124645", Measure::square_mm) == "82.02 mm²");
    BOOST_TEST(shown("32.0", Measure::nanometre) == "32 nm");
    BOOST_TEST(shown("2432", Measure::bytes) == "2,432 B");
    BOOST_TEST(shown("0.9312", Measure::share) == "93.12 %");
}

BOOST_AUTO_TEST_CASE(null_is_a_dash_and_no_number) {
    const Source source(R"({"x": null, "y": "1"})", "F");
    BOOST_TEST(value_html(source, Pointer("/x"), Measure::seconds) == "–");
    BOOST_CHECK_THROW(value_html(source, Pointer("/y"), Measure::seconds), InputError);
    BOOST_CHECK_THROW(value_html(source, Pointer("/z"), Measure::seconds), InputError);
}

BOOST_AUTO_TEST_CASE(places_are_escaped) {
    const Source source(R"({"a\"<": {"b/~": 3}})", "F");
    const std::string html = value_html(source, Pointer("/a\"<") / "b/~", Measure::none);
    BOOST_TEST(html == "<data value=\"3\" data-key=\"/a&quot;&lt;/b~1~0\">3</data>");
}

BOOST_AUTO_TEST_CASE(width_colours_are_those_of_the_charts) {
    const Json& fill = chart_part("width fill").at("scale");
    const int widest = fill.at("domain").at(1).get<int>();
    BOOST_TEST(width_colours(0).fill == fill.at("range").at(0).get<std::string>());
    BOOST_TEST(width_colours(widest).fill == fill.at("range").at(1).get<std::string>());
    BOOST_TEST(width_colours(99).fill == width_colours(widest).fill);
    // Half way between e6eef8 and 083a78.
    BOOST_TEST(width_colours(6).fill == "#7794b8");
    const Json& ink = chart_part("width ink");
    const std::string test = ink.at("condition").at("test").get<std::string>(), below = "datum.bits < ";
    BOOST_REQUIRE(test.rfind(below, 0) == 0U);
    const int first_dark = std::stoi(test.substr(below.size()));
    BOOST_TEST(width_colours(first_dark - 1).ink == ink.at("condition").at("value").get<std::string>());
    BOOST_TEST(width_colours(first_dark).ink == ink.at("value").get<std::string>());
}

BOOST_AUTO_TEST_CASE(a_table_is_shown_and_bound_to_charts_from_one_declaration) {
    const Source source(R"({"list": [{"n": 1, "w": "<b>", "deep": {"j": 0.5}, "bits": 3, "sums": [1, 2]},
                                     {"n": null, "w": "x", "deep": {"j": 2}, "bits": 4, "sums": [3]}],
                            "beside": 7})",
                        "F");
    std::vector<Row> rows = rows_of(source, Pointer("/list"), "w");
    const Table table(source,
                      {name_column("<name>"),
                       {"n", "n"},
                       {"energy", "deep/j", Measure::joule},
                       {"bits", "bits", Measure::bits},
                       Column("all", "../../beside", Measure::exact).as("whole"),
                       Column("there?", "nothing").optional(),
                       {"sums", "sums", Measure::list},
                       Column("", "w", Measure::word).hidden()},
                      rows);
    const std::string html = table.html("a < b");
    BOOST_TEST(html.find("<caption>a &lt; b</caption>") != std::string::npos);
    BOOST_TEST(html.find("<th scope=\"col\">&lt;name&gt;</th><th scope=\"col\" class=\"number\">n</th>") !=
               std::string::npos);
    const CellColours colours = width_colours(3);
    const std::string first =
        "<tr><th scope=\"row\">&lt;b&gt;</th>"
        "<td class=\"number\"><data value=\"1\" data-key=\"/list/0/n\">1</data></td>"
        "<td class=\"number\"><data value=\"0.5\" data-key=\"/list/0/deep/j\">500.0 mJ</data></td>"
        "<td class=\"number\" style=\"background:" +
        colours.fill + ";color:" + colours.ink +
        "\"><data value=\"3\" data-key=\"/list/0/bits\">3</data></td>"
        "<td class=\"number\"><data value=\"7\" data-key=\"/beside\">7</data></td>"
        "<td class=\"number\"></td>"
        "<td class=\"number\"><data value=\"2\" data-key=\"/list/0/sums/1\">2</data> "
        "<data value=\"1\" data-key=\"/list/0/sums/0\">1</data></td></tr>";
    BOOST_TEST(html.find(first) != std::string::npos, html);
    const Json wanted = Json::parse(R"([
        {"<name>": "<b>", "n": 1, "j": 0.5, "bits": 3, "whole": 7, "sums": [1, 2], "w": "<b>",
         "keys": {"n": "/list/0/n", "j": "/list/0/deep/j", "bits": "/list/0/bits", "whole": "/beside",
                  "sums": "/list/0/sums"}},
        {"<name>": "x", "j": 2, "bits": 4, "whole": 7, "sums": [3], "w": "x",
         "keys": {"j": "/list/1/deep/j", "bits": "/list/1/bits", "whole": "/beside", "sums": "/list/1/sums"}}])");
    BOOST_TEST(nlohmann::json(table.data()) == nlohmann::json(wanted));
}

BOOST_AUTO_TEST_CASE(charts_take_what_is_bound_to_their_names_and_nothing_else) {
    const Json rows = Json::parse(R"([{"layer": "a"}, {"layer": "b"}, {"layer": "a"}])");
    const Json bound = chart_spec("factors", rows, {{"caption", "@row"}});
    BOOST_TEST(bound.at("usermeta").at("caption") == "@row");  // what is bound is no name
    BOOST_TEST(bound.at("datasets").at("columns") == rows);
    BOOST_CHECK_THROW(chart_spec("factors", rows), std::logic_error);
    BOOST_CHECK_THROW(chart_spec("factors", rows, {{"caption", ""}, {"other", ""}}), std::logic_error);
    // A chart that changes another one.
    const Json like = chart_spec("energy-shares", rows), other = chart_spec("energy-by-layer", rows);
    BOOST_TEST(like.at("encoding").at("x").at("stack") == "normalize");
    BOOST_TEST(like.at("encoding").at("y") == other.at("encoding").at("y"));
    BOOST_TEST(!like.contains("like"));
    BOOST_TEST(like.at("height") == 2 * 22);  // two layers
}

BOOST_AUTO_TEST_CASE(what_no_row_has_is_not_told) {
    const auto told = [](const char* rows) {
        std::vector<std::string> fields;
        const Json spec = chart_spec("adc-widths", Json::parse(rows));
        for (const Json& entry : spec.at("layer").at(0).at("encoding").at("tooltip")) {
            BOOST_TEST(!entry.contains("optional"));
            fields.push_back(entry.at("field"));
        }
        return fields;
    };
    BOOST_TEST(told(R"([{"layer": "", "bits": 3}])").size() == 5U);
    BOOST_TEST(told(R"([{"layer": "", "bits": 3}, {"layer": "", "adc_seen": 4}])").back() == "adc_seen");
}

BOOST_AUTO_TEST_SUITE_END()
