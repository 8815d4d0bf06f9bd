// The functional engine against a plain reference: logits, clip counts, largest column sums and histograms of
// all of them, for random networks, settings and converters, every instruction set of this processor and
// several thread counts.
#include <boost/test/unit_test.hpp>

#include "base/error.h"
#include "bitline_reference.h"
#include "engine/functional_engine.h"
#include "engine_checks.h"
#include "golden_logits.h"

BOOST_AUTO_TEST_SUITE(engine_functional)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;
using bitline_reference::unit_steps;

namespace {

struct Case {
    Setting setting;
    int input_bits = 8;
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
    std::vector<std::int32_t> images;
    std::size_t count = 0;
};

Case random_case(Dice& dice) {
    Case c;
    c.setting.array_rows = dice.one_of<int>({16, 17, 32, 33, 64, 100, 128, 128, 200, 256, 512});
    c.setting.cell_bits = dice.between(1, 4);
    c.setting.weight_bits = dice.between(1, 8);
    c.setting.dac_bits = dice.one_of<int>({1, 1, 1, 2, 3, 4});
    c.setting.encoding = dice.chance(50) ? config::Encoding::offset : config::Encoding::differential;
    c.setting.flip_columns = c.setting.encoding == config::Encoding::offset && dice.chance(60);
    c.input_bits = dice.between(1, 8);
    c.network = bitline_reference::random_network(c.setting.weight_bits, c.input_bits, dice);
    c.mapping = mapping::map_network(c.network, c.setting.chip(c.input_bits));
    c.count = static_cast<std::size_t>(dice.between(1, 3));
    c.images = bitline_reference::random_images(c.network.nodes.front(), c.count, dice);
    return c;
}

/// A number by layer and slice.
std::vector<std::vector<int>> random_table(const Case& c, int lowest, int highest, Dice& dice) {
    std::vector<std::vector<int>> table(c.mapping.layers.size());
    for (auto& layer : table)
        for (int slice = 0; slice < c.setting.slices(); ++slice)
            layer.push_back(dice.between(lowest, highest));
    return table;
}

/// Sometimes with widths by sign, sometimes with coarse steps, seldom with split rows.
mapping::AdcWidths random_widths(const Case& c, Dice& dice) {
    const int widest = dice.one_of<int>({3, 6, 12});
    mapping::AdcWidths widths = unit_steps(random_table(c, 1, widest, dice));
    if (dice.chance(40)) widths.negative_bits = random_table(c, 1, widest, dice);
    if (dice.chance(10))
        widths.split_rows = true;
    else if (dice.chance(60))
        widths.drops = random_table(c, 0, dice.between(1, 5), dice);
    return widths;
}

/// Allocations that differ in one to all of the converters of one layer, or in all of several.
mapping::AdcWidths changed_widths(const Case& c, const mapping::AdcWidths& from, Dice& dice) {
    const mapping::AdcWidths other = random_widths(c, dice);
    if (dice.chance(20)) return other;
    mapping::AdcWidths widths = from;
    widths.split_rows = false;
    if (widths.drops.empty() && dice.chance(50)) widths.drops = random_table(c, 0, 0, dice);
    const auto layer =
        static_cast<std::size_t>(dice.between(0, static_cast<int>(c.mapping.layers.size()) - 1));
    widths.bits[layer] = other.bits[layer];
    if (!widths.negative_bits.empty() && !other.negative_bits.empty())
        widths.negative_bits[layer] = other.negative_bits[layer];
    if (!widths.drops.empty() && !other.drops.empty()) widths.drops[layer] = other.drops[layer];
    return widths;
}

std::string describe(const Case& c, bitline::InstructionSet set, int threads) {
    const Setting& s = c.setting;
    return fmt::format("{} x{} rows {} cell {} weight {} input {}{} dac {} {}{}", bitline::name_of(set),
                       threads, s.array_rows, s.cell_bits, s.weight_bits,
                       c.network.nodes[0].format.is_signed ? "s" : "u", c.input_bits, s.dac_bits,
                       s.encoding == config::Encoding::offset ? "offset" : "differential",
                       s.flip_columns ? " flipped" : "");
}

using engine_checks::check_equal;

void check_equal(const engine::BatchResult& got, const engine::BatchResult& want) {
    BOOST_TEST(got.logits == want.logits, boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(got.statistics.size() == want.statistics.size());
    for (std::size_t layer = 0; layer < want.statistics.size(); ++layer) {
        for (std::size_t slice = 0; slice < want.statistics[layer].size(); ++slice) {
            const engine::SliceStatistics &one = got.statistics[layer][slice],
                                          &other = want.statistics[layer][slice];
            BOOST_TEST(one.clipped == other.clipped);
            BOOST_TEST(one.clipped_by_sign == other.clipped_by_sign, boost::test_tools::per_element());
            BOOST_TEST(one.largest_sum == other.largest_sum);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_networks_equal_the_plain_reference) {
    Dice dice(20240901);
    std::uint64_t clipped = 0;
    int flipping = 0, coarse = 0, split = 0;
    for (int round = 0; round < 150; ++round) {
        const Case c = random_case(dice);
        const mapping::AdcWidths widths = random_widths(c, dice);
        const bitline_reference::Result want =
            bitline_reference::run(c.network, c.setting, widths, c.images, c.count);
        for (const auto& layer : want.statistics)
            for (const auto& slice : layer) clipped += slice.clipped;
        flipping += c.setting.flip_columns ? 1 : 0;
        coarse += widths.drops.empty() ? 0 : 1;
        split += widths.split_rows ? 1 : 0;
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            for (const int threads : {1, 2 + round % 3}) {
                BOOST_TEST_CONTEXT("round " << round << ": " << describe(c, set, threads)) {
                    const bool sums = (round + threads) % 2 == 0;
                    const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                          {set, threads, sums});
                    check_equal(engine.run(c.images.data(), c.count, widths), want, sums);
                }
            }
        }
    }
    // The comparison means something only if converters did clip and columns were complemented.
    BOOST_TEST(clipped > 100000U);
    BOOST_TEST(flipping > 20);
    BOOST_TEST(coarse > 50);
    BOOST_TEST(split > 5);
}

BOOST_AUTO_TEST_CASE(a_profile_counts_what_the_plain_reference_sees) {
    Dice dice(20251121);
    for (int round = 0; round < 80; ++round) {
        const Case c = random_case(dice);
        mapping::AdcWidths ideal = unit_steps(random_table(c, 1, 1, dice));
        ideal.split_rows = true;
        const bitline_reference::Result want =
            bitline_reference::run(c.network, c.setting, ideal, c.images, c.count);
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            for (const int threads : {1, 2 + round % 3}) {
                BOOST_TEST_CONTEXT("round " << round << ": " << describe(c, set, threads)) {
                    const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                          {set, threads, round % 2 == 0});
                    const mapping::ColumnProfile profile = engine.profile(c.images.data(), c.count);
                    BOOST_TEST(profile.images == c.count);
                    check_equal(profile, want);
                    // Neither leaves anything behind in the other.
                    check_equal(engine.run(c.images.data(), c.count, ideal), want, round % 2 == 0);
                    check_equal(engine.profile(c.images.data(), c.count), want);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_did_not_change_need_not_be_computed_again) {
    Dice dice(20251122);
    for (int round = 0; round < 40; ++round) {
        Case c = random_case(dice);
        c.count = static_cast<std::size_t>(dice.between(1, 20));
        c.images = bitline_reference::random_images(c.network.nodes.front(), c.count, dice);
        const bitline::InstructionSet set = dice.one_of(bitline::available_instruction_sets());
        const int threads = dice.between(1, 4);
        BOOST_TEST_CONTEXT("round " << round << ": " << describe(c, set, threads)) {
            const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                  {set, threads, true});
            const engine::FunctionalEngine fresh(c.network, c.mapping, c.setting.dac_bits, {set, 1, true});
            const auto whole = [&](const mapping::AdcWidths& widths) {
                return fresh.run(c.images.data(), c.count, widths);
            };
            mapping::AdcWidths kept = random_widths(c, dice);
            check_equal(engine.remember(c.images.data(), c.count, kept), whole(kept));
            for (int change = 0; change < 6; ++change) {
                const mapping::AdcWidths widths = changed_widths(c, kept, dice);
                check_equal(engine.run_changed(widths), whole(widths));
                check_equal(engine.run_changed(kept), whole(kept));
                if (dice.chance(50)) {
                    check_equal(engine.remember_changed(widths), whole(widths));
                    kept = widths;
                }
                if (dice.chance(30)) (void)engine.profile(c.images.data(), 1);
                if (dice.chance(30)) (void)engine.run(c.images.data(), 1, random_widths(c, dice));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(lossless_converters_give_the_golden_logits) {
    Dice dice(7);
    for (int round = 0; round < 60; ++round) {
        const Case c = random_case(dice);
        mapping::AdcWidths widths;
        widths.bits = bitline_reference::lossless_bits(c.network, c.mapping, c.setting.dac_bits);
        const std::vector<std::int32_t> golden = ::test::golden_logits(c.network, c.images);
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            BOOST_TEST_CONTEXT("round " << round << ": " << describe(c, set, 1)) {
                const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                      {set, 1, false});
                const engine::BatchResult got = engine.run(c.images.data(), c.count, widths);
                BOOST_TEST(got.logits == golden, boost::test_tools::per_element());
                for (const auto& layer : got.statistics)
                    for (const auto& slice : layer) BOOST_TEST(slice.clipped == 0U);
            }
        }
    }
}

// A batch is more than its images side by side only in speed: chunks, tiles shared by images, columns divided
// among threads.
BOOST_AUTO_TEST_CASE(a_large_batch_equals_its_images_one_by_one) {
    Dice dice(99);
    for (int round = 0; round < 4; ++round) {
        Case c = random_case(dice);
        c.count = 37;
        c.images = bitline_reference::random_images(c.network.nodes.front(), c.count, dice);
        const mapping::AdcWidths widths = random_widths(c, dice);
        const std::size_t pixels = c.network.nodes.front().shape.size();
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            const engine::FunctionalEngine alone(c.network, c.mapping, c.setting.dac_bits, {set, 1, true});
            std::vector<std::int32_t> logits;
            std::vector<std::vector<engine::SliceStatistics>> statistics;
            for (std::size_t image = 0; image < c.count; ++image) {
                const engine::BatchResult one = alone.run(&c.images[image * pixels], 1, widths);
                logits.insert(logits.end(), one.logits.begin(), one.logits.end());
                if (statistics.empty()) {
                    statistics = one.statistics;
                    continue;
                }
                for (std::size_t layer = 0; layer < statistics.size(); ++layer) {
                    for (std::size_t slice = 0; slice < statistics[layer].size(); ++slice) {
                        statistics[layer][slice].clipped += one.statistics[layer][slice].clipped;
                        statistics[layer][slice].largest_sum = std::max(
                            statistics[layer][slice].largest_sum, one.statistics[layer][slice].largest_sum);
                    }
                }
            }
            for (int threads = 1; threads <= 4; ++threads) {
                BOOST_TEST_CONTEXT("round " << round << ": " << describe(c, set, threads)) {
                    const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                                          {set, threads, true});
                    for (int again = 0; again < 2; ++again) {
                        const engine::BatchResult got = engine.run(c.images.data(), c.count, widths);
                        BOOST_TEST(got.logits == logits, boost::test_tools::per_element());
                        for (std::size_t layer = 0; layer < statistics.size(); ++layer) {
                            for (std::size_t slice = 0; slice < statistics[layer].size(); ++slice) {
                                BOOST_TEST(got.statistics[layer][slice].clipped ==
                                           statistics[layer][slice].clipped);
                                BOOST_TEST(got.statistics[layer][slice].largest_sum ==
                                           statistics[layer][slice].largest_sum);
                            }
                        }
                    }
                }
            }
        }
    }
}

// By hand: one output, rows 3 and 1 (codes), inputs 1 and 1, 2-bit cells, 1-bit converters. Column sum of
// slice 0 at plane 0 is 3 + 1 = 4, cut at 1.
BOOST_AUTO_TEST_CASE(one_column_by_hand) {
    network::QuantisedNetwork net;
    network::Node input;
    input.name = "input";
    input.shape = {2, 1, 1};
    input.format = {false, 2, 0};
    network::Node output;
    output.kind = network::NodeKind::matrix;
    output.name = "linear";
    output.inputs = {0};
    output.shape = {1, 1, 1};
    output.format = {true, 32, 0};
    output.is_output = true;
    output.weights.outputs = 1;
    output.weights.rows = 2;
    output.weights.bits = 4;
    output.weights.codes = {3, -9};
    output.weights.bias = {100};
    net.nodes = {input, output};
    Setting setting;
    setting.weight_bits = 4;
    const mapping::NetworkMapping mapping = mapping::map_network(net, setting.chip(2));
    // Codes 3 and 2. Plane 0 drives row 0; plane 1 drives both.
    // Positive array, slice 0: sums 3, 3 -> 1 + 2 * 1 = 3, two clips. Negative array, code 9 = slices 1, 2:
    // slice 0: sums 0, 1 -> 2; slice 1: sums 0, 2 -> 1, one clip -> 4 * 2 = 8.
    const std::int32_t image[2] = {3, 2};
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        BOOST_TEST_CONTEXT(bitline::name_of(set)) {
            const engine::FunctionalEngine engine(net, mapping, 1, {set, 1, true});
            const engine::BatchResult got = engine.run(image, 1, unit_steps({{1, 1}}));
            BOOST_TEST(got.logits.at(0) == 100 + 3 - 2 - 8);
            BOOST_TEST(got.statistics[0][0].clipped == 2U);
            BOOST_TEST(got.statistics[0][1].clipped == 1U);
            BOOST_TEST(got.statistics[0][0].largest_sum == 3U);
            BOOST_TEST(got.statistics[0][1].largest_sum == 2U);
            BOOST_TEST(got.statistics[0][0].clipped_by_sign[0] == 2U);
            BOOST_TEST(got.statistics[0][1].clipped_by_sign[1] == 1U);

            // Steps of 2, one bit: sums 3, 3 -> 2 each; 0, 1 -> 0, 2 (a half step goes up); 0, 2 -> 0, 2.
            // Clipped: from 3 on, so the two sums of the positive array.
            mapping::AdcWidths coarse = unit_steps({{1, 1}});
            coarse.drops = {{1, 1}};
            const engine::BatchResult rounded = engine.run(image, 1, coarse);
            BOOST_TEST(rounded.logits.at(0) == 100 + (2 + 2 * 2) - 2 * 2 - 4 * (2 * 2));
            BOOST_TEST(rounded.statistics[0][0].clipped_by_sign[0] == 2U);
            BOOST_TEST(rounded.statistics[0][0].clipped == 2U);
            BOOST_TEST(rounded.statistics[0][1].clipped == 0U);

            // Wider converters on the negative array only: 9 * 2 is subtracted whole.
            mapping::AdcWidths by_sign = unit_steps({{1, 1}});
            by_sign.negative_bits = {{1, 2}};
            BOOST_TEST(engine.run(image, 1, by_sign).logits.at(0) == 100 + 3 - 2 - 4 * 4);

            // Split rows: nothing is lost.
            mapping::AdcWidths split = unit_steps({{1, 1}});
            split.split_rows = true;
            BOOST_TEST(engine.run(image, 1, split).logits.at(0) == 100 + 3 * 3 - 9 * 2);

            const mapping::ColumnProfile profile = engine.profile(image, 1);
            const std::vector<std::uint64_t> twice_three{0, 0, 0, 2}, none_two{1, 0, 1}, none{2};
            BOOST_TEST(profile.groups[0][0][0].counts == twice_three, boost::test_tools::per_element());
            BOOST_TEST(profile.groups[0][1][1].counts == none_two, boost::test_tools::per_element());
            BOOST_TEST(profile.groups[0][1][0].counts == none, boost::test_tools::per_element());
        }
    }
}

// Every cell and every digit at its highest: the kernels' partial sums in bytes and 16-bit words must not
// overflow.
BOOST_AUTO_TEST_CASE(full_cells_and_full_inputs) {
    Dice dice(12);
    for (const config::Encoding encoding : {config::Encoding::differential, config::Encoding::offset}) {
        for (int cell_bits = 1; cell_bits <= 4; ++cell_bits) {
            for (const int dac_bits : {1, 4}) {
                for (const int rows : {16, 17, 128, 257, 512}) {
                    Case c;
                    c.setting.array_rows = rows == 257 ? 256 : rows;
                    c.setting.cell_bits = cell_bits;
                    c.setting.dac_bits = dac_bits;
                    c.setting.encoding = encoding;
                    network::Node input;
                    input.name = "input";
                    input.shape = {rows, 1, 1};
                    network::Node output = bitline_reference::matrix_node(
                        "linear", input.shape, network::Window(), 33, 8, 8, 0, dice);
                    output.relu = false;
                    output.is_output = true;
                    output.format = {true, 32, 0};
                    output.weights.bias.assign(33, 0);
                    for (std::size_t i = 0; i < output.weights.codes.size(); ++i)
                        output.weights.codes[i] =
                            i % 7 == 6 && encoding == config::Encoding::differential ? -255 : 255;
                    c.network.nodes = {input, output};
                    c.mapping = mapping::map_network(c.network, c.setting.chip(8));
                    c.count = 1;
                    c.images.assign(static_cast<std::size_t>(rows), 255);
                    for (const int drop : {0, 3}) {
                        mapping::AdcWidths widths = unit_steps(random_table(c, 5, 5, dice));
                        if (drop > 0) widths.drops = random_table(c, drop, drop, dice);
                        const bitline_reference::Result want =
                            bitline_reference::run(c.network, c.setting, widths, c.images, c.count);
                        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
                            BOOST_TEST_CONTEXT(rows << " rows: " << describe(c, set, 1)) {
                                const engine::FunctionalEngine engine(c.network, c.mapping, dac_bits,
                                                                      {set, 1, true});
                                check_equal(engine.run(c.images.data(), 1, widths), want, true);
                                if (drop > 0) continue;
                                const auto profile = engine.profile(c.images.data(), 1);
                                for (std::size_t slice = 0; slice < profile.groups[0].size(); ++slice)
                                    BOOST_TEST(profile.groups[0][slice][0].counts ==
                                                   want.statistics[0][slice].seen[0].counts,
                                               boost::test_tools::per_element());
                            }
                        }
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(mistakes_are_refused_in_words) {
    Dice dice(5);
    Case c = random_case(dice);
    const engine::FunctionalEngine engine(c.network, c.mapping, c.setting.dac_bits,
                                          {bitline::available_instruction_sets().front(), 1, false});
    const std::vector<int> good(static_cast<std::size_t>(c.setting.slices()), 6);
    std::vector<int> too_wide = good;
    too_wide[0] = 40;
    BOOST_CHECK_THROW((void)engine.run(c.images.data(), c.count, unit_steps({good})), InputError);
    BOOST_CHECK_THROW((void)engine.run(c.images.data(), c.count, unit_steps({good, {}})), InputError);
    BOOST_CHECK_THROW((void)engine.run(c.images.data(), c.count, unit_steps({good, too_wide})), InputError);
    const auto refused = [&](const mapping::AdcWidths& widths) {
        BOOST_CHECK_THROW((void)engine.run(c.images.data(), c.count, widths), InputError);
    };
    const std::vector<int> none(good.size(), 0);
    mapping::AdcWidths widths = unit_steps({good, good});
    widths.negative_bits = {good};
    refused(widths);
    widths.negative_bits = {good, too_wide};
    refused(widths);
    widths.negative_bits.clear();
    widths.drops = {none, {}};
    refused(widths);
    widths.drops = {none, too_wide};
    refused(widths);
    widths.drops = {none, std::vector<int>(good.size(), -1)};
    refused(widths);
    widths.drops = {none, std::vector<int>(good.size(), 1)};
    BOOST_CHECK_NO_THROW((void)engine.run(c.images.data(), c.count, widths));
    widths.split_rows = true;
    refused(widths);
    widths.drops = {none, none};
    BOOST_CHECK_NO_THROW((void)engine.run(c.images.data(), c.count, widths));
    BOOST_CHECK_THROW((void)engine.run_changed(widths), InputError);
    BOOST_CHECK_THROW((void)engine.remember_changed(widths), InputError);
    (void)engine.remember(c.images.data(), c.count, widths);
    BOOST_CHECK_NO_THROW((void)engine.run_changed(widths));
    BOOST_TEST(engine.profile(c.images.data(), 0).images == 0U);
    c.images[0] = c.network.nodes[0].format.highest() + 1;
    BOOST_CHECK_THROW((void)engine.run(c.images.data(), c.count, unit_steps({good, good})), InputError);
    BOOST_CHECK_THROW((void)engine.profile(c.images.data(), c.count), InputError);
    BOOST_CHECK_THROW((void)engine.remember(c.images.data(), c.count, widths), InputError);
    BOOST_CHECK_THROW((void)engine.run_changed(widths), InputError);
    // And the engine still works.
    c.images[0] = 0;
    BOOST_CHECK_NO_THROW((void)engine.run(c.images.data(), c.count, unit_steps({good, good})));
    BOOST_TEST(engine.run(c.images.data(), 0, unit_steps({good, good})).logits.empty());
}

BOOST_AUTO_TEST_CASE(a_weight_beyond_the_cells_is_refused) {
    Dice dice(6);
    Case c = random_case(dice);
    c.network.nodes[1].weights.codes[0] = static_cast<std::int16_t>(1 << c.setting.weight_bits);
    BOOST_CHECK_THROW(engine::FunctionalEngine(c.network, c.mapping, c.setting.dac_bits,
                                               {bitline::InstructionSet::portable, 2, false}),
                      InputError);
}

BOOST_AUTO_TEST_SUITE_END()
