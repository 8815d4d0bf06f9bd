// Grouped and depthwise convolutions, and layers of different weight and input bits, in the functional
// engine: against a plain reference that computes groups which share arrays as small layers, and against the
// golden executor where nothing is cut.
#include <boost/test/unit_test.hpp>

#include "engine/device_arrays.h"
#include "engine/functional_engine.h"
#include "engine_checks.h"
#include "golden_logits.h"
#include "grouped_networks.h"

BOOST_AUTO_TEST_SUITE(engine_groups)

using namespace sliver;
using namespace grouped_networks;

namespace {

struct Case {
    Setting setting;
    network::QuantisedNetwork network;
    config::ChipConfig chip;
    mapping::NetworkMapping mapping;
    std::vector<std::int32_t> images;
    std::size_t count = 2;
};

Case random_case(Dice& dice) {
    Case c;
    c.setting = random_setting(dice);
    c.network = random_network(c.setting, 8, dice);
    c.chip = c.setting.chip(8);
    c.mapping = mapping::map_network(c.network, c.chip);
    c.images = bitline_reference::random_images(c.network.nodes.front(), c.count, dice);
    return c;
}

using engine_checks::check_equal;

}  // namespace

BOOST_AUTO_TEST_CASE(grouped_networks_equal_the_plain_reference) {
    Dice dice(20261201);
    std::uint64_t clipped = 0;
    int packed = 0, uneven = 0;
    for (int round = 0; round < 80; ++round) {
        const Case c = random_case(dice);
        mapping::AdcWidths widths = bitline_reference::unit_steps(
            random_table(c.network, c.setting, 1, dice.one_of<int>({3, 6, 12}), dice));
        if (dice.chance(50)) widths.drops = random_table(c.network, c.setting, 0, dice.between(1, 4), dice);
        const bitline_reference::Result want =
            bitline_reference::run(c.network, c.setting, widths, c.images, c.count);
        for (const auto& layer : want.statistics)
            for (const auto& slice : layer) clipped += slice.clipped;
        for (const auto& layer : widths.bits) uneven += layer.size() != widths.bits[0].size() ? 1 : 0;
        for (const mapping::LayerMapping& layer : c.mapping.layers)
            packed += layer.in_groups && layer.column_blocks.size() > 1 ? 1 : 0;
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            BOOST_TEST_CONTEXT("round " << round << ", " << bitline::name_of(set)) {
                const bool sums = round % 2 == 0;
                const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                      {set, 1 + round % 3, sums});
                check_equal(engine.run(c.images.data(), c.count, widths), want, sums);
            }
        }
    }
    // The comparison means something only with cuts, shared arrays and layers of different slices.
    BOOST_TEST(clipped > 10000U);
    BOOST_TEST(packed > 20);
    BOOST_TEST(uneven > 20);
}

BOOST_AUTO_TEST_CASE(lossless_is_golden_and_profiles_are_the_reference) {
    Dice dice(20261202);
    for (int round = 0; round < 60; ++round) {
        const Case c = random_case(dice);
        mapping::AdcWidths ideal =
            bitline_reference::unit_steps(random_table(c.network, c.setting, 1, 1, dice));
        ideal.split_rows = true;
        const std::vector<std::int32_t> golden = ::test::golden_logits(c.network, c.images);
        const bitline_reference::Result want =
            bitline_reference::run(c.network, c.setting, ideal, c.images, c.count);
        const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                              {bitline::best_instruction_set(), 2, false});
        BOOST_TEST_CONTEXT("round " << round) {
            BOOST_TEST(want.logits == golden, boost::test_tools::per_element());
            BOOST_TEST(engine.run(c.images.data(), c.count, ideal).logits == golden,
                       boost::test_tools::per_element());
            check_equal(engine.profile(c.images.data(), c.count), want);
            // And on the arrays themselves.
            mapping::AdcWidths exact =
                bitline_reference::unit_steps(random_table(c.network, c.setting, 16, 16, dice));
            const auto arrays = engine::program_arrays(
                {c.network, c.mapping, c.chip, 1, 1, bitline::best_instruction_set(), nullptr, {}});
            const engine::FunctionalEngine on_arrays(c.network, c.mapping, c.setting.dac_bits,
                                                     {bitline::best_instruction_set(), 2, false}, arrays);
            BOOST_TEST(on_arrays.run(c.images.data(), c.count, exact).logits == golden,
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
