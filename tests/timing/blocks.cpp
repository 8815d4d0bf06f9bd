// The tile's bus, its places, the room of its buffer, and the host's link: small chips on which one of them
// holds up the rest. Starts, ends and waits by hand from docs/time.md, in array cycles.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "naive_bus.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_blocks)

namespace {

using namespace sliver;

constexpr std::uint64_t kCycle = 100'000'000;

/// A convolution of 1x1: one window a pixel, which reads the pixel's channels.
network::QuantisedNetwork pixels(const network::Shape& map, int outputs) {
    support::NetworkBuilder build(map, {false, 8, -8}, 1);
    build.convolution(support::NetworkBuilder::kInput, outputs, 1, 1, 0);
    return build.finish();
}

config::ChipConfig with_copies(config::ChipConfig chip, int copies) {
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {copies};
    return chip;
}

void add(tb::ChipBench& bench, const network::QuantisedNetwork& network, const config::ChipConfig& chip,
         const tb::ChipBench::Options& options) {
    bench.add(network, chip, support::random_images(network, options.images, 2), options);
}

/// In cycles; of the first image but the interval.
struct Expected {
    std::uint64_t first_start = 0, last_start = 0, done = 0, completed = 0;
    std::uint64_t waited_input = 0, waited_bus = 0, waited_output = 0;  ///< of all parts
    std::uint64_t interval = 0;                                         ///< 0: not looked at
};

void check(const tb::ChipBench& bench, std::size_t chip, const Expected& expected, const std::string& name) {
    const results::ChipRecord& record = bench.record(chip);
    const results::LayerRecord& layer = record.layers.front();
    BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(layer.first_start_fs == expected.first_start * kCycle);
        BOOST_TEST(layer.last_start_fs == expected.last_start * kCycle);
        BOOST_TEST(layer.done_fs == expected.done * kCycle);
        BOOST_TEST(record.completed_fs.front() == expected.completed * kCycle);
        if (record.images == 1) {
            BOOST_TEST(layer.waited_input_fs == expected.waited_input * kCycle);
            BOOST_TEST(layer.waited_bus_fs == expected.waited_bus * kCycle);
            BOOST_TEST(layer.waited_output_fs == expected.waited_output * kCycle);
        }
        if (expected.interval != 0)
            BOOST_TEST(record.interval_fs().value_or(0) == expected.interval * kCycle);
    }
}

}  // namespace

// 8 windows of 128 bytes, 8 planes each, whose results are 32 sums of 4 bytes: 128 bytes, too. A window is
// fetched when the one before it is driven, its first plane waits for the bus and for the arrays; its results
// ask for the bus 11 cycles after its first plane, and are values 2 cycles after they have crossed.
BOOST_AUTO_TEST_CASE(bus) {
    struct Case {
        double bytes_per_s;  ///< 128 bytes: 1.28e9 in a cycle
        Expected expected;
    };
    const std::vector<Case> cases = {
        // Driven at 1 + 8 k.
        {0, {0, 56, 70, 70, 0, 0, 0, 64}},
        // 2 cycles each: the bus only delays the first fetch, 1 cycle, and the last results, 2.
        {6.4e8, {1, 57, 58 + 11 + 2 + 2, 73, 0, 1, 0, 64}},
        // 4: window k is driven at 4 + 8 k; its results ask at 15 + 8 k, are held up by one cycle of the
        // fetch
        // that was asked for at 12 + 8 k, and are gone before the next one is. The bus is never idle.
        {3.2e8, {3, 59, 60 + 11 + 4 + 2, 77, 0, 3, 0, 64}},
    };
    const network::QuantisedNetwork network = pixels({128, 1, 8}, 32);
    tb::ChipBench bench;
    for (const Case& each : cases) {
        config::ChipConfig chip = support::oracle_chip();
        chip.tile.bus_bytes_per_s = each.bytes_per_s;
        add(bench, network, chip, tb::ChipBench::Options::streamed(1));
    }
    bench.run();
    for (std::size_t i = 0; i < cases.size(); ++i)
        check(bench, i, cases[i].expected, "bus " + std::to_string(cases[i].bytes_per_s));
    const auto busiest = [&](std::size_t chip) { return bench.record(chip).steady.resources.front(); };
    BOOST_TEST(busiest(1).kind == "array stage");
    for (const results::LayerRecord* layer :
         {&bench.record(0).layers.front(), &bench.record(2).layers.front()}) {
        BOOST_TEST(layer->actions.bus_bytes == 8U * (128 + 128));
        BOOST_TEST(layer->actions.add_ops == 8U * 32);  // one unit: the bias only
    }
    BOOST_TEST(bench.violations().empty());
}

