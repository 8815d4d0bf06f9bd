// The chip against the closed forms of hardware-parameters.md 8.2, 8.3 and 8.5: equality, not tolerance.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_vgg11)

namespace {

using sliver::config::ChipConfig;
using sliver::config::SlicePlacement;
using sliver::results::ChipRecord;
using sliver::results::LayerRecord;
using sliver::support::oracle_chip;
using sliver::support::random_images;
using sliver::support::vgg11;
using sliver::tb::ChipBench;

constexpr std::uint64_t kCycleFs = 100'000'000;

struct Row {  // table 8.3 and the event model below it
    std::uint64_t rows, outputs, windows, macs, crossbars, reads, conversions_all, conversions_used, interval;
    std::uint64_t first_start, last_start, done;
};

const std::vector<Row> kTable = {
    {27, 64, 1024, 1769472, 4, 32768, 4194304, 4194304, 8192, 0, 8184, 8198},
    {576, 128, 256, 18874368, 40, 81920, 10485760, 10485760, 2048, 806, 8334, 8348},
    {1152, 256, 64, 18874368, 144, 73728, 9437184, 9437184, 512, 2404, 8420, 8434},
    {2304, 256, 64, 37748736, 288, 147456, 18874368, 18874368, 512, 3474, 8506, 8520},
    {2304, 512, 16, 18874368, 576, 73728, 9437184, 9437184, 128, 6656, 8560, 8574},
    {4608, 512, 16, 37748736, 1152, 147456, 18874368, 18874368, 128, 8390, 8614, 8628},
    {4608, 512, 4, 9437184, 1152, 36864, 4718592, 4718592, 32, 8628, 8652, 8666},
    {4608, 512, 4, 9437184, 1152, 36864, 4718592, 4718592, 32, 8666, 8690, 8704},
    {512, 10, 1, 5120, 8, 64, 8192, 2560, 8, 8704, 8704, 8718},
};

std::uint64_t total(const sliver::cost::WidthCounts& counts) {
    return sliver::cost::sum(counts);
}

void check_protocol(const ChipBench& bench) {
    for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
    BOOST_TEST(bench.transactions() > 0U);
}

std::size_t add_vgg(ChipBench& bench, const ChipConfig& chip, int weight_bits = 8, bool check_units = true) {
    auto network = vgg11(3, 1, weight_bits);
    auto images = random_images(network, 1, 2);
    ChipBench::Options options = ChipBench::Options::streamed(1);
    options.check_units = check_units;
    return bench.add(std::move(network), chip, std::move(images), options);
}

}  // namespace

