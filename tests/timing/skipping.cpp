// Column masks and zero detectors, executed: every count of random chips against a look at every cell of
// every read (skip_reference.h), with the golden logits; times of small chips by hand.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "load_trials.h"
#include "results/run_result.h"
#include "skip_reference.h"
#include "support/networks.h"
#include "support/sanitized.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_skipping)

using namespace sliver;
using load_trials::Dice;
using load_trials::Trial;

namespace {

constexpr std::size_t kImages = 2;
#ifdef SLIVER_SANITIZED
constexpr std::uint64_t kChips = 8;
#else
constexpr std::uint64_t kChips = 48;
#endif
constexpr std::uint64_t kFirstSeed = 7000;
constexpr std::uint64_t kCycle = 100'000'000;

/// Every combination of the two keys in turn; converters of the two signs as wide as they like.
Trial trial_of(std::uint64_t number) {
    Trial trial = load_trials::random_trial(kFirstSeed + number, kImages);
    trial.chip.skip.empty_columns = number % 2 == 1;
    trial.chip.skip.zero_planes = number / 2 % 2 == 1;
    if (trial.setting.encoding == config::Encoding::differential && !trial.widths.split_rows &&
        number % 3 == 0) {
        trial.widths.negative_bits = trial.widths.bits;
        for (std::vector<int>& layer : trial.widths.negative_bits)
            for (int& bits : layer) bits = std::min(bits + 1, mapping::kMaxConverterBits);
    }
    return trial;
}

void check_layer(const cost::Actions& is, const cost::Actions& should) {
    for (const auto& [name, member] :
         {std::pair{"crossbar_reads", &cost::Actions::crossbar_reads},
          std::pair{"planes_skipped", &cost::Actions::planes_skipped},
          std::pair{"conversions_skipped", &cost::Actions::conversions_skipped},
          std::pair{"mask_reads", &cost::Actions::mask_reads},
          std::pair{"zero_checks", &cost::Actions::zero_checks},
          std::pair{"conducting_cells", &cost::Actions::conducting_cells},
          std::pair{"cells_whole", &cost::Actions::cells_whole},
          std::pair{"cells_used", &cost::Actions::cells_used},
          std::pair{"cells_driven", &cost::Actions::cells_driven},
          std::pair{"row_drives_whole", &cost::Actions::row_drives_whole},
          std::pair{"row_drives_used", &cost::Actions::row_drives_used},
          std::pair{"row_drives_driven", &cost::Actions::row_drives_driven},
          std::pair{"samples_whole", &cost::Actions::samples_whole},
          std::pair{"samples_used", &cost::Actions::samples_used},
          std::pair{"shift_adds_whole", &cost::Actions::shift_adds_whole},
          std::pair{"shift_adds_used", &cost::Actions::shift_adds_used},
          std::pair{"input_register_accesses", &cost::Actions::input_register_accesses},
          std::pair{"output_register_accesses", &cost::Actions::output_register_accesses}})
        BOOST_TEST((is.*member) == (should.*member), name);
    BOOST_TEST(is.conversions_used == should.conversions_used, boost::test_tools::per_element());
    BOOST_TEST(is.cells_by_level == should.cells_by_level, boost::test_tools::per_element());
    BOOST_TEST(is.clipped == 0U);
    BOOST_CHECK_NO_THROW(cost::check_actions(is, "layer"));
}

/// One matrix of ones.
network::QuantisedNetwork one_layer(int inputs, int outputs, int input_bits) {
    support::NetworkBuilder build({inputs, 1, 1}, {false, input_bits, 0}, 1);
    build.linear(support::NetworkBuilder::kInput, outputs);
    network::QuantisedNetwork network = build.finish();
    network.nodes.back().weights.codes.assign(network.nodes.back().weights.codes.size(), 1);
    return network;
}

/// Arrays of `rows` x 16 cells of 2 bits, a converter each that never makes a read wait.
config::ChipConfig small_chip(int rows) {
    config::ChipConfig chip = support::oracle_chip();
    chip.array.rows = rows;
    chip.array.columns = 16;
    chip.array.cell_bits = 2;
    chip.inputs.bits = 8;
    chip.adc.rate_hz = 1e9;
    chip.adc.time = config::ConversionTime::fixed;
    chip.adc.policy = config::AdcPolicy::worst_case;
    return chip;
}

std::uint64_t busy_fs(const tb::ChipBench& bench, std::size_t chip) {
    return bench.record(chip).layers.front().busy_fs;
}

}  // namespace

