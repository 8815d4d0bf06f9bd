#include "report/sweep_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "report/chart.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"

namespace sliver::report {
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

std::vector<std::string> axes_of(const Source& sweep) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < sweep.size(Pointer("/axes")); ++i)
        names.push_back(sweep.text(Pointer("/axes") / i / "name"));
    return names;
}

Measure unit_of(const Wanted& wanted) {
    static const std::map<std::string, Measure> kUnits = {
        {"J", Measure::joule}, {"s", Measure::seconds}, {"W", Measure::watt}, {"mm2", Measure::square_mm}};
    if (wanted.metric == "top1" || wanted.metric == "clipped_share") return Measure::share;
    const auto found = kUnits.find(wanted.unit);
    return found == kUnits.end() ? Measure::none : found->second;
}

std::string title_of(const Wanted& wanted) {
    return wanted.unit.empty() ? wanted.metric : fmt::format("{} ({})", wanted.metric, wanted.unit);
}

/// The place of the point that `key` names ("/baseline"), if there is one.
std::optional<std::size_t> named_point(const Source& sweep, const char* key) {
    if (!sweep.has(Pointer(key))) return std::nullopt;
    const Json& value = sweep.number(Pointer(key));
    if (!value.is_number_unsigned() || value.get<std::size_t>() >= sweep.size(Pointer("/points")))
        sweep.fail(Pointer(key), "must be the place of a point");
    return value.get<std::size_t>();
}

/// What a point is, the most telling word first.
std::string role_of(const Source& sweep, std::size_t point) {
    const Pointer place = Pointer("/points") / point;
    if (named_point(sweep, "/chosen") == point) return "chosen";
    if (named_point(sweep, "/baseline") == point) return "baseline";
    if (sweep.flag(place / "front")) return "front";
    return sweep.flag(place / "feasible") ? "feasible" : "not feasible";
}

std::string labels_text(const Source& sweep, std::size_t point) {
    const std::vector<std::string> axes = axes_of(sweep);
    std::string text;
    for (std::size_t i = 0; i < axes.size(); ++i)
        text += fmt::format("{}{} {}", i == 0 ? "" : ", ", axes[i],
                            sweep.text(Pointer("/points") / point / "labels" / i));
    return text;
}

/// Points with values of all objectives.
std::vector<std::size_t> valued_points(const Source& sweep) {
    std::vector<std::size_t> places;
    const std::vector<Wanted> wanted = objectives_of(sweep);
    for (std::size_t i = 0; i < sweep.size(Pointer("/points")); ++i) {
        const Pointer values = Pointer("/points") / i / "values";
        if (sweep.has(values) && std::all_of(wanted.begin(), wanted.end(), [&](const Wanted& objective) {
                return sweep.has(values / objective.metric);
            }))
            places.push_back(i);
    }
    return places;
}

Json role_colour() {
    return {{"field", "role"},
            {"type", "nominal"},
            {"title", nullptr},
            {"sort", {"chosen", "baseline", "front", "feasible", "not feasible"}},
            {"scale",
             {{"domain", {"chosen", "baseline", "front", "feasible", "not feasible"}},
              {"range", {"#e45756", "#54a24b", kMarked, kPlain, "#bab0ac"}}}},
            {"legend", {{"orient", "bottom"}}}};
}

Section answers(const Source& sweep) {
    std::string html = "<ul>\n";
    const Pointer list("/insights");
    for (std::size_t i = 0; i < sweep.size(list); ++i)
        html += fmt::format("<li>{}</li>\n", escaped(sweep.text(list / i)));
    html += "</ul>\n";
    HtmlTable table("What was swept");
    table.add_text_column("");
    table.add_text_column("");
    table.add_row({"fixed", escaped(sweep.text(Pointer("/fixed")))});
    table.add_row({"points", escaped(sweep.text(Pointer("/sampling")))});
    const Pointer axes("/axes");
    for (std::size_t i = 0; i < sweep.size(axes); ++i) {
        std::string values;
        for (std::size_t k = 0; k < sweep.size(axes / i / "labels"); ++k)
            values += (k == 0 ? "" : ", ") + sweep.text(axes / i / "labels" / k);
        table.add_row({escaped(sweep.text(axes / i / "name")) +
                           (sweep.flag(axes / i / "scenario") ? " (scenario)" : ""),
                       escaped(values.empty() ? "a range" : values)});
    }
    std::string wanted, kept;
    for (const Wanted& objective : objectives_of(sweep))
        wanted += fmt::format("{}{} {}", wanted.empty() ? "" : ", ", objective.better, objective.metric);
    for (std::size_t i = 0; i < sweep.size(Pointer("/constraints")); ++i)
        kept += (kept.empty() ? "" : ", ") + sweep.text(Pointer("/constraints") / i);
    table.add_row({"objectives", escaped(wanted)});
    if (!kept.empty()) table.add_row({"constraints", escaped(kept)});
    return {"answers", "What came of it", html + table.html()};
}