// Less than a cycle to fetch is a cycle; results take what they take.
BOOST_AUTO_TEST_CASE(fast_bus) {
    config::ChipConfig chip = support::oracle_chip();
    chip.tile.bus_bytes_per_s = 1.28e10;  // a tenth of a cycle
    tb::ChipBench bench;
    add(bench, pixels({128, 1, 8}, 32), chip, {1});
    bench.run();
    const results::LayerRecord& layer = bench.record(0).layers.front();
    BOOST_TEST(layer.last_start_fs == 56 * kCycle);
    BOOST_TEST(layer.done_fs == 70 * kCycle + kCycle / 10);
    BOOST_TEST(layer.waited_bus_fs == 0U);
}

// A bus that is too slow, or shared by copies: against its rules, played through event by event.
BOOST_AUTO_TEST_CASE(busy_bus) {
    struct Case {
        int outputs, cycles;  ///< `cycles`: for the 128 bytes of a window's inputs
        int copies;
    };
    const std::vector<Case> cases = {{32, 8, 1}, {32, 16, 1}, {32, 100, 1}, {4, 8, 1},   {4, 16, 1},
                                     {32, 2, 2}, {32, 4, 2},  {32, 8, 2},   {32, 16, 2}, {16, 4, 3},
                                     {32, 4, 4}, {32, 16, 8}, {64, 4, 1},   {64, 8, 2}};
    tb::ChipBench bench;
    std::vector<naive_bus::Result> expected;
    for (const Case& each : cases) {
        config::ChipConfig chip = with_copies(support::oracle_chip(), each.copies);
        chip.tile.bus_bytes_per_s = 1.28e9 / each.cycles;
        add(bench, pixels({128, 1, 8}, each.outputs), chip, tb::ChipBench::Options::streamed(1));
        const auto cycles = static_cast<std::uint64_t>(each.cycles),
                   outputs = static_cast<std::uint64_t>(each.outputs);
        expected.push_back(
            naive_bus::play({8, static_cast<std::size_t>(each.copies), kCycle, 8 * kCycle, 11 * kCycle,
                             cycles * kCycle, cycles * kCycle * outputs * 4 / 128}));
    }
    bench.run();
    for (std::size_t i = 0; i < cases.size(); ++i)
        BOOST_TEST_CONTEXT(cases[i].outputs << " outputs, " << cases[i].cycles << " cycles, "
                                            << cases[i].copies << " copies") {
            const results::ChipRecord& record = bench.record(i);
            const results::LayerRecord& layer = record.layers.front();
            BOOST_TEST(layer.first_start_fs == expected[i].first_driven - kCycle);
            BOOST_TEST(layer.last_start_fs == expected[i].last_driven - kCycle);
            BOOST_TEST(layer.done_fs == expected[i].last_crossed + 2 * kCycle);
            BOOST_TEST(layer.waited_bus_fs == expected[i].waited);
            BOOST_TEST(layer.waited_input_fs == 0U);
            BOOST_TEST(layer.waited_output_fs == 0U);
            const auto need = std::find_if(record.steady.resources.begin(), record.steady.resources.end(),
                                           [](const auto& resource) { return resource.kind == "tile bus"; });
            BOOST_REQUIRE(need != record.steady.resources.end());
            BOOST_TEST(need->need_fs == expected[i].moved);
        }
    BOOST_TEST(bench.violations().empty());
}

const results::ResourceRecord& resource_of(const results::ChipRecord& record, const std::string& kind) {
    const auto& all = record.steady.resources;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& resource) { return resource.kind == kind; });
    BOOST_REQUIRE_MESSAGE(found != all.end(), kind);
    return *found;
}