BOOST_AUTO_TEST_CASE(counts_equal_a_look_at_every_cell) {
    tb::ChipBench bench;
    std::vector<Trial> trials;
    for (std::uint64_t i = 0; i < kChips; ++i) {
        trials.push_back(trial_of(i));
        bench.add(trials.back().network, trials.back().chip, trials.back().images,
                  {kImages, {}, &trials.back().widths});
    }
    bench.run();
    cost::Actions seen;
    int packed = 0, flipping = 0, squared = 0, in_parts = 0, bank = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& trial = trials[i];
        BOOST_TEST_CONTEXT("seed " << kFirstSeed + i << ": " << load_trials::to_text(trial.chip) << " | "
                                   << load_trials::to_text(trial.network)) {
            const results::ChipRecord& record = bench.record(i);
            const mapping::NetworkMapping mapped = mapping::map_network(trial.network, trial.chip);
            const mapping::Placement placement = mapping::place_network(
                trial.network, mapped, load_trials::copies_of(trial, mapped), trial.chip);
            const std::vector<cost::Actions> should = skip_reference::count_actions(
                trial.network, mapped, placement, trial.widths, trial.chip, trial.images, kImages);
            for (std::size_t layer = 0; layer < should.size(); ++layer)
                BOOST_TEST_CONTEXT(record.layers[layer].name) {
                    check_layer(record.layers[layer].actions, should[layer]);
                }
            // What is left out would have been zero.
            BOOST_TEST(record.logits == chip_trials::golden_logits(trial.network, trial.images, kImages),
                       boost::test_tools::per_element());
            seen += results::total_actions(record);
        }
        const bool skips = trial.chip.skip.empty_columns && trial.chip.skip.zero_planes;
        packed += skips && trial.chip.weights.packing != config::Packing::none ? 1 : 0;
        flipping += skips && trial.setting.flip_columns ? 1 : 0;
        squared += trial.setting.dac_bits > 1 && trial.input_bits > 1 ? 1 : 0;
        in_parts += skips && trial.widths.split_rows ? 1 : 0;
        bank += skips && trial.chip.adc.bank == config::AdcBank::per_slice ? 1 : 0;
    }
    BOOST_TEST(seen.planes_skipped > 0U);
    BOOST_TEST(seen.conversions_skipped > 0U);
#ifndef SLIVER_SANITIZED
    for (const int kind : {packed, flipping, squared, in_parts, bank}) BOOST_TEST(kind > 0);
#endif
    BOOST_TEST(bench.violations().empty());
}

