// A chip under load ends, with the golden logits: random small chips with 24 images each, most of them with
// the least buffers that are accepted.
//
// CTest runs a fixed part. More of them, and others:
//
//     SLIVER_LOAD_CHIPS=300 SLIVER_LOAD_SEED=1 SLIVER_LOAD_JOBS=2 build/ci/tests/test_chip
//     --run_test=timing_under_load
//
// runs the chips of the seeds 1 to 300, two at a time. A chip that fails is told in one line: the seed that
// makes it again alone (SLIVER_LOAD_SEED, with SLIVER_LOAD_CHIPS=1), its network and its keys. With
// SLIVER_LOAD_SHRINK=1 keys that do not matter are put back to what does not wait before it is told.
//
// Every chip is simulated in a process of its own: one that locks up, throws or does not end is one finding,
// and the others go on.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "any_nodes.h"
#include "base/error.h"
#include "in_a_child.h"
#include "support/sanitized.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_under_load)

namespace {

using in_a_child::answer_of;
using in_a_child::ask;
using in_a_child::from_environment;
using in_a_child::Question;
using load_trials::Trial;
using namespace sliver;
using config::Multicast;

constexpr std::size_t kImages = 24;
#ifdef SLIVER_SANITIZED
constexpr std::uint64_t kFixedPart = 8;
#else
constexpr std::uint64_t kFixedPart = 80;
#endif

// ---- one chip

const std::string kAccepted = "accepted";

/// What the chip says to its configuration before the simulation.
std::string refusal(const Trial& trial) {
    return answer_of(ask([&] {
        tb::ChipBench bench;
        bench.add(trial.network, trial.chip, trial.images, {trial.count, {}, &trial.widths});
        return kAccepted;
    }));
}

/// The largest size that a refusal names; 0 where it names none.
std::int64_t bytes_named(const std::string& refused) {
    std::int64_t largest = 0;
    for (std::size_t at = refused.find(" bytes"); at != std::string::npos;
         at = refused.find(" bytes", at + 1)) {
        std::size_t first = at;
        while (first > 0 && std::isdigit(static_cast<unsigned char>(refused[first - 1])) != 0) --first;
        if (first < at)
            largest = std::max<std::int64_t>(largest, std::stoll(refused.substr(first, at - first)));
    }
    return largest;
}

/// The least tile.buffer that is accepted. Each refusal names what its tile needs: that is tried next.
std::int64_t least_buffer(Trial trial) {
    trial.chip.tile.buffer_bytes = 1;
    for (;;) {
        const std::string said = refusal(trial);
        if (said == kAccepted) return *trial.chip.tile.buffer_bytes;
        const std::int64_t named = bytes_named(said);
        BOOST_REQUIRE_MESSAGE(said.rfind("tile.buffer: ", 0) == 0 && named > *trial.chip.tile.buffer_bytes,
                              "no refusal of a buffer that names what would do: " << said);
        trial.chip.tile.buffer_bytes = named;
    }
}

/// Runs the chip to its end. Empty when it did what it should.
std::string run(const Trial& trial) {
    tb::ChipBench bench;
    bench.add(trial.network, trial.chip, trial.images, {trial.count, {}, &trial.widths});
    bench.run();
    const results::ChipRecord& record = bench.record(0);
    const std::vector<std::int32_t> golden =
        chip_trials::golden_logits(trial.network, trial.images, trial.count);
    if (record.logits.size() != golden.size()) return "another number of logits";
    for (std::size_t i = 0; i < golden.size(); ++i)
        if (record.logits[i] != golden[i])
            return "image " + std::to_string(i / (golden.size() / trial.count)) + ": logit " +
                   std::to_string(i % (golden.size() / trial.count)) + " is " +
                   std::to_string(record.logits[i]) + ", not " + std::to_string(golden[i]);
    for (const results::LayerRecord& layer : record.layers) {
        if (layer.actions.clipped != 0) return layer.name + ": clipped conversions";
        if (trial.chip.tile.buffer_bytes &&
            layer.peak_buffer_bytes > static_cast<std::uint64_t>(*trial.chip.tile.buffer_bytes))
            return layer.name + ": more in a buffer than fits it";
    }
    return bench.violations().empty() ? "" : bench.violations().front();
}

/// What a finding is called in the summary.
std::string kind_of(const std::string& failure) {
    if (failure.empty()) return "right";
    if (failure.find("the chip stopped with") != std::string::npos) return "locked up";
    if (failure.find("logit") != std::string::npos) return "wrong logits";
    return "other";
}

/// As few copies of each layer as it takes.
void fewest_copies(Trial& trial, const std::function<bool(const Trial&)>& fails) {
    if (trial.chip.replication.mode == config::ReplicationMode::none) return;
    config::ReplicationConfig list;
    list.mode = config::ReplicationMode::list;
    list.copies = load_trials::copies_of(trial, mapping::map_network(trial.network, trial.chip));
    trial.chip.replication = list;
    for (std::size_t layer = 0; layer < list.copies.size(); ++layer) {
        for (int fewer = 1; fewer < list.copies[layer]; ++fewer) {
            Trial simpler = trial;
            simpler.chip.replication.copies[layer] = fewer;
            if (!fails(simpler)) continue;
            trial = std::move(simpler);
            break;
        }
    }
}

/// Puts keys back to what does not wait, one after the other, as long as the chip fails as before.
void shrink(Trial& trial, const std::string& kind) {
    using Change = std::function<void(Trial&)>;
    const std::vector<Change> changes = {
        [](Trial& t) { t.chip.replication = {}; },
        [](Trial& t) { t.chip.mesh.multicast = Multicast::unicast; },
        [](Trial& t) { t.chip.mesh.kind = config::MeshKind::ideal; },
        [](Trial& t) { t.chip.tile.buffer_bytes.reset(); },
        [](Trial& t) { t.chip.pipeline.pipelined = true; },
        [](Trial& t) { t.chip.tile.bus_bytes_per_s = 0; },
        [](Trial& t) { t.chip.tile.buffer_port_bytes_per_s = 0; },
        [](Trial& t) { t.chip.tile.postprocessor_hz = 0; },
        [](Trial& t) { t.chip.host.bytes_per_s = 0; },
        [](Trial& t) { t.chip.tile.output_queue_packets = 64; },
        [](Trial& t) { t.chip.mesh.link_bits = 256; },
        [](Trial& t) { t.chip.mesh.clock_hz = 1e9; },
        [](Trial& t) { t.chip.mesh.router_cycles = 3; },
        [](Trial& t) { t.chip.mesh.link_cycles = 1; },
        [](Trial& t) { t.chip.mesh.concentration = 4; },
        [](Trial& t) { t.chip.adc.rate_hz = 1.28e9; },
        [](Trial& t) { t.chip.adc.arrays_per_adc = 1; },
        [](Trial& t) { t.chip.adc.bank = config::AdcBank::single; },
        [](Trial& t) { t.chip.pipeline.overhead_cycles = 6; },
        [](Trial& t) { t.chip.weights.packing = config::Packing::none; },
        [](Trial& t) { t.chip.weights.column_order = config::ColumnOrder::natural; },
        [](Trial& t) { t.chip.tile.processing_elements = 12; },
    };
    const auto fails = [&](const Trial& t) {
        return kind_of(answer_of(ask([&] { return run(t); }))) == kind;
    };
    for (const Change& change : changes) {
        Trial simpler = trial;
        change(simpler);
        if (simpler.chip == trial.chip || !fails(simpler)) continue;
        trial = std::move(simpler);
    }
    fewest_copies(trial, fails);
    for (std::size_t images = 1; images < trial.count; ++images) {
        Trial fewer = trial;
        fewer.count = images;
        if (!fails(fewer)) continue;
        trial.count = images;
        return;
    }
}

std::string told(std::uint64_t seed, const Trial& trial, std::string failure) {
    failure.resize(std::min(failure.size(), failure.find(';')));  // who waits for what fills pages
    std::string copies;
    for (const int each : load_trials::copies_of(trial, mapping::map_network(trial.network, trial.chip)))
        copies += (copies.empty() ? "" : ",") + std::to_string(each);
    return "SLIVER_LOAD_SEED=" + std::to_string(seed) + ": " + failure + " | " + std::to_string(trial.count) +
           " images | copies " + copies + " | " + load_trials::to_text(trial.chip) + " | " +
           load_trials::to_text(trial.network);
}

/// The chip of a seed: seven of ten with the least buffer, some with a little more, some without a limit.
Trial chip_of(std::uint64_t seed, Trial trial) {
    load_trials::Dice dice(~seed);
    const int kind = dice.between(1, 10);
    if (kind == 10) return trial;
    trial.chip.tile.buffer_bytes = least_buffer(trial);
    if (kind > 7) *trial.chip.tile.buffer_bytes += dice.between(1, 64);
    return trial;
}

// ---- the smallest chips that once locked up

/// Weights and inputs of one bit; `copies` by layer.
Trial small_trial(network::QuantisedNetwork network, std::vector<int> copies) {
    Trial trial;
    trial.setting.array_rows = 64;
    trial.setting.weight_bits = trial.setting.cell_bits = trial.input_bits = 1;
    trial.network = std::move(network);
    trial.chip = trial.setting.chip(trial.input_bits);
    trial.chip.name = "small";
    trial.chip.host.bytes_per_s = 0;
    trial.chip.tile.output_queue_packets = 1;
    trial.chip.replication.mode = config::ReplicationMode::list;
    trial.chip.replication.copies = std::move(copies);
    BOOST_REQUIRE(chip_trials::make_lossless(trial));
    load_trials::Dice dice(1);
    trial.count = kImages;
    trial.images = bitline_reference::random_images(trial.network.nodes.front(), kImages, dice);
    return trial;
}

/// With the least buffers; where packets take no time, on a mesh, and where they fork.
void check(Trial trial) {
    for (const auto& [kind, multicast] : {std::pair{config::MeshKind::ideal, Multicast::unicast},
                                          {config::MeshKind::mesh, Multicast::unicast},
                                          {config::MeshKind::mesh, Multicast::tree},
                                          {config::MeshKind::crossbar_switch, Multicast::tree}}) {
        trial.chip.mesh.kind = kind;
        trial.chip.mesh.multicast = multicast;
        trial.chip.tile.buffer_bytes = least_buffer(trial);
        const std::string failure = answer_of(ask([&] { return run(trial); }));
        BOOST_TEST(failure == "", load_trials::to_text(trial.chip) << ": " << failure);
    }
}

/// Chips at random as `make` has them; `fixed`: how many where the environment names no number.
void check_random(std::uint64_t fixed, const std::function<Trial(std::uint64_t seed)>& make) {
    const std::uint64_t chips = from_environment("SLIVER_LOAD_CHIPS", fixed);
    const std::uint64_t first = from_environment("SLIVER_LOAD_SEED", 1);
    const std::uint64_t jobs = std::max<std::uint64_t>(1, from_environment("SLIVER_LOAD_JOBS", 1));
    const bool shrinks = from_environment("SLIVER_LOAD_SHRINK", 0) != 0;
    std::map<std::string, int> kinds;
    for (std::uint64_t begin = 0; begin < chips; begin += jobs) {
        std::vector<Trial> trials;
        std::vector<Question> questions;
        for (std::uint64_t i = begin; i < std::min(chips, begin + jobs); ++i) {
            trials.push_back(chip_of(first + i, make(first + i)));
            questions.push_back(ask([trial = trials.back()] { return run(trial); }));
        }
        for (std::size_t i = 0; i < trials.size(); ++i) {
            const std::string failure = answer_of(questions[i]);
            ++kinds[kind_of(failure)];
            if (failure.empty()) continue;
            if (shrinks) shrink(trials[i], kind_of(failure));
            BOOST_ERROR(told(first + begin + i, trials[i], failure));
        }
    }
    std::cout << chips << " chips from seed " << first << ":";
    for (const auto& [kind, count] : kinds) std::cout << " " << count << " " << kind << ";";
    std::cout << std::endl;
}

}  // namespace

