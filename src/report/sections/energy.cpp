#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

std::vector<NamedPlace> component_places(const Source& stats) {
    const Pointer components("/components");
    std::vector<NamedPlace> places;
    for (std::size_t i = 0; i < stats.size(components); ++i)
        places.push_back({stats.text(components / i / "name"), components / i});
    return places;
}

/// Those that took dynamic energy: columns and colours for the others would only say zero.
std::vector<std::string> active_components(const Source& stats) {
    std::vector<std::string> names;
    for (const NamedPlace& component : component_places(stats))
        if (stats.number(component.place / "energy_j").get<double>() > 0) names.push_back(component.name);
    return names;
}

/// The layers, and what belongs to none of them.
std::vector<NamedPlace> consumers(const Source& stats) {
    std::vector<NamedPlace> places = layer_places(stats);
    places.push_back({"(no layer)", Pointer("/shared")});
    return places;
}

std::string components_table(const Source& stats) {
    HtmlTable table("Energy, time and area by component");
    table.add_text_column("component");
    for (const char* title :
         {"instances", "actions", "dynamic energy", "static energy", "busy, one image", "area"})
        table.add_number_column(title);
    for (const NamedPlace& component : component_places(stats))
        table.add_row({escaped(component.name), number_html(stats, component.place / "instances", Measure::none),
                       number_html(stats, component.place / "actions", Measure::none),
                       number_html(stats, component.place / "energy_j", Measure::joule),
                       number_html(stats, component.place / "static_energy_j", Measure::joule),
                       number_html(stats, component.place / "busy_s", Measure::seconds),
                       number_html(stats, component.place / "area_mm2", Measure::square_mm)});
    table.add_row({"chip", "", "", number_html(stats, Pointer("/totals/energy_j"), Measure::joule),
                   number_html(stats, Pointer("/totals/static_energy_j"), Measure::joule), "",
                   number_html(stats, Pointer("/totals/area_mm2"), Measure::square_mm)});
    return table.html();
}

std::string layers_table(const Source& stats) {
    const std::vector<std::string> components = active_components(stats);
    HtmlTable table("Dynamic energy by layer and component");
    table.add_text_column("layer");
    table.add_number_column("all");
    for (std::string component : components) {
        std::replace(component.begin(), component.end(), '_', ' ');  // so that a title may take two lines
        table.add_number_column(component);
    }
    for (const NamedPlace& consumer : consumers(stats)) {
        std::vector<Cell> cells = {escaped(consumer.name),
                                   number_html(stats, consumer.place / "energy_total_j", Measure::joule)};
        for (const std::string& component : components)
            cells.emplace_back(number_html(stats, consumer.place / "energy_j" / component, Measure::joule));
        table.add_row(std::move(cells));
    }
    return table.html();
}

/// Bars of a row a layer, stacked by component; `stack` as Vega-Lite has it.
Json stacked_by_component(const Source& stats, const Json& stack, const Json& axis) {
    const std::vector<std::string> components = active_components(stats);
    std::vector<DataRow> rows;
    for (const NamedPlace& consumer : consumers(stats))
        for (const std::string& component : components)
            rows.push_back(DataRow(stats)
                               .word("layer", consumer.name)
                               .word("component", component)
                               .number("energy_j", consumer.place / "energy_j" / component));
    const Json domain = components;
    Json spec = chart_spec(rows);
    spec["transform"] =
        Json::array({calculated("rank", fmt::format("indexof({}, datum.component)", domain.dump())),
                     si_text("energy", "energy_j", "J")});
    spec["params"] =
        Json::array({{{"name", "chosen"},
                      {"select", {{"type", "point"}, {"fields", {"component"}}, {"toggle", "true"}}},
                      {"bind", "legend"}}});
    spec["height"] = rows_height(consumers(stats).size());
    spec["mark"] = {{"type", "bar"}};
    spec["encoding"] = {
        {"y", row_axis("layer")},
        {"x", {{"field", "energy_j"}, {"type", "quantitative"}, {"stack", stack}, {"axis", axis}}},
        {"color",
         {{"field", "component"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale", {{"domain", domain}, {"scheme", "tableau20"}}},
          {"legend", {{"orient", "bottom"}, {"columns", 4}}}}},
        {"order", {{"field", "rank"}, {"type", "quantitative"}}},
        {"opacity", {{"condition", {{"param", "chosen"}, {"value", 1}}}, {"value", 0.12}}},
        {"tooltip", tooltip({{"layer", "layer"}, {"component", "component"}, {"energy", "energy"}})}};
    return spec;
}

Json by_component(const Source& stats) {
    std::vector<DataRow> rows;
    for (const NamedPlace& component : component_places(stats))
        rows.push_back(DataRow(stats)
                           .word("component", component.name)
                           .number("energy_j", component.place / "energy_j")
                           .number("static_energy_j", component.place / "static_energy_j"));
    Json spec = chart_spec(rows);
    spec["transform"] =
        Json::array({si_text("energy", "energy_j", "J"), si_text("static_energy", "static_energy_j", "J")});
    spec["height"] = rows_height(rows.size());
    spec["mark"] = {{"type", "bar"}, {"color", kPlain}};
    spec["encoding"] = {
        {"y", row_axis("component")},
        {"x", {{"field", "energy_j"}, {"type", "quantitative"}, {"axis", joule_axis()}}},
        {"tooltip",
         tooltip({{"component", "component"}, {"energy", "dynamic"}, {"static_energy", "static"}})}};
    return spec;
}

}  // namespace

std::optional<Section> energy(const Source& stats) {
    const char* hint = "Click on names in the legend to bring them out; again to take them back.";
    return Section{
        "energy", "Energy",
        figure_html({"energy-by-component", "Dynamic energy by component", "", by_component(stats)}) +
            components_table(stats) +
            figure_html({"energy-by-layer", "Dynamic energy by layer and component", hint,
                         stacked_by_component(stats, "zero", joule_axis())}) +
            figure_html({"energy-shares", "What each layer spends its dynamic energy on; the ADCs come first",
                         hint,
                         stacked_by_component(stats, "normalize",
                                              {{"format", "%"}, {"title", "share of the layer's energy"}})}) +
            layers_table(stats)};
}

}  // namespace sliver::report::sections
