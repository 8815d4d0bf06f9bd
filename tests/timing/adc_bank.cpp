// Converters of arrays that share, one or a bank by slice, and arrays read in parts: times, waits and counts
// of layers small enough to be done by hand. One conversion of b bits takes b x 97.65625 ps (per-bit) unless
// said otherwise, one array cycle 100 ns; a product of 8-bit inputs takes 8 reads and 600 ns around them.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_adc_bank)

using namespace sliver;
using Counts = std::vector<std::uint64_t>;

namespace {

constexpr std::uint64_t kPlanes = 8;

std::uint64_t from_ns(double ns) {
    return static_cast<std::uint64_t>(std::llround(ns * 1e6));
}

/// By-slice times of `reads` reads, in femtoseconds.
Counts reads_of(std::uint64_t reads, const std::vector<double>& ns) {
    Counts times;
    for (const double each : ns) times.push_back(reads * from_ns(each));
    return times;
}

/// A linear layer; 128 rows and one sign are an array where all slices of its outputs fit it.
network::QuantisedNetwork linear(int rows, int outputs) {
    support::NetworkBuilder build({rows, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, outputs);
    return build.finish();
}

/// Every weight at its largest: positive arrays hold level 3 in every cell, negative ones nothing.
network::QuantisedNetwork full(network::QuantisedNetwork network) {
    std::fill(network.nodes[1].weights.codes.begin(), network.nodes[1].weights.codes.end(), 255);
    return network;
}

config::ChipConfig shared_chip(int arrays_per_adc, std::vector<int> bits, config::AdcBank bank) {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.time = config::ConversionTime::per_bit;
    chip.adc.arrays_per_adc = arrays_per_adc;
    chip.adc.slice_widths = std::move(bits);
    chip.adc.bank = bank;
    return chip;
}

config::ChipConfig split_chip(int arrays_per_adc, int bits, double rate_hz) {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.arrays_per_adc = arrays_per_adc;
    chip.adc.bits = bits;
    chip.adc.rate_hz = rate_hz;
    chip.adc.overflow = config::AdcOverflow::split;
    return chip;
}

const results::LayerRecord& layer_of(const tb::ChipBench& bench, std::size_t chip) {
    return bench.record(chip).layers[0];
}

void check_step(const tb::ChipBench& bench, std::size_t chip, double step_ns) {
    BOOST_TEST(layer_of(bench, chip).interval_fs == kPlanes * from_ns(step_ns));
    BOOST_TEST(bench.record(chip).latency_fs() == kPlanes * from_ns(step_ns) + from_ns(600));
}

/// Converters of the whole chip: tiles x processing elements x groups of arrays that share.
std::uint64_t groups(const config::ChipConfig& chip) {
    return static_cast<std::uint64_t>(chip.tiles() * chip.tile.processing_elements * chip.tile.arrays_per_pe /
                                      chip.adc.arrays_per_adc);
}

}  // namespace

// 8 full arrays on two groups of four; the slices take 31.25, 18.75, 15.625 and 9.375 ns.
BOOST_AUTO_TEST_CASE(interleaved) {
    const network::QuantisedNetwork network = linear(512, 32);
    const auto images = support::random_images(network, 1, 2);
    const std::vector<double> slices_ns = {31.25, 18.75, 15.625, 9.375};
    tb::ChipBench bench;
    const config::ChipConfig single = shared_chip(4, {10, 6, 5, 3}, config::AdcBank::single);
    const config::ChipConfig bank = shared_chip(4, {10, 6, 5, 3}, config::AdcBank::per_slice);
    bench.add(network, single, images, {});
    bench.add(network, bank, images, {});
    bench.run();
    check_step(bench, 0, 300);  // 4 x 75
    check_step(bench, 1, 125);  // 4 x 31.25
    for (const std::size_t chip : {0, 1}) {
        const results::LayerRecord& layer = layer_of(bench, chip);
        BOOST_TEST(layer.crossbars == 8U);
        BOOST_TEST(layer.adc_busy_by_slice_fs == reads_of(64, slices_ns), boost::test_tools::per_element());
        BOOST_TEST(layer.adc_busy_fs == 64 * from_ns(75));
        // The four arrays of a group are read at once: samples wait for 0, 1, 2 and 3 bursts.
        BOOST_TEST(layer.adc_wait_fs == 2 * kPlanes * from_ns(6 * 75));
        BOOST_TEST(layer.adcs_by_slice == Counts(4, 2), boost::test_tools::per_element());
        BOOST_TEST(layer.actions.conversions_used[10] == 64U * 32);
        BOOST_TEST(layer.actions.conversions_used[3] == 64U * 32);
    }
    BOOST_TEST(layer_of(bench, 0).adcs == 2U);
    BOOST_TEST(layer_of(bench, 1).adcs == 8U);
    const cost::WidthCounts& one = bench.record(0).inventory.adcs;
    BOOST_TEST(one[10] == 2U);
    BOOST_TEST(one[8] == groups(single) - 2);
    const cost::WidthCounts& many = bench.record(1).inventory.adcs;
    for (const std::size_t bits : {10, 6, 5, 3}) BOOST_TEST(many[bits] == 2U);
    BOOST_TEST(many[8] == 4 * (groups(bank) - 2));
    BOOST_TEST(bench.record(0).logits == bench.record(1).logits);
    BOOST_TEST(bench.violations().empty());
}

// 24 outputs leave 32 columns of 128 unused: one converter sweeps them at the widest of its columns, a bank
// with the lowest slice. By sign: negative arrays have their own widths.
BOOST_AUTO_TEST_CASE(unused_columns) {
    const network::QuantisedNetwork network = linear(512, 24);
    const auto images = support::random_images(network, 1, 2);
    tb::ChipBench bench;
    bench.add(network, shared_chip(4, {3, 5, 6, 10}, config::AdcBank::single), images, {});
    bench.add(network, shared_chip(4, {3, 5, 6, 10}, config::AdcBank::per_slice), images, {});
    bench.add(network, shared_chip(4, {10, 6, 5, 3}, config::AdcBank::per_slice), images, {});
    mapping::AdcWidths signs;
    signs.bits = {{10, 6, 5, 3}};
    signs.negative_bits = {{4, 6, 5, 3}};
    bench.add(network, shared_chip(4, {}, config::AdcBank::per_slice), images, {1, {}, &signs});
    bench.run();
    check_step(bench, 0, 350);      // 4 x (24 x 24 + 32 x 10) bits
    check_step(bench, 1, 100);      // 4 x 24 x 10 bits are 93.75 ns: the array's cycle
    check_step(bench, 2, 218.75);   // 4 x (24 + 32) x 10 bits
    check_step(bench, 3, 153.125);  // 2 x 56 x 10 bits and 2 x 56 x 4
    const auto busy = [&](std::size_t chip) { return layer_of(bench, chip).adc_busy_by_slice_fs; };
    BOOST_TEST(busy(0) == reads_of(64, {7.03125, 11.71875, 14.0625, 54.6875}),
               boost::test_tools::per_element());
    BOOST_TEST(busy(1) == reads_of(64, {16.40625, 11.71875, 14.0625, 23.4375}),
               boost::test_tools::per_element());
    BOOST_TEST(layer_of(bench, 0).actions.conversions_all[10] == 64U * (24 + 32));
    BOOST_TEST(layer_of(bench, 1).actions.conversions_all[3] == 64U * (24 + 32));
    BOOST_TEST(layer_of(bench, 1).actions.conversions_all[10] == 64U * 24);
    const results::LayerRecord& by_sign = layer_of(bench, 3);
    BOOST_TEST(by_sign.actions.conversions_used[10] == 32U * 24);
    BOOST_TEST(by_sign.actions.conversions_used[4] == 32U * 24);
    BOOST_TEST(by_sign.actions.conversions_all[4] == 32U * 56);
    BOOST_TEST(by_sign.negative_adc_bits == signs.negative_bits[0], boost::test_tools::per_element());
    BOOST_TEST(bench.record(3).inventory.adcs[10] == 2U);  // shared by both signs
    BOOST_TEST(bench.record(3).inventory.adcs[4] == 0U);
    BOOST_TEST(bench.violations().empty());
}

// 256 rows, one slice an array: 4 arrays a slice, two slices in the 8 arrays of a group.
BOOST_AUTO_TEST_CASE(grouped) {
    const network::QuantisedNetwork network = linear(256, 32);
    const auto images = support::random_images(network, 1, 2);
    tb::ChipBench bench;
    config::ChipConfig chip;
    for (const config::AdcBank bank : {config::AdcBank::single, config::AdcBank::per_slice}) {
        chip = shared_chip(8, {8, 4, 4, 2}, bank);
        chip.weights.slices = config::SlicePlacement::grouped;
        bench.add(network, chip, images, {});
    }
    bench.run();
    check_step(bench, 0, 600);  // 4 x 128 x (8 + 4) bits
    check_step(bench, 1, 400);  // 4 x 128 x 8 bits
    BOOST_TEST(layer_of(bench, 0).adcs == 2U);
    BOOST_TEST(layer_of(bench, 1).adcs == 4U);
    BOOST_TEST(layer_of(bench, 0).adcs_by_slice == Counts(4, 1), boost::test_tools::per_element());
    BOOST_TEST(layer_of(bench, 1).adcs_by_slice == Counts(4, 1), boost::test_tools::per_element());
    const cost::WidthCounts& one = bench.record(0).inventory.adcs;
    BOOST_TEST(one[8] == groups(chip) - 1);
    BOOST_TEST(one[4] == 1U);
    const cost::WidthCounts& many = bench.record(1).inventory.adcs;
    BOOST_TEST(many[8] == groups(chip) - 1);  // two groups of dark arrays less, one converter of slice 0 more
    BOOST_TEST(many[4] == 2U);
    BOOST_TEST(many[2] == 1U);
    BOOST_TEST(bench.violations().empty());
}

// Positive arrays sum up to 128 x 3: two parts under 8 bits, four under 7, sixteen under 5.
BOOST_AUTO_TEST_CASE(split_reads) {
    const network::QuantisedNetwork network = full(linear(512, 32));
    const std::vector<std::int32_t> images(512, 255);
    tb::ChipBench bench;
    bench.add(network, split_chip(1, 9, 1.28e9), images, {});
    bench.add(network, split_chip(1, 8, 1.28e9), images, {});
    bench.add(network, split_chip(1, 5, 1.28e9), images, {});
    bench.add(network, split_chip(1, 7, 0.64e9), images, {});
    bench.add(network, split_chip(4, 8, 2.56e9), images, {});
    bench.add(network, split_chip(4, 7, 12.8e9), images, {});
    bench.run();
    check_step(bench, 0, 100);
    check_step(bench, 1, 2 * 100);  // as long as the positive arrays' two cycles; the negative ones idle
    check_step(bench, 2, 16 * 100);
    check_step(bench, 3, 4 * 200);  // bursts of 200 ns
    check_step(bench, 4, 6 * 50);   // two arrays of two parts, two of one: six bursts of 50 ns
    check_step(bench, 5, 4 * 100);
    // Held at 0, 0, 0, 0, 100 and 150 ns, converted from 0, 50, 100, 150, 200 and 250 ns on.
    BOOST_TEST(layer_of(bench, 4).adc_wait_fs == 2 * kPlanes * from_ns(50 + 100 + 150 + 100 + 100));
    BOOST_TEST(layer_of(bench, 0).crossbars_by_parts == Counts({8}), boost::test_tools::per_element());
    BOOST_TEST(layer_of(bench, 1).crossbars_by_parts == Counts({4, 4}), boost::test_tools::per_element());
    BOOST_TEST(layer_of(bench, 2).crossbars_by_parts == Counts({4, 0, 0, 0, 4}),
               boost::test_tools::per_element());
    for (std::size_t chip = 0; chip < 6; ++chip) {
        BOOST_TEST(layer_of(bench, chip).actions.clipped == 0U);
        BOOST_TEST(bench.record(chip).logits == bench.record(0).logits);
    }
    BOOST_TEST(bench.record(0).logits[0] - network.nodes[1].weights.bias[0] == 512 * 255 * 255);
    BOOST_TEST(bench.violations().empty());
}

// Two parts: every action of a read, and the rows of one part in each.
BOOST_AUTO_TEST_CASE(split_counts) {
    // 100 rows in the second block: parts of 64 and 64, of 50 and 50 rows.
    const network::QuantisedNetwork network = full(linear(228, 24));
    std::vector<std::int32_t> images(228, 255);
    std::fill(images.begin(), images.begin() + 32, 0);
    tb::ChipBench bench;
    bench.add(network, split_chip(1, 8, 1.28e9), images, {});
    config::ChipConfig offset = split_chip(1, 7, 1.28e9);
    offset.weights.encoding = config::Encoding::offset;
    offset.weights.bits = 7;
    offset.weights.flip_columns = false;
    network::QuantisedNetwork small = network;
    small.nodes[1].weights.bits = 7;
    std::fill(small.nodes[1].weights.codes.begin(), small.nodes[1].weights.codes.end(), 127);
    bench.add(small, offset, images, {});
    bench.run();
    const cost::Actions& a = layer_of(bench, 0).actions;
    // Positive arrays in two parts, negative ones whole.
    constexpr std::uint64_t kReads = kPlanes * (2 + 2 + 1 + 1);
    BOOST_TEST(a.crossbar_reads == kReads);
    BOOST_TEST(a.input_register_accesses == kReads);
    BOOST_TEST(a.output_register_accesses == kReads);
    BOOST_TEST(a.conversions_all[8] == kReads * 128);
    BOOST_TEST(a.conversions_used[8] == kReads * 96);
    BOOST_TEST(a.samples_whole == kReads * 128);
    BOOST_TEST(a.samples_used == kReads * 96);
    BOOST_TEST(a.shift_adds_whole == kReads * 128);
    BOOST_TEST(a.shift_adds_used == kReads * 96);
    BOOST_TEST(a.cells_whole == kReads * 128 * 128);
    BOOST_TEST(a.cells_used == kPlanes * 2 * 228 * 96);
    BOOST_TEST(a.cells_driven == kPlanes * 2 * 196 * 96);
    BOOST_TEST(a.row_drives_whole == kReads * 128);
    BOOST_TEST(a.row_drives_used == kPlanes * 2 * 228);
    BOOST_TEST(a.row_drives_driven == kPlanes * 2 * 196);
    // 127 + 128 = 255, level 3 everywhere: four parts under 7 bits, the unit column of 32 and 25 rows at
    // 6, 5.
    const cost::Actions& unit = layer_of(bench, 1).actions;
    BOOST_TEST(unit.crossbar_reads == kPlanes * 8);
    BOOST_TEST(unit.conversions_unit[6] == kPlanes * 4);
    BOOST_TEST(unit.conversions_unit[5] == kPlanes * 4);
    BOOST_TEST(unit.cells_used == kPlanes * 228 * 97);
    BOOST_TEST(bench.record(1).logits[0] - small.nodes[1].weights.bias[0] == 196 * 255 * 127);
}

// 16 windows of 8 planes in at most 64 cycles: the fewest copies by the time that a plane takes.
BOOST_AUTO_TEST_CASE(balance) {
    support::NetworkBuilder build({128, 4, 4}, {false, 8, -8}, 1);
    build.convolution(support::NetworkBuilder::kInput, 32, 1, 1, 0);
    const network::QuantisedNetwork network = full(build.finish());
    const auto images = support::random_images(network, 1, 2);
    tb::ChipBench bench;
    const auto add = [&](config::ChipConfig chip) {
        chip.replication.mode = config::ReplicationMode::balance;
        chip.replication.target_interval_cycles = 64;
        bench.add(network, chip, images, {});
    };
    add(split_chip(1, 9, 1.28e9));
    add(split_chip(1, 8, 1.28e9));
    add(shared_chip(4, {10, 6, 5, 3}, config::AdcBank::single));
    add(shared_chip(4, {10, 6, 5, 3}, config::AdcBank::per_slice));
    bench.run();
    const Counts copies = {2, 4, 10, 3};
    for (std::size_t chip = 0; chip < copies.size(); ++chip) {
        BOOST_TEST(layer_of(bench, chip).copies == copies[chip]);
        BOOST_TEST(layer_of(bench, chip).interval_fs <= from_ns(64 * 100));
    }
}

BOOST_AUTO_TEST_SUITE_END()
