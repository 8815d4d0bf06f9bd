// What a chip says of its converters against the plain reference, value by value.
#pragma once

#include <boost/test/unit_test.hpp>

#include "chip_trials.h"
#include "results/run_record.h"

namespace chip_trials {

/// Logits, clips and largest sums of every layer and slice. Returns the clips.
inline std::uint64_t check_against_reference(const Trial& trial, const sliver::results::ChipRecord& record) {
    const bitline_reference::Result want =
        bitline_reference::run(trial.network, trial.setting, trial.widths, trial.images, trial.count);
    BOOST_TEST(record.logits == want.logits, boost::test_tools::per_element());
    std::uint64_t clipped = 0;
    for (std::size_t layer = 0; layer < record.layers.size(); ++layer) {
        const auto& statistics = want.statistics[layer];
        BOOST_TEST_REQUIRE(record.layers[layer].clipped.size() == statistics.size());
        for (std::size_t slice = 0; slice < statistics.size(); ++slice) {
            BOOST_TEST(record.layers[layer].clipped[slice] == statistics[slice].clipped);
            BOOST_TEST(record.layers[layer].largest_sums[slice] == statistics[slice].largest_sum);
            clipped += statistics[slice].clipped;
        }
    }
    return clipped;
}

}  // namespace chip_trials
