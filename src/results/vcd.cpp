#include "results/vcd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sliver::results {
namespace {

enum Signal : std::size_t {
    stages_busy,
    waiting_input,
    waiting_output,
    waiting_bus,
    pes_busy,
    adcs_busy,
    buffer_bytes,
    links_busy,  // of the chip only, as what follows
    images_finished,
    kSignals
};
constexpr std::size_t kLayerSignals = links_busy;
constexpr const char* kNames[kSignals] = {"stages_busy",  "waiting_input", "waiting_output",
                                          "waiting_bus",  "pes_busy",      "adcs_busy",
                                          "buffer_bytes", "links_busy",    "images_finished"};
constexpr int kIntegerBits = 32, kBytesBits = 64;

/// One signal: what it changes by, and when.
struct Changes {
    std::vector<std::pair<std::uint64_t, std::int64_t>> steps;
};

/// Printable characters 33 to 126, the first fastest, as the format has it.
std::string identifier(std::size_t number) {
    constexpr std::size_t kFirst = 33, kCount = 94;
    std::string code;
    do {
        code += static_cast<char>(kFirst + number % kCount);
        number /= kCount;
    } while (number != 0);
    return code;
}

/// A name without blanks or anything else that would end it.
std::string word(const std::string& name) {
    std::string text;
    for (const char c : name)
        text +=
            std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ? c : '_';
    return text.empty() ? "_" : text;
}

std::string binary(std::int64_t value) {
    if (value == 0) return "0";
    std::string digits;
    for (std::uint64_t rest = static_cast<std::uint64_t>(value); rest != 0; rest /= 2)
        digits += rest % 2 != 0 ? '1' : '0';
    return {digits.rbegin(), digits.rend()};
}

class Signals {
  public:
    Signals(const TimelineRecord& timeline, std::uint64_t from, std::uint64_t to)
        : timeline_(timeline), from_(from), to_(to) {
        for (std::size_t i = 0; i < kSignals; ++i) add_signal("", kNames[i]);
        for (std::size_t layer = 0; layer < timeline.layers.size(); ++layer) {
            first_of_layer_.push_back(signals_.size());
            const std::vector<std::string>& asked = timeline.request.layers;
            if (!asked.empty() &&
                std::find(asked.begin(), asked.end(), timeline.layers[layer]) == asked.end())
                continue;
            for (std::size_t i = 0; i < kLayerSignals; ++i)
                add_signal(word(timeline.layers[layer]), kNames[i]);
        }
        std::vector<std::uint64_t> levels(timeline.lanes.size(), 0);
        for (const TimelineEvent& event : timeline.events) add(event, levels);
        for (Changes& changes : changes_) std::sort(changes.steps.begin(), changes.steps.end());
    }

    void write(const TimelineSource& source, const TextSink& sink) const {
        std::string head = fmt::format("$version sliver {} $end\n$comment {} on {} $end\n", source.version,
                                       word(source.network), word(source.chip));
        if (timeline_.complete_until_fs)
            head += fmt::format("$comment event limit {} reached: {} events left out, x from #{} on $end\n",
                                timeline_.request.limit, timeline_.left_out, *timeline_.complete_until_fs);
        head += "$timescale 1 fs $end\n$scope module chip $end\n";
        std::string scope;
        for (std::size_t i = 0; i < signals_.size(); ++i) {
            if (signals_[i].first != scope) {
                if (!scope.empty()) head += "$upscope $end\n";
                scope = signals_[i].first;
                head += fmt::format("$scope module {} $end\n", scope);
            }
            const bool bytes = signals_[i].second == kNames[buffer_bytes];
            head += fmt::format("$var {} {} {} {} $end\n", bytes ? "wire" : "integer",
                                bytes ? kBytesBits : kIntegerBits, identifier(i), signals_[i].second);
        }
        if (!scope.empty()) head += "$upscope $end\n";
        head += "$upscope $end\n$enddefinitions $end\n";
        sink(head);
        write_values(sink);
    }

  private:
    void add_signal(std::string scope, std::string name) {
        signals_.emplace_back(std::move(scope), std::move(name));
        changes_.emplace_back();
    }

    void step(std::size_t signal, std::uint64_t time, std::int64_t by) {
        if (by != 0 && time <= to_) changes_[signal].steps.emplace_back(std::max(time, from_), by);
    }

    /// For the chip and for the layer of the lane.
    void step_both(const TimelineEvent& event, Signal signal, std::uint64_t time, std::int64_t by) {
        step(signal, time, by);
        if (const auto& layer = timeline_.lanes[event.lane].layer)
            step(first_of_layer_[*layer] + signal, time, by);
    }

