// The sums that the chip's converters count: by hand on arrays of a few cells, the functional engine's
// profile where nothing is clipped, the plain reference where it is. All conversions, none twice.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <vector>

#include "bitline_reference.h"
#include "chip_trials.h"
#include "engine/functional_engine.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_column_sums)

namespace {

using namespace chip_trials;
using namespace sliver;
using tb::ChipBench;
using Counts = std::vector<std::uint64_t>;

ChipBench::Options counting(const Trial& trial) {
    ChipBench::Options options;
    options.images = trial.count;
    options.widths = &trial.widths;
    options.count_sums = true;
    return options;
}

std::uint64_t total(const Counts& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// What all counts add up to: the sums of all conversions.
std::uint64_t weighted(const Counts& counts) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) sum += i * counts[i];
    return sum;
}

/// Largest multiple of the step that a converter gives, and the half step that is rounded down to it.
std::uint64_t largest_uncut(int bits, int drop) {
    std::uint64_t sum = 0;
    for (bool cut = false; !cut; ++sum)
        static_cast<void>(bitline_reference::convert(static_cast<std::int64_t>(sum), bits, drop, cut));
    return sum - 2;
}

/// Order, totals and clips of a layer's histograms.
void check_layer(const results::LayerRecord& layer, int signs) {
    BOOST_TEST_REQUIRE(layer.column_sums.size() ==
                       layer.conversions.size() * static_cast<std::size_t>(signs));
    Counts conversions(layer.conversions.size(), 0), clipped = conversions;
    for (std::size_t i = 0; i < layer.column_sums.size(); ++i) {
        const results::ColumnHistogram& histogram = layer.column_sums[i];
        BOOST_TEST(histogram.slice == i / static_cast<std::size_t>(signs));
        BOOST_TEST(histogram.negative == (signs == 2 && i % 2 == 1));
        BOOST_TEST_REQUIRE(!histogram.counts.empty());
        if (histogram.counts.size() > 1) BOOST_TEST(histogram.counts.back() != 0U);
        conversions[histogram.slice] += total(histogram.counts);
        for (std::size_t sum = histogram.range + 1; sum < histogram.counts.size(); ++sum)
            clipped[histogram.slice] += histogram.counts[sum];
    }
    BOOST_TEST(conversions == layer.conversions, boost::test_tools::per_element());
    BOOST_TEST(clipped == layer.clipped, boost::test_tools::per_element());
    BOOST_TEST(total(conversions) == cost::sum(layer.actions.conversions_used));
}

int signs_of(const Trial& trial) {
    return trial.setting.encoding == config::Encoding::offset ? 1 : 2;
}

}  // namespace