// 8 rows, inputs of 8 bits: a window takes a cycle a plane that drives a row, and at least one.
BOOST_AUTO_TEST_CASE(planes_without_a_one_take_no_time) {
    const network::QuantisedNetwork network = one_layer(8, 2, 8);
    config::ChipConfig chip = small_chip(8);
    tb::ChipBench bench;
    const std::vector<std::pair<std::int32_t, std::uint64_t>> images = {
        {0, 0}, {1, 1}, {128, 1}, {0b1010'0110, 4}, {255, 8}};
    for (const bool detects : {false, true}) {
        chip.skip.zero_planes = detects;
        for (const auto& [code, planes] : images) {
            std::vector<std::int32_t> codes(8, 0);
            codes[5] = code;
            bench.add(network, chip, codes, {});
        }
        // The ones of different rows count together.
        bench.add(network, chip, {1, 2, 4, 0, 0, 0, 64, 0}, {});
    }
    bench.run();
    const std::size_t kinds = images.size() + 1;
    for (std::size_t i = 0; i < kinds; ++i) {
        const std::uint64_t planes = i < images.size() ? images[i].second : 4;
        BOOST_TEST_CONTEXT("image " << i) {
            BOOST_TEST(busy_fs(bench, i) == 8 * kCycle);
            BOOST_TEST(busy_fs(bench, kinds + i) == std::max<std::uint64_t>(planes, 1) * kCycle);
            const cost::Actions &all = bench.record(i).layers.front().actions,
                                &own = bench.record(kinds + i).layers.front().actions;
            BOOST_TEST(all.planes_skipped == 0U);
            BOOST_TEST(own.crossbar_reads + own.planes_skipped == all.crossbar_reads);
            BOOST_TEST(own.crossbar_reads * 8 == all.crossbar_reads * planes);
            BOOST_TEST(own.zero_checks == 8U);
            BOOST_TEST(own.row_drives_driven == all.row_drives_driven);
            BOOST_TEST(bench.record(kinds + i).logits == bench.record(i).logits,
                       boost::test_tools::per_element());
            // What a plane costs that is left out: its time, and nothing of what follows.
            BOOST_TEST(bench.record(i).completed_fs.front() - bench.record(kinds + i).completed_fs.front() ==
                       (8 - std::max<std::uint64_t>(planes, 1)) * kCycle);
        }
    }
}

// Two processing elements, 8 rows each: the window is done when the slower one is, whichever that is; what
// they leave out is not the same.
BOOST_AUTO_TEST_CASE(processing_elements_wait_for_the_slowest) {
    const network::QuantisedNetwork network = one_layer(16, 2, 8);
    config::ChipConfig chip = small_chip(8);
    chip.skip.zero_planes = true;
    chip.adc.arrays_per_adc = 1;
    chip.tile.arrays_per_pe = 2;  // both signs of a row block
    tb::ChipBench bench;
    const auto image = [](std::int32_t first, std::int32_t second) {
        std::vector<std::int32_t> codes(16, 0);
        codes[0] = first;
        codes[15] = second;
        return codes;
    };
    // 0b111 and 0b11111000 share no plane: 3 and 5 cycles.
    bench.add(network, chip, image(0b111, 0b1111'1000), {});
    bench.add(network, chip, image(0b1111'1000, 0b111), {});
    bench.add(network, chip, image(0, 0b111), {});
    chip.tile.arrays_per_pe = 4;  // one element has both: it reads every plane that drives one of its arrays
    bench.add(network, chip, image(0b111, 0b1111'1000), {});
    bench.run();
    BOOST_TEST(bench.record(0).processing_elements == 2U);
    BOOST_TEST(busy_fs(bench, 0) == 5 * kCycle);
    BOOST_TEST(busy_fs(bench, 1) == 5 * kCycle);
    BOOST_TEST(busy_fs(bench, 2) == 3 * kCycle);
    BOOST_TEST(bench.record(3).processing_elements == 1U);
    BOOST_TEST(busy_fs(bench, 3) == 8 * kCycle);
    for (const std::size_t i : {0, 1, 3}) {
        BOOST_TEST(bench.record(i).layers.front().actions.crossbar_reads == 2 * (3 + 5));
        BOOST_TEST(bench.record(i).layers.front().actions.planes_skipped == 2 * (5 + 3));
    }
    BOOST_TEST(bench.record(2).layers.front().actions.planes_skipped == 2 * (8 + 5));
}

// A burst is as long as the columns that the mask leaves: 4 slices of 2 outputs, of which weights of 1 fill
// one slice; nothing is below zero, so the array of negative weights has none.
BOOST_AUTO_TEST_CASE(bursts_visit_filled_columns_alone) {
    const network::QuantisedNetwork network = one_layer(8, 2, 8);
    config::ChipConfig chip = small_chip(8);
    chip.adc.rate_hz = 1e8;  // 10 ns a conversion: 160 ns a burst of 16 columns
    chip.adc.arrays_per_adc = 8;
    tb::ChipBench bench;
    for (const bool masked : {false, true}) {
        chip.skip.empty_columns = masked;
        chip.adc.bank = config::AdcBank::single;
        bench.add(network, chip, std::vector<std::int32_t>(8, 255), {});
        chip.adc.bank = config::AdcBank::per_slice;
        bench.add(network, chip, std::vector<std::int32_t>(8, 255), {});
    }
    bench.run();
    // Both arrays, all columns: 320 ns. A bank sweeps 8 unused columns with the lowest slice: 10 of 16 a
    // read.
    BOOST_TEST(busy_fs(bench, 0) == 8 * 320'000'000ULL);
    BOOST_TEST(busy_fs(bench, 1) == 8 * 200'000'000ULL);
    // Two columns of one array: less than the cycle.
    BOOST_TEST(busy_fs(bench, 2) == 8 * kCycle);
    BOOST_TEST(busy_fs(bench, 3) == 8 * kCycle);
    for (const std::size_t i : {2, 3}) {
        const cost::Actions& actions = bench.record(i).layers.front().actions;
        BOOST_TEST(cost::sum(actions.conversions_used) == 8U * 2);
        BOOST_TEST(cost::sum(actions.conversions_all) == 8U * 2);
        BOOST_TEST(actions.conversions_skipped == 8U * (6 + 8));
        BOOST_TEST(actions.mask_reads == 8U * 2);
        BOOST_TEST(actions.samples_used == 8U * 2);
        BOOST_TEST(bench.record(i).logits == bench.record(0).logits, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