std::string front_chart(const Source& sweep, const Wanted& x, const Wanted& y, std::size_t number) {
    std::vector<DataRow> rows;
    for (const std::size_t point : valued_points(sweep)) {
        const Pointer values = Pointer("/points") / point / "values";
        rows.push_back(DataRow(sweep)
                           .word("point", sweep.text(Pointer("/points") / point / "id"))
                           .word("labels", labels_text(sweep, point))
                           .word("role", role_of(sweep, point))
                           .number("x", values / x.metric)
                           .number("y", values / y.metric));
    }
    Json spec = chart_spec(rows);
    const auto axis = [](const char* field, const Wanted& wanted) {
        return Json{{"field", field},
                    {"type", "quantitative"},
                    {"title", title_of(wanted)},
                    {"scale", {{"zero", false}}},
                    {"axis", {{"format", "~s"}}}};
    };
    spec["height"] = 320;
    spec["transform"] = Json::array({si_text("x_text", "x", x.unit), si_text("y_text", "y", y.unit)});
    spec["mark"] = {{"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 0.85}, {"aria", false}};
    spec["encoding"] = {{"x", axis("x", x)},
                        {"y", axis("y", y)},
                        {"color", role_colour()},
                        {"tooltip", sections::tooltip({{"point", "point"},
                                                       {"labels", "with"},
                                                       {"role", "is"},
                                                       {"x_text", x.metric},
                                                       {"y_text", y.metric}})}};
    return figure_html(
        {fmt::format("front-{}", number), fmt::format("{} against {}", y.metric, x.metric),
         "A point a design. On the front: not beaten by a feasible design of the same scenario in all "
         "objectives together, which may be more than these two.",
         std::move(spec)});
}

std::string front_table(const Source& sweep) {
    const std::vector<Wanted> wanted = objectives_of(sweep);
    const std::vector<std::string> axes = axes_of(sweep);
    HtmlTable table("Points of the front, and the baseline");
    table.add_text_column("point");
    table.add_text_column("is");
    for (const std::string& axis : axes) table.add_text_column(axis);
    for (const Wanted& objective : wanted) table.add_number_column(objective.metric);
    std::size_t shown = 0;
    for (std::size_t i = 0; i < sweep.size(Pointer("/points")); ++i) {
        const Pointer point = Pointer("/points") / i;
        const bool baseline = named_point(sweep, "/baseline") == i && sweep.has(point / "values");
        if ((!sweep.flag(point / "front") && !baseline) || shown++ >= kMostRows) continue;
        std::vector<Cell> cells = {escaped(sweep.text(point / "id")), role_of(sweep, i)};
        for (std::size_t k = 0; k < axes.size(); ++k)
            cells.emplace_back(escaped(sweep.text(point / "labels" / k)));
        for (const Wanted& objective : wanted)
            cells.emplace_back(number_html(sweep, point / "values" / objective.metric, unit_of(objective)));
        table.add_row(std::move(cells));
    }
    return (shown > kMostRows ? fmt::format("<p>The first {} of {} points.</p>\n", kMostRows, shown) : "") +
           table.html();
}

Section front(const Source& sweep) {
    const std::vector<Wanted> wanted = objectives_of(sweep);
    std::string html;
    std::size_t number = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (std::size_t k = i + 1; k < wanted.size(); ++k)
            html += front_chart(sweep, wanted[i], wanted[k], ++number);
    return {"front", "Front", html + front_table(sweep)};
}

Section parallel(const Source& sweep) {
    // Front, chosen and baseline always; of the others as many as can be told apart.
    std::vector<std::size_t> shown, rest;
    for (const std::size_t point : valued_points(sweep)) {
        const std::string role = role_of(sweep, point);
        (role == "feasible" || role == "not feasible" ? rest : shown).push_back(point);
    }
    const std::size_t left_out = shown.size() + rest.size() > kMostLines
                                     ? shown.size() + rest.size() - std::max(kMostLines, shown.size())
                                     : 0;
    rest.resize(rest.size() - std::min(left_out, rest.size()));
    shown.insert(shown.begin(), rest.begin(), rest.end());

    std::vector<DataRow> rows;
    Json order = Json::array();
    const std::vector<std::string> axes = axes_of(sweep);
    const std::vector<Wanted> wanted = objectives_of(sweep);
    for (const std::string& axis : axes) order.push_back(axis);
    for (const Wanted& objective : wanted) order.push_back(objective.metric);
    for (const std::size_t point : shown) {
        const Pointer place = Pointer("/points") / point;
        const auto row = [&](const std::string& column, const std::string& text) {
            return DataRow(sweep)
                .word("point", sweep.text(place / "id"))
                .word("role", role_of(sweep, point))
                .word("column", column)
                .word("label", text)
                .word("labels", labels_text(sweep, point));
        };
        for (std::size_t i = 0; i < axes.size(); ++i)
            rows.push_back(
                row(axes[i], sweep.text(place / "labels" / i)).number("value", place / "places" / i));
        for (const Wanted& objective : wanted)
            rows.push_back(row(objective.metric, "").number("value", place / "values" / objective.metric));
    }
    Json spec = chart_spec(rows);
    spec["height"] = 320;
    spec["transform"] = Json::array(
        {{{"joinaggregate", Json::array({{{"op", "min"}, {"field", "value"}, {"as", "low"}},
                                         {{"op", "max"}, {"field", "value"}, {"as", "high"}}})},
          {"groupby", {"column"}}},
         calculated("height",
                    "datum.high > datum.low ? (datum.value - datum.low) / (datum.high - datum.low) : 0.5"),
         calculated("text", "datum.label ? datum.label : format(datum.value, '.4~s')")});
    spec["mark"] = {{"type", "line"}, {"point", {{"size", 24}}}, {"opacity", 0.55}, {"aria", false}};
    spec["encoding"] = {{"x",
                         {{"field", "column"},
                          {"type", "nominal"},
                          {"sort", order},
                          {"title", nullptr},
                          {"axis", {{"labelAngle", -20}}}}},
                        {"y",
                         {{"field", "height"},
                          {"type", "quantitative"},
                          {"title", "lowest to highest"},
                          {"axis", {{"labels", false}, {"ticks", false}}}}},
                        {"detail", {{"field", "point"}}},
                        {"color", role_colour()},
                        {"tooltip", sections::tooltip({{"point", "point"},
                                                       {"role", "is"},
                                                       {"column", "column"},
                                                       {"text", "value"},
                                                       {"labels", "with"}})}};
    std::string note =
        "A line a design, a column an axis or an objective, each from its lowest value to its highest; "
        "words in the order of the file.";
    if (left_out > 0) note += fmt::format(" {} designs that are not on the front are left out.", left_out);
    return {"parallel", "Parallel coordinates",
            figure_html({"parallel", "Every design through its axes and objectives", note, std::move(spec)})};
}

Section sensitivity(const Source& sweep) {
    const std::vector<Wanted> wanted = objectives_of(sweep);
    std::vector<DataRow> rows;
    const Pointer axes("/axes");
    HtmlTable table("Means over the points with a value");
    table.add_text_column("axis");
    table.add_text_column("objective");
    table.add_text_column("value");
    table.add_number_column("mean");
    table.add_number_column("points");
    for (std::size_t i = 0; i < sweep.size(axes); ++i)
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            const Pointer effect = axes / i / "effects" / k;
            if (!sweep.has(effect)) continue;
            rows.push_back(DataRow(sweep)
                               .word("axis", sweep.text(axes / i / "name"))
                               .word("objective", wanted[k].metric)
                               .number("explained", effect / "explained"));
            for (std::size_t m = 0; m < sweep.size(effect / "means"); ++m) {
                const Pointer mean = effect / "means" / m;
                table.add_row({escaped(sweep.text(axes / i / "name")), escaped(wanted[k].metric),
                               escaped(sweep.text(mean / "label")),
                               number_html(sweep, mean / "mean", unit_of(wanted[k])),
                               number_html(sweep, mean / "points", Measure::exact)});
            }
        }
    Json spec = chart_spec(rows);
    spec["height"] = sections::rows_height(sweep.size(axes) * std::max<std::size_t>(wanted.size(), 1));
    spec["mark"] = {{"type", "bar"}, {"aria", false}};
    spec["transform"] = Json::array({calculated("explained_text", "format(datum.explained, '.1%')")});
    spec["encoding"] = {
        {"y", {{"field", "axis"}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}}},
        {"yOffset", {{"field", "objective"}, {"type", "nominal"}, {"sort", nullptr}}},
        {"x",
         {{"field", "explained"},
          {"type", "quantitative"},
          {"title", "share of the objective's variance"},
          {"scale", {{"domain", {0, 1}}}},
          {"axis", {{"format", "~p"}}}}},
        {"color",
         {{"field", "objective"},
          {"type", "nominal"},
          {"title", nullptr},
          {"sort", nullptr},
          {"scale", {{"scheme", "tableau10"}}},
          {"legend", {{"orient", "bottom"}}}}},
        {"tooltip",
         sections::tooltip({{"axis", "axis"}, {"objective", "objective"}, {"explained_text", "explains"}})}};
    return {"sensitivity", "Sensitivity",
            figure_html(
                {"sensitivity", "What each axis does to each objective",
                 "Share of the variance that lies between the values of the axis (eta squared). What is left "
                 "over 100 % is what axes do together.",
                 std::move(spec)}) +
                table.html()};
}

