// hardware-parameters.md 2.8: T_read and the latency of one 8-bit matrix-vector product, by ADC width, by
// arrays that share a converter, for both laws of conversion time. Equality, in femtoseconds; not ready one
// femtosecond earlier follows from it.
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_shared_adc)

using namespace sliver;

namespace {

constexpr double kFsPerNs = 1e6, kFsPerUs = 1e9;
constexpr std::array<int, 4> kSharing = {1, 2, 4, 8};

struct TableRow {
    int bits;
    std::array<double, 4> read_ns;
    std::array<double, 4> product_us;
};

// Option (ii) of the table: t_conv = bits * 97.656 ps.
const std::vector<TableRow> kPerBit = {
    {4, {100, 100, 200, 400}, {1.4, 1.4, 2.2, 3.8}},   {5, {100, 125, 250, 500}, {1.4, 1.6, 2.6, 4.6}},
    {6, {100, 150, 300, 600}, {1.4, 1.8, 3.0, 5.4}},   {7, {100, 175, 350, 700}, {1.4, 2.0, 3.4, 6.2}},
    {8, {100, 200, 400, 800}, {1.4, 2.2, 3.8, 7.0}},   {9, {112.5, 225, 450, 900}, {1.5, 2.4, 4.2, 7.8}},
    {10, {125, 250, 500, 1000}, {1.6, 2.6, 4.6, 8.6}},
};
// Option (i): 0.78125 ns at any width.
const std::array<double, 4> kFixedReadNs = {100, 200, 400, 800};
const std::array<double, 4> kFixedProductUs = {1.4, 2.2, 3.8, 7.0};

std::uint64_t exact(double value) {
    return static_cast<std::uint64_t>(std::llround(value));
}

}  // namespace

BOOST_AUTO_TEST_CASE(table) {
    // 512 rows, 32 outputs: 4 row blocks, 2 signs, 8 full arrays; one processing element.
    support::NetworkBuilder build({512, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 32);
    const network::QuantisedNetwork network = build.finish();
    const auto images = support::random_images(network, 2, 2);
    tb::ChipBench bench;
    std::vector<std::pair<double, double>> expected;
    for (const TableRow& row : kPerBit) {
        for (std::size_t i = 0; i < kSharing.size(); ++i) {
            config::ChipConfig chip = support::oracle_chip();
            chip.adc.bits = row.bits;
            chip.adc.arrays_per_adc = kSharing[i];
            chip.adc.time = config::ConversionTime::per_bit;
            BOOST_TEST(mapping::read_time_s(chip, row.bits) * 1e9 == row.read_ns[i],
                       boost::test_tools::tolerance(1e-12));
            bench.add(network, chip, images, tb::ChipBench::Options::streamed(2));
            expected.emplace_back(row.read_ns[i], row.product_us[i]);
            chip.adc.time = config::ConversionTime::fixed;
            bench.add(network, chip, images, tb::ChipBench::Options::streamed(2));
            expected.emplace_back(kFixedReadNs[i], kFixedProductUs[i]);
        }
    }
    bench.run();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        BOOST_TEST_CONTEXT("chip " << i) {
            const results::ChipRecord& record = bench.record(i);
            BOOST_TEST(record.layers[0].crossbars == 8U);
            BOOST_TEST(record.latency_fs() == exact(expected[i].second * kFsPerUs));
            BOOST_TEST(record.interval_fs().value() == exact(8 * expected[i].first * kFsPerNs));
            BOOST_TEST(record.layers[0].interval_fs == exact(8 * expected[i].first * kFsPerNs));
        }
    }
    BOOST_TEST(bench.violations().empty());
}

BOOST_AUTO_TEST_SUITE_END()
