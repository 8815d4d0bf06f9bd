// Tables: one declaration for people and programs, and what gives way on a narrow terminal.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/table.h"
#include "results/wrapped_text.h"

BOOST_AUTO_TEST_SUITE(results_table)

using namespace sliver::results;
using Json = nlohmann::ordered_json;

namespace {

Table layers() {
    Table table;
    table.add_column({"name", "layer"});
    table.add_column({"adc_bits", "ADC bits", Align::right});
    table.add_column({"reads", "reads", Align::right, as_count()});
    table.add_column({"energy_j", "energy", Align::right, as_si("J")});
    table.add_column({"share", "share", Align::right, as_percent(1)});
    table.add_column({"area_mm2", "area", Align::right, as_fixed(2, "mm2")});
    table.add_column("note", Align::left);
    table.add_column(for_programs("rows"));
    return table;
}

std::size_t widest(const std::string& text) {
    std::size_t width = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        width = std::max(width, width_of(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return width;
}

std::string at_width(const Table& table, std::size_t width, std::size_t indent = 0) {
    const LineWidth now(width);
    return table.text(indent);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_declaration_makes_text_csv_and_json) {
    Table table = layers();
    const std::optional<double> unknown;
    table.add_values({"conv1", std::vector<int>{8, 5}, 12345, 1.5e-6, 0.25, 84.1696, "a", 27});
    table.add_heading("only for people");
    table.add_values({"=fc", std::vector<int>{}, 7U, unknown, 1.0, 2, "b, c", 9});
    table.add_rule();
    table.add_summary({"all", "", 12352, 1.5e-6});
    BOOST_TEST(table.text() ==
               "layer  ADC bits   reads    energy    share       area  note\n"
               "-----------------------------------------------------------\n"
               "conv1       5 8  12,345  1.500 uJ   25.0 %  84.17 mm2  a\n"
               "only for people\n"
               "=fc           -       7         -  100.0 %   2.00 mm2  b, c\n"
               "-----------------------------------------------------------\n"
               "all              12,352  1.500 uJ\n");
    BOOST_TEST(table.csv() ==
               "name,adc_bits,reads,energy_j,share,area_mm2,rows\n"
               "conv1,8 5,12345,1.5e-06,0.25,84.1696,27\n"
               "'=fc,,7,,1,2,9\n");
    BOOST_TEST(table.json() == Json::parse(R"([
        {"name": "conv1", "adc_bits": [8, 5], "reads": 12345, "energy_j": 1.5e-6, "share": 0.25,
         "area_mm2": 84.1696, "rows": 27},
        {"name": "=fc", "adc_bits": [], "reads": 7, "energy_j": null, "share": 1.0, "area_mm2": 2,
         "rows": 9}])"));
    BOOST_TEST(table.json().dump().find(R"({"name":"conv1","adc_bits":)") == 1);  // keys in their order
}

BOOST_AUTO_TEST_CASE(shown_texts_leave_the_value_alone) {
    Table table;
    table.add_column({"offset", "offset"});
    table.add_column({"summary", ""});
    table.add_values({Cell(16, "0x10"), Cell(Cell(), "(none)")});
    table.add_values({Cell(20)});
    BOOST_TEST(table.text() == "offset\n--------------\n0x10    (none)\n20\n");
    BOOST_TEST(table.json() ==
               Json::parse(R"([{"offset": 16, "summary": null}, {"offset": 20, "summary": null}])"));
}

BOOST_AUTO_TEST_CASE(what_no_program_could_read_is_a_defect) {
    Table table;
    table.add_column({"energy_j", "energy", Align::right, as_si("J")});
    table.add_values({std::numeric_limits<double>::infinity()});
    BOOST_CHECK_THROW(static_cast<void>(table.json()), std::logic_error);
    BOOST_CHECK_THROW(static_cast<void>(table.csv()), std::logic_error);
    BOOST_CHECK_THROW(static_cast<void>(table.text()), std::logic_error);
    BOOST_CHECK_THROW(table.add_values({1, 2}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(titles_give_way_before_texts) {
    Table table;
    table.add_column("name", Align::left);
    table.add_column("largest sums seen", Align::right);
    table.add_row({"a name that need not be broken", "1 2 3"});
    BOOST_TEST(at_width(table, 40) ==
               "                                 largest\n"
               "                                    sums\n"
               "name                                seen\n"
               "----------------------------------------\n"
               "a name that need not be broken     1 2 3\n");
    BOOST_TEST(at_width(table, 49) == table.text());
}

BOOST_AUTO_TEST_CASE(hyphens_in_titles_are_joints) {
    Table table;
    table.add_column("", Align::left);
    table.add_column("vgg11-fashion-dense", Align::right);
    table.add_row({"0123456789", "1"});
    BOOST_TEST(at_width(table, 26) ==
               "            vgg11-fashion-\n"
               "                     dense\n"
               "--------------------------\n"
               "0123456789               1\n");
}

BOOST_AUTO_TEST_CASE(the_widest_text_is_broken_between_words) {
    Table table;
    table.add_column("law", Align::left);
    table.add_column("energy", Align::right);
    table.add_column("what it is", Align::left);
    table.add_row({"isaac", "1,234,567", "a sentence that is too long for the line of a terminal"});
    BOOST_TEST(at_width(table, 50, 2) ==
               "  law       energy  what it is\n"
               "  ------------------------------------------------\n"
               "  isaac  1,234,567  a sentence that is too long\n"
               "                    for the line of a terminal\n");
}

BOOST_AUTO_TEST_CASE(broken_texts_keep_their_indentation) {
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::right);
    table.add_row({"  needed for the images that were seen", "5 8 8 8"});
    BOOST_TEST(at_width(table, 34) ==
               "  needed for the images    5 8 8 8\n"
               "  that were seen\n");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_told_in_parts_that_begin_alike) {
    Table table;
    table.add_column("layer", Align::left);
    for (const char* title : {"windows", "arrays", "conversions"}) table.add_column(title, Align::right);
    table.add_row({"conv1", "50,176", "8", "1,234,567"});
    table.add_heading("heading");
    table.add_rule();
    BOOST_TEST(at_width(table, 24) ==
               "layer  windows  arrays\n"
               "----------------------\n"
               "conv1   50,176       8\n"
               "heading\n"
               "----------------------\n"
               "\n"
               "layer  conversions\n"
               "------------------\n"
               "conv1    1,234,567\n"
               "heading\n"
               "------------------\n");
}

BOOST_AUTO_TEST_CASE(numbers_and_words_are_never_cut) {
    Table table;
    table.add_column("file", Align::left);
    table.add_column("bytes", Align::right);
    table.add_row({"a/path/without/any/blank/in/it/at/all", "123,456,789,012"});
    const std::string text = at_width(table, 40);
    BOOST_TEST(text.find("a/path/without/any/blank/in/it/at/all") != std::string::npos);
    BOOST_TEST(text.find("123,456,789,012") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_width_that_words_allow_is_kept) {
    Table table = layers();
    for (int i = 0; i < 3; ++i)
        table.add_values({"a layer", std::vector<int>{8, 8, 8, 5}, 80'742'912, 1.306e-4, 0.7571, 84.17,
                          "a note of several words, which may stand in several lines", 4608});
    for (std::size_t width = 30; width < 140; ++width) BOOST_TEST(widest(at_width(table, width, 2)) <= width);
    BOOST_TEST(at_width(table, 1000, 2) == table.text(2));
}

BOOST_AUTO_TEST_CASE(sentences_are_broken_between_words) {
    BOOST_TEST(wrapped("- ", std::string(100, 'a') + " bbbbbbbb c") ==
               "- " + std::string(100, 'a') + "\n  bbbbbbbb c\n");
    const LineWidth narrow(20);
    BOOST_TEST(wrapped("- ", "one two three four five six") == "- one two three four\n  five six\n");
    {
        const LineWidth narrower(12);
        BOOST_TEST(wrapped("- ", "one two three") == "- one two\n  three\n");
    }
    BOOST_TEST(LineWidth::now() == 20U);
    BOOST_TEST(fitted("short\n  what does not fit in\n\nend") == "short\n  what does not\n    fit in\n\nend");
    BOOST_TEST(width_of("\xc3\xa4 b") == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