Section against_baseline(const Source& sweep) {
    const std::optional<std::size_t> baseline = named_point(sweep, "/baseline"),
                                     chosen = named_point(sweep, "/chosen");
    if (!baseline || !chosen || *baseline == *chosen ||
        sweep.size(Pointer("/points") / *baseline / "components") == 0)
        return {"components", "The chosen point",
                "<p>There is no finished baseline beside it: name one in the sweep file to see components "
                "side by "
                "side.</p>\n"};
    std::vector<DataRow> rows;
    HtmlTable table("Energy of one image and area by component");
    table.add_text_column("component");
    for (const char* title : {"baseline", "chosen", "area, baseline", "area, chosen"})
        table.add_number_column(title);
    const Pointer was = Pointer("/points") / *baseline / "components",
                  is = Pointer("/points") / *chosen / "components";
    if (sweep.size(was) != sweep.size(is)) sweep.fail(is, "must have the components of the baseline");
    for (std::size_t i = 0; i < sweep.size(was); ++i) {
        const std::string& name = sweep.text(was / i / "name");
        for (const auto& [which, place] : {std::pair{"baseline", was / i}, std::pair{"chosen", is / i}})
            rows.push_back(DataRow(sweep)
                               .word("component", name)
                               .word("which", which)
                               .number("energy", place / "energy_per_image_j"));
        table.add_row({escaped(name), number_html(sweep, was / i / "energy_per_image_j", Measure::joule),
                       number_html(sweep, is / i / "energy_per_image_j", Measure::joule),
                       number_html(sweep, was / i / "area_mm2", Measure::square_mm),
                       number_html(sweep, is / i / "area_mm2", Measure::square_mm)});
    }
    Json spec = chart_spec(rows);
    spec["height"] = sections::rows_height(2 * sweep.size(was));
    spec["mark"] = {{"type", "bar"}, {"aria", false}};
    spec["transform"] = Json::array({si_text("energy_text", "energy", "J")});
    spec["encoding"] = {
        {"y", {{"field", "component"}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}}},
        {"yOffset", {{"field", "which"}, {"type", "nominal"}}},
        {"x",
         {{"field", "energy"},
          {"type", "quantitative"},
          {"title", "energy of one image (J)"},
          {"axis", {{"format", "~s"}}}}},
        {"color",
         {{"field", "which"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale", {{"domain", {"baseline", "chosen"}}, {"range", {kPlain, kMarked}}}},
          {"legend", {{"orient", "bottom"}}}}},
        {"tooltip",
         sections::tooltip(
             {{"component", "component"}, {"which", "point"}, {"energy_text", "energy of one image"}})}};
    return {"components", "The chosen point",
            fmt::format("<p>Chosen: {}. Baseline: {}.</p>\n", escaped(labels_text(sweep, *chosen)),
                        escaped(labels_text(sweep, *baseline))) +
                figure_html({"components", "The chosen point against the baseline",
                             "Dynamic energy of one image by component.", std::move(spec)}) +
                table.html()};
}