// The copy that takes the second pixel of every image runs ahead of the one that takes the first.
BOOST_AUTO_TEST_CASE(copies_on_two_tiles) {
    load_trials::Dice dice(1);
    load_trials::RandomNetwork build({1, 1, 2}, 1, 1, dice);
    build.square(build.square(0, 1, 1, 1), 1, 1, 1);
    Trial trial = small_trial(build.finish(), {2, 1});
    trial.chip.tile.processing_elements = 1;
    check(std::move(trial));
}

// Two copies of a tile share its way out.
BOOST_AUTO_TEST_CASE(copies_on_one_tile) {
    load_trials::Dice dice(1);
    load_trials::RandomNetwork build({1, 3, 3}, 1, 1, dice);
    build.square(build.square(0, 1, 1, 1), 1, 3, 1);
    check(small_trial(build.finish(), {2, 1}));
}

// A map lower than the kernel: every row of windows reads all of it, from its first pixel to its last.
BOOST_AUTO_TEST_CASE(rows_read_again) {
    load_trials::Dice dice(1);
    load_trials::RandomNetwork build({1, 1, 6}, 1, 1, dice);
    const load_trials::NodeId first = build.square(0, 4, 1, 1);
    build.convolution(first, 1, {3, 1, 1, 1, 2, 0, 2, 0});
    check(small_trial(build.finish(), {1, 1}));
}