// Four rows, three outputs: interleaved on two arrays of 12 columns, grouped on eight of three.
BOOST_AUTO_TEST_CASE(by_hand) {
    support::NetworkBuilder build({4, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 3);
    network::QuantisedNetwork network = build.finish();
    // Levels of 108 = 1230 in base 4, of 3 = 0003, of 255 = 3333.
    network.nodes[1].weights.codes = {108, 3, -1, 0, -255, 255, 0, 1, 0, 0, 0, 0};
    // Plane 0 drives rows 0 and 1, plane 1 rows 1 and 2, the other six none.
    const std::vector<std::int32_t> images = {1, 3, 2, 0};
    const std::vector<Counts> wanted = {
        {20, 0, 0, 4}, {22, 1, 0, 1},  // slice 0: positive, negative
        {21, 0, 0, 3}, {23, 0, 0, 1},  // slice 1
        {21, 0, 1, 2}, {23, 0, 0, 1},  // slice 2
        {21, 1, 0, 2}, {23, 0, 0, 1}   // slice 3
    };
    mapping::AdcWidths wide, narrow, coarse;
    wide.bits = {{8, 8, 8, 8}};
    narrow.bits = {{1, 2, 1, 1}};
    narrow.negative_bits = {{2, 1, 1, 1}};
    coarse.bits = {{1, 1, 1, 1}};
    coarse.drops = {{1, 0, 1, 1}};
    ChipBench bench;
    for (const auto placement : {config::SlicePlacement::interleaved, config::SlicePlacement::grouped})
        for (const mapping::AdcWidths* widths : {&wide, &narrow, &coarse}) {
            config::ChipConfig chip = support::oracle_chip();
            chip.weights.slices = placement;
            ChipBench::Options options;
            options.widths = widths;
            options.count_sums = true;
            bench.add(network, chip, images, options);
        }
    bench.run();
    for (std::size_t chip = 0; chip < 6; ++chip) {
        BOOST_TEST_CONTEXT("chip " << chip) {
            const results::LayerRecord& layer = bench.record(chip).layers[0];
            check_layer(layer, 2);
            for (std::size_t i = 0; i < wanted.size(); ++i)
                BOOST_TEST(layer.column_sums[i].counts == wanted[i], boost::test_tools::per_element());
        }
    }
    const auto ranges = [&](std::size_t chip) {
        Counts all;
        for (const auto& histogram : bench.record(chip).layers[0].column_sums) all.push_back(histogram.range);
        return all;
    };
    BOOST_TEST(ranges(0) == Counts(8, 255), boost::test_tools::per_element());
    BOOST_TEST(ranges(1) == Counts({1, 3, 3, 1, 1, 1, 1, 1}), boost::test_tools::per_element());
    // A step of two: 2 is the largest code, and 3 would be the next.
    BOOST_TEST(ranges(5) == Counts({2, 2, 1, 1, 2, 2, 2, 2}), boost::test_tools::per_element());
    BOOST_TEST(bench.record(0).layers[0].clipped == Counts(4, 0), boost::test_tools::per_element());
    BOOST_TEST(bench.record(4).layers[0].clipped == Counts({4, 1, 4, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lossless_is_the_profile) {
    Dice dice(21);
    ChipBench bench;
    std::vector<Trial> trials;
    int grouped = 0, offset = 0;
    while (trials.size() < 40) {
        Trial t = random_trial(dice);
        if (!make_lossless(t)) continue;
        grouped += t.chip.weights.slices == config::SlicePlacement::grouped ? 1 : 0;
        offset += signs_of(t) == 1 ? 1 : 0;
        bench.add(t.network, t.chip, t.images, counting(t));
        trials.push_back(std::move(t));
    }
    BOOST_TEST((grouped > 10 && grouped < 30));
    BOOST_TEST((offset > 10 && offset < 30));
    bench.run();
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            const engine::FunctionalEngine engine(bench.network(i), bench.mapping(i), t.chip.inputs.dac_bits,
                                                  {bitline::InstructionSet::portable, 1, false});
            const mapping::ColumnProfile profile = engine.profile(t.images.data(), t.count);
            for (std::size_t layer = 0; layer < profile.groups.size(); ++layer) {
                check_layer(bench.record(i).layers[layer], signs_of(t));
                for (const results::ColumnHistogram& got : bench.record(i).layers[layer].column_sums)
                    BOOST_TEST(got.counts == profile.groups[layer][got.slice][got.negative ? 1 : 0].counts,
                               boost::test_tools::per_element());
            }
        }
    }
}

// Narrow and coarse converters, widths by sign: later layers see what earlier ones cut.
BOOST_AUTO_TEST_CASE(clipping_is_the_plain_reference) {
    Dice dice(22);
    ChipBench bench;
    std::vector<Trial> trials;
    for (int i = 0; i < 40; ++i) {
        Trial t = random_trial(dice);
        const int widest = dice.one_of<int>({2, 4, 7, 12});
        t.widths.bits = random_widths(t, 1, widest, dice);
        if (i % 2 == 1 && signs_of(t) == 2) t.widths.negative_bits = random_widths(t, 1, widest, dice);
        if (i % 4 > 1) t.widths.drops = random_widths(t, 0, 3, dice);
        bench.add(t.network, t.chip, t.images, counting(t));
        trials.push_back(std::move(t));
    }
    bench.run();
    std::uint64_t clipped = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            const auto want = bitline_reference::run(t.network, t.setting, t.widths, t.images, t.count);
            for (std::size_t layer = 0; layer < want.statistics.size(); ++layer) {
                check_layer(bench.record(i).layers[layer], signs_of(t));
                for (const results::ColumnHistogram& got : bench.record(i).layers[layer].column_sums) {
                    const auto& statistics = want.statistics[layer][got.slice];
                    BOOST_TEST(got.counts == statistics.seen[got.negative ? 1 : 0].counts,
                               boost::test_tools::per_element());
                    const bool own = got.negative && !t.widths.negative_bits.empty();
                    BOOST_TEST(got.range ==
                               largest_uncut((own ? t.widths.negative_bits : t.widths.bits)[layer][got.slice],
                                             t.widths.drops.empty() ? 0 : t.widths.drops[layer][got.slice]));
                    clipped += statistics.clipped_by_sign[got.negative ? 1 : 0];
                }
            }
        }
    }
    BOOST_TEST(clipped > 10000U);
}

