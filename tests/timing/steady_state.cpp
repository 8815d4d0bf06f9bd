// Intervals and latencies of a stream of images, where closed forms tell what limits it.
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_steady_state)

using namespace sliver;
using tb::ChipBench;

namespace {

constexpr std::uint64_t kNs = 1'000'000;
constexpr std::uint64_t kCycle = 100 * kNs;

/// 64 inputs, 16 outputs, then 16 inputs, 8 outputs: one window a layer and image.
network::QuantisedNetwork two_products() {
    support::NetworkBuilder build({64, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 16);
    build.linear(1, 8);
    return build.finish();
}

std::size_t add(ChipBench& bench, const network::QuantisedNetwork& network, const config::ChipConfig& chip,
                std::size_t images = 1) {
    return bench.add(network, chip, support::random_images(network, images, 3),
                     ChipBench::Options::streamed(images));
}

std::uint64_t interval(const ChipBench& bench, std::size_t chip) {
    return bench.record(chip).interval_fs().value();
}

const std::string& limit(const ChipBench& bench, std::size_t chip) {
    return bench.record(chip).steady.resources.front().kind;
}

}  // namespace

// 8 planes of 100 ns a window: arrays 0.8 us, where nothing else takes as long.
BOOST_AUTO_TEST_CASE(what_takes_longest_sets_the_pace) {
    const network::QuantisedNetwork network = two_products();
    config::ChipConfig arrays = support::oracle_chip();
    config::ChipConfig bus = arrays;
    bus.tile.bus_bytes_per_s = 1e7;  // 64 bytes in and 16 sums out, 6.4 us each
    config::ChipConfig host = arrays;
    host.host.bytes_per_s = 2e7;  // 64 bytes in 3.2 us; 8 logits of 4 bytes in 1.6 us
    config::ChipConfig logits = arrays;
    logits.host.bytes_per_s = 16e6;  // in 4 us, out 2 us
    config::ChipConfig link = arrays;
    link.mesh.kind = config::MeshKind::mesh;
    link.mesh.link_bits = 8;
    link.mesh.clock_hz = 1e7;  // the image: 1 head flit + 64, each 100 ns
    config::ChipConfig shared = arrays;
    shared.adc.arrays_per_adc = 4;  // both arrays of a layer: two bursts of 100 ns a plane
    ChipBench bench;
    for (const config::ChipConfig& chip : {arrays, bus, host, logits, link, shared})
        add(bench, network, chip);
    bench.run();
    const std::vector<std::uint64_t> expected = {800 * kNs,  12800 * kNs, 3200 * kNs,
                                                 4000 * kNs, 6500 * kNs,  1600 * kNs};
    const std::vector<std::string> kinds = {"array stage", "tile bus",  "host link",
                                            "host link",   "mesh link", "array stage"};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(interval(bench, i) == expected[i]);
            BOOST_TEST(limit(bench, i) == kinds[i]);
            const results::SteadyRecord& steady = bench.record(i).steady;
            BOOST_TEST(steady.resources.front().need_fs == expected[i]);
            BOOST_TEST(steady.period == 1U);
            BOOST_TEST(steady.warm_up + steady.measured == steady.images);
            BOOST_TEST(steady.latency_max_fs * steady.measured >= steady.latency_sum_fs);
        }
    }
}

// Many windows an image: 36 of 8 planes; three copies take twelve each.
BOOST_AUTO_TEST_CASE(copies_share_the_windows) {
    support::NetworkBuilder build({4, 6, 6}, {false, 8, -8}, 1);
    build.convolution(support::NetworkBuilder::kInput, 8, 3, 1, 1);
    const network::QuantisedNetwork network = build.finish();
    config::ChipConfig chip = support::oracle_chip();
    ChipBench bench;
    add(bench, network, chip);
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {3};
    add(bench, network, chip);
    bench.run();
    BOOST_TEST(interval(bench, 0) == 36 * 8 * kCycle);
    BOOST_TEST(interval(bench, 1) == 12 * 8 * kCycle);
}