// Rows of 128 bytes and windows of as many go through one port, 4 cycles each. The rows come all at once and
// are written until 16; then window 0 is read, and each further one when the one before it is driven.
BOOST_AUTO_TEST_CASE(buffer_port) {
    config::ChipConfig chip = support::oracle_chip();
    chip.tile.buffer_port_bytes_per_s = 3.2e8;
    tb::ChipBench bench;
    add(bench, pixels({128, 4, 1}, 4), chip, tb::ChipBench::Options::streamed(1));
    // As slow a bus beside it: the same bytes at the same time.
    chip.tile.bus_bytes_per_s = 3.2e8;
    add(bench, pixels({128, 4, 1}, 32), chip, tb::ChipBench::Options::streamed(1));
    // Reads and writes take longer than the arrays.
    config::ChipConfig slow = support::oracle_chip();
    slow.tile.buffer_port_bytes_per_s = 1.28e8;
    slow.tile.buffer_bytes = 8 * 128;  // or images that wait would all be written before the first is read
    add(bench, pixels({128, 4, 1}, 4), slow, tb::ChipBench::Options::streamed(1));
    bench.run();
    // Pixel 0 is there at 4.
    check(bench, 0, {19, 43, 57, 57, 4, 15, 0}, "port");
    BOOST_TEST(resource_of(bench.record(0), "eDRAM port").need_fs == 8 * 4 * kCycle);
    // Results of 128 bytes take 4 cycles more.
    check(bench, 1, {19, 43, 61, 61, 4, 15, 0}, "port and bus");
    BOOST_TEST(resource_of(bench.record(1), "tile bus").need_fs == 8 * 4 * kCycle);
    BOOST_TEST(resource_of(bench.record(2), "eDRAM port").need_fs == 8 * 10 * kCycle);
    BOOST_TEST(bench.record(2).steady.resources.front().kind == "eDRAM port");
    BOOST_TEST(bench.record(2).interval_fs().value_or(0) == 80 * kCycle);
    BOOST_TEST(bench.violations().empty());
}

// 16 values a window at 16 MHz: 10 cycles, where the arrays take 8. Results come 11 cycles after the first
// plane of a window, at 12 + 8 k, and are finished at 22 + 10 k; two stages more.
BOOST_AUTO_TEST_CASE(postprocessor) {
    config::ChipConfig chip = support::oracle_chip();
    chip.tile.postprocessor_hz = 1.6e7;
    tb::ChipBench bench;
    add(bench, pixels({1, 1, 8}, 16), chip, tb::ChipBench::Options::streamed(1));
    // Four windows and a pool over them: 64 values, then 16.
    support::NetworkBuilder build({1, 2, 2}, {false, 8, -8}, 1);
    build.max_pool(build.convolution(support::NetworkBuilder::kInput, 16, 1, 1, 0), 2, 2);
    add(bench, build.finish(), chip, tb::ChipBench::Options::streamed(1));
    bench.run();
    check(bench, 0, {0, 56, 94, 94, 0, 0, 0, 80}, "post-processor");
    BOOST_TEST(resource_of(bench.record(0), "post-processor").need_fs == 80 * kCycle);
    BOOST_TEST(bench.record(0).steady.resources.front().kind == "post-processor");
    BOOST_TEST(resource_of(bench.record(1), "post-processor").need_fs == 50 * kCycle);
    // The last window is finished at 52 and is a value at 54; the pool takes 10 more.
    BOOST_TEST(bench.record(1).completed_fs.front() == 64 * kCycle);
    BOOST_TEST(bench.violations().empty());
}