BOOST_AUTO_TEST_CASE(pipelined) {
    ChipBench bench;
    add_vgg(bench, oracle_chip());
    bench.run();
    const ChipRecord& record = bench.record(0);
    BOOST_REQUIRE_EQUAL(record.layers.size(), kTable.size());
    std::uint64_t reads = 0, all = 0, used = 0, macs = 0;
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        BOOST_TEST_CONTEXT("layer " << i + 1) {
            const LayerRecord& layer = record.layers[i];
            const Row& row = kTable[i];
            BOOST_TEST(layer.rows == row.rows);
            BOOST_TEST(layer.outputs == row.outputs);
            BOOST_TEST(layer.windows == row.windows);
            BOOST_TEST(layer.macs == row.macs);
            BOOST_TEST(layer.crossbars == row.crossbars);
            BOOST_TEST(layer.actions.crossbar_reads == row.reads);
            BOOST_TEST(total(layer.actions.conversions_all) == row.conversions_all);
            BOOST_TEST(total(layer.actions.conversions_used) == row.conversions_used);
            BOOST_TEST(layer.interval_fs == row.interval * kCycleFs);
            BOOST_TEST(layer.first_start_fs == row.first_start * kCycleFs);
            BOOST_TEST(layer.last_start_fs == row.last_start * kCycleFs);
            BOOST_TEST(layer.done_fs == row.done * kCycleFs);
            reads += layer.actions.crossbar_reads;
            all += total(layer.actions.conversions_all);
            used += total(layer.actions.conversions_used);
            macs += layer.macs;
        }
    }
    BOOST_TEST(reads == 630848U);
    BOOST_TEST(all == 80748544U);
    BOOST_TEST(used == 80742912U);
    BOOST_TEST(macs == 152769536U);
    BOOST_TEST(record.crossbars == 4516U);
    BOOST_TEST(record.processing_elements == 565U);
    BOOST_TEST(record.tiles == 50U);
    BOOST_TEST(record.latency_fs() == 8718 * kCycleFs);
    BOOST_TEST(record.interval_fs().value() == 8192 * kCycleFs);
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(sequential) {
    ChipConfig chip = oracle_chip();
    chip.pipeline.pipelined = false;
    ChipBench bench;
    add_vgg(bench, chip);
    bench.run();
    BOOST_TEST(bench.record(0).latency_fs() == 11646 * kCycleFs);
    for (const LayerRecord& layer : bench.record(0).layers)
        BOOST_TEST(layer.done_fs - layer.first_start_fs == layer.interval_fs + 6 * kCycleFs);
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(replicated) {
    // 45,912 arrays: a checker on each of their links takes minutes, and the other cases have them.
    ChipBench bench;
    ChipConfig chip = oracle_chip();
    chip.mesh.columns = chip.mesh.rows = 20;
    chip.replication.mode = sliver::config::ReplicationMode::list;
    chip.replication.copies = {16, 16, 4, 4, 1, 1, 1, 1, 1};
    add_vgg(bench, chip, 8, false);
    chip.replication.copies = {256, 64, 16, 16, 4, 4, 1, 1, 1};
    add_vgg(bench, chip, 8, false);
    chip.replication.mode = sliver::config::ReplicationMode::balance;
    chip.replication.target_interval_cycles = 32;
    add_vgg(bench, chip, 8, false);
    bench.run();
    BOOST_TEST(bench.record(0).crossbars == 6472U);
    BOOST_TEST(bench.record(0).interval_fs().value() == 512 * kCycleFs);
    BOOST_TEST(bench.record(0).latency_fs() == 814 * kCycleFs);
    for (const std::size_t balanced : {1, 2}) {
        BOOST_TEST(bench.record(balanced).crossbars == 19720U);
        BOOST_TEST(bench.record(balanced).interval_fs().value() == 32 * kCycleFs);
        BOOST_TEST(bench.record(balanced).latency_fs() == 230 * kCycleFs);
    }
    BOOST_TEST(bench.record(0).logits == bench.record(1).logits);
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(grouped) {
    ChipConfig chip = oracle_chip();
    chip.weights.slices = SlicePlacement::grouped;
    ChipBench bench;
    add_vgg(bench, chip);
    add_vgg(bench, oracle_chip());
    bench.run();
    BOOST_TEST(bench.record(0).crossbars == 4544U);
    BOOST_TEST(bench.record(0).latency_fs() == 8718 * kCycleFs);
    BOOST_TEST(bench.record(0).logits == bench.record(1).logits);
    check_protocol(bench);
}

// Table 8.5: ISAAC's biased weights, 8 bits with the sign.
BOOST_AUTO_TEST_CASE(offset) {
    ChipConfig chip = oracle_chip();
    chip.weights.encoding = sliver::config::Encoding::offset;
    chip.weights.bits = 7;
    ChipBench bench;
    add_vgg(bench, chip, 7);
    bench.run();
    const ChipRecord& record = bench.record(0);
    const std::vector<std::uint64_t> crossbars = {2, 20, 72, 144, 288, 576, 576, 576, 4};
    const std::vector<std::uint64_t> reads = {16384, 40960, 36864, 73728, 36864, 73728, 18432, 18432, 32};
    std::uint64_t used = 0, all = 0;
    for (std::size_t i = 0; i < crossbars.size(); ++i) {
        BOOST_TEST(record.layers[i].crossbars == crossbars[i]);
        BOOST_TEST(record.layers[i].actions.crossbar_reads == reads[i]);
        used += total(record.layers[i].actions.conversions_used);
        all += total(record.layers[i].actions.conversions_all);
    }
    BOOST_TEST(record.crossbars == 2258U);
    BOOST_TEST(used == 40371456U);
    BOOST_TEST(all == 40374272U);
    BOOST_TEST(record.latency_fs() == 8718 * kCycleFs);
}

BOOST_AUTO_TEST_SUITE_END()
