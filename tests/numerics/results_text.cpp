// Numbers and tables as people read them.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "results/quantity_text.h"
#include "results/table.h"

BOOST_AUTO_TEST_SUITE(results_text)

using namespace sliver::results;

BOOST_AUTO_TEST_CASE(four_significant_digits_with_a_prefix) {
    BOOST_TEST(si(8.718e-4, "s") == "871.8 us");
    BOOST_TEST(si(1, "W") == "1.000 W");
    BOOST_TEST(si(12.345, "W") == "12.35 W");
    BOOST_TEST(si(1.5625e-12, "J") == "1.562 pJ");
    BOOST_TEST(si(4.2e-15, "J") == "4.200 fJ");
    BOOST_TEST(si(4.2e-17, "J") == "0.042 fJ");
    BOOST_TEST(si(3e15, "op/s") == "3000 Top/s");
    BOOST_TEST(si(-2.5e-3, "V") == "-2.500 mV");
    BOOST_TEST(si(0, "J") == "0 J");
}

BOOST_AUTO_TEST_CASE(rounding_up_moves_on_to_the_next_prefix) {
    BOOST_TEST(si(999.96e-6, "s") == "1.000 ms");
    BOOST_TEST(si(999.94e-6, "s") == "999.9 us");
    BOOST_TEST(si(9.9996, "s") == "10.00 s");
    BOOST_TEST(si(99.996, "s") == "100.0 s");
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_never_leaves) {
    BOOST_CHECK_THROW(static_cast<void>(si(std::nan(""), "J")), std::logic_error);
    BOOST_CHECK_THROW(static_cast<void>(exact(std::numeric_limits<double>::infinity())), std::logic_error);
}

BOOST_AUTO_TEST_CASE(exact_reads_back) {
    for (const double value : {0.1, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308, 123456789.125, -2.5e-9})
        BOOST_TEST(std::strtod(exact(value).c_str(), nullptr) == value);
}

BOOST_AUTO_TEST_CASE(counts_shares_cycles_slices) {
    BOOST_TEST(grouped(0) == "0");
    BOOST_TEST(grouped(999) == "999");
    BOOST_TEST(grouped(1000) == "1,000");
    BOOST_TEST(grouped(80748544) == "80,748,544");
    BOOST_TEST(percent(1, 3) == "33.33 %");
    BOOST_TEST(percent(0, 7) == "0 %");
    BOOST_TEST(percent(1, 10'000'000) == "1.0e-05 %");
    BOOST_TEST(percent(0, 0) == "-");
    BOOST_TEST(cycles_text(871'800'000'000'000, 100'000'000'000) == "8,718");
    BOOST_TEST(cycles_text(150, 100) == "1.50");
    // Cut, not rounded: 1 cycle later nothing has happened yet.
    BOOST_TEST(cycles_text(1'999'999, 1'000'000) == "1.99");
    BOOST_TEST(packing_text(2272, 4544) == "2,272 arrays, 4,544 without packing: 2.00 times fewer");
    BOOST_TEST(packing_text(3, 5) == "3 arrays, 5 without packing: 1.67 times fewer");
    BOOST_TEST(slices_text({3, 3, 2, 1}) == "1 2 3 3");
    BOOST_TEST(slices_text({}) == "-");
}

BOOST_AUTO_TEST_CASE(tables_align) {
    Table table;
    table.add_column("name", Align::left);
    table.add_column("count", Align::right);
    table.add_row({"a", "1"});
    table.add_heading("a heading that is wider than the table");
    table.add_row({"\xc3\xa4\xc3\xb6\xc3\xbc-layer", "12,345"});
    table.add_rule();
    table.add_row({"short"});
    BOOST_TEST(table.text(2) ==
               "  name        count\n"
               "  -----------------\n"
               "  a               1\n"
               "  a heading that is wider than the table\n"
               "  \xc3\xa4\xc3\xb6\xc3\xbc-layer  12,345\n"
               "  -----------------\n"
               "  short\n");
}

BOOST_AUTO_TEST_CASE(a_table_without_titles_has_no_head) {
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::left);
    table.add_row({"key", "value"});
    BOOST_TEST(table.text() == "key  value\n");
    BOOST_CHECK_THROW(table.add_row({"1", "2", "3"}), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
