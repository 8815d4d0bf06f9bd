#include "sweep/sweep_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "config/quantity.h"

namespace sliver::sweep {
namespace {

constexpr std::size_t kParts = 4;  ///< of a range, for its effects

std::vector<double> losses(const SweepResults& results, const PointResult& point) {
    std::vector<double> all;
    for (const Objective& objective : results.objectives)
        all.push_back(loss(objective, *point.value(*objective.metric)));
    return all;
}

bool is_feasible(const SweepResults& results, const PointResult& point) {
    if (point.state != PointState::done) return false;
    for (const Objective& objective : results.objectives)
        if (!point.value(*objective.metric)) return false;
    return std::all_of(results.constraints.begin(), results.constraints.end(),
                       [&](const Constraint& constraint) {
                           const std::optional<double> value = point.value(*constraint.metric);
                           return value && constraint.holds(*value);
                       });
}

void mark_front(SweepResults& results) {
    struct PointLosses {
        std::size_t place;
        std::vector<double> losses;
    };
    std::vector<PointLosses> candidates;
    for (std::size_t i = 0; i < results.points.size(); ++i)
        if (results.points[i].feasible) candidates.push_back({i, losses(results, results.points[i])});
    // Whoever dominates a point comes before it in this order: one pass against the front so far is enough.
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const PointLosses& a, const PointLosses& b) { return a.losses < b.losses; });
    std::map<std::vector<std::string>, std::vector<const PointLosses*>> fronts;
    for (const PointLosses& candidate : candidates) {
        std::vector<const PointLosses*>& front =
            fronts[results.labels_of(results.points[candidate.place], true)];
        if (std::any_of(front.begin(), front.end(),
                        [&](const PointLosses* other) { return dominates(other->losses, candidate.losses); }))
            continue;
        front.push_back(&candidate);
        results.points[candidate.place].front = true;
    }
}

void choose(SweepResults& results) {
    results.chosen.reset();
    std::vector<std::size_t> front = results.front();
    if (front.empty()) return;
    const bool by_baseline = results.baseline && results.points[*results.baseline].feasible;
    const std::vector<std::string> scenario = results.labels_of(
        results.points[by_baseline ? *results.baseline : *std::min_element(front.begin(), front.end())],
        true);
    front.erase(std::remove_if(front.begin(), front.end(),
                               [&](std::size_t place) {
                                   return results.labels_of(results.points[place], true) != scenario;
                               }),
                front.end());
    const std::size_t count = results.objectives.size();
    std::vector<double> best(count, std::numeric_limits<double>::max()),
        worst(count, std::numeric_limits<double>::lowest());
    for (const std::size_t place : front) {
        const std::vector<double> own = losses(results, results.points[place]);
        for (std::size_t i = 0; i < count; ++i) {
            best[i] = std::min(best[i], own[i]);
            worst[i] = std::max(worst[i], own[i]);
        }
    }
    double nearest = std::numeric_limits<double>::max();
    for (const std::size_t place : front) {
        const std::vector<double> own = losses(results, results.points[place]);
        double distance = 0;
        for (std::size_t i = 0; i < count; ++i)
            if (worst[i] > best[i]) distance += std::pow((own[i] - best[i]) / (worst[i] - best[i]), 2);
        if (distance >= nearest) continue;
        nearest = distance;
        results.chosen = place;
    }
}

/// Number of a label such as "64 KiB" in front of its unit.
double number_of(const std::string& label) {
    const std::size_t end = std::min(label.find_first_not_of("0123456789.-eE"), label.size());
    return config::parse_number(label.substr(0, end)).value_or(0);
}

/// The groups of points that one axis makes: names, and by done point its group.
struct Groups {
    std::vector<std::string> names;
    std::vector<std::size_t> of;
};

