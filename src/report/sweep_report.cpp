#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/html.h"
#include "report/reports.h"
#include "report/table.h"

namespace sliver::report {
namespace sweep_sections {
namespace {

constexpr std::size_t kMostLines = 400;  ///< of the parallel coordinates: more hide each other
constexpr std::size_t kMostRows = 200;   ///< of the table of the front

struct Wanted {
    std::string metric, unit, better;
};

std::vector<Wanted> objectives_of(const Source& sweep) {
    std::vector<Wanted> all;
    const Pointer list("/objectives");
    for (std::size_t i = 0; i < sweep.size(list); ++i)
        all.push_back({sweep.text(list / i / "metric"), sweep.text(list / i / "unit"),
                       sweep.text(list / i / "better")});
    return all;
}

Measure measure_of(const Wanted& wanted) {
    static const std::map<std::string, Measure> kUnits = {
        {"J", Measure::joule}, {"s", Measure::seconds}, {"W", Measure::watt}, {"mm2", Measure::square_mm}};
    if (wanted.metric == "top1" || wanted.metric == "clipped_share") return Measure::share;
    const auto found = kUnits.find(wanted.unit);
    return found == kUnits.end() ? Measure::none : found->second;
}

std::string title_of(const Wanted& wanted) {
    return wanted.unit.empty() ? wanted.metric : fmt::format("{} ({})", wanted.metric, wanted.unit);
}

std::vector<Row> axes_of(const Source& sweep) {
    return rows_of(sweep, Pointer("/axes"), "name");
}

/// The place of the point that `key` names ("/baseline"), if there is one.
std::optional<Pointer> named_point(const Source& sweep, const char* key) {
    if (!sweep.has(Pointer(key))) return std::nullopt;
    const Json& value = sweep.number(Pointer(key));
    if (!value.is_number_unsigned() || value.get<std::size_t>() >= sweep.size(Pointer("/points")))
        sweep.fail(Pointer(key), "must be the place of a point");
    return Pointer("/points") / value.get<std::size_t>();
}

bool is_named(const Source& sweep, const char* key, const Pointer& point) {
    const std::optional<Pointer> named = named_point(sweep, key);
    return named && *named == point;
}

/// What a point is, the most telling word first.
std::string role_of(const Source& sweep, const Pointer& point) {
    if (is_named(sweep, "/chosen", point)) return "chosen";
    if (is_named(sweep, "/baseline", point)) return "baseline";
    if (sweep.flag(point / "front")) return "front";
    return sweep.flag(point / "feasible") ? "feasible" : "not feasible";
}

std::string labels_text(const Source& sweep, const Pointer& point) {
    std::string text;
    const std::vector<Row> axes = axes_of(sweep);
    for (std::size_t i = 0; i < axes.size(); ++i)
        text += fmt::format("{}{} {}", i == 0 ? "" : ", ", axes[i].names.front(),
                            sweep.text(point / "labels" / i));
    return text;
}

/// All points, named by identifier, role and labels.
std::vector<Row> points_of(const Source& sweep) {
    std::vector<Row> rows = rows_of(sweep, Pointer("/points"), "id");
    for (Row& row : rows)
        row.names.insert(row.names.end(), {role_of(sweep, row.place), labels_text(sweep, row.place)});
    return rows;
}
const std::vector<Column>& point_columns() {
    static const std::vector<Column> kColumns = {name_column("point"), name_column("role", 1),
                                                 name_column("labels", 2)};
    return kColumns;
}

/// Points with values of all objectives.
std::vector<Row> valued_points(const Source& sweep) {
    std::vector<Row> rows;
    const std::vector<Wanted> wanted = objectives_of(sweep);
    for (Row& row : points_of(sweep)) {
        const Pointer values = row.place / "values";
        if (sweep.has(values) && std::all_of(wanted.begin(), wanted.end(), [&](const Wanted& objective) {
                return sweep.has(values / objective.metric);
            }))
            rows.push_back(std::move(row));
    }
    return rows;
}

std::string joined(const Source& sweep, const Pointer& list) {
    std::string text;
    for (std::size_t i = 0; i < sweep.size(list); ++i) text += (i == 0 ? "" : ", ") + sweep.text(list / i);
    return text;
}

std::optional<Section> answers(const Source& sweep) {
    // Words only: none of the rows has a place.
    std::vector<Row> rows;
    const auto add = [&](const std::string& what, const std::string& words) {
        rows.push_back({{what, words}, Pointer()});
    };
    add("fixed", sweep.text(Pointer("/fixed")));
    add("points", sweep.text(Pointer("/sampling")));
    for (const Row& axis : axes_of(sweep)) {
        const std::string values = joined(sweep, axis.place / "labels");
        add(axis.names.front() + (sweep.flag(axis.place / "scenario") ? " (scenario)" : ""),
            values.empty() ? "a range" : values);
    }
    std::string wanted;
    for (const Wanted& objective : objectives_of(sweep))
        wanted += fmt::format("{}{} {}", wanted.empty() ? "" : ", ", objective.better, objective.metric);
    add("objectives", wanted);
    const std::string kept = joined(sweep, Pointer("/constraints"));
    if (!kept.empty()) add("constraints", kept);
    return Section{"answers", "What came of it",
                   list_html(sweep, Pointer("/insights"), "<ul>") +
                       Table(sweep, {name_column(""), name_column("", 1)}, rows).html("What was swept")};
}

/// Designs as points: values of two keys, `x_list` and `y_list` of their lists.
struct Across {
    Wanted x, y;
    const char *x_list = "values", *y_list = "values";
};
DataRows designs(const Source& sweep, const std::vector<Row>& points, const Across& axes) {
    std::vector<Column> columns = point_columns();
    const auto value = [](const char* list, const std::string& metric) {
        return [list, metric](const Row& row) { return row.place / list / metric; };
    };
    columns.emplace_back("x", value(axes.x_list, axes.x.metric), Measure::none);
    columns.emplace_back("y", value(axes.y_list, axes.y.metric), Measure::none);
    return Table(sweep, columns, points).data();
}

std::optional<Section> front(const Source& sweep) {
    const std::vector<Wanted> wanted = objectives_of(sweep);
    const std::vector<Row> valued = valued_points(sweep);
    std::string html;
    std::size_t number = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (std::size_t k = i + 1; k < wanted.size(); ++k) {
            const Wanted &x = wanted[i], &y = wanted[k];
            html += figure_html("front", designs(sweep, valued, {x, y}),
                                {{"caption", fmt::format("{} against {}", y.metric, x.metric)},
                                 {"x title", title_of(x)},
                                 {"y title", title_of(y)},
                                 {"x name", x.metric},
                                 {"y name", y.metric},
                                 {"x unit", x.unit},
                                 {"y unit", y.unit}},
                                fmt::format("front-{}", ++number));
        }
    std::vector<Row> shown;
    for (Row& row : points_of(sweep))
        if (sweep.flag(row.place / "front") ||
            (is_named(sweep, "/baseline", row.place) && sweep.has(row.place / "values")))
            shown.push_back(std::move(row));
    if (shown.size() > kMostRows) {
        html += fmt::format("<p>The first {} of {} points.</p>\n", kMostRows, shown.size());
        shown.resize(kMostRows);
    }
    std::vector<Column> columns = {name_column("point"), name_column("is", 1)};
    const std::vector<Row> axes = axes_of(sweep);
    for (std::size_t i = 0; i < axes.size(); ++i)
        columns.emplace_back(axes[i].names.front(), fmt::format("labels/{}", i), Measure::word);
    for (const Wanted& objective : wanted)
        columns.emplace_back(
            objective.metric,
            [metric = objective.metric](const Row& row) { return row.place / "values" / metric; },
            measure_of(objective));
    return Section{"front", "Front",
                   html + Table(sweep, columns, shown).html("Points of the front, and the baseline")};
}

std::optional<Section> parallel(const Source& sweep) {
    // Front, chosen and baseline always; of the others as many as can be told apart.
    std::vector<Row> shown, rest;
    for (Row& row : valued_points(sweep)) {
        const std::string& role = row.names.at(1);
        (role == "feasible" || role == "not feasible" ? rest : shown).push_back(std::move(row));
    }
    const std::size_t room = kMostLines - std::min(kMostLines, shown.size());
    const std::size_t left_out = rest.size() - std::min(rest.size(), room);
    rest.resize(rest.size() - left_out);
    shown.insert(shown.begin(), rest.begin(), rest.end());

    // A row a design and column: names as before, then the column and the word for the value.
    std::vector<Row> rows;
    const std::vector<Row> axes = axes_of(sweep);
    for (const Row& point : shown) {
        const auto add = [&](const std::string& column, const std::string& label, const Pointer& value) {
            Row row = {point.names, value};
            row.names.insert(row.names.end(), {column, label});
            rows.push_back(std::move(row));
        };
        for (std::size_t i = 0; i < axes.size(); ++i)
            add(axes[i].names.front(), sweep.text(point.place / "labels" / i), point.place / "places" / i);
        for (const Wanted& objective : objectives_of(sweep))
            add(objective.metric, "", point.place / "values" / objective.metric);
    }
    std::vector<Column> columns = point_columns();
    columns.insert(columns.end(), {name_column("column", 3), name_column("label", 4),
                                   Column("", "", Measure::none).as("value")});
    std::string hint =
        "A line a design, a column an axis or an objective, each from its lowest value to its highest; "
        "words in the order of the file.";
    if (left_out > 0) hint += fmt::format(" {} designs that are not on the front are left out.", left_out);
    return Section{"parallel", "Parallel coordinates",
                   figure_html("parallel", Table(sweep, columns, rows).data(), {{"hint", hint}})};
}

std::optional<Section> sensitivity(const Source& sweep) {
    std::vector<Row> effects, means;
    const std::vector<Wanted> wanted = objectives_of(sweep);
    for (const Row& axis : axes_of(sweep))
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            const Row effect = {{axis.names.front(), wanted[k].metric}, axis.place / "effects" / k};
            if (!sweep.has(effect.place)) continue;
            effects.push_back(effect);
            for (std::size_t i = 0; i < sweep.size(effect.place / "means"); ++i)
                means.push_back({effect.names, effect.place / "means" / i, measure_of(wanted[k])});
        }
    const std::vector<Column> names = {name_column("axis"), name_column("objective", 1)};
    std::vector<Column> explained = names, table = names;
    explained.emplace_back("", "explained", Measure::share);
    table.insert(table.end(), {{"value", "label", Measure::word},
                               {"mean", "mean", Measure::of_row},
                               {"points", "points", Measure::exact}});
    return Section{"sensitivity", "Sensitivity",
                   figure_html("sensitivity", Table(sweep, explained, effects).data()) +
                       Table(sweep, table, means).html("Means over the points with a value")};
}

std::optional<Section> against_baseline(const Source& sweep) {
    const std::optional<Pointer> baseline = named_point(sweep, "/baseline"),
                                 chosen = named_point(sweep, "/chosen");
    if (!baseline || !chosen || *baseline == *chosen || sweep.size(*baseline / "components") == 0)
        return Section{"components", "The chosen point",
                       "<p>There is no finished baseline beside it: name one in the sweep file to see "
                       "components side by side.</p>\n"};
    const Pointer was = *baseline / "components", is = *chosen / "components";
    if (sweep.size(was) != sweep.size(is)) sweep.fail(is, "must have the components of the baseline");
    const auto of_chosen = [is](const char* key) {
        return [is, key](const Row& row) { return is / row.place.back() / key; };
    };
    const Table table(sweep,
                      {name_column("component"),
                       Column("baseline", "energy_per_image_j", Measure::joule).as("baseline"),
                       {"chosen", of_chosen("energy_per_image_j"), Measure::joule},
                       {"area, baseline", "area_mm2", Measure::square_mm},
                       {"area, chosen", of_chosen("area_mm2"), Measure::square_mm}},
                      rows_of(sweep, was, "name"));
    return Section{"components", "The chosen point",
                   fmt::format("<p>Chosen: {}. Baseline: {}.</p>\n", escaped(labels_text(sweep, *chosen)),
                               escaped(labels_text(sweep, *baseline))) +
                       figure_html("components", table.data()) +
                       table.html("Energy of one image and area by component")};
}

/// Estimates against what was simulated, of the first objective that has some.
std::string estimates_html(const Source& sweep) {
    for (const Wanted& wanted : objectives_of(sweep)) {
        std::vector<Row> rows = valued_points(sweep);
        rows.erase(std::remove_if(rows.begin(), rows.end(),
                                  [&](const Row& row) {
                                      return !sweep.has(row.place / "estimates") ||
                                             !sweep.has(row.place / "estimates" / wanted.metric);
                                  }),
                   rows.end());
        if (rows.empty()) continue;
        return figure_html("closed-forms", designs(sweep, rows, {wanted, wanted, "estimates"}),
                           {{"caption", wanted.metric + ", simulated against estimated"},
                            {"x title", title_of(wanted) + ", closed form"},
                            {"y title", title_of(wanted) + ", simulated"},
                            {"x name", "closed form"},
                            {"y name", "simulated"},
                            {"x unit", wanted.unit},
                            {"y unit", wanted.unit}});
    }
    return "";
}

std::optional<Section> closed_forms(const Source& sweep) {
    const Pointer errors("/estimate_errors");
    if (!sweep.has(errors) || sweep.size(errors) == 0) return std::nullopt;  // nothing was estimated
    const Table table(sweep,
                      {name_column("metric"),
                       {"points", "points", Measure::exact},
                       {"median", "median", Measure::share},
                       {"largest", "largest", Measure::share}},
                      rows_of(sweep, errors, "metric"));
    return Section{
        "closed-forms", "How far the closed forms were off",
        estimates_html(sweep) + table.html("Relative error of the closed forms over the simulated points")};
}

std::optional<Section> failures(const Source& sweep) {
    std::map<std::string, std::size_t> states;
    std::vector<Row> failed;
    for (Row& row : points_of(sweep)) {
        const std::string& state = sweep.text(row.place / "state");
        if (++states[state] <= kMostRows && state == "failed") failed.push_back(std::move(row));
    }
    std::string html = fmt::format(
        "<p>{} failed, {} not run{}.</p>\n", states["failed"], states["open"],
        states["dropped"] == 0 ? "" : fmt::format(", {} dropped by pre-screening", states["dropped"]));
    const std::string title = "Points without a result";
    if (!failed.empty())
        html +=
            Table(sweep, {name_column("point"), name_column("with", 2), {"why", "message", Measure::word}},
                  failed)
                .html(title);
    return Section{"failures", title, html};
}

}  // namespace
}  // namespace sweep_sections

Page sweep_page(const Source& sweep) {
    using namespace sweep_sections;
    sweep.require_kind(Pointer("/study"), "sweep", 1);
    const std::string& summary = sweep.text(Pointer("/summary"));
    return page_of(sweep, "Sweep " + sweep.text(Pointer("/name")),
                   fmt::format("{}. By Sliver {}.", summary.empty() ? sweep.text(Pointer("/fixed")) : summary,
                               sweep.text(Pointer("/version"))),
                   {answers, front, parallel, sensitivity, against_baseline, closed_forms, failures});
}

}  // namespace sliver::report
