#include "sweep/sweep_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "results/quantity_text.h"
#include "results/table.h"
#include "results/wrapped_text.h"
#include "sweep/screening.h"

namespace sliver::sweep {
namespace {

using results::Align;
using results::grouped;
using results::si;
using results::Table;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kMostRows = 30, kMostFailures = 5;

std::string value_text(const Metric& metric, std::optional<double> value) {
    if (!value) return "-";
    if (metric.unit == "mm2") return fmt::format("{:.2f} mm2", *value);
    if (metric.unit == "bit") return fmt::format("{:.2f}", *value);
    if (metric.name == "top1" || metric.name == "clipped_share") return fmt::format("{:.2f} %", 100 * *value);
    if (metric.unit.empty()) return grouped(static_cast<std::uint64_t>(std::llround(*value)));
    return si(*value, metric.unit);
}

/// Objectives, then what only constraints name.
std::vector<const Metric*> shown_metrics(const SweepResults& results) {
    std::vector<const Metric*> shown;
    const auto add = [&](const Metric* metric) {
        if (std::find(shown.begin(), shown.end(), metric) == shown.end()) shown.push_back(metric);
    };
    for (const Objective& objective : results.objectives) add(objective.metric);
    for (const Constraint& constraint : results.constraints) add(constraint.metric);
    return shown;
}

Table points_table(const SweepResults& results) {
    Table table;
    table.add_column("  point", Align::left);
    for (const AxisResult& axis : results.axes) table.add_column(axis.name, Align::left);
    for (const Metric* metric : shown_metrics(results))
        table.add_column(std::string(metric->name), Align::right);
    return table;
}

/// The mark stands in the column of the points, which begins every part of a table that is told in parts.
void add_point(Table& table, const SweepResults& results, std::size_t place, bool marked) {
    const PointResult& point = results.points[place];
    std::vector<std::string> cells = {(marked ? "* " : "  ") + point.id};
    cells.insert(cells.end(), point.labels.begin(), point.labels.end());
    for (const Metric* metric : shown_metrics(results))
        cells.push_back(value_text(*metric, point.value(*metric)));
    table.add_row(cells);
}

std::string objective_text(const Objective& objective) {
    return fmt::format("{} {}", objective.better == Better::less ? "min" : "max", objective.metric->name);
}

std::string joined(const std::vector<std::string>& items, const char* between = ", ") {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : between) + item;
    return text;
}

std::string heading(const SweepResults& results) {
    std::vector<std::string> wanted, kept;
    for (const Objective& objective : results.objectives) wanted.push_back(objective_text(objective));
    for (const Constraint& constraint : results.constraints) kept.push_back(constraint.text);
    std::string text =
        fmt::format("Sweep {}{}\n", results.name, results.summary.empty() ? "" : ": " + results.summary);
    text += results::wrapped("  fixed: ", results.fixed);
    text += fmt::format("  wanted: {}{}\n", joined(wanted),
                        kept.empty() ? "" : "; only where " + joined(kept, " and "));
    text += fmt::format("  {} points ({}): {} done", results.points.size(), results.sampling,
                        results.count(PointState::done));
    for (const auto& [state, word] : {std::pair{PointState::failed, "failed"},
                                      {PointState::open, "not run"},
                                      {PointState::dropped, "dropped by pre-screening"}})
        if (results.count(state) > 0) text += fmt::format(", {} {}", results.count(state), word);
    return text + "\n";
}

std::string failures_text(const SweepResults& results) {
    std::string text;
    std::size_t shown = 0;
    for (const PointResult& point : results.points) {
        if (point.state != PointState::failed) continue;
        if (shown++ == kMostFailures) {
            text += fmt::format("  ... and {} more: results.csv has them\n",
                                results.count(PointState::failed) - kMostFailures);
            break;
        }
        text += results::wrapped("  failed: ",
                                 fmt::format("{} ({}): {}", point.id, joined(point.labels), point.message));
    }
    return text;
}

/// The values with the lowest and the highest mean.
std::pair<const ValueMean*, const ValueMean*> extremes(const Effect& effect) {
    const auto by_mean = [](const ValueMean& a, const ValueMean& b) { return a.mean < b.mean; };
    const auto [low, high] = std::minmax_element(effect.means.begin(), effect.means.end(), by_mean);
    return {&*low, &*high};
}

std::string effects_text(const SweepResults& results) {
    Table table;
    table.add_column("axis", Align::left);
    table.add_column("objective", Align::left);
    table.add_column("explains", Align::right);
    for (const char* title : {"lowest mean", "at", "highest mean", "at"})
        table.add_column(title, Align::left);
    bool any = false, uneven = false;
    for (const AxisResult& axis : results.axes)
        for (std::size_t i = 0; i < results.objectives.size(); ++i) {
            if (i >= axis.effects.size() || !axis.effects[i]) continue;
            const Metric& metric = *results.objectives[i].metric;
            const Effect& effect = *axis.effects[i];
            const auto [low, high] = extremes(effect);
            const char* mark = effect.uneven() ? " (!)" : "";
            table.add_row(
                {axis.name, std::string(metric.name), fmt::format("{:.1f} %{}", 100 * effect.explained, mark),
                 value_text(metric, low->mean), low->label, value_text(metric, high->mean), high->label});
            any = true;
            uneven = uneven || effect.uneven();
        }
    if (!any) return {};
    const std::size_t done = results.count(PointState::done), all = results.points.size();
    return fmt::format(
               "What each axis does{}: share of an objective's variance between its values, and means over "
               "the points of a value\n",
               done < all ? fmt::format(", over the {} of {} points that are done", done, all) : "") +
           table.text(kIndent) +
           (uneven ? "  (!) not every value was reached by as many points: some failed or were dropped, and "
                     "means compare "
                     "unlike "
                     "points\n"
                   : "");
}

std::string against_baseline(const SweepResults& results) {
    if (!results.baseline || !results.chosen) return {};
    const PointResult &base = results.points[*results.baseline], &chosen = results.points[*results.chosen];
    if (base.components.empty() || chosen.components.empty()) return {};
    Table table;
    table.add_column("component", Align::left);
    for (const char* title : {"baseline", "chosen", "ratio", "baseline mm2", "chosen mm2"})
        table.add_column(title, Align::right);
    for (std::size_t i = 0; i < base.components.size(); ++i) {
        const ComponentCost &was = base.components[i], &is = chosen.components[i];
        if (was.energy_per_image_j + is.energy_per_image_j + was.area_mm2 + is.area_mm2 <= 0) continue;
        table.add_row({was.name, si(was.energy_per_image_j, "J"), si(is.energy_per_image_j, "J"),
                       was.energy_per_image_j > 0
                           ? fmt::format("{:.3f}", is.energy_per_image_j / was.energy_per_image_j)
                           : "-",
                       fmt::format("{:.3f}", was.area_mm2), fmt::format("{:.3f}", is.area_mm2)});
    }
    return "The chosen point against the baseline, energy of one image and area by component\n" +
           table.text(kIndent);
}

std::string robust_sentence(const SweepResults& results) {
    std::map<std::vector<std::string>, std::set<std::vector<std::string>>> scenarios_of;
    std::set<std::vector<std::string>> scenarios;
    for (const PointResult& point : results.points) {
        if (point.feasible) scenarios.insert(results.labels_of(point, true));
        if (point.front) scenarios_of[results.labels_of(point, false)].insert(results.labels_of(point, true));
    }
    if (scenarios.size() < 2) return {};
    std::vector<std::string> always;
    for (const auto& [design, on] : scenarios_of)
        if (on.size() == scenarios.size()) always.push_back("(" + joined(design) + ")");
    const std::size_t count = always.size();
    constexpr std::size_t kMostNamed = 6;
    if (count > kMostNamed) {
        always.resize(kMostNamed);
        always.emplace_back("...");
    }
    return fmt::format("On the front under each of the {} scenarios: {} of {} designs{}.", scenarios.size(),
                       count, scenarios_of.size(), count == 0 ? "" : ": " + joined(always));
}

/// How far the closed forms were off, for what the sweep is about; for times always, which they know least.
std::string estimates_text(const SweepResults& results) {
    const std::vector<const Metric*> shown = shown_metrics(results);
    std::vector<std::string> off;
    for (const EstimateError& error : estimate_errors(results))
        if (std::find(shown.begin(), shown.end(), error.metric) != shown.end() ||
            error.metric->name == "latency_s" || error.metric->name == "interval_s")
            off.push_back(fmt::format("{} {:.2g} % and {:.2g} %", error.metric->name, 100 * error.median,
                                      100 * error.largest));
    if (off.empty()) return {};
    return results::wrapped(
        "", "Closed forms against simulation, median and largest error: " + joined(off) + ".");
}

}  // namespace

