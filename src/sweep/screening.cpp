#include "sweep/screening.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "results/json_text.h"

namespace sliver::sweep {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 6> kOnlySimulated = {
    "stalled_input_s", "stalled_output_s", "adc_wait_s", "top1", "clipped_share", "latency_streaming_s"};

/// What metrics() read of a stats.json: the same formulas for estimates and runs.
Json stats_of(const results::RunResult& result, const results::PricedRun& priced) {
    const results::ChipRecord& record = result.record;
    const auto images = static_cast<double>(record.images);
    Json stats;
    stats["run"]["image_count"] = record.images;
    stats["totals"] = {{"energy_per_image_j", priced.total_j.total() / images},
                       {"static_energy_per_image_j", results::json_or_null<Json>(priced.static_image_j())},
                       {"latency_streaming_s", nullptr},
                       {"latency_s", results::seconds(record.latency_fs())},
                       {"interval_s", results::json_or_null<Json>(priced.interval_s)},
                       {"area_mm2", priced.area_mm2.total()},
                       {"power_w", priced.power_w},
                       {"crossbars", record.crossbars},
                       {"tiles", record.tiles},
                       {"reads", priced.actions.crossbar_reads},
                       {"conversions_used", cost::sum(priced.actions.conversions_used)}};
    stats["inventory"]["tiles"] = record.inventory.tiles;
    stats["layers"] = Json::array({{{"actions", {{"conversions_used", priced.actions.conversions_used}}}}});
    stats["components"] = Json::array();
    for (const cost::Component component : cost::kComponents)
        stats["components"].push_back({{"name", cost::component_name(component)},
                                       {"energy_j", priced.total_j[component]},
                                       {"area_mm2", priced.area_mm2[component]}});
    return stats;
}

struct Candidate {
    std::size_t place = 0;
    std::vector<double> losses;
};

bool far_off(const Constraint& constraint, double value) {
    return !constraint.holds(value) &&
           std::abs(value - constraint.bound) > kScreeningMargin * std::abs(constraint.bound);
}

/// Takes the front off `left`.
std::vector<Candidate> peel(std::vector<Candidate>& left) {
    std::vector<Candidate> front, rest;
    for (const Candidate& candidate : left) {
        const bool beaten = std::any_of(left.begin(), left.end(), [&](const Candidate& other) {
            return dominates(other.losses, candidate.losses);
        });
        (beaten ? rest : front).push_back(candidate);
    }
    left = std::move(rest);
    return front;
}

/// Those with most room around them first.
void sort_by_crowding(std::vector<Candidate>& front) {
    std::map<std::size_t, double> room;
    for (std::size_t i = 0; i < front.front().losses.size(); ++i) {
        std::stable_sort(front.begin(), front.end(),
                         [i](const Candidate& a, const Candidate& b) { return a.losses[i] < b.losses[i]; });
        const double range = front.back().losses[i] - front.front().losses[i];
        if (range <= 0) continue;
        room[front.front().place] = room[front.back().place] = std::numeric_limits<double>::infinity();
        for (std::size_t k = 1; k + 1 < front.size(); ++k)
            room[front[k].place] += (front[k + 1].losses[i] - front[k - 1].losses[i]) / range;
    }
    std::sort(front.begin(), front.end(),
              [](const Candidate& a, const Candidate& b) { return a.place < b.place; });
    std::stable_sort(front.begin(), front.end(),
                     [&](const Candidate& a, const Candidate& b) { return room[a.place] > room[b.place]; });
}

}  // namespace

bool has_estimate(const Metric& metric) {
    return std::find(kOnlySimulated.begin(), kOnlySimulated.end(), metric.name) == kOnlySimulated.end();
}

std::vector<std::optional<double>> estimated_values(const results::RunResult& result,
                                                    const results::PricedRun& priced) {
    const Json stats = stats_of(result, priced);
    std::vector<std::optional<double>> values;
    for (const Metric& metric : metrics())
        values.push_back(has_estimate(metric) ? metric.of(stats) : std::nullopt);
    return values;
}

std::vector<std::size_t> screen(const SweepResults& results, double share) {
    struct Scenario {
        std::size_t points = 0;
        std::vector<Candidate> within, beyond;
    };
    std::map<std::vector<std::string>, Scenario> scenarios;
    for (std::size_t place = 0; place < results.points.size(); ++place) {
        const PointResult& point = results.points[place];
        Scenario& scenario = scenarios[results.labels_of(point, true)];
        ++scenario.points;
        if (point.estimates.empty()) continue;
        Candidate candidate;
        candidate.place = place;
        bool beyond = false;
        for (const Objective& objective : results.objectives)
            if (const auto value = point.estimates[place_of(*objective.metric)])
                candidate.losses.push_back(loss(objective, *value));
        for (const Constraint& constraint : results.constraints)
            if (const auto value = point.estimates[place_of(*constraint.metric)])
                beyond = beyond || far_off(constraint, *value);
        (beyond ? scenario.beyond : scenario.within).push_back(std::move(candidate));
    }
    std::vector<std::size_t> kept;
    for (auto& [labels, scenario] : scenarios) {
        auto room = static_cast<std::size_t>(std::ceil(share * static_cast<double>(scenario.points) - 1e-9));
        for (std::vector<Candidate>* left : {&scenario.within, &scenario.beyond})
            while (room > 0 && !left->empty()) {
                std::vector<Candidate> front = peel(*left);
                if (front.size() > room) sort_by_crowding(front);
                front.resize(std::min(front.size(), room));
                room -= front.size();
                for (const Candidate& candidate : front) kept.push_back(candidate.place);
            }
    }
    if (results.baseline && !results.points[*results.baseline].estimates.empty() &&
        std::find(kept.begin(), kept.end(), *results.baseline) == kept.end())
        kept.push_back(*results.baseline);
    std::sort(kept.begin(), kept.end());
    return kept;
}

std::vector<EstimateError> estimate_errors(const SweepResults& results) {
    std::vector<EstimateError> errors;
    for (std::size_t i = 0; i < metrics().size(); ++i) {
        std::vector<double> off;
        for (const PointResult& point : results.points)
            if (i < point.estimates.size() && i < point.values.size() && point.estimates[i] &&
                point.values[i] && *point.values[i] != 0)
                off.push_back(std::abs(*point.estimates[i] / *point.values[i] - 1));
        if (off.empty()) continue;
        std::sort(off.begin(), off.end());
        const std::size_t half = off.size() / 2;
        errors.push_back({&metrics()[i], off.size(),
                          off.size() % 2 == 1 ? off[half] : (off[half - 1] + off[half]) / 2, off.back()});
    }
    return errors;
}

}  // namespace sliver::sweep
