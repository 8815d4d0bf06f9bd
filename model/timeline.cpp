#include "model/timeline.h"

#include <algorithm>
#include <utility>

#include "model/kernel_time.h"

namespace sliver::model {

using results::TimelineEvent;

Timeline::Timeline(results::TimelineRequest request) {
    record_.request = std::move(request);
}

void Timeline::follow(const ChipPlan& plan) {
    for (const LayerPlan& layer : plan.layers) record_.layers.push_back(plan.network->nodes[layer.node].name);
    const std::vector<std::string>& asked = record_.request.layers;
    results::check_layers(record_.request, record_.layers, "timeline");
    for (const std::string& name : record_.layers)
        followed_.push_back(asked.empty() || std::find(asked.begin(), asked.end(), name) != asked.end());
    layer_of_node_ = plan.layer_of_node;
}

std::uint32_t Timeline::add_process(std::string name, std::size_t order) {
    record_.processes.push_back({std::move(name), static_cast<std::uint32_t>(order)});
    return static_cast<std::uint32_t>(record_.processes.size() - 1);
}

Timeline::Lane Timeline::add_lane(std::uint32_t process, std::string name, std::optional<LayerIndex> layer) {
    const auto number = layer ? std::optional<std::size_t>(layer->value()) : std::nullopt;
    record_.lanes.push_back({process, std::move(name), number});
    levels_.emplace_back();
    return static_cast<Lane>(record_.lanes.size() - 1);
}

/// False, and counted, for an event behind the limit.
bool Timeline::keep(std::uint64_t start_fs) {
    if (!record_.complete_until_fs) {
        if (record_.events.size() < record_.request.limit) return true;
        record_.complete_until_fs = femtoseconds(sc_core::sc_time_stamp());
    }
    if (start_fs < *record_.complete_until_fs) return true;
    ++record_.left_out;
    return false;
}

void Timeline::span(Kind kind, Lane lane, const sc_core::sc_time& start, const sc_core::sc_time& end,
                    const About& about) {
    if (closed_) return;
    const std::uint64_t start_fs = femtoseconds(start), end_fs = femtoseconds(end);
    const results::TimelineRequest& request = record_.request;
    if (start_fs >= request.to_fs || (end_fs <= request.from_fs && start_fs < request.from_fs)) return;
    if (!keep(start_fs)) return;
    record_.events.push_back({start_fs, end_fs - start_fs, lane, kind,
                              static_cast<std::uint32_t>(about.image),
                              static_cast<std::uint32_t>(about.window), about.details});
}

void Timeline::level(Lane lane, std::uint64_t bytes) {
    if (closed_) return;
    const std::uint64_t now_fs = femtoseconds(sc_core::sc_time_stamp());
    const results::TimelineRequest& request = record_.request;
    Level& level = levels_[lane];
    if (now_fs >= request.to_fs) return;
    if (now_fs < request.from_fs) {
        level.early = bytes;
        return;
    }
    record_early(lane);
    if (level.event && record_.events[*level.event].start_fs == now_fs) {
        record_.events[*level.event].details[0] = bytes;
        return;
    }
    if (!keep(now_fs)) return;
    level.event = record_.events.size();
    record_.events.push_back({now_fs, 0, lane, Kind::buffer_bytes, 0, 0, {bytes}});
}

void Timeline::cut() {
    const std::uint64_t now_fs = femtoseconds(sc_core::sc_time_stamp());
    std::vector<TimelineEvent>& events = record_.events;
    events.erase(std::remove_if(events.begin(), events.end(),
                                [&](const TimelineEvent& event) {
                                    return event.start_fs >= now_fs && event.kind != Kind::buffer_bytes;
                                }),
                 events.end());
    for (std::size_t i = 0; i < events.size(); ++i) {
        events[i].duration_fs =
            std::min(events[i].duration_fs, now_fs - std::min(now_fs, events[i].start_fs));
        if (events[i].kind == Kind::buffer_bytes) levels_[events[i].lane].event = i;
    }
}

/// What a lane held when the recording began.
void Timeline::record_early(Lane lane) {
    Level& level = levels_[lane];
    if (!level.early) return;
    const std::uint64_t bytes = *std::exchange(level.early, std::nullopt);
    if (!keep(record_.request.from_fs)) return;
    level.event = record_.events.size();
    record_.events.push_back({record_.request.from_fs, 0, lane, Kind::buffer_bytes, 0, 0, {bytes}});
}

results::TimelineRecord Timeline::take() {
    return take(femtoseconds(sc_core::sc_time_stamp()));
}

results::TimelineRecord Timeline::take(std::uint64_t elapsed_fs) {
    if (record_.request.from_fs < elapsed_fs)
        for (Lane lane = 0; lane < levels_.size(); ++lane) record_early(lane);
    record_.elapsed_fs = elapsed_fs;
    return std::move(record_);
}

}  // namespace sliver::model
