// A timeline shows the time that the chip counted: against a schedule done by hand, against every counter of
// the record, against the closed form of a read; whole, in part, and cut.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "results/chrome_trace.h"
#include "results/run_result.h"
#include "results/vcd.h"
#include "support/networks.h"
#include "tb/chip_bench.h"
#include "vcd_reader.h"

BOOST_AUTO_TEST_SUITE(timing_timeline)

using namespace sliver;
using results::EventKind;
using results::TimelineEvent;
using results::TimelineRecord;

namespace {

constexpr std::uint64_t kNs = 1'000'000;

/// Chips side by side, each with or without a timeline.
struct Watched {
    void add(const network::QuantisedNetwork& network, const config::ChipConfig& chip,
             const results::TimelineRequest& request = {}) {
        observers.push_back(std::make_unique<model::Timeline>(request));
        add_to_bench(network, chip, observers.back().get());
    }
    void add_to_bench(const network::QuantisedNetwork& network, const config::ChipConfig& chip,
                      model::Timeline* timeline) {
        tb::ChipBench::Options options;
        options.images = kImages;
        options.timeline = timeline;
        bench.add(network, chip, support::random_images(network, kImages, 2), options);
    }
    void run() {
        bench.run();
        for (std::size_t i = 0; i < observers.size(); ++i)
            timelines.push_back(observers[i]->take(bench.record(i).elapsed_fs));
        BOOST_TEST(bench.violations().empty());
    }

