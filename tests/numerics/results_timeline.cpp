// Timelines by hand, written as a Chrome trace and as signals: every number is known.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "results/chrome_trace.h"
#include "results/vcd.h"
#include "vcd_reader.h"

BOOST_AUTO_TEST_SUITE(results_timeline)

using namespace sliver::results;
using nlohmann::json;

namespace {

constexpr std::uint64_t kNs = 1'000'000;
constexpr std::uint32_t kStage = 0, kPe = 1, kAdc = 2, kBuffer = 3, kLink = 4, kImages = 5;

TimelineRecord empty_record() {
    TimelineRecord record;
    record.layers = {"conv \"1\"", "fc"};
    record.processes = {{"tile 3 conv \"1\"", 4}, {"mesh", 9}, {"host", 0}, {"tile 8 fc", 9}};
    record.lanes = {
        {0, "windows of copy 0", 0}, {0, "pe 2", 0},    {0, "pe 2 adc 0", 0},       {0, "buffer", 0},
        {1, "router 0 east", {}},    {2, "images", {}}, {3, "windows of copy 0", 1}};
    record.elapsed_fs = 1000 * kNs;
    return record;
}

TimelineEvent span(EventKind kind, std::uint32_t lane, std::uint64_t from_fs, std::uint64_t to_fs,
                   std::array<std::uint64_t, 4> details = {}) {
    return {from_fs, to_fs - from_fs, lane, kind, 1, 7, details};
}

json trace_of(const TimelineRecord& record) {
    std::string text;
    write_chrome_trace(record, {"9.9", "net", "chip"}, [&](std::string_view piece) { text += piece; });
    return json::parse(text);
}

vcd_reader::Dump signals_of(const TimelineRecord& record) {
    std::string text;
    write_vcd(record, {"9.9", "my net", "chip"}, [&](std::string_view piece) { text += piece; });
    return vcd_reader::parse(text);
}

std::vector<json> events_of(const json& trace, const std::string& phase) {
    std::vector<json> events;
    for (const json& event : trace.at("traceEvents"))
        if (event.at("ph") == phase) events.push_back(event);
    return events;
}

/// Name of the thread or process that an event lies in.
std::string name_of(const json& trace, const json& event, const std::string& what) {
    for (const json& meta : events_of(trace, "M"))
        if (meta["name"] == what && meta["pid"] == event["pid"] &&
            (what == "process_name" || meta["tid"] == event["tid"]))
            return meta["args"]["name"];
    return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(spans_become_complete_events_in_microseconds) {
    TimelineRecord record = empty_record();
    record.events = {span(EventKind::conversion, kAdc, 200 * kNs, 275 * kNs, {3, 1, 12, 8}),
                     span(EventKind::read, kPe, 100 * kNs, 1'600'000 * kNs, {3, 8}),
                     span(EventKind::waited_output, kStage, 0, kNs)};
    const json trace = trace_of(record);
    BOOST_TEST(trace.at("displayTimeUnit") == "ns");
    const std::vector<json> spans = events_of(trace, "X");
    BOOST_REQUIRE(spans.size() == 3U);
    BOOST_TEST(spans[0]["name"] == "waits for output queue");
    BOOST_TEST(spans[0]["ts"] == 0);
    BOOST_TEST(spans[0]["dur"].dump() == "0.001");
    BOOST_TEST(spans[0]["args"] == json({{"image", 1}, {"window", 7}}));
    BOOST_TEST(spans[1]["ts"].dump() == "0.1");
    BOOST_TEST(spans[1]["dur"].dump() == "1599.9");
    BOOST_TEST(spans[1]["args"] == json({{"image", 1}, {"window", 7}, {"plane", 3}, {"reads", 8}}));
    BOOST_TEST(spans[2]["dur"].dump() == "0.075");
    BOOST_TEST(spans[2]["args"] ==
               json({{"image", 1}, {"window", 7}, {"plane", 3}, {"part", 1}, {"crossbar", 12}, {"bits", 8}}));
    BOOST_TEST(name_of(trace, spans[2], "thread_name") == "pe 2 adc 0");
    BOOST_TEST(name_of(trace, spans[2], "process_name") == "tile 3 conv \"1\"");
    // Processes and lanes without events are not there; numbers are never shared or zero.
    std::set<int> numbers;
    for (const json& meta : events_of(trace, "M")) {
        BOOST_TEST(meta["pid"] == spans[0]["pid"]);
        if (meta["name"] == "thread_name") BOOST_TEST(numbers.insert(meta["tid"].get<int>()).second);
        if (meta["name"] == "process_name") BOOST_TEST(numbers.insert(meta["pid"].get<int>()).second);
        if (meta["name"] == "process_sort_index") BOOST_TEST(meta["args"]["sort_index"] == 4);
    }
    BOOST_TEST(numbers.size() == 4U);
    BOOST_TEST(*numbers.begin() > 0);
    const json& origin = trace.at("otherData");
    BOOST_TEST(origin["network"] == "net");
    BOOST_TEST(origin["events"] == 3);
    BOOST_TEST(origin["complete_until_fs"].is_null());
    BOOST_TEST(origin["to_fs"] == 1000 * kNs);
}

BOOST_AUTO_TEST_CASE(spans_that_overlap_go_to_rows_of_their_own) {
    TimelineRecord record = empty_record();
    // The first two meet, the third and fourth overlap what is there.
    record.events = {span(EventKind::window, kStage, 10 * kNs, 20 * kNs),
                     span(EventKind::window, kStage, 0, 10 * kNs),
                     span(EventKind::window, kStage, 15 * kNs, 40 * kNs),
                     span(EventKind::window, kStage, 18 * kNs, 19 * kNs),
                     span(EventKind::window, kStage, 20 * kNs, 30 * kNs)};
    const json trace = trace_of(record);
    std::vector<std::string> rows;
    for (const json& event : events_of(trace, "X")) rows.push_back(name_of(trace, event, "thread_name"));
    const std::string lane = "windows of copy 0";
    const std::vector<std::string> expected = {lane, lane, lane + " (2)", lane + " (3)", lane};
    BOOST_TEST(rows == expected, boost::test_tools::per_element());
}

// 112.5 ns each: rounded by themselves, starts and durations would overlap by a nanosecond.
BOOST_AUTO_TEST_CASE(halves_of_nanoseconds_neither_overlap_nor_get_lost) {
    TimelineRecord record = empty_record();
    constexpr std::uint64_t kStep = 112'500'000;
    for (std::uint64_t i = 0; i < 9; ++i)
        record.events.push_back(span(EventKind::read, kPe, i * kStep, (i + 1) * kStep, {i, 8}));
    std::uint64_t end_ns = 0, exact_end_fs = 0;
    for (const json& event : events_of(trace_of(record), "X")) {
        const auto ns = [&](const char* key) {
            return static_cast<std::uint64_t>(std::llround(event[key].get<double>() * 1000));
        };
        BOOST_TEST(ns("ts") == end_ns);
        end_ns = ns("ts") + ns("dur");
        BOOST_TEST(event["args"]["start_fs"] == exact_end_fs);
        BOOST_TEST(event["args"]["duration_fs"] == kStep);
        exact_end_fs += kStep;
    }
    BOOST_TEST(exact_end_fs == 9 * kStep);
}

BOOST_AUTO_TEST_CASE(levels_become_counters_and_a_cut_shows) {
    TimelineRecord record = empty_record();
    record.events = {{5 * kNs, 0, kBuffer, EventKind::buffer_bytes, 0, 0, {64}},
                     {9 * kNs, 0, kBuffer, EventKind::buffer_bytes, 0, 0, {32}}};
    record.request.limit = 2;
    record.complete_until_fs = 12 * kNs;
    record.left_out = 40;
    const json trace = trace_of(record);
    const std::vector<json> counters = events_of(trace, "C");
    BOOST_REQUIRE(counters.size() == 2U);
    BOOST_TEST(counters[1]["args"] == json({{"bytes", 32}}));
    BOOST_TEST(counters[1]["ts"].dump() == "0.009");
    const std::vector<json> marks = events_of(trace, "i");
    BOOST_REQUIRE(marks.size() == 1U);
    BOOST_TEST(marks[0]["name"] == "event limit reached");
    BOOST_TEST(marks[0]["args"]["events_left_out"] == 40);
    BOOST_TEST(trace["otherData"]["complete_until_fs"] == 12 * kNs);
    BOOST_TEST(trace["otherData"]["events_left_out"] == 40);
    BOOST_TEST(trace["otherData"]["event_limit"] == 2);
}

BOOST_AUTO_TEST_CASE(signals_count_who_is_busy) {
    TimelineRecord record = empty_record();
    record.events = {span(EventKind::conversion, kAdc, 200 * kNs, 275 * kNs),
                     span(EventKind::conversion, kAdc, 275 * kNs, 300 * kNs),
                     span(EventKind::conversion, kPe, 250 * kNs, 900 * kNs),
                     span(EventKind::packet, kLink, 0, 10 * kNs),
                     span(EventKind::image, kImages, 0, 1000 * kNs),
                     {5 * kNs, 0, kBuffer, EventKind::buffer_bytes, 0, 0, {64}},
                     {9 * kNs, 0, kBuffer, EventKind::buffer_bytes, 0, 0, {32}}};
    const vcd_reader::Dump dump = signals_of(record);
    BOOST_TEST(dump.timescale == "1fs");
    BOOST_TEST(dump.first == 0U);
    BOOST_TEST(dump.last == 1000 * kNs);
    using Changes = decltype(vcd_reader::Signal::changes);
    const Changes busy = {{0, 0}, {200 * kNs, 1}, {250 * kNs, 2}, {300 * kNs, 1}, {900 * kNs, 0}};
    // Nothing happens where one burst follows another.
    BOOST_TEST((dump.at("chip.adcs_busy").changes == busy));
    BOOST_TEST((dump.at("chip.conv__1_.adcs_busy").changes == busy));
    BOOST_TEST((dump.at("chip.fc.adcs_busy").changes == Changes{{0, 0}}));
    BOOST_TEST((dump.at("chip.links_busy").changes == Changes{{0, 1}, {10 * kNs, 0}}));
    BOOST_TEST((dump.at("chip.buffer_bytes").changes == Changes{{0, 0}, {5 * kNs, 64}, {9 * kNs, 32}}));
    BOOST_TEST((dump.at("chip.images_finished").changes == Changes{{0, 0}, {1000 * kNs, 1}}));
    BOOST_TEST(dump.integral("chip.adcs_busy") == (75 + 25 + 650) * kNs);
    BOOST_TEST(dump.signals.count("chip.fc.links_busy") == 0U);
}

BOOST_AUTO_TEST_CASE(signals_begin_and_end_with_the_request_and_are_unknown_behind_a_cut) {
    TimelineRecord record = empty_record();
    record.request.layers = {"fc"};
    record.request.from_fs = 100 * kNs;
    record.request.to_fs = 400 * kNs;
    record.events = {span(EventKind::window, 6, 50 * kNs, 150 * kNs),
                     span(EventKind::window, 6, 390 * kNs, 500 * kNs)};
    using Changes = decltype(vcd_reader::Signal::changes);
    const vcd_reader::Dump whole = signals_of(record);
    BOOST_TEST(whole.first == 100 * kNs);
    BOOST_TEST(whole.last == 400 * kNs);
    BOOST_TEST(
        (whole.at("chip.fc.stages_busy").changes == Changes{{100 * kNs, 1}, {150 * kNs, 0}, {390 * kNs, 1}}));
    BOOST_TEST(whole.signals.count("chip.conv__1_.stages_busy") == 0U);
    record.complete_until_fs = 390 * kNs;
    const vcd_reader::Dump cut = signals_of(record);
    BOOST_TEST((cut.at("chip.stages_busy").changes ==
                Changes{{100 * kNs, 1}, {150 * kNs, 0}, {390 * kNs, std::nullopt}}));
    BOOST_TEST(cut.last == 400 * kNs);
}

BOOST_AUTO_TEST_CASE(unknown_layers_are_refused_with_the_nearest) {
    TimelineRequest request;
    const std::vector<std::string> names = {"conv1", "conv2", "classifier"};
    request.layers = {"conv2", "conv1"};
    check_layers(request, names, "--trace-layer");
    const auto refused = [&](const std::string& layer, const std::string& part) {
        request.layers = {layer};
        BOOST_CHECK_EXCEPTION(check_layers(request, names, "--trace-layer"), sliver::InputError,
                              [&](const sliver::InputError& error) {
                                  return std::string(error.what()).find(part) != std::string::npos;
                              });
    };
    refused("clasifier", "did you mean classifier?");
    refused("", "there are conv1, conv2, classifier");
}

BOOST_AUTO_TEST_SUITE_END()