// An image in an empty chip takes as long whatever follows it; in a stream it takes at least as long.
BOOST_AUTO_TEST_CASE(latency_does_not_depend_on_the_count) {
    const network::QuantisedNetwork network = support::small_vgg(8);
    config::ChipConfig chip = support::oracle_chip();
    chip.mesh.kind = config::MeshKind::mesh;
    chip.mesh.link_bits = 8;
    chip.adc.bits = 12;
    chip.tile.buffer_bytes = 503;
    chip.host.bytes_per_s = 1e8;
    ChipBench bench;
    for (const std::size_t images : {1, 2, 7}) add(bench, network, chip, images);
    bench.run();
    for (const std::size_t i : {1, 2}) {
        BOOST_TEST(bench.record(i).latency_fs() == bench.record(0).latency_fs());
        BOOST_TEST(interval(bench, i) == interval(bench, 0));
        // All resources need of each of several images what they need of one.
        for (std::size_t r = 0; r < bench.record(0).steady.resources.size(); ++r) {
            BOOST_TEST(bench.record(i).steady.resources[r].name == bench.record(0).steady.resources[r].name);
            BOOST_TEST(bench.record(i).steady.resources[r].need_fs ==
                       bench.record(0).steady.resources[r].need_fs);
        }
    }
    BOOST_TEST(bench.record(0).latency_fs() ==
               bench.record(0).completed_fs.front() - bench.record(0).injected_fs.front());
    BOOST_TEST(bench.record(0).steady.latency_max_fs >= bench.record(0).latency_fs());
}

// With a zero detector the images of the run come again in turn: the interval is the mean of a whole turn.
BOOST_AUTO_TEST_CASE(images_come_again_where_times_depend_on_them) {
    support::NetworkBuilder build({64, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 8);
    const network::QuantisedNetwork network = build.finish();
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.policy = config::AdcPolicy::worst_case;
    chip.tile.output_queue_packets = 16;  // a window of a cycle does not wait for its place
    ChipBench bench;
    const auto images = [](const std::vector<std::int32_t>& codes) {
        std::vector<std::int32_t> all;
        for (const std::int32_t code : codes) all.insert(all.end(), 64, code);
        return all;
    };
    for (const bool detects : {true, false}) {
        chip.skip.zero_planes = detects;
        // 1, 8, 3 and 4 planes; an image without a one takes a cycle, too.
        bench.add(network, chip, images({1, 255, 0b111, 0b1010'0101}), ChipBench::Options::streamed(4));
        bench.add(network, chip, images({1, 255, 0b111}), ChipBench::Options::streamed(3));
        bench.add(network, chip, images({0}), ChipBench::Options::streamed(1));
        bench.add(network, chip, images({0, 255}), ChipBench::Options::streamed(2));
    }
    bench.run();
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> cycles_of_images = {
        {1 + 8 + 3 + 4, 4}, {1 + 8 + 3, 3}, {1, 1}, {1 + 8, 2}};
    for (std::size_t i = 0; i < cycles_of_images.size(); ++i) {
        BOOST_TEST_CONTEXT("chip " << i) {
            const auto [cycles, images_a_turn] = cycles_of_images[i];
            const results::SteadyRecord& steady = bench.record(i).steady;
            BOOST_TEST(steady.measured % images_a_turn == 0U);
            BOOST_TEST(steady.period == images_a_turn);
            BOOST_TEST(steady.measured_fs * images_a_turn == cycles * kCycle * steady.measured);
            BOOST_TEST(steady.resources.front().need_fs == (cycles * kCycle) / images_a_turn);
            BOOST_TEST(interval(bench, cycles_of_images.size() + i) == 8 * kCycle);
            BOOST_TEST(bench.record(cycles_of_images.size() + i).steady.period == 1U);
        }
    }
}

// Too few images to tell: no interval, and no wrong one.
BOOST_AUTO_TEST_CASE(unsettled_is_none) {
    const network::QuantisedNetwork network = two_products();
    ChipBench bench;
    ChipBench::Options few;
    few.steady_images = 3;
    bench.add(network, support::oracle_chip(), support::random_images(network, 1, 3), few);
    bench.run();
    BOOST_TEST(!bench.record(0).interval_fs().has_value());
    BOOST_TEST(bench.record(0).steady.images == 3U);
    BOOST_TEST(bench.record(0).steady.measured == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