// Every cell of the positive arrays at level 3, every plane drives rows 64 to 227. 128 and 100 rows, two
// parts each: of 64, the first of them not driven, and of 50.
BOOST_AUTO_TEST_CASE(parts_by_hand) {
    support::NetworkBuilder build({228, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 24);
    network::QuantisedNetwork network = build.finish();
    std::fill(network.nodes[1].weights.codes.begin(), network.nodes[1].weights.codes.end(), 255);
    std::vector<std::int32_t> images(228, 255);
    std::fill(images.begin(), images.begin() + 64, 0);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 8;
    chip.adc.overflow = config::AdcOverflow::split;
    ChipBench::Options options;
    options.count_sums = true;
    ChipBench bench;
    bench.add(network, chip, images, options);
    bench.run();
    const results::LayerRecord& layer = bench.record(0).layers[0];
    check_layer(layer, 2);
    constexpr std::uint64_t kSlicePlanes = 8 * 24;
    Counts positive(193, 0);
    positive[0] = positive[192] = kSlicePlanes;
    positive[150] = 2 * kSlicePlanes;
    for (const results::ColumnHistogram& histogram : layer.column_sums)
        BOOST_TEST(histogram.counts == (histogram.negative ? Counts{2 * kSlicePlanes} : positive),
                   boost::test_tools::per_element());
}

// The parts of a column add up to its sum, whatever they are.
BOOST_AUTO_TEST_CASE(parts_add_up_to_the_profile) {
    Dice dice(23);
    ChipBench bench;
    std::vector<Trial> trials;
    while (trials.size() < 30) {
        Trial t = random_trial(dice);
        const int digit = (1 << std::min(t.setting.dac_bits, t.input_bits)) - 1;
        const int narrowest =
            mapping::lossless_bits(static_cast<std::uint32_t>(((1 << t.setting.cell_bits) - 1) * digit));
        if (narrowest > 5) continue;  // one cell alone passes a converter of 5 bits
        t.widths.bits = random_widths(t, std::max(2, narrowest), 5, dice);
        t.widths.split_rows = true;
        bench.add(t.network, t.chip, t.images, counting(t));
        trials.push_back(std::move(t));
    }
    bench.run();
    std::uint64_t more = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            const engine::FunctionalEngine engine(bench.network(i), bench.mapping(i), t.chip.inputs.dac_bits,
                                                  {bitline::InstructionSet::portable, 1, false});
            const mapping::ColumnProfile profile = engine.profile(t.images.data(), t.count);
            for (std::size_t layer = 0; layer < profile.groups.size(); ++layer) {
                check_layer(bench.record(i).layers[layer], signs_of(t));
                for (const results::ColumnHistogram& got : bench.record(i).layers[layer].column_sums) {
                    const Counts& whole = profile.groups[layer][got.slice][got.negative ? 1 : 0].counts;
                    BOOST_TEST(weighted(got.counts) == weighted(whole));
                    BOOST_TEST(got.counts.size() <= got.range + 1);
                    BOOST_TEST(total(got.counts) >= total(whole));
                    more += total(got.counts) - total(whole);
                }
            }
        }
    }
    BOOST_TEST(more > 10000U);
}

BOOST_AUTO_TEST_CASE(only_when_asked) {
    const network::QuantisedNetwork network = support::small_vgg(3);
    const auto images = support::random_images(network, 2, 4);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 4;
    ChipBench bench;
    for (const bool count : {false, true}) {
        ChipBench::Options options;
        options.images = 2;
        options.count_sums = count;
        bench.add(network, chip, images, options);
    }
    bench.run();
    const results::ChipRecord &without = bench.record(0), &with = bench.record(1);
    BOOST_TEST(without.logits == with.logits, boost::test_tools::per_element());
    BOOST_TEST(without.elapsed_fs == with.elapsed_fs);
    for (std::size_t layer = 0; layer < with.layers.size(); ++layer) {
        BOOST_TEST(without.layers[layer].column_sums.empty());
        check_layer(with.layers[layer], 2);
        BOOST_TEST((without.layers[layer].actions == with.layers[layer].actions));
    }
}

BOOST_AUTO_TEST_SUITE_END()
