// Digit columns in the functional engine, on every instruction set: against a plain reference that finds the
// columns of every array by itself, and the golden executor where nothing is cut.
#include <array>
#include <boost/test/unit_test.hpp>

#include "engine/device_arrays.h"
#include "engine/functional_engine.h"
#include "engine_checks.h"
#include "golden_logits.h"
#include "grouped_networks.h"
#include "network/empty_layers.h"

BOOST_AUTO_TEST_SUITE(engine_digits)

using namespace sliver;
using namespace grouped_networks;
using config::DigitColumns;
using engine_checks::check_equal;

namespace {

struct Case {
    Setting setting;
    network::QuantisedNetwork network;
    config::ChipConfig chip;
    mapping::NetworkMapping mapping;
    std::vector<std::int32_t> images;
    std::size_t count = 2;
};

Case random_case(int round, Dice& dice) {
    constexpr std::array<DigitColumns, 3> kForms = {DigitColumns::packed, DigitColumns::planes,
                                                    DigitColumns::shared};
    Case c;
    c.setting = random_setting(dice);
    c.setting.encoding = config::Encoding::differential;
    c.setting.flip_columns = c.setting.interleaved = false;
    c.setting.digits = kForms[static_cast<std::size_t>(round % 3)];
    c.network = round % 2 == 0 ? random_network(c.setting, 8, dice)
                               : bitline_reference::random_network(c.setting.weight_bits, 8, dice);
    for (network::Node& node : c.network.nodes)
        if (dice.chance(60))
            for (std::int16_t& code : node.weights.codes) {
                const int mask = dice.between(0, 255) | dice.between(0, 255);
                code = static_cast<std::int16_t>(code < 0 ? -(-code & mask) : code & mask);
            }
    c.chip = c.setting.chip(8);
    c.mapping = mapping::map_network(c.network, c.chip);
    c.images = bitline_reference::random_images(c.network.nodes.front(), c.count, dice);
    return c;
}

/// A block without a weight keeps one cell.
bool has_place_holder(const Case& c, std::size_t number) {
    const mapping::LayerMapping& layer = c.mapping.layers[LayerIndex(number)];
    for (const mapping::CrossbarSlot& slot : layer.crossbars)
        if (slot.rows == 1 && slot.used_columns() == 1 &&
            c.network.nodes[layer.node].weights.code(slot.output(0), slot.matrix_row(0)) == 0)
            return true;
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(digit_columns_equal_the_plain_reference) {
    Dice dice(20261203);
    std::uint64_t clipped = 0;
    for (int round = 0; round < 90; ++round) {
        const Case c = random_case(round, dice);
        mapping::AdcWidths widths = bitline_reference::unit_steps(
            random_table(c.network, c.setting, 1, dice.one_of<int>({3, 6, 12}), dice));
        if (dice.chance(50)) widths.drops = random_table(c.network, c.setting, 0, dice.between(1, 4), dice);
        const bitline_reference::Result want =
            bitline_reference::run(c.network, c.setting, widths, c.images, c.count);
        for (const auto& layer : want.statistics)
            for (const auto& slice : layer) clipped += slice.clipped;
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            BOOST_TEST_CONTEXT("round " << round << ", " << bitline::name_of(set)) {
                const bool sums = dice.chance(50);
                const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                      {set, 1 + round % 3, sums});
                check_equal(engine.run(c.images.data(), c.count, widths), want, sums);
            }
        }
    }
    BOOST_TEST(clipped > 10000U);
}