    void span(const TimelineEvent& event, Signal signal) {
        if (event.end_fs() <= from_) return;
        step_both(event, signal, event.start_fs, 1);
        step_both(event, signal, event.end_fs(), -1);
    }

    void add(const TimelineEvent& event, std::vector<std::uint64_t>& levels) {
        switch (event.kind) {
            case EventKind::window:
                return span(event, stages_busy);
            case EventKind::waited_input:
                return span(event, waiting_input);
            case EventKind::waited_output:
                return span(event, waiting_output);
            case EventKind::waited_bus:
                return span(event, waiting_bus);
            case EventKind::read:
                return span(event, pes_busy);
            case EventKind::conversion:
                return span(event, adcs_busy);
            case EventKind::packet:
                return span(event, links_busy);
            case EventKind::image:
                return step(images_finished, event.end_fs(), 1);
            case EventKind::buffer_bytes: {
                // Levels of a lane are recorded in the order of time.
                std::uint64_t& level = levels[event.lane];
                step_both(event, buffer_bytes, event.start_fs,
                          static_cast<std::int64_t>(event.details[0]) - static_cast<std::int64_t>(level));
                level = event.details[0];
                return;
            }
            case EventKind::buffer_full:
            case EventKind::finish:
            case EventKind::row:
            case EventKind::logits:
                return;
        }
    }

    void write_values(const TextSink& sink) const {
        const bool cut = timeline_.complete_until_fs && *timeline_.complete_until_fs < to_;
        const std::uint64_t known_until = cut ? std::max(*timeline_.complete_until_fs, from_) : to_;
        std::uint64_t stamp = from_;
        std::vector<std::size_t> next(changes_.size(), 0);
        std::vector<std::int64_t> values(changes_.size(), 0);
        // All signals by the time of their next change.
        std::multimap<std::uint64_t, std::size_t> agenda;
        const auto schedule = [&](std::size_t signal) {
            if (next[signal] < changes_[signal].steps.size())
                agenda.emplace(changes_[signal].steps[next[signal]].first, signal);
        };
        const auto advance = [&](std::size_t signal, std::uint64_t time) {
            const auto& steps = changes_[signal].steps;
            while (next[signal] < steps.size() && steps[next[signal]].first == time)
                values[signal] += steps[next[signal]++].second;
            schedule(signal);
        };
        std::string text = fmt::format("#{}\n$dumpvars\n", from_);
        for (std::size_t i = 0; i < changes_.size(); ++i) {
            advance(i, from_);
            text += fmt::format("b{} {}\n", binary(values[i]), identifier(i));
        }
        text += "$end\n";
        constexpr std::size_t kPiece = std::size_t{1} << 16;
        while (!agenda.empty()) {
            const std::uint64_t time = agenda.begin()->first;
            if (time > known_until || (cut && time == known_until)) break;
            std::vector<std::size_t> due;
            for (; !agenda.empty() && agenda.begin()->first == time; agenda.erase(agenda.begin()))
                due.push_back(agenda.begin()->second);
            std::sort(due.begin(), due.end());
            for (const std::size_t signal : due) {
                const std::int64_t before = values[signal];
                advance(signal, time);
                if (values[signal] == before) continue;  // one ended as the next began
                if (stamp != time) text += fmt::format("#{}\n", time);
                stamp = time;
                text += fmt::format("b{} {}\n", binary(values[signal]), identifier(signal));
            }
            if (text.size() < kPiece) continue;
            sink(text);
            text.clear();
        }
        if (cut) {
            if (stamp != known_until) text += fmt::format("#{}\n", known_until);
            stamp = known_until;
            for (std::size_t i = 0; i < changes_.size(); ++i) text += fmt::format("bx {}\n", identifier(i));
        }
        if (stamp != to_) text += fmt::format("#{}\n", to_);
        sink(text + kVcdSeal.blank());
    }

    const TimelineRecord& timeline_;
    std::uint64_t from_, to_;
    std::vector<std::pair<std::string, std::string>> signals_;  ///< scope, name
    std::vector<Changes> changes_;
    std::vector<std::size_t> first_of_layer_;
};

}  // namespace

void write_vcd(const TimelineRecord& timeline, const TimelineSource& source, const TextSink& sink) {
    const std::uint64_t from = std::min(timeline.request.from_fs, timeline.elapsed_fs);
    const std::uint64_t to = std::min(timeline.request.to_fs, timeline.elapsed_fs);
    Signals(timeline, from, to).write(source, sink);
}

}  // namespace sliver::results
