// How a report writes numbers and colours: worked out by hand.
#include <boost/test/unit_test.hpp>

#include "base/error.h"
#include "report/chart.h"
#include "report/html_table.h"
#include "report/number.h"

BOOST_AUTO_TEST_SUITE(report_numbers)

using namespace sliver;
using namespace sliver::report;

namespace {

/// The text of a page's number for a JSON number.
std::string shown(const std::string& number, Measure unit) {
    const Source source("{\"x\":" + number + "}", "F");
    const std::string html = number_html(source, Pointer("/x"), unit);
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
    BOOST_TEST(number_html(source, Pointer("/x"), Measure::seconds) == "–");
    BOOST_CHECK_THROW(number_html(source, Pointer("/y"), Measure::seconds), InputError);
    BOOST_CHECK_THROW(number_html(source, Pointer("/z"), Measure::seconds), InputError);
}

BOOST_AUTO_TEST_CASE(places_are_escaped) {
    const Source source(R"({"a\"<": {"b/~": 3}})", "F");
    const std::string html = number_html(source, Pointer("/a\"<") / "b/~", Measure::none);
    BOOST_TEST(html == "<data value=\"3\" data-key=\"/a&quot;&lt;/b~1~0\">3</data>");
}

BOOST_AUTO_TEST_CASE(width_colours_run_from_end_to_end) {
    const Json range = width_fill().at("scale").at("range");
    BOOST_TEST(width_colours(0).fill == range.at(0).get<std::string>());
    BOOST_TEST(width_colours(kWidestConverter).fill == range.at(1).get<std::string>());
    BOOST_TEST(width_colours(99).fill == width_colours(kWidestConverter).fill);
    // Half way between e6eef8 and 083a78.
    BOOST_TEST(width_colours(6).fill == "#7794b8");
    BOOST_TEST(width_colours(kFirstDarkWidth - 1).ink != width_colours(kFirstDarkWidth).ink);
}

BOOST_AUTO_TEST_CASE(tables_escape_titles_and_keep_cells) {
    HtmlTable table("a < b");
    table.add_text_column("<name>");
    table.add_number_column("n");
    table.add_row({"<i>x</i>", {"1", "color:#000000"}});
    const std::string html = table.html();
    BOOST_TEST(html.find("<caption>a &lt; b</caption>") != std::string::npos);
    BOOST_TEST(html.find("<th scope=\"col\">&lt;name&gt;</th><th scope=\"col\" class=\"number\">n</th>") !=
               std::string::npos);
    BOOST_TEST(
        html.find("<th scope=\"row\"><i>x</i></th><td class=\"number\" style=\"color:#000000\">1</td>") !=
        std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