BOOST_AUTO_TEST_CASE(lossless_is_golden_and_profiles_are_the_reference) {
    Dice dice(20261204);
    int profiled = 0;
    for (int round = 0; round < 60; ++round) {
        const Case c = random_case(round, dice);
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
            const mapping::ColumnProfile profile = engine.profile(c.images.data(), c.count);
            for (std::size_t layer = 0; layer < want.statistics.size(); ++layer) {
                if (has_place_holder(c, layer)) continue;  // it is converted, too
                ++profiled;
                for (std::size_t slice = 0; slice < want.statistics[layer].size(); ++slice)
                    for (std::size_t sign = 0; sign < 2; ++sign) {
                        const mapping::SumHistogram& got = profile.groups[layer][slice][sign];
                        const bitline_reference::Seen& seen = want.statistics[layer][slice].seen[sign];
                        // A slice without columns is converted never.
                        if (seen.counts.empty())
                            BOOST_TEST(got.conversions() == 0U);
                        else
                            BOOST_TEST(got.counts == seen.counts, boost::test_tools::per_element());
                    }
            }
            // What no input passes, from the columns that are stored.
            const std::vector<std::vector<int>> bits =
                bitline_reference::lossless_bits(c.network, c.mapping, c.setting.dac_bits);
            const auto narrow = engine.run(c.images.data(), c.count, bitline_reference::unit_steps(bits));
            BOOST_TEST(narrow.logits == golden, boost::test_tools::per_element());
            // And on the arrays themselves.
            const mapping::AdcWidths exact =
                bitline_reference::unit_steps(random_table(c.network, c.setting, 16, 16, dice));
            const auto arrays = engine::program_arrays(
                {c.network, c.mapping, c.chip, 1, 1, bitline::best_instruction_set(), nullptr, {}});
            const engine::FunctionalEngine on_arrays(c.network, c.mapping, c.setting.dac_bits,
                                                     {bitline::best_instruction_set(), 2, false}, arrays);
            BOOST_TEST(on_arrays.run(c.images.data(), c.count, exact).logits == golden,
                       boost::test_tools::per_element());
            // Converters that neither round nor cut: one matrix of all columns and shifts.
            engine::EngineOptions linear{bitline::best_instruction_set(), 1, false};
            linear.linear_converters = true;
            const engine::FunctionalEngine merged(c.network, c.mapping, c.setting.dac_bits, linear, arrays);
            BOOST_TEST(merged.run(c.images.data(), c.count, exact).logits == golden,
                       boost::test_tools::per_element());
        }
    }
    BOOST_TEST(profiled > 100);
}

BOOST_AUTO_TEST_CASE(columns_without_a_bit_change_neither_logits_nor_clips) {
    Dice dice(20261205);
    for (int round = 0; round < 30; ++round) {
        Case c = random_case(3 * round, dice);  // packed: the slices of `slices`, less their empty columns
        Setting all = c.setting;
        all.digits = DigitColumns::slices;
        const mapping::NetworkMapping sliced = mapping::map_network(c.network, all.chip(8));
        const mapping::AdcWidths widths =
            bitline_reference::unit_steps(random_table(c.network, c.setting, 1, 5, dice));
        const engine::EngineOptions options{bitline::best_instruction_set(), 1, false};
        const engine::FunctionalEngine packed(c.network, c.mapping, c.setting.dac_bits, options),
            whole(c.network, sliced, c.setting.dac_bits, options);
        const engine::BatchResult one = packed.run(c.images.data(), c.count, widths),
                                  other = whole.run(c.images.data(), c.count, widths);
        BOOST_TEST(one.logits == other.logits, boost::test_tools::per_element());
        for (std::size_t layer = 0; layer < one.statistics.size(); ++layer)
            for (std::size_t slice = 0; slice < one.statistics[layer].size(); ++slice)
                BOOST_TEST(one.statistics[layer][slice].clipped == other.statistics[layer][slice].clipped);
    }
}

/// Planes that nobody has at the ends and inside: 0 (one of two branches), 1, 3, 5 and 8 of them.
BOOST_AUTO_TEST_CASE(layers_without_weights_become_their_biases) {
    Dice dice(20261206);
    for (int round = 0; round < 20; ++round) {
        network::QuantisedNetwork net;
        do {
            net = bitline_reference::random_network(8, 8, dice);
        } while (net.matrix_nodes().size() < 3);
        const std::vector<network::NodeId> ids = net.matrix_nodes();
        network::Node& emptied = net.nodes[ids[1]];  // the side branch of a sum
        std::fill(emptied.weights.codes.begin(), emptied.weights.codes.end(), std::int16_t{0});
        const std::vector<std::int32_t> images = bitline_reference::random_images(net.nodes.front(), 2, dice);
        const std::vector<std::int32_t> before = ::test::golden_logits(net, images);
        const std::string name = emptied.name;
        BOOST_TEST(network::fold_empty_layers(net) == std::vector<std::string>{name});
        BOOST_TEST(net.matrix_nodes().size() == ids.size() - 1);
        BOOST_TEST(::test::golden_logits(net, images) == before, boost::test_tools::per_element());
        BOOST_TEST(network::fold_empty_layers(net).empty());
    }
}

BOOST_AUTO_TEST_CASE(the_last_layer_with_arrays_stays) {
    Dice dice(3);
    network::QuantisedNetwork net = bitline_reference::random_network(4, 4, dice);
    for (network::Node& node : net.nodes)
        std::fill(node.weights.codes.begin(), node.weights.codes.end(), std::int16_t{0});
    network::fold_empty_layers(net);
    BOOST_TEST(net.matrix_nodes().size() == 1U);
    Setting setting;
    setting.digits = DigitColumns::shared;
    setting.weight_bits = 4;
    const mapping::NetworkMapping mapped = mapping::map_network(net, setting.chip(4));
    BOOST_TEST(mapped.crossbars() == 1U);  // its place on the chip
}

BOOST_AUTO_TEST_SUITE_END()