// Results of 4 bytes leave by a link of one bit, 33 flits each, a flit a cycle. A window may start when its
// copy has a place, which is free when the link has taken the packet of a window before it.
BOOST_AUTO_TEST_CASE(places) {
    config::ChipConfig chip = support::oracle_chip();
    chip.mesh.kind = config::MeshKind::mesh;
    chip.mesh.clock_hz = 1e7;
    chip.mesh.link_bits = 1;
    const network::QuantisedNetwork network = pixels({1, 1, 8}, 1);
    tb::ChipBench bench;
    for (const int deep : {1, 2, 64}) {
        chip.tile.output_queue_packets = deep;
        add(bench, network, chip, {1});
    }
    bench.run();
    // The image's row is there after a link, a router, a link and 65 flits. To the host: as far, 33 flits.
    constexpr std::uint64_t kThere = 1 + 3 + 1 + 65, kToHost = 1 + 3 + 1 + 33, kMade = 14, kLeaves = 33;
    // One place: made, left, then the next one. The stage is free after 8 cycles.
    constexpr std::uint64_t kTurn = kMade + kLeaves;
    check(bench, 0,
          {kThere, kThere + 7 * kTurn, kThere + 7 * kTurn + kMade, kThere + 7 * kTurn + kMade + kToHost,
           kThere, 0, 7 * (kTurn - 8)},
          "one place");
    // Two: window k starts when window k - 2 has left, at kTurn + 33 (k - 2); the link is never idle.
    constexpr std::uint64_t kLast = kThere + kTurn + 5 * kLeaves;
    constexpr std::uint64_t kLastLogit = kThere + kMade + 7 * kLeaves + kToHost;
    // Waits: from 8 + 8 cycles to 47, then from 8 cycles after a start to the next place.
    check(bench, 1, {kThere, kLast, kLast + kMade, kLastLogit, kThere, 0, (kTurn - 16) + 5 * (kLeaves - 8)},
          "two places");
    check(bench, 2, {kThere, kThere + 56, kThere + 56 + kMade, kLastLogit, kThere, 0, 0}, "64 places");
    BOOST_TEST(bench.violations().empty());
}

// A buffer of one pixel, then of two. A pixel's room is free when its bytes have crossed the bus (10 cycles);
// the host knows 5 cycles later, its packet of 5 flits takes 10 cycles. Results are as long as inputs.
BOOST_AUTO_TEST_CASE(room) {
    config::ChipConfig chip = support::oracle_chip();
    chip.mesh.kind = config::MeshKind::mesh;
    chip.mesh.clock_hz = 1e7;
    chip.mesh.link_bits = 256;
    chip.tile.bus_bytes_per_s = 1.28e8;
    const network::QuantisedNetwork network = pixels({128, 4, 1}, 32);
    tb::ChipBench bench;
    for (const int buffered : {1, 2}) {
        chip.tile.buffer_bytes = 128 * buffered;
        add(bench, network, chip, {1});
    }
    bench.run();
    // Logits: 5 flits.
    constexpr std::uint64_t kToHost = 1 + 3 + 1 + 5;
    // One: driven at 20 + 31 k, when its bytes are there. The next pixel comes 15 cycles later, its bytes
    // wait 6 for the results (asked 11 cycles after they were driven) and cross. The stage, free after 8
    // cycles, waits 8 for the pixel (fetched in the cycle before it could be driven) and 15 for the bus.
    check(bench, 0, {19, 19 + 93, 113 + 11 + 10 + 2, 136 + kToHost, 10 + 3 * 8, 9 + 3 * 15, 0}, "one pixel");
    // Two: pixels are there at 10, 15, 35 and 45. The bus takes window 0 from 10, 1 from 20, results 0 (asked
    // at 31) from 31, window 2 (asked at 35) from 41, results 1 (at 41) from 51, window 3 (at 51) from 61,
    // results 2 (at 62) from 71, results 3 (at 82) from 82. Driven at 20, 30, 51 and 71.
    check(bench, 1, {19, 70, 82 + 10 + 2, 94 + kToHost, 10, 9 + 2 + 13 + 12, 0}, "two pixels");
    BOOST_TEST(bench.record(0).layers.front().peak_buffer_bytes == 128U);
    BOOST_TEST(bench.record(1).layers.front().peak_buffer_bytes == 256U);
    BOOST_TEST(bench.violations().empty());
}