    static constexpr std::size_t kImages = 3;
    std::vector<std::unique_ptr<model::Timeline>> observers;
    tb::ChipBench bench;
    std::vector<TimelineRecord> timelines;
};

using Value = std::function<std::uint64_t(const TimelineEvent&)>;

std::uint64_t duration(const TimelineEvent& event) {
    return event.duration_fs;
}
constexpr std::size_t kNoPlace = std::string::npos;
std::uint64_t one(const TimelineEvent&) {
    return 1;
}

/// Sum over the events of a kind, of one layer or of all.
std::uint64_t sum(const TimelineRecord& timeline, EventKind kind, const Value& value,
                  std::optional<std::size_t> layer = {}) {
    std::uint64_t total = 0;
    for (const TimelineEvent& event : timeline.events)
        if (event.kind == kind && (!layer || timeline.lanes[event.lane].layer == layer))
            total += value(event);
    return total;
}

/// Events of every lane by time, levels left out.
std::map<std::uint32_t, std::vector<TimelineEvent>> by_lane(const TimelineRecord& timeline) {
    std::map<std::uint32_t, std::vector<TimelineEvent>> lanes;
    for (const TimelineEvent& event : timeline.events)
        if (event.kind != EventKind::buffer_bytes) lanes[event.lane].push_back(event);
    for (auto& [lane, events] : lanes)
        std::stable_sort(events.begin(), events.end(), [](const TimelineEvent& a, const TimelineEvent& b) {
            return a.start_fs < b.start_fs;
        });
    return lanes;
}

bool is_stage(EventKind kind) {
    return kind == EventKind::window || kind == EventKind::waited_input || kind == EventKind::waited_output;
}

std::string vcd_of(const TimelineRecord& timeline) {
    std::string text;
    results::write_vcd(timeline, {"1", "n", "c"}, [&](std::string_view piece) { text += piece; });
    return text;
}

nlohmann::json trace_of(const TimelineRecord& timeline) {
    std::string text;
    results::write_chrome_trace(timeline, {"1", "n", "c"}, [&](std::string_view piece) { text += piece; });
    return nlohmann::json::parse(text);
}

/// A chip that shares converters, with a mesh that contends, little room and few packets allowed to wait.
config::ChipConfig busy_chip(config::AdcBank bank, config::AdcOverflow overflow) {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = overflow == config::AdcOverflow::split ? 7 : 12;
    chip.adc.time = config::ConversionTime::per_bit;
    chip.adc.arrays_per_adc = 4;
    chip.adc.bank = bank;
    chip.adc.overflow = overflow;
    chip.mesh.kind = config::MeshKind::mesh;
    chip.mesh.link_bits = 8;
    chip.tile.buffer_bytes = 503;
    chip.tile.output_queue_packets = 1;
    chip.tile.processing_elements = 2;
    chip.host.bytes_per_s = 1e9;
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {2, 2, 1, 1, 1};
    return chip;
}

using Key = std::tuple<std::uint64_t, std::uint64_t, std::string, EventKind, std::uint32_t, std::uint32_t,
                       std::array<std::uint64_t, 4>>;

/// The spans, comparable between timelines whose lanes have other numbers.
std::vector<Key> keys_of(const TimelineRecord& timeline,
                         const std::function<bool(const TimelineEvent&)>& wanted) {
    std::vector<Key> keys;
    for (const TimelineEvent& event : timeline.events) {
        if (event.kind == EventKind::buffer_bytes || !wanted(event)) continue;
        const results::TimelineLane& lane = timeline.lanes[event.lane];
        keys.emplace_back(event.start_fs, event.duration_fs,
                          timeline.processes[lane.process].name + "/" + lane.name, event.kind, event.image,
                          event.window, event.details);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

bool all(const TimelineEvent&) {
    return true;
}

}  // namespace

// 512 rows, 32 outputs: 8 full arrays, four a converter; 24 bits a column set take 75 ns, a plane 300 ns. One
// cycle to load, eight planes, ADC, shift-add and output register: 2.8 us; activation and eDRAM write: 3 us.
BOOST_AUTO_TEST_CASE(by_hand) {
    support::NetworkBuilder build({512, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 32);
    const network::QuantisedNetwork network = build.finish();
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.time = config::ConversionTime::per_bit;
    chip.adc.arrays_per_adc = 4;
    chip.adc.slice_widths = {10, 6, 5, 3};
    Watched watched;
    watched.add(network, chip);
    watched.run();
    const TimelineRecord& timeline = watched.timelines[0];
    BOOST_TEST(timeline.elapsed_fs == (3 * 2400 + 600) * kNs);
    std::size_t lanes_seen = 0;
    for (const auto& [lane, events] : by_lane(timeline)) {
        const std::string& name = timeline.lanes[lane].name;
        const auto at = [&, &events = events](std::size_t i, std::uint64_t start_ns,
                                              std::uint64_t duration_ns) {
            BOOST_TEST_REQUIRE(i < events.size());
            BOOST_TEST(events[i].start_fs == start_ns * kNs, name << " " << i);
            BOOST_TEST(events[i].duration_fs == duration_ns * kNs, name << " " << i);
        };
        ++lanes_seen;
        for (std::uint64_t image = 0; image < Watched::kImages; ++image) {
            const std::uint64_t begin = image * 2400;
            if (name == "windows of copy 0") at(image, begin, 2400);
            if (name == "post-processor") at(image, begin + 2800, 200);
            if (name == "images") at(image, 0, begin + 3000);
            for (std::uint64_t plane = 0; plane < 8; ++plane) {
                if (name == "pe 0") {
                    const std::size_t i = image * 8 + plane;
                    at(i, begin + 100 + plane * 300, 300);
                    BOOST_TEST(events[i].image == image);
                    BOOST_TEST(events[i].details[0] == plane);
                    BOOST_TEST(events[i].details[1] == 8U);
                }
                for (std::uint64_t burst = 0; burst < 4; ++burst) {
                    for (std::uint64_t adc = 0; adc < 2; ++adc) {
                        if (name != "pe 0 adc " + std::to_string(adc)) continue;
                        const std::size_t i = (image * 8 + plane) * 4 + burst;
                        at(i, begin + 200 + plane * 300 + burst * 75, 75);
                        const std::array<std::uint64_t, 4> about = {plane, 0, adc * 4 + burst, 10};
                        BOOST_TEST(events[i].details == about, boost::test_tools::per_element());
                    }
                }
            }
        }
    }
    // Rows arrive and logits leave in no time.
    BOOST_TEST(lanes_seen == 8U);
    BOOST_TEST(sum(timeline, EventKind::row, duration) == 0U);
    BOOST_TEST(sum(timeline, EventKind::logits, duration) == 0U);
}

// Every counter of the record, from the events alone.
BOOST_AUTO_TEST_CASE(totals_are_those_of_the_record) {
    const network::QuantisedNetwork network = support::small_vgg(8);
    Watched watched;
    for (const config::AdcBank bank : {config::AdcBank::single, config::AdcBank::per_slice})
        for (const config::AdcOverflow overflow : {config::AdcOverflow::clip, config::AdcOverflow::split})
            watched.add(network, busy_chip(bank, overflow));
    watched.add(network, support::oracle_chip());
    config::ChipConfig crowded = support::oracle_chip();
    crowded.mesh.kind = config::MeshKind::mesh;
    crowded.mesh.clock_hz = 50e6;
    crowded.tile.output_queue_packets = 1;
    watched.add(network, crowded);
    config::ChipConfig forking = busy_chip(config::AdcBank::single, config::AdcOverflow::clip);
    forking.mesh.multicast = config::Multicast::tree;
    watched.add(network, forking);
    const std::size_t chips = watched.observers.size();
    for (const config::AdcBank bank : {config::AdcBank::single, config::AdcBank::per_slice})
        watched.add_to_bench(network, busy_chip(bank, config::AdcOverflow::clip), nullptr);
    watched.run();
    std::uint64_t waited_output = 0, full = 0, parts = 0;
    for (std::size_t chip = 0; chip < chips; ++chip) {
        BOOST_TEST_CONTEXT("chip " << chip) {
            const results::ChipRecord& record = watched.bench.record(chip);
            const TimelineRecord& timeline = watched.timelines[chip];
            std::uint64_t room_waits = 0;
            for (std::size_t i = 0; i < record.layers.size(); ++i) {
                const results::LayerRecord& layer = record.layers[i];
                const auto total = [&](EventKind kind, const Value& value) {
                    return sum(timeline, kind, value, i);
                };
                BOOST_TEST(total(EventKind::read, [](const TimelineEvent& e) { return e.details[1]; }) ==
                           layer.actions.crossbar_reads);
                BOOST_TEST(total(EventKind::conversion, duration) == layer.adc_busy_fs);
                BOOST_TEST(total(EventKind::window, duration) == layer.busy_fs);
                BOOST_TEST(total(EventKind::waited_input, duration) == layer.waited_input_fs);
                BOOST_TEST(total(EventKind::waited_output, duration) == layer.waited_output_fs);
                room_waits += layer.room_waits;
                waited_output += layer.waited_output_fs;
                parts += total(EventKind::conversion, [](const TimelineEvent& e) { return e.details[1]; });
                // Bytes that are used in the instant in which they come leave no level.
                std::uint64_t fullest = 0;
                std::map<std::uint32_t, std::uint64_t> levels;
                for (const TimelineEvent& event : timeline.events) {
                    if (event.kind != EventKind::buffer_bytes || timeline.lanes[event.lane].layer != i)
                        continue;
                    fullest = std::max(fullest, event.details[0]);
                    levels[event.lane] = event.details[0];
                }
                BOOST_TEST(fullest <= layer.peak_buffer_bytes);
                if (i == 0) BOOST_TEST(fullest > 0U);
                for (const auto& [lane, level] : levels) BOOST_TEST(level == 0U);
            }
            // Whoever waits for room is at the sender; a wait of no time leaves no span.
            BOOST_TEST(sum(timeline, EventKind::buffer_full, one) <= room_waits);
            full += sum(timeline, EventKind::buffer_full, one);
            // One converter a burst: as many conversions as reads.
            if (chip < 2 || chip > 3) {
                std::uint64_t reads = 0;
                for (const results::LayerRecord& layer : record.layers) reads += layer.actions.crossbar_reads;
                BOOST_TEST(sum(timeline, EventKind::conversion, one) == reads);
            }
            const Value waited = [](const TimelineEvent& e) { return e.details[2]; };
            BOOST_TEST(sum(timeline, EventKind::packet, waited) == record.mesh.waited_fs);
            BOOST_TEST(sum(timeline, EventKind::packet, [](const TimelineEvent& e) {
                           return std::uint64_t{e.details[2] != 0};
                       }) == record.mesh.waits);
            // Every router that a packet passes is entered by one link, from a port or from a router.
            BOOST_TEST(sum(timeline, EventKind::packet, [&](const TimelineEvent& e) {
                           const bool leaves = timeline.lanes[e.lane].name.find(" to tile ") != kNoPlace ||
                                               timeline.lanes[e.lane].name.find(" to host") != kNoPlace;
                           return leaves ? 0 : e.details[0];
                       }) == results::total_actions(record).flit_hops);
            BOOST_TEST(
                sum(timeline, EventKind::row, [](const TimelineEvent& e) { return e.details[1]; }) +
                    sum(timeline, EventKind::logits, [](const TimelineEvent& e) { return e.details[0]; }) ==
                record.shared.host_bytes);
            std::uint64_t last = 0;
            for (const TimelineEvent& event : timeline.events) last = std::max(last, event.end_fs());
            BOOST_TEST(last == record.elapsed_fs);
            for (const TimelineEvent& event : timeline.events) {
                if (event.kind != EventKind::image) continue;
                BOOST_TEST(event.start_fs == record.injected_fs[event.image]);
                BOOST_TEST(event.end_fs() == record.completed_fs[event.image]);
            }
        }
    }
    // The chips are busy enough to show every stall there is.
    BOOST_TEST(waited_output > 0U);
    BOOST_TEST(full > 0U);
    BOOST_TEST(parts > 0U);
    // Nobody notices that they are watched.
    for (const auto& [seen, unseen] : {std::pair<std::size_t, std::size_t>{0, chips}, {2, chips + 1}}) {
        const results::ChipRecord &with = watched.bench.record(seen), &without = watched.bench.record(unseen);
        BOOST_TEST(with.completed_fs == without.completed_fs, boost::test_tools::per_element());
        BOOST_TEST(with.logits == without.logits, boost::test_tools::per_element());
        for (std::size_t i = 0; i < with.layers.size(); ++i) {
            BOOST_TEST(with.layers[i].adc_wait_fs == without.layers[i].adc_wait_fs);
            BOOST_TEST(with.layers[i].waited_output_fs == without.layers[i].waited_output_fs);
            BOOST_TEST(with.layers[i].peak_buffer_bytes == without.layers[i].peak_buffer_bytes);
        }
    }
}

// Stages have no gaps, converters and links one customer at a time; a read lasts as long as its slowest
// converter takes for its bursts, and a cycle at least.
BOOST_AUTO_TEST_CASE(lanes_hold_together) {
    const network::QuantisedNetwork network = support::small_vgg(8);
    Watched watched;
    watched.add(network, busy_chip(config::AdcBank::single, config::AdcOverflow::clip));
    watched.add(network, busy_chip(config::AdcBank::per_slice, config::AdcOverflow::clip));
    watched.add(network, support::oracle_chip());
    watched.run();
    std::size_t longer = 0, cycles = 0;
    for (const TimelineRecord& timeline : watched.timelines) {
        // By place of the window: process, processing element, image, window, plane; then by lane.
        using Place = std::tuple<std::uint32_t, std::string, std::uint32_t, std::uint32_t, std::uint64_t>;
        std::map<Place, std::map<std::uint32_t, std::uint64_t>> bursts;
        std::map<Place, std::uint64_t> reads;
        for (const auto& [lane, events] : by_lane(timeline)) {
            const results::TimelineLane& where = timeline.lanes[lane];
            std::uint64_t end = 0;
            for (const TimelineEvent& event : events) {
                if (is_stage(event.kind)) BOOST_REQUIRE_EQUAL(event.start_fs, end);
                if (event.kind == EventKind::conversion || event.kind == EventKind::packet ||
                    event.kind == EventKind::read)
                    BOOST_REQUIRE_GE(event.start_fs, end);
                end = event.end_fs();
                const std::string pe = where.name.substr(0, where.name.find(" adc"));
                const Place place{where.process, pe, event.image, event.window, event.details[0]};
                if (event.kind == EventKind::read) reads[place] = event.duration_fs;
                if (event.kind == EventKind::conversion) bursts[place][lane] += event.duration_fs;
            }
        }
        BOOST_TEST(reads.size() > 100U);
        BOOST_TEST(reads.size() == bursts.size());
        for (const auto& [place, read] : reads) {
            std::uint64_t slowest = 100 * kNs;
            for (const auto& [lane, time] : bursts[place]) slowest = std::max(slowest, time);
            BOOST_REQUIRE_EQUAL(read, slowest);
            ++(slowest > 100 * kNs ? longer : cycles);
        }
    }
    BOOST_TEST(longer > 0U);
    BOOST_TEST(cycles > 0U);
}

// The files say what the record says.
BOOST_AUTO_TEST_CASE(files_hold_what_was_recorded) {
    Watched watched;
    watched.add(support::small_vgg(8), busy_chip(config::AdcBank::single, config::AdcOverflow::split));
    watched.run();
    const TimelineRecord& timeline = watched.timelines[0];
    const results::ChipRecord& record = watched.bench.record(0);

    const nlohmann::json trace = trace_of(timeline);
    std::size_t spans = 0, counters = 0;
    std::map<std::pair<int, int>, std::uint64_t> ends_ns;
    for (const nlohmann::json& event : trace["traceEvents"]) {
        if (event["ph"] == "C") ++counters;
        if (event["ph"] != "X") continue;
        ++spans;
        const auto ns = [&](const char* key) {
            return static_cast<std::uint64_t>(std::llround(event[key].get<double>() * 1000));
        };
        std::uint64_t& end = ends_ns[{event["pid"].get<int>(), event["tid"].get<int>()}];
        BOOST_REQUIRE_GE(ns("ts"), end);
        end = ns("ts") + ns("dur");
    }
    BOOST_TEST(spans + counters == timeline.events.size());
    BOOST_TEST(counters == sum(timeline, EventKind::buffer_bytes, one));

    const vcd_reader::Dump dump = vcd_reader::parse(vcd_of(timeline));
    BOOST_TEST(dump.last == record.elapsed_fs);
    std::uint64_t busy = 0, converting = 0, input = 0, output = 0;
    for (const results::LayerRecord& layer : record.layers) {
        const std::string scope = "chip." + layer.name + ".";
        BOOST_TEST(dump.integral(scope + "stages_busy") == layer.busy_fs);
        BOOST_TEST(dump.integral(scope + "waiting_input") == layer.waited_input_fs);
        BOOST_TEST(dump.integral(scope + "waiting_output") == layer.waited_output_fs);
        BOOST_TEST(dump.integral(scope + "adcs_busy") == layer.adc_busy_fs);
        busy += layer.busy_fs;
        converting += layer.adc_busy_fs;
        input += layer.waited_input_fs;
        output += layer.waited_output_fs;
    }
    BOOST_TEST(dump.integral("chip.stages_busy") == busy);
    BOOST_TEST(dump.integral("chip.adcs_busy") == converting);
    BOOST_TEST(dump.integral("chip.waiting_input") == input);
    BOOST_TEST(dump.integral("chip.waiting_output") == output);
    BOOST_TEST(dump.integral("chip.links_busy") == sum(timeline, EventKind::packet, duration));
    BOOST_TEST(dump.integral("chip.pes_busy") == sum(timeline, EventKind::read, duration));
    const auto& finished = dump.at("chip.images_finished").changes;
    BOOST_REQUIRE(finished.size() == 1 + Watched::kImages);
    for (std::size_t i = 0; i < Watched::kImages; ++i)
        BOOST_TEST(finished[i + 1].first == record.completed_fs[i]);
}

// A part of the timeline is that part of the whole.
BOOST_AUTO_TEST_CASE(layers_and_times_filter) {
    const network::QuantisedNetwork network = support::small_vgg(8);
    const config::ChipConfig chip = busy_chip(config::AdcBank::single, config::AdcOverflow::clip);
    results::TimelineRequest part;
    part.from_fs = 21'234 * kNs + 567;
    part.to_fs = 43'210 * kNs + 987;
    const std::string second = network.nodes[network.matrix_nodes()[1]].name;
    Watched watched;
    watched.add(network, chip);
    watched.add(network, chip, part);
    part.layers = {second};
    watched.add(network, chip, {{second}});
    watched.add(network, chip, part);
    watched.run();
    const TimelineRecord& whole = watched.timelines[0];
    BOOST_TEST_REQUIRE(whole.elapsed_fs > part.to_fs);
    const auto in_time = [&](const TimelineEvent& event) {
        return event.start_fs < part.to_fs &&
               (event.end_fs() > part.from_fs || event.start_fs >= part.from_fs);
    };
    const auto in_layer = [&](const TimelineEvent& event) {
        return whole.lanes[event.lane].layer == std::size_t{1} || event.kind == EventKind::image ||
               event.kind == EventKind::row || event.kind == EventKind::logits ||
               (event.kind == EventKind::buffer_full && !whole.lanes[event.lane].layer);  // the host's
    };
    const auto no_packets = [](const TimelineEvent& event) { return event.kind != EventKind::packet; };
    BOOST_TEST((keys_of(watched.timelines[1], all) == keys_of(whole, in_time)));
    BOOST_TEST((keys_of(watched.timelines[2], no_packets) == keys_of(whole, in_layer)));
    BOOST_TEST((keys_of(watched.timelines[3], no_packets) ==
                keys_of(whole, [&](const TimelineEvent& e) { return in_time(e) && in_layer(e); })));
    // Traffic of the followed layer, and of the image.
    const std::uint64_t packets = sum(watched.timelines[2], EventKind::packet, one);
    BOOST_TEST(packets > 0U);
    BOOST_TEST(packets < sum(whole, EventKind::packet, one));
    // Signals of the part are the signals of the whole, cut out.
    const auto within = [&](const vcd_reader::Dump& dump, const std::string& path) {
        decltype(vcd_reader::Signal::changes) cut = {{part.from_fs, 0}};
        for (const auto& [time, value] : dump.at(path).changes) {
            if (time <= part.from_fs) cut.front().second = value;
            if (time > part.from_fs && time < part.to_fs) cut.emplace_back(time, value);
        }
        return cut;
    };
    const vcd_reader::Dump full = vcd_reader::parse(vcd_of(whole));
    const vcd_reader::Dump cut = vcd_reader::parse(vcd_of(watched.timelines[1]));
    BOOST_TEST(cut.first == part.from_fs);
    BOOST_TEST(cut.last == part.to_fs);
    for (const char* path : {"chip.adcs_busy", "chip.stages_busy", "chip.pes_busy", "chip.links_busy",
                             "chip.buffer_bytes", "chip.waiting_input"})
        BOOST_TEST((within(cut, path) == within(full, path)), path);
}

// Everything that began before the cut is there, nothing that began later was recorded later.
BOOST_AUTO_TEST_CASE(a_limit_cuts_and_says_where) {
    const network::QuantisedNetwork network = support::small_vgg(8);
    const config::ChipConfig chip = busy_chip(config::AdcBank::single, config::AdcOverflow::clip);
    Watched watched;
    watched.add(network, chip);
    results::TimelineRequest request;
    request.limit = 4000;
    watched.add(network, chip, request);
    request.limit = 100'000'000;
    watched.add(network, chip, request);
    watched.run();
    const TimelineRecord &whole = watched.timelines[0], &limited = watched.timelines[1];
    BOOST_TEST(!whole.complete_until_fs);
    BOOST_TEST(!watched.timelines[2].complete_until_fs);
    BOOST_TEST(watched.timelines[2].left_out == 0U);
    BOOST_TEST(watched.timelines[2].events.size() == whole.events.size());
    BOOST_TEST_REQUIRE(limited.complete_until_fs.has_value());
    const std::uint64_t cut = *limited.complete_until_fs;
    BOOST_TEST(cut > 0U);
    BOOST_TEST(limited.left_out > 1000U);
    BOOST_TEST(limited.events.size() >= 4000U);
    BOOST_TEST(limited.events.size() < 4000U + 100);  // stages and images under way
    const auto early = [&](const TimelineEvent& event) { return event.start_fs < cut; };
    BOOST_TEST((keys_of(limited, early) == keys_of(whole, early)));
    // Signals are those of the whole up to the cut, then unknown.
    const vcd_reader::Dump full = vcd_reader::parse(vcd_of(whole));
    const vcd_reader::Dump dump = vcd_reader::parse(vcd_of(limited));
    BOOST_TEST(dump.last == full.last);
    for (const auto& [path, signal] : dump.signals) {
        auto expected = full.at(path).changes;
        expected.erase(std::remove_if(expected.begin(), expected.end(),
                                      [&](const auto& change) { return change.first >= cut; }),
                       expected.end());
        expected.emplace_back(cut, std::nullopt);
        BOOST_TEST((signal.changes == expected), path);
    }
}

BOOST_AUTO_TEST_CASE(unknown_layers_are_refused) {
    results::TimelineRequest request;
    request.layers = {"nowhere"};
    Watched watched;
    BOOST_CHECK_THROW(watched.add(support::small_vgg(8), support::oracle_chip(), request), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
