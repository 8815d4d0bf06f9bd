// Numbers and quantities: what is read, what is refused, and that text and binary are each other's exact
// images.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "config/quantity.h"

BOOST_AUTO_TEST_SUITE(config_quantity)

using namespace sliver::config;

BOOST_AUTO_TEST_CASE(decimal_units_give_the_double_the_compiler_gives) {
    // 100 * 1e-9 is not 100e-9 in binary: the unit must move the decimal point, not multiply.
    BOOST_TEST((parse_quantity("100 ns", Dimension::time) == 100e-9));
    BOOST_TEST((parse_quantity("0.1 us", Dimension::time) == 100e-9));
    BOOST_TEST((parse_quantity("1e2 ns", Dimension::time) == 100e-9));
    BOOST_TEST((parse_quantity("100ns", Dimension::time) == 100e-9));
    BOOST_TEST((parse_quantity("781.25 ps", Dimension::time) == 781.25e-12));
    BOOST_TEST((parse_quantity("1.28 GS/s", Dimension::sample_rate) == 1.28e9));
    BOOST_TEST((parse_quantity("25.6 GB/s", Dimension::bandwidth) == 25.6e9));
    BOOST_TEST((parse_quantity("1.5625 pJ", Dimension::energy) == 1.5625e-12));
    BOOST_TEST((parse_quantity("0.9766 fJ", Dimension::energy) == 0.9766e-15));
    BOOST_TEST((parse_quantity("32 nm", Dimension::node) == 32.0));
    BOOST_TEST((parse_quantity("0.3 kohm", Dimension::resistance) == 0.3e3));
    BOOST_TEST((parse_quantity("1.7 Mohm", Dimension::resistance) == 1.7e6));
    BOOST_TEST((parse_quantity("-3 s", Dimension::time) == -3.0));
}

BOOST_AUTO_TEST_CASE(a_quantity_needs_its_own_unit) {
    for (const char* text :
         {"100",     "100 Ns", "100 NS",  "100 GHz", "100 n s",         "ns",     "",          " 100 ns",
          "100 ns ", "1,5 ns", "0100 ns", "+1 ns",   ".5 ns",           "5. ns",  "1e ns",     "1e+ ns",
          "0x10 ns", "inf ns", "nan s",   "1e999 s", "1e99999999999 s", "--1 ns", "1 ns 2 ns", "100\tns"})
        BOOST_TEST(!parse_quantity(text, Dimension::time).has_value(), text);
}

BOOST_AUTO_TEST_CASE(bytes_are_whole_and_binary) {
    BOOST_TEST((parse_bytes("64 KiB") == 65536));
    BOOST_TEST((parse_bytes("1.5 KiB") == 1536));
    BOOST_TEST((parse_bytes("0.5 GiB") == std::int64_t{1} << 29));
    BOOST_TEST((parse_bytes("7 B") == 7));
    BOOST_TEST((parse_bytes("9007199254740992 B") == std::int64_t{1} << 53));
    for (const char* text :
         {"64", "64 KB", "64 kB", "64 kib", "0.3 B", "1.0001 KiB", "1e300 GiB", "9007199254740994 B"})
        BOOST_TEST(!parse_bytes(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(whole_numbers_have_one_spelling) {
    BOOST_TEST((parse_integer("0") == 0));
    BOOST_TEST((parse_integer("-12") == -12));
    BOOST_TEST((parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max()));
    for (const char* text : {"", "-", "010", "-01", "00", "+1", "1.0", "1e3", "0x10", "1_000", " 1", "1 ",
                             "9223372036854775808"})
        BOOST_TEST(!parse_integer(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(formatting_picks_the_largest_unit_below_the_value) {
    BOOST_TEST(format_quantity(100e-9, Dimension::time) == "100 ns");
    BOOST_TEST(format_quantity(1e-6, Dimension::time) == "1 us");
    BOOST_TEST(format_quantity(999e-9, Dimension::time) == "999 ns");
    BOOST_TEST(format_quantity(781.25e-12, Dimension::time) == "781.25 ps");
    BOOST_TEST(format_quantity(0.5e-12, Dimension::time) == "0.5 ps");
    BOOST_TEST(format_quantity(1.28e9, Dimension::sample_rate) == "1.28 GS/s");
    BOOST_TEST(format_quantity(25.6e9, Dimension::bandwidth) == "25.6 GB/s");
    BOOST_TEST(format_quantity(0, Dimension::energy) == "0 J");
    BOOST_TEST(format_quantity(1.5625e-12, Dimension::energy) == "1.5625 pJ");
    BOOST_TEST(format_quantity(0.5, Dimension::resistance) == "0.5 ohm");
    BOOST_TEST(format_bytes(65536) == "64 KiB");
    BOOST_TEST(format_bytes(1536) == "1536 B");
    BOOST_TEST(format_bytes(std::int64_t{3} << 30) == "3 GiB");
    BOOST_TEST(format_number(512) == "512");
    BOOST_TEST(format_number(0.25) == "0.25");
    BOOST_TEST(format_number(1e9) == "1e9");
    BOOST_TEST(format_number(1e30) == "1e30");
}

BOOST_AUTO_TEST_CASE(every_double_survives_the_text) {
    std::mt19937_64 random(20190908);
    std::uniform_real_distribution<double> mantissa(1, 10);
    std::uniform_int_distribution<int> exponent(-30, 20);
    for (int i = 0; i < 20000; ++i) {
        const double value = mantissa(random) * std::pow(10.0, exponent(random));
        for (const Dimension dimension :
             {Dimension::time, Dimension::frequency, Dimension::sample_rate, Dimension::bandwidth,
              Dimension::energy, Dimension::node, Dimension::resistance}) {
            const std::string text = format_quantity(value, dimension);
            BOOST_REQUIRE_MESSAGE(parse_quantity(text, dimension) == value, text);
        }
        BOOST_REQUIRE_MESSAGE(parse_number(format_number(value)) == value, format_number(value));
    }
}

BOOST_AUTO_TEST_SUITE_END()