// Rows of 40 bytes in 10 cycles; logits of 80 bytes in 20, one after the other.
BOOST_AUTO_TEST_CASE(host_link) {
    config::ChipConfig chip = support::oracle_chip();
    const network::QuantisedNetwork network = pixels({40, 4, 1}, 20);
    tb::ChipBench bench;
    chip.host.bytes_per_s = 4e7;
    add(bench, network, chip, tb::ChipBench::Options::streamed(1));
    chip.host.bytes_per_s = 8e7;
    add(bench, network, chip, tb::ChipBench::Options::streamed(1));
    bench.run();
    // Made at 24, 34, 44 and 54; the link out is busy from 24 to 104.
    check(bench, 0, {10, 40, 54, 104, 10 + 3 * 2, 0, 0, 80}, "20 cycles a pixel's logits");
    BOOST_TEST(bench.record(0).steady.resources.front().kind == "host link");
    BOOST_TEST(bench.record(0).steady.resources.front().name == "logits out");
    BOOST_TEST(bench.record(0).steady.resources.front().need_fs == 80 * kCycle);
    // Rows at 5, 10, 15, 20: the arrays take 8 cycles a window; logits at 19, 27, 35 and 43, 10 cycles each.
    check(bench, 1, {5, 29, 43, 59, 5, 0, 0, 40}, "10 cycles a pixel's logits");
    BOOST_TEST(bench.violations().empty());
}

// Images go in every 10 cycles, their logits take 1000 to leave. The 65th waits for the first to be over.
BOOST_AUTO_TEST_CASE(images_in_flight) {
    constexpr std::size_t kImages = 70, kInFlight = 64;
    config::ChipConfig chip = support::oracle_chip();
    chip.host.bytes_per_s = 1e6;
    const network::QuantisedNetwork network = pixels({1, 1, 1}, 25);
    tb::ChipBench bench;
    bench.add(network, chip, support::random_images(network, kImages, 2), {kImages});
    bench.run();
    const results::ChipRecord& record = bench.record(0);
    for (std::size_t i = 0; i < kImages; ++i) {
        BOOST_TEST(record.completed_fs[i] == (10 + 14 + 1000 * (i + 1)) * kCycle, "image " << i);
        const std::uint64_t in = i < kInFlight ? 10 * i * kCycle : record.completed_fs[i - kInFlight];
        BOOST_TEST(record.injected_fs[i] == in, "image " << i);
    }
    // Its link is free from 640 on and brings the 65th at 1024, then one every 1000 cycles.
    for (const results::ResourceRecord& resource : bench.chip(0).resources(kImages)) {
        if (resource.name != "rows in") continue;
        BOOST_TEST(resource.busy_fs == kImages * 10 * kCycle);
        BOOST_TEST(resource.stalled_fs == (384 + 5 * 990) * kCycle);
        BOOST_TEST(resource.idle_fs == sc_core::sc_time_stamp().value() - (700 + 384 + 5 * 990) * kCycle);
        return;
    }
    BOOST_ERROR("the host's link is not among the resources");
}

// The latency of an image in an empty chip is its own, however many there are; those that follow each other
// take longer.
BOOST_AUTO_TEST_CASE(latency_of_one_image) {
    config::ChipConfig chip = support::oracle_chip();
    chip.tile.bus_bytes_per_s = 1.6e8;  // 8 cycles a window, 1 cycle its results
    const network::QuantisedNetwork network = pixels({128, 1, 8}, 4);
    tb::ChipBench bench;
    const std::vector<std::size_t> counts = {1, 2, 8};
    for (const std::size_t images : counts)
        add(bench, network, chip, tb::ChipBench::Options::streamed(images));
    bench.run();
    // Windows of the next image follow those of the last one like any others.
    const auto done = [](std::size_t images) {
        return naive_bus::play({8 * images, 1, kCycle, 8 * kCycle, 11 * kCycle, 8 * kCycle, kCycle})
                   .last_crossed +
               2 * kCycle;
    };
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const results::ChipRecord& record = bench.record(i);
        BOOST_TEST(record.latency_fs() == done(1), counts[i] << " images");
        BOOST_TEST(record.completed_fs.back() == done(counts[i]));
        BOOST_TEST(record.injected_fs.back() == 0U);  // the host hands all of them over at once
        BOOST_TEST(record.interval_fs().value_or(0) == 72 * kCycle);
    }
}

BOOST_AUTO_TEST_SUITE_END()
