// Text from foreign files: what may reach a terminal, a table, a spreadsheet.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

BOOST_AUTO_TEST_SUITE(base_text)

using namespace sliver;

BOOST_AUTO_TEST_CASE(good_text_stays_as_it_is) {
    for (const char* text : {"", "conv1/Relu_output_0", "Слой", "層 1", "café", "\xF0\x9F\x99\x82",
                             "\xC2\xA0x", "\xE2\x80\x94", "\xE2\x80\xA7", "\xE2\x80\xAF"}) {
        BOOST_TEST(cleaned(text) == text);
        BOOST_TEST(printable(text) == text);
        BOOST_TEST(!first_unprintable(text).has_value());
    }
}

BOOST_AUTO_TEST_CASE(what_steers_a_terminal_becomes_a_question_mark) {
    const std::vector<std::string> unprintable = {
        "\x1b",         "\x01",         "\x7f",                         // C0, DEL
        "\xC2\x80",     "\xC2\x9B",     "\xC2\x9F",                     // C1
        "\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\x8F",                 // marks of direction
        "\xE2\x80\xA8", "\xE2\x80\xA9",                                 // line and paragraph separator
        "\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"  // embeddings, isolates
    };
    for (const std::string& character : unprintable) {
        BOOST_TEST(cleaned("a" + character + "b") == "a?b");
        BOOST_TEST(first_unprintable("a" + character + "b").has_value());
    }
    BOOST_TEST(cleaned("a\nb\tc") == "a?b?c");
    BOOST_TEST(cleaned_lines("a\nb\tc\x1b") == "a\nb\tc?");
    BOOST_TEST(!first_unprintable("a\nb\tc\r\n").has_value());
}

BOOST_AUTO_TEST_CASE(bytes_of_no_character_become_question_marks) {
    BOOST_TEST(cleaned("caf\xE9 1") == "caf? 1");
    BOOST_TEST(cleaned("\xC3") == "?");
    BOOST_TEST(cleaned("\xED\xA0\x80") == "???");       // a surrogate
    BOOST_TEST(cleaned("\xC0\xAF") == "??");            // an overlong '/'
    BOOST_TEST(cleaned("\xF4\x90\x80\x80") == "????");  // above U+10FFFF
    BOOST_TEST(first_unprintable("ab\n\xE9")->line == 2);
}

BOOST_AUTO_TEST_CASE(text_is_cut_between_characters) {
    std::string letters;
    for (int i = 0; i < 100; ++i) letters += "Я";
    BOOST_TEST(shown_text(letters, 61) == letters.substr(0, 60) + "...");
    BOOST_TEST(shown_text(letters, 200) == letters);
    BOOST_TEST(printable(letters) == letters.substr(0, 120) + "...");
    BOOST_TEST(printable("x" + letters) == ("x" + letters).substr(0, 119) + "...");
    BOOST_TEST(shown_text(std::string(100'000'000, 'x')) == std::string(60, 'x') + "...");
    BOOST_TEST(shown_text(std::string(100, '\x1b'), 10) == std::string(10, '?') + "...");
    // A character that the cut would split is no damaged one.
    BOOST_TEST(shown_text("aЯЯ", 2) == "a...");
    BOOST_TEST(shown_text("aЯЯ", 5) == "aЯЯ");
}

BOOST_AUTO_TEST_CASE(an_error_is_one_line_that_steers_no_terminal) {
    BOOST_TEST(std::string(InputError("a\tb\nc\x1b[2J").what()) == "a?b?c?[2J");
    BOOST_TEST(std::string(MachineError("a\tb\n").what()) == "a?b?");
}

BOOST_AUTO_TEST_CASE(no_cell_of_a_csv_is_a_formula) {
    BOOST_TEST(csv_text("conv1") == "conv1");
    BOOST_TEST(csv_text("a,b") == "\"a,b\"");
    BOOST_TEST(csv_text("say \"x\"") == "\"say \"\"x\"\"\"");
    BOOST_TEST(csv_text("=HYPERLINK(\"http://x\")") == "\"'=HYPERLINK(\"\"http://x\"\")\"");
    BOOST_TEST(csv_text("+1+1") == "'+1+1");
    BOOST_TEST(csv_text("@SUM(A1)") == "'@SUM(A1)");
    BOOST_TEST(csv_text("-2+3") == "'-2+3");
    BOOST_TEST(csv_text("\t=1") == "'\t=1");
    // Numbers are numbers.
    BOOST_TEST(csv_text("-2.5e-3") == "-2.5e-3");
    BOOST_TEST(csv_text("") == "");
}

BOOST_AUTO_TEST_SUITE_END()
