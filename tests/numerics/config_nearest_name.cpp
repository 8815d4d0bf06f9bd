// Which name a mistyped one is taken for, by hand.
#include <boost/test/unit_test.hpp>
#include <string>

#include "config/nearest_name.h"

BOOST_AUTO_TEST_SUITE(config_nearest_name)

using sliver::config::nearest_name;

BOOST_AUTO_TEST_CASE(swapped_neighbours_are_one_mistake) {
    // Two replaced letters are farther away than two letters in the wrong order.
    BOOST_TEST(nearest_name("rosw", {"roxy", "rows"}) == "rows");
    // Two swaps: near enough; four replaced letters would not be.
    BOOST_TEST(nearest_name("badcef", {"abcdef"}) == "abcdef");
}

BOOST_AUTO_TEST_CASE(one_letter_more_less_or_other) {
    BOOST_TEST(nearest_name("bit", {"bits", "bat"}) == "bits");
    BOOST_TEST(nearest_name("bitss", {"rows", "bits"}) == "bits");
    BOOST_TEST(nearest_name("bitz", {"rows", "bits"}) == "bits");
}

BOOST_AUTO_TEST_CASE(far_words_are_near_none) {
    BOOST_TEST(nearest_name("ab", {"xyz"}) == "");
    BOOST_TEST(nearest_name("abcdefghi", {"abcxyzghi"}) == "abcxyzghi");  // 3 of 9
    BOOST_TEST(nearest_name("abcdefghi", {"abcwxyzhi"}) == "");           // 4 of 9
    BOOST_TEST(nearest_name(std::string(201, 'a'), {std::string(201, 'a')}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
