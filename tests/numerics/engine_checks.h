// What the functional engine gives against the plain reference, value by value.
#pragma once

#include <boost/test/unit_test.hpp>

#include "bitline_reference.h"
#include "engine/functional_engine.h"

namespace engine_checks {

namespace engine = sliver::engine;
namespace mapping = sliver::mapping;

/// `sums`: the largest ones too, where they were recorded.
inline void check_equal(const engine::BatchResult& got, const bitline_reference::Result& want, bool sums) {
    BOOST_TEST(got.logits == want.logits, boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(got.statistics.size() == want.statistics.size());
    for (std::size_t layer = 0; layer < want.statistics.size(); ++layer) {
        BOOST_TEST_REQUIRE(got.statistics[layer].size() == want.statistics[layer].size());
        for (std::size_t slice = 0; slice < want.statistics[layer].size(); ++slice) {
            BOOST_TEST(got.statistics[layer][slice].clipped == want.statistics[layer][slice].clipped);
            BOOST_TEST(
                got.statistics[layer][slice].clipped_by_sign == want.statistics[layer][slice].clipped_by_sign,
                boost::test_tools::per_element());
            if (sums)
                BOOST_TEST(got.statistics[layer][slice].largest_sum ==
                           want.statistics[layer][slice].largest_sum);
        }
    }
}

inline void check_equal(const mapping::ColumnProfile& got, const bitline_reference::Result& want) {
    BOOST_TEST_REQUIRE(got.groups.size() == want.statistics.size());
    for (std::size_t layer = 0; layer < want.statistics.size(); ++layer) {
        BOOST_TEST_REQUIRE(got.groups[layer].size() == want.statistics[layer].size());
        for (std::size_t slice = 0; slice < want.statistics[layer].size(); ++slice) {
            for (std::size_t sign = 0; sign < 2; ++sign) {
                const mapping::SumHistogram& histogram = got.groups[layer][slice][sign];
                const bitline_reference::Seen& seen = want.statistics[layer][slice].seen[sign];
                BOOST_TEST(histogram.counts == seen.counts, boost::test_tools::per_element());
                BOOST_TEST(histogram.largest.sum == seen.largest);
                BOOST_TEST(histogram.largest.row_block.value() == static_cast<std::size_t>(seen.row_block));
                BOOST_TEST(histogram.largest.output == seen.output);
            }
        }
    }
}

}  // namespace engine_checks
