#include "results/chrome_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace sliver::results {
namespace {

constexpr std::uint64_t kFsPerNs = 1'000'000, kNsPerUs = 1000;
constexpr std::size_t kPiece = std::size_t{1} << 16;

std::uint64_t to_ns(std::uint64_t fs) {
    return fs / kFsPerNs + (fs % kFsPerNs >= kFsPerNs / 2 ? 1 : 0);
}

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Collects text and hands it on in large pieces.
class Pieces {
  public:
    explicit Pieces(const TextSink& sink) : sink_(sink) {}
    template <typename... Args>
    void add(fmt::format_string<Args...> text, Args&&... args) {
        fmt::format_to(std::back_inserter(piece_), text, std::forward<Args>(args)...);
        if (piece_.size() >= kPiece) flush();
    }
    void flush() {
        sink_({piece_.data(), piece_.size()});
        piece_.clear();
    }

  private:
    const TextSink& sink_;
    fmt::memory_buffer piece_;
};

/// Nanoseconds as microseconds: an exact decimal.
void add_us(Pieces& out, const char* key, std::uint64_t ns) {
    const std::uint64_t rest = ns % kNsPerUs;
    if (rest == 0)
        out.add(",\"{}\":{}", key, ns / kNsPerUs);
    else
        out.add(",\"{}\":{}.{:03}", key, ns / kNsPerUs, rest);
}

/// Which row of its lane each span has, and the rows of each lane.
struct Rows {
    std::vector<std::uint32_t> of_event;
    std::vector<std::vector<std::uint64_t>> ends;  ///< by lane and row: end of its last span
};

Rows place(const TimelineRecord& timeline, const std::vector<std::size_t>& by_time) {
    Rows rows;
    rows.of_event.resize(timeline.events.size());
    rows.ends.resize(timeline.lanes.size());
    for (const std::size_t number : by_time) {
        const TimelineEvent& event = timeline.events[number];
        if (event.kind == EventKind::buffer_bytes) continue;
        std::vector<std::uint64_t>& ends = rows.ends[event.lane];
        const auto free =
            std::find_if(ends.begin(), ends.end(), [&](std::uint64_t end) { return end <= event.start_fs; });
        rows.of_event[number] = static_cast<std::uint32_t>(free - ends.begin());
        if (free == ends.end())
            ends.push_back(event.end_fs());
        else
            *free = event.end_fs();
    }
    return rows;
}

void add_args(Pieces& out, const TimelineEvent& event) {
    const EventKindText& text = text_of(event.kind);
    const char* separator = ",\"args\":{";
    const auto add = [&](const char* key, std::uint64_t value) {
        out.add("{}\"{}\":{}", separator, key, value);
        separator = ",";
    };
    if (text.has_image) add("image", event.image);
    if (text.has_window) add("window", event.window);
    for (std::size_t i = 0; i < text.details.size(); ++i)
        if (text.details[i] != nullptr) add(text.details[i], event.details[i]);
    if (event.start_fs % kFsPerNs != 0 || event.duration_fs % kFsPerNs != 0) {
        add("start_fs", event.start_fs);
        if (event.kind != EventKind::buffer_bytes) add("duration_fs", event.duration_fs);
    }
    out.add("}}");
}

std::string origin(const TimelineRecord& timeline, const TimelineSource& source) {
    nlohmann::ordered_json data;
    data["version"] = "sliver " + source.version;
    data["network"] = source.network;
    data["chip"] = source.chip;
    data["elapsed_fs"] = timeline.elapsed_fs;
    data["from_fs"] = timeline.request.from_fs;
    data["to_fs"] = std::min(timeline.request.to_fs, timeline.elapsed_fs);
    data["layers"] = timeline.request.layers.empty() ? timeline.layers : timeline.request.layers;
    data["events"] = timeline.events.size();
    data["event_limit"] = timeline.request.limit;
    data["events_left_out"] = timeline.left_out;
    data["complete_until_fs"] = timeline.complete_until_fs
                                    ? nlohmann::ordered_json(*timeline.complete_until_fs)
                                    : nlohmann::ordered_json(nullptr);
    return data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

void write_chrome_trace(const TimelineRecord& timeline, const TimelineSource& source, const TextSink& sink) {
    std::vector<std::size_t> by_time(timeline.events.size());
    std::iota(by_time.begin(), by_time.end(), std::size_t{0});
    std::sort(by_time.begin(), by_time.end(), [&](std::size_t a, std::size_t b) {
        const TimelineEvent &left = timeline.events[a], &right = timeline.events[b];
        if (left.start_fs != right.start_fs) return left.start_fs < right.start_fs;
        return left.lane != right.lane ? left.lane < right.lane : a < b;
    });
    const Rows rows = place(timeline, by_time);

    // Numbers of processes and threads from 1 on, no two alike: viewers know threads by their number.
    std::vector<bool> process_in_use(timeline.processes.size(), false);
    for (const TimelineEvent& event : timeline.events)
        process_in_use[timeline.lanes[event.lane].process] = true;
    Pieces out(sink);
    out.add("{{\"displayTimeUnit\":\"ns\",\"otherData\":{},\"traceEvents\":[", origin(timeline, source));
    const char* separator = "\n";
    const auto name = [&](const char* what, std::size_t pid, std::size_t tid, const std::string& value) {
        out.add("{}{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"{}\",\"args\":{{{}}}}}", separator, pid,
                tid, what, value);
        separator = ",\n";
    };
    for (std::size_t i = 0; i < timeline.processes.size(); ++i) {
        if (!process_in_use[i]) continue;
        name("process_name", i + 1, 0, "\"name\":" + quoted(timeline.processes[i].name));
        name("process_sort_index", i + 1, 0, fmt::format("\"sort_index\":{}", timeline.processes[i].order));
    }
    std::size_t tid = timeline.processes.size() + 1;
    std::vector<std::size_t> first_tid(timeline.lanes.size());
    for (std::size_t i = 0; i < timeline.lanes.size(); ++i) {
        first_tid[i] = tid;
        const TimelineLane& lane = timeline.lanes[i];
        for (std::size_t row = 0; row < rows.ends[i].size(); ++row, ++tid) {
            const std::string label = row == 0 ? lane.name : fmt::format("{} ({})", lane.name, row + 1);
            name("thread_name", lane.process + 1, tid, "\"name\":" + quoted(label));
            name("thread_sort_index", lane.process + 1, tid, fmt::format("\"sort_index\":{}", tid));
        }
    }
    for (const std::size_t number : by_time) {
        const TimelineEvent& event = timeline.events[number];
        const std::uint64_t start_ns = to_ns(event.start_fs);
        const std::size_t pid = timeline.lanes[event.lane].process + 1;
        const bool level = event.kind == EventKind::buffer_bytes;
        out.add("{}{{\"ph\":\"{}\",\"pid\":{}", separator, level ? 'C' : 'X', pid);
        if (!level) out.add(",\"tid\":{}", first_tid[event.lane] + rows.of_event[number]);
        add_us(out, "ts", start_ns);
        if (!level) add_us(out, "dur", to_ns(event.end_fs()) - start_ns);
        out.add(",\"name\":\"{}\"", text_of(event.kind).name);
        add_args(out, event);
        out.add("}}");
        separator = ",\n";
    }
    if (timeline.complete_until_fs) {
        out.add("{}{{\"ph\":\"i\",\"s\":\"g\",\"pid\":1,\"tid\":0", separator);
        add_us(out, "ts", to_ns(*timeline.complete_until_fs));
        out.add(",\"name\":\"event limit reached\",\"args\":{{\"events_left_out\":{}}}}}", timeline.left_out);
    }
    out.add("\n]{}", kTraceSeal.blank());
    out.flush();
}

}  // namespace sliver::results