std::vector<std::string> insights(const SweepResults& results) {
    std::vector<std::string> sentences;
    for (std::size_t i = 0; i < results.objectives.size(); ++i) {
        const Metric& metric = *results.objectives[i].metric;
        const AxisResult* strongest = nullptr;
        for (const AxisResult& axis : results.axes)
            if (i < axis.effects.size() && axis.effects[i] &&
                (strongest == nullptr || axis.effects[i]->explained > strongest->effects[i]->explained))
                strongest = &axis;
        if (strongest == nullptr) continue;
        const Effect& effect = *strongest->effects[i];
        if (effect.explained <= 0) {
            sentences.push_back(fmt::format("{} is the same whatever the axes say.", metric.name));
            continue;
        }
        const auto [low, high] = extremes(effect);
        std::string factor;
        if (low->mean > 0) factor = fmt::format(", a factor of {:.2f}", high->mean / low->mean);
        sentences.push_back(fmt::format(
            "{} depends most on {} ({:.0f} % of its variance): from {} at {} to {} at {} on average{}.",
            metric.name, strongest->name, 100 * effect.explained, value_text(metric, low->mean), low->label,
            value_text(metric, high->mean), high->label, factor));
    }
    if (const std::string robust = robust_sentence(results); !robust.empty()) sentences.push_back(robust);
    if (results.chosen) {
        const PointResult& chosen = results.points[*results.chosen];
        std::vector<std::string> at, against;
        for (std::size_t i = 0; i < results.axes.size(); ++i)
            at.push_back(fmt::format("{} {}", results.axes[i].name, chosen.labels[i]));
        for (const Objective& objective : results.objectives) {
            const Metric& metric = *objective.metric;
            const std::optional<double> own = chosen.value(metric);
            std::string text = fmt::format("{} {}", metric.name, value_text(metric, own));
            if (results.baseline && *results.baseline != *results.chosen)
                if (const auto base = results.points[*results.baseline].value(metric); base && *base > 0)
                    text += fmt::format(" ({:.3f} of the baseline's)", *own / *base);
            against.push_back(text);
        }
        sentences.push_back(fmt::format("Nearest to the best of everything: {} with {}: {}.", chosen.id,
                                        joined(at), joined(against)));
    }
    return sentences;
}

