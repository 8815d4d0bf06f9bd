// Grouped and depthwise convolutions and layers of different weight bits on the chip, in both styles: the
// golden executor's logits where nothing is cut, a plain reference's logits and counts where converters are
// narrow.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "chip_checks.h"
#include "engine/functional_engine.h"
#include "grouped_networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_groups)

namespace {

using namespace chip_trials;
using namespace sliver;
using tb::ChipBench;

Trial grouped_trial(Dice& dice) {
    Trial t;
    t.setting = grouped_networks::random_setting(dice);
    t.setting.array_rows = std::max(t.setting.array_rows, 32);
    t.setting.array_columns = dice.one_of<int>({32, 48, 64});
    t.network = grouped_networks::random_network(t.setting, 8, dice);
    t.chip = random_chip(t.setting, 8, dice);
    t.chip.array.columns = t.setting.array_columns;
    t.chip.weights.slices =
        t.setting.interleaved ? config::SlicePlacement::interleaved : config::SlicePlacement::grouped;
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

BOOST_AUTO_TEST_CASE(lossless_groups_are_golden) {
    Dice dice(71);
    ChipBench bench;
    std::vector<Trial> trials;
    while (trials.size() < 20) {
        Trial t = grouped_trial(dice);
        if (!make_lossless(t)) continue;
        for (const bool timed : {false, true}) bench.add(t.network, t.chip, t.images, options_of(t, timed));
        trials.push_back(std::move(t));
    }
    bench.run();
    for (std::size_t i = 0; i < 2 * trials.size(); ++i) {
        const Trial& t = trials[i / 2];
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(bench.record(i).logits == golden_logits(t.network, t.images, t.count),
                       boost::test_tools::per_element());
            for (const auto& layer : bench.record(i).layers) BOOST_TEST(layer.actions.clipped == 0U);
        }
    }
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(clipping_groups_are_the_plain_reference) {
    Dice dice(72);
    ChipBench bench;
    std::vector<Trial> trials;
    for (int i = 0; i < 25; ++i) {
        Trial t = grouped_trial(dice);
        const int widest = dice.one_of<int>({2, 4, 7});
        t.widths.bits = grouped_networks::random_table(t.network, t.setting, 1, widest, dice);
        bench.add(t.network, t.chip, t.images, options_of(t, i % 2 == 1));
        trials.push_back(std::move(t));
    }
    bench.run();
    std::uint64_t clipped = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            const results::ChipRecord& record = bench.record(i);
            clipped += check_against_reference(t, record);
            for (std::size_t layer = 0; layer < record.layers.size(); ++layer) {
                const network::MatrixWeights& weights =
                    t.network.nodes[t.network.matrix_nodes()[layer]].weights;
                BOOST_TEST(record.layers[layer].macs == weights.codes.size() * record.layers[layer].windows);
            }
        }
    }
    BOOST_TEST(clipped > 1000U);
    check_protocol(bench);
}

// A sum of exactly 2^31 - 1, which a network with one unit more is refused for; and its opposite.
BOOST_AUTO_TEST_CASE(sums_at_the_border_of_the_accumulators_are_golden) {
    constexpr int kNegative = 16777215, kLargest = 255;
    network::QuantisedNetwork net;
    net.name = "border";
    network::Node image;
    image.name = "image";
    image.format = {true, 8, 0};
    network::Node node;
    node.kind = network::NodeKind::matrix;
    node.name = "fc";
    node.inputs = {0};
    node.shape = {2, 1, 1};
    node.format = {true, 32, 0};
    node.is_output = true;
    node.weights.outputs = 2;
    node.weights.codes = {1};
    for (int left = kNegative; left > 0; left -= kLargest)
        node.weights.codes.push_back(static_cast<std::int16_t>(-std::min(left, kLargest)));
    node.weights.rows = static_cast<int>(node.weights.codes.size());
    const std::vector<std::int16_t> first = node.weights.codes;
    for (const std::int16_t code : first) node.weights.codes.push_back(static_cast<std::int16_t>(-code));
    node.weights.bias = {0, 0};
    image.shape = {node.weights.rows, 1, 1};
    net.nodes = {image, node};
    std::vector<std::int32_t> codes(first.size(), -128);
    codes[0] = 127;
    config::ChipConfig chip;
    chip.array.rows = 512;
    chip.adc.policy = config::AdcPolicy::worst_case;
    chip.tile.buffer_bytes.reset();
    ChipBench bench;
    ChipBench::Options options;
    bench.add(net, chip, codes, options);
    bench.run();
    const std::vector<std::int32_t> golden = golden_logits(net, codes, 1);
    BOOST_TEST(golden == (std::vector<std::int32_t>{2147483647, -2147483647}),
               boost::test_tools::per_element());
    BOOST_TEST(bench.record(0).logits == golden, boost::test_tools::per_element());
    const engine::FunctionalEngine engine(bench.network(0), bench.mapping(0), 1,
                                          {bitline::best_instruction_set(), 1, false});
    BOOST_TEST(engine.run(codes.data(), 1, bench.widths(0)).logits == golden,
               boost::test_tools::per_element());
    check_protocol(bench);
}

BOOST_AUTO_TEST_SUITE_END()