// Chips of the command above that once locked up, all with windows that lie in the padding altogether: those
// wait for no input, so that one of a later image is ready before any other of this one.
BOOST_AUTO_TEST_CASE(remembered_seeds) {
    for (const std::uint64_t seed : {163, 267, 1995}) {
        Trial trial = chip_of(seed, load_trials::random_trial(seed, kImages));
        for (const Multicast multicast : {Multicast::unicast, Multicast::tree}) {
            trial.chip.mesh.multicast = multicast;
            const std::string failure = answer_of(ask([&] { return run(trial); }));
            if (!failure.empty()) BOOST_ERROR(told(seed, trial, failure));
        }
    }
}

BOOST_AUTO_TEST_CASE(random_chips) {
    check_random(kFixedPart, [](std::uint64_t seed) { return load_trials::random_trial(seed, kImages); });
}

BOOST_AUTO_TEST_CASE(nodes_of_any_kind) {
    check_random(kFixedPart * 3 / 4, [](std::uint64_t seed) {
        return load_trials::random_trial(seed, kImages, any_nodes::any_network);
    });
}

BOOST_AUTO_TEST_CASE(digit_columns) {
    check_random(kFixedPart / 3,
                 [](std::uint64_t seed) { return load_trials::random_digit_trial(seed, kImages); });
}

BOOST_AUTO_TEST_SUITE_END()