std::string front_text(const SweepResults& results) {
    const std::vector<std::size_t> front = results.front();
    if (front.empty()) return "No point is feasible: there is no front.\n";
    Table table = points_table(results);
    for (std::size_t i = 0; i < front.size() && i < kMostRows; ++i)
        add_point(table, results, front[i], results.chosen == front[i]);
    const bool scenarios = std::any_of(results.axes.begin(), results.axes.end(),
                                       [](const AxisResult& axis) { return axis.scenario; });
    std::string text = fmt::format("Pareto front{}: {} of {} feasible points\n",
                                   scenarios ? " of each scenario" : "", front.size(),
                                   std::count_if(results.points.begin(), results.points.end(),
                                                 [](const PointResult& point) { return point.feasible; }));
    text += table.text(kIndent);
    if (front.size() > kMostRows)
        text +=
            fmt::format("  ... and {} more: results.csv has them (column front)\n", front.size() - kMostRows);
    if (results.chosen) text += "  *: nearest to having the best of every objective\n";
    if (results.baseline && results.points[*results.baseline].state == PointState::done) {
        Table base = points_table(results);
        add_point(base, results, *results.baseline, false);
        text += "Baseline\n" + base.text(kIndent);
    }
    return text;
}

std::string sweep_text(const SweepResults& results) {
    std::string text = heading(results) + failures_text(results) + "\n" + front_text(results);
    for (const std::string& part :
         {effects_text(results), against_baseline(results), estimates_text(results)})
        if (!part.empty()) text += "\n" + part;
    const std::vector<std::string> sentences = insights(results);
    if (!sentences.empty()) text += "\n";
    for (const std::string& sentence : sentences) text += results::wrapped("- ", sentence);
    return text;
}

}  // namespace sliver::sweep