/// Estimates against what was simulated; empty where nothing was estimated.
std::optional<Section> closed_forms(const Source& sweep) {
    const Pointer errors("/estimate_errors");
    if (!sweep.has(errors) || sweep.size(errors) == 0) return std::nullopt;
    HtmlTable table("Relative error of the closed forms over the simulated points");
    table.add_text_column("metric");
    for (const char* title : {"points", "median", "largest"}) table.add_number_column(title);
    for (std::size_t i = 0; i < sweep.size(errors); ++i)
        table.add_row({escaped(sweep.text(errors / i / "metric")),
                       number_html(sweep, errors / i / "points", Measure::exact),
                       number_html(sweep, errors / i / "median", Measure::share),
                       number_html(sweep, errors / i / "largest", Measure::share)});
    std::string figure;
    for (const Wanted& wanted : objectives_of(sweep)) {
        std::vector<DataRow> rows;
        for (const std::size_t point : valued_points(sweep)) {
            const Pointer place = Pointer("/points") / point;
            if (!sweep.has(place / "estimates") || !sweep.has(place / "estimates" / wanted.metric)) continue;
            rows.push_back(DataRow(sweep)
                               .word("point", sweep.text(place / "id"))
                               .word("labels", labels_text(sweep, point))
                               .word("role", role_of(sweep, point))
                               .number("x", place / "estimates" / wanted.metric)
                               .number("y", place / "values" / wanted.metric));
        }
        if (rows.empty()) continue;
        Json spec = chart_spec(rows);
        const auto axis = [&](const char* field, const char* what) {
            return Json{{"field", field},
                        {"type", "quantitative"},
                        {"title", fmt::format("{}, {}", title_of(wanted), what)},
                        {"scale", {{"zero", false}}},
                        {"axis", {{"format", "~s"}}}};
        };
        spec["height"] = 320;
        spec["transform"] =
            Json::array({si_text("x_text", "x", wanted.unit), si_text("y_text", "y", wanted.unit)});
        spec["mark"] = {
            {"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 0.85}, {"aria", false}};
        spec["encoding"] = {{"x", axis("x", "closed form")},
                            {"y", axis("y", "simulated")},
                            {"color", role_colour()},
                            {"tooltip", sections::tooltip({{"point", "point"},
                                                           {"labels", "with"},
                                                           {"role", "is"},
                                                           {"x_text", "closed form"},
                                                           {"y_text", "simulated"}})}};
        figure = figure_html({"closed-forms", wanted.metric + ", simulated against estimated",
                              "A point a design. Closed forms wait for nobody: what lies above the diagonal "
                              "waited for links, buffers or converters.",
                              std::move(spec)});
        break;
    }
    return Section{"closed-forms", "How far the closed forms were off", figure + table.html()};
}

Section failures(const Source& sweep) {
    HtmlTable table("Points without a result");
    table.add_text_column("point");
    table.add_text_column("with");
    table.add_text_column("why");
    std::size_t failed = 0, open = 0, dropped = 0;
    for (std::size_t i = 0; i < sweep.size(Pointer("/points")); ++i) {
        const Pointer point = Pointer("/points") / i;
        const std::string& state = sweep.text(point / "state");
        open += state == "open" ? 1 : 0;
        dropped += state == "dropped" ? 1 : 0;
        if (state != "failed" || failed++ >= kMostRows) continue;
        table.add_row({escaped(sweep.text(point / "id")), escaped(labels_text(sweep, i)),
                       escaped(sweep.text(point / "message"))});
    }
    std::string html = fmt::format("<p>{} failed, {} not run{}.</p>\n", failed, open,
                                   dropped == 0 ? "" : fmt::format(", {} dropped by pre-screening", dropped));
    if (failed > 0) html += table.html();
    return {"failures", "Points without a result", html};
}

}  // namespace

Page sweep_page(const Source& sweep) {
    sweep.require_kind(Pointer("/study"), "sweep", 1);
    Page page;
    page.title = "Sweep " + sweep.text(Pointer("/name"));
    page.subtitle = fmt::format("{}. By Sliver {}.",
                                sweep.text(Pointer("/summary")).empty() ? sweep.text(Pointer("/fixed"))
                                                                        : sweep.text(Pointer("/summary")),
                                sweep.text(Pointer("/version")));
    page.sections = {answers(sweep), front(sweep), parallel(sweep), sensitivity(sweep),
                     against_baseline(sweep)};
    if (std::optional<Section> section = closed_forms(sweep)) page.sections.push_back(std::move(*section));
    page.sections.push_back(failures(sweep));
    return page;
}

}  // namespace sliver::report