Groups groups_of(const AxisResult& axis, std::size_t number, const std::vector<const PointResult*>& points) {
    Groups groups;
    if (!axis.labels.empty()) {
        groups.names = axis.labels;
        std::unordered_map<std::string_view, std::size_t> places;
        for (const std::string& label : axis.labels) places.emplace(label, places.size());
        for (const PointResult* point : points) groups.of.push_back(places.at(point->labels[number]));
        return groups;
    }
    // A range: quarters with equal numbers of points, as far as equal values allow.
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto value = [&](std::size_t i) { return number_of(points[i]->labels[number]); };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
    groups.of.resize(points.size());
    std::vector<std::pair<std::string, std::string>> ends;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::size_t part = rank * kParts / order.size();
        const std::string& label = points[order[rank]]->labels[number];
        const bool same = rank > 0 && value(order[rank]) == value(order[rank - 1]);
        const bool opens = ends.empty() || (!same && part > (rank - 1) * kParts / order.size());
        if (opens) ends.emplace_back(label, label);
        ends.back().second = label;
        groups.of[order[rank]] = ends.size() - 1;
    }
    for (const auto& [first, last] : ends)
        groups.names.push_back(first == last ? first : fmt::format("{} to {}", first, last));
    return groups;
}

std::optional<Effect> effect_of(const Groups& groups, const std::vector<double>& values) {
    std::vector<double> sums(groups.names.size(), 0);
    std::vector<std::size_t> counts(groups.names.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        sums[groups.of[i]] += values[i];
        ++counts[groups.of[i]];
    }
    Effect effect;
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    double between = 0, all = 0;
    for (std::size_t group = 0; group < sums.size(); ++group) {
        if (counts[group] == 0) continue;
        const double own = sums[group] / static_cast<double>(counts[group]);
        between += static_cast<double>(counts[group]) * (own - mean) * (own - mean);
        effect.means.push_back({groups.names[group], own, counts[group]});
    }
    if (effect.means.size() < 2) return std::nullopt;
    for (const double value : values) all += (value - mean) * (value - mean);
    // Values that are equal but for rounding have no variance to explain.
    effect.explained =
        all > 1e-24 * mean * mean * static_cast<double>(values.size()) ? std::min(1.0, between / all) : 0;
    return effect;
}

}  // namespace

double loss(const Objective& objective, double value) {
    return objective.better == Better::less ? value : -value;
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
    bool better = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i]) return false;
        better = better || a[i] < b[i];
    }
    return better;
}

bool Effect::uneven() const {
    return std::any_of(means.begin(), means.end(),
                       [&](const ValueMean& value) { return value.points != means.front().points; });
}

std::optional<double> PointResult::value(const Metric& metric) const {
    if (values.empty()) return std::nullopt;
    return values[place_of(metric)];
}

double place_of(const AxisResult& axis, const std::string& label) {
    if (axis.labels.empty()) return number_of(label);
    return static_cast<double>(std::find(axis.labels.begin(), axis.labels.end(), label) -
                               axis.labels.begin());
}

std::size_t SweepResults::count(PointState state) const {
    return static_cast<std::size_t>(std::count_if(
        points.begin(), points.end(), [&](const PointResult& point) { return point.state == state; }));
}

std::vector<std::size_t> SweepResults::front() const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].front) places.push_back(i);
    // Scenarios in the order in which points first have them.
    std::map<std::vector<std::string>, std::size_t> order;
    for (const PointResult& point : points) order.emplace(labels_of(point, true), order.size());
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(order[labels_of(points[a], true)], losses(*this, points[a])) <
               std::pair(order[labels_of(points[b], true)], losses(*this, points[b]));
    });
    return places;
}

std::vector<std::string> SweepResults::labels_of(const PointResult& point, bool scenario) const {
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < axes.size(); ++i)
        if (axes[i].scenario == scenario) labels.push_back(point.labels[i]);
    return labels;
}

void judge(SweepResults& results) {
    for (PointResult& point : results.points) {
        point.feasible = is_feasible(results, point);
        point.front = false;
    }
    mark_front(results);
    choose(results);
}

void explain(SweepResults& results) {
    for (std::size_t number = 0; number < results.axes.size(); ++number) {
        AxisResult& axis = results.axes[number];
        axis.effects.clear();
        for (const Objective& objective : results.objectives) {
            std::vector<const PointResult*> points;
            std::vector<double> values;
            for (const PointResult& point : results.points)
                if (const auto value = point.value(*objective.metric)) {
                    points.push_back(&point);
                    values.push_back(*value);
                }
            axis.effects.push_back(points.empty() ? std::nullopt
                                                  : effect_of(groups_of(axis, number, points), values));
        }
    }
}

}  // namespace sliver::sweep
