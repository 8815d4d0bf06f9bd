#include <fmt/format.h>

#include <algorithm>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

Json shares(const Source& study) {
    std::vector<DataRow> rows;
    for (const NamedPlace& network : networks(study))
        for (const NamedPlace& allocation : compared_allocations(study, network.place))
            rows.push_back(DataRow(study)
                               .word("bar", fmt::format("{}: {}", network.name, allocation.name))
                               .number("adc_j", allocation.place / "cost" / "adc_j")
                               .number("total_j", allocation.place / "cost" / "total_j"));
    Json spec = chart_spec(rows);
    spec["transform"] = Json::array(
        {calculated("rest_j", "datum.total_j - datum.adc_j"), si_text("adc", "adc_j", "J"),
         si_text("rest", "rest_j", "J"), si_text("total", "total_j", "J"),
         calculated("share", "datum.total_j > 0 ? format(datum.adc_j / datum.total_j, '.1%') : ''")});
    spec["height"] = sections::rows_height(rows.size());
    Json bar = sections::row_axis("bar");
    bar["axis"] = {{"labelLimit", 340}};
    spec["encoding"] = {{"y", bar},
                        {"tooltip", sections::tooltip({{"bar", "allocation"},
                                                       {"adc", "ADCs"},
                                                       {"rest", "all others"},
                                                       {"total", "chip"},
                                                       {"share", "share of the ADCs"}})}};
    const Json parts = {
        {"transform", Json::array({{{"fold", {"adc_j", "rest_j"}}, {"as", {"key", "joule"}}},
                                   calculated("part", "datum.key === 'adc_j' ? 'ADCs' : 'all others'"),
                                   calculated("rank", "datum.key === 'adc_j' ? 0 : 1")})},
        {"mark", {{"type", "bar"}}},
        {"encoding",
         {{"x", {{"field", "joule"}, {"type", "quantitative"}, {"axis", image_joule_axis()}}},
          {"order", {{"field", "rank"}, {"type", "quantitative"}}},
          {"color",
           {{"field", "part"},
            {"type", "nominal"},
            {"title", nullptr},
            {"scale", {{"domain", {"ADCs", "all others"}}, {"range", {kMarked, kPlain}}}},
            {"legend", {{"orient", "bottom"}}}}}}}};
    const Json labels = {
        {"mark", {{"type", "text"}, {"align", "left"}, {"dx", 4}}},
        {"encoding",
         {{"x", {{"field", "total_j"}, {"type", "quantitative"}}}, {"text", {{"field", "share"}}}}}};
    spec["layer"] = Json::array({parts, labels});
    return spec;
}

std::string laws_table(const Source& study, const NamedPlace& network) {
    const std::vector<NamedPlace> allocations = compared_allocations(study, network.place);
    if (allocations.empty()) return "";
    HtmlTable table(fmt::format("{}: dynamic energy of one image under every ADC law", network.name));
    table.add_text_column("law");
    for (const NamedPlace& allocation : allocations) {
        table.add_number_column(fmt::format("ADCs, {}", allocation.name));
        table.add_number_column(fmt::format("chip, {}", allocation.name));
    }
    for (const std::string& law : study.keys(allocations.front().place / "cost" / "laws")) {
        std::vector<Cell> cells = {escaped(law)};
        for (const NamedPlace& allocation : allocations)
            for (const char* key : {"adc_j", "total_j"})
                cells.emplace_back(
                    number_html(study, allocation.place / "cost" / "laws" / law / key, Measure::joule));
        table.add_row(std::move(cells));
    }
    return table.html();
}

Json laws_band(const Source& study) {
    std::vector<DataRow> rows;
    Json order = Json::array();
    std::size_t laws_shown = 0;
    for (const NamedPlace& network : networks(study))
        for (const NamedPlace& allocation : compared_allocations(study, network.place)) {
            if (order.empty() || std::find(order.begin(), order.end(), allocation.name) == order.end())
                order.push_back(allocation.name);
            const Pointer laws = allocation.place / "cost" / "laws";
            laws_shown = std::max(laws_shown, study.keys(laws).size());
            for (const std::string& law : study.keys(laws))
                if (study.has(laws / law / "adc_j") && study.has(laws / law / "total_j"))
                    rows.push_back(DataRow(study)
                                       .word("network", network.name)
                                       .word("allocation", allocation.name)
                                       .word("law", law)
                                       .number("adc_j", laws / law / "adc_j")
                                       .number("total_j", laws / law / "total_j"));
        }
    Json spec = chart_spec(rows);
    spec["params"] = Json::array({network_choice(networks(study)),
                                  choice("energy", {{"adc_j", "ADCs"}, {"total_j", "chip"}}, "adc_j")});
    // A logarithmic axis has no place for zero.
    spec["transform"] =
        Json::array({kept_if("datum.network === network"), calculated("joule", "datum[energy]"),
                     kept_if("datum.joule > 0"), si_text("joule_text", "joule", "J")});
    spec["height"] = sections::rows_height(laws_shown);
    Json law = sections::row_axis("law");
    law["axis"] = {{"grid", true}};
    spec["encoding"] = {{"y", law},
                        {"x",
                         {{"field", "joule"},
                          {"type", "quantitative"},
                          {"scale", {{"type", "log"}}},
                          {"axis", log_joule_axis()}}}};
    const Json spans = {{"mark", {{"type", "rule"}, {"opacity", 0.4}}},
                        {"encoding",
                         {{"x", {{"aggregate", "min"}, {"field", "joule"}, {"type", "quantitative"}}},
                          {"x2", {{"aggregate", "max"}, {"field", "joule"}}}}}};
    const Json points = {
        {"mark", {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}}},
        {"encoding",
         {{"color",
           {{"field", "allocation"},
            {"type", "nominal"},
            {"title", nullptr},
            {"scale", {{"domain", order}, {"scheme", "tableau10"}}},
            {"legend", {{"orient", "bottom"}}}}},
          {"tooltip",
           sections::tooltip({{"law", "law"}, {"allocation", "allocation"}, {"joule_text", "energy"}})}}}};
    spec["layer"] = Json::array({spans, points});
    return spec;
}

}  // namespace

std::optional<Section> energy(const Source& study) {
    std::string tables;
    for (const NamedPlace& network : networks(study)) tables += laws_table(study, network);
    if (tables.empty()) return std::nullopt;
    return Section{"energy", "Energy",
                   figure_html({"adc-share", "What the converters take of the energy of one image",
                                "The label is their share.", shares(study)}) +
                       figure_html({"adc-laws", "The same conversions under every ADC law",
                                    "Laws that have no cost for a width in use show the others only.",
                                    laws_band(study)}) +
                       tables};
}

}  // namespace sliver::report::adc_study
