// Digit columns on the chip, in both styles: the golden executor's logits where nothing is cut, a plain
// reference's logits, clips and largest sums where converters are narrow; counts by hand; closed forms.
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "chip_checks.h"
#include "grouped_networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_digits)

namespace {

using namespace chip_trials;
using namespace sliver;
using tb::ChipBench;

Trial digit_trial(int number, Dice& dice) {
    constexpr std::array<config::DigitColumns, 3> kForms = {
        config::DigitColumns::packed, config::DigitColumns::planes, config::DigitColumns::shared};
    Trial t;
    t.setting = grouped_networks::random_setting(dice);
    t.setting.encoding = config::Encoding::differential;
    t.setting.flip_columns = t.setting.interleaved = false;
    t.setting.digits = kForms[static_cast<std::size_t>(number % 3)];
    t.setting.array_rows = std::max(t.setting.array_rows, 32);
    t.setting.array_columns = dice.one_of<int>({32, 48, 64});
    t.network = number % 4 == 3
                    ? grouped_networks::random_network(t.setting, 8, dice)
                    : bitline_reference::random_network(t.setting.weight_bits, dice.between(1, 8), dice);
    for (network::Node& node : t.network.nodes)
        if (dice.chance(70))
            for (std::int16_t& code : node.weights.codes) {
                const int mask = dice.between(0, 255) & dice.between(0, (1 << node.weights.bits) - 1);
                code = static_cast<std::int16_t>(code < 0 ? -(-code & mask) : code & mask);
            }
    t.chip = random_chip(t.setting, 8, dice);
    t.chip.array.columns = t.setting.array_columns;
    t.chip.weights.slices = config::SlicePlacement::grouped;
    t.chip.adc.bank = config::AdcBank::single;
    t.chip.skip.empty_columns = dice.chance(30);
    t.chip.skip.zero_planes = dice.chance(30);
    t.chip.replication.mode = config::ReplicationMode::list;
    t.chip.replication.copies.clear();
    for (std::size_t i = 0; i < t.network.matrix_nodes().size(); ++i)
        t.chip.replication.copies.push_back(dice.between(1, 2));
    t.count = 1;
    t.images = bitline_reference::random_images(t.network.nodes.front(), t.count, dice);
    return t;
}

ChipBench::Options options_of(const Trial& trial, bool timed) {
    ChipBench::Options options;
    options.images = trial.count;
    options.widths = &trial.widths;
    options.style = timed ? model::Style::approximately_timed : model::Style::loosely_timed;
    return options;
}

void check_protocol(const ChipBench& bench) {
    for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
    BOOST_TEST(bench.transactions() > 0U);
}

}  // namespace

BOOST_AUTO_TEST_CASE(lossless_digits_are_golden) {
    Dice dice(81);
    ChipBench bench;
    std::vector<Trial> trials;
    for (int number = 0; trials.size() < 24; ++number) {
        Trial t = digit_trial(number, dice);
        if (!make_lossless(t)) continue;
        for (const bool timed : {false, true}) bench.add(t.network, t.chip, t.images, options_of(t, timed));
        trials.push_back(std::move(t));
    }
    bench.run();
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        const mapping::NetworkMapping mapped = mapping::map_network(t.network, t.chip);
        const std::vector<std::int32_t> golden = golden_logits(t.network, t.images, t.count);
        for (const std::size_t style : {2 * i, 2 * i + 1}) {
            BOOST_TEST_CONTEXT("chip " << style) {
                const auto& record = bench.record(style);
                BOOST_TEST(record.logits == golden, boost::test_tools::per_element());
                for (std::size_t number = 0; number < record.layers.size(); ++number) {
                    const auto& layer = record.layers[number];
                    const mapping::LayerMapping& map = mapped.layers[LayerIndex(number)];
                    const network::Node& node = t.network.nodes[map.node];
                    BOOST_TEST(layer.actions.clipped == 0U);
                    const std::uint64_t windows = static_cast<std::uint64_t>(node.shape.height) *
                                                  static_cast<std::uint64_t>(node.shape.width);
                    // Look-ups: a column of an array whose columns are not all outputs in order.
                    std::uint64_t columns = 0, named = 0;
                    for (const mapping::CrossbarSlot& slot : map.crossbars) {
                        columns += static_cast<std::uint64_t>(slot.used_columns());
                        if (slot.places != nullptr) named += static_cast<std::uint64_t>(slot.used_columns());
                    }
                    BOOST_TEST(layer.actions.index_lookups == windows * named);
                    // Conversions: windows x planes x stored columns, where no plane is left out.
                    if (t.chip.skip.zero_planes) continue;
                    BOOST_TEST(cost::sum(layer.actions.conversions_used) +
                                   layer.actions.conversions_skipped ==
                               windows * map.planes.size() * columns);
                    std::uint64_t by_slice = 0;
                    for (const std::uint64_t of_slice : layer.conversions) by_slice += of_slice;
                    BOOST_TEST(by_slice == cost::sum(layer.actions.conversions_used));
                }
            }
        }
        BOOST_TEST(bench.record(2 * i).elapsed_fs == bench.record(2 * i + 1).elapsed_fs);
    }
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(clipping_digits_are_the_plain_reference) {
    Dice dice(82);
    ChipBench bench;
    std::vector<Trial> trials;
    for (int i = 0; i < 30; ++i) {
        Trial t = digit_trial(i, dice);
        t.chip.skip.zero_planes = false;
        t.widths.bits =
            grouped_networks::random_table(t.network, t.setting, 1, dice.one_of<int>({2, 4, 7}), dice);
        bench.add(t.network, t.chip, t.images, options_of(t, i % 2 == 1));
        trials.push_back(std::move(t));
    }
    bench.run();
    std::uint64_t clipped = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) BOOST_TEST_CONTEXT("chip " << i) {
            clipped += check_against_reference(trials[i], bench.record(i));
        }
    BOOST_TEST(clipped > 1000U);
    check_protocol(bench);
}

BOOST_AUTO_TEST_SUITE_END()
