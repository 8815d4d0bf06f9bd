#include "report/sections/column_sums_chart.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::sections {

ColumnGroup column_group(const Source& source, const Pointer& place, std::size_t layer) {
    const Json& slice = source.number(place / "slice");
    if (!slice.is_number_unsigned()) source.fail(place / "slice", "must be 0 or more");
    return {layer, slice.get<std::uint64_t>(), source.text(place / "sign") == "negative", place};
}

std::string sums_table(const Source& source, const std::string& caption,
                       const std::vector<NamedPlace>& layers, const std::vector<ColumnGroup>& groups,
                       const std::string& joint, const std::string& limit) {
    std::map<std::tuple<std::size_t, std::uint64_t, bool>, Pointer> places;  // layer, slice, negative
    std::set<std::pair<std::uint64_t, bool>> kinds;                          // of columns of the table
    for (const ColumnGroup& group : groups) {
        places.emplace(std::tuple(group.layer, group.slice, group.negative), group.place);
        kinds.emplace(group.slice, !group.negative);
    }
    if (places.empty()) return "";
    HtmlTable table(caption);
    table.add_text_column("layer");
    for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind)
        table.add_number_column(fmt::format("slice {} {}", kind->first, kind->second ? "+" : "−"));
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        std::vector<Cell> cells = {escaped(layers[layer].name)};
        for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind) {
            const auto found = places.find(std::tuple(layer, kind->first, !kind->second));
            cells.emplace_back(found == places.end()
                                   ? ""
                                   : number_html(source, found->second / "largest_seen", Measure::exact) +
                                         joint + number_html(source, found->second / limit, Measure::exact));
        }
        table.add_row(std::move(cells));
    }
    return table.html();
}

std::vector<Json> histogram_choices(const std::vector<DataRow>& rows,
                                    const std::function<Option(const Json& row)>& layer_of) {
    std::vector<Option> layers, slices;
    std::set<std::string> layers_named;
    std::set<std::uint64_t> slices_named;
    const Json* widest = &rows.front().json();
    for (const DataRow& data : rows) {
        const Json& row = data.json();
        const Option layer = layer_of(row);
        if (layers_named.insert(layer.label).second) layers.push_back(layer);
        slices_named.insert(row.at("slice").get<std::uint64_t>());
        if (row.at("counts").size() > widest->at("counts").size()) widest = &row;
    }
    for (auto slice = slices_named.rbegin(); slice != slices_named.rend(); ++slice)
        slices.push_back({*slice, fmt::format("{}", *slice)});
    return {choice("layer", layers, layer_of(*widest).value), choice("slice", slices, widest->at("slice"))};
}

Json histogram_spec(const HistogramChart& chart) {
    Json spec = chart_spec(chart.rows);
    spec["params"] = chart.choices;
    spec["transform"] = chart.chosen;
    spec["transform"].push_back(calculated("edge", "datum.range + 0.5"));
    spec["height"] = 260;
    const Json sign = {{"field", "sign"},
                       {"type", "nominal"},
                       {"title", nullptr},
                       {"scale", {{"domain", {"positive", "negative"}}, {"range", {kPlain, kMarked}}}},
                       {"legend", {{"orient", "bottom"}}}};
    const auto column_sum = [](const char* field) -> Json {
        return {{"field", field},
                {"type", "quantitative"},
                {"title", "column sum"},
                {"scale", {{"zero", false}, {"nice", false}}},
                {"axis", {{"format", "d"}}}};
    };
    std::vector<std::pair<std::string, std::string>> told = {{"sum", "column sum"},
                                                             {"count_text", "conversions"},
                                                             {"sign", "sign"},
                                                             {"largest_seen", "largest seen"}};
    told.insert(told.end(), chart.told.begin(), chart.told.end());
    told.emplace_back("range", "converter holds");
    // Both signs share the place of a sum, half each.
    const Json bars = {
        {"transform", Json::array({calculated("sums", "sequence(length(datum.counts))"),
                                   {{"flatten", {"counts", "sums"}}, {"as", {"count", "sum"}}},
                                   kept_if("datum.count > 0"),
                                   calculated("from", "datum.sum - (datum.sign === 'positive' ? 0.45 : 0)"),
                                   calculated("to", "datum.sum + (datum.sign === 'positive' ? 0 : 0.45)"),
                                   calculated("count_text", "format(datum.count, ',')")})},
        {"mark", {{"type", "rect"}}},
        {"encoding",
         {{"x", column_sum("from")},
          {"x2", {{"field", "to"}}},
          {"y",
           {{"field", "count"},
            {"type", "quantitative"},
            {"title", chart.counted},
            {"scale", {{"type", "log"}, {"domainMin", 0.5}}},
            {"axis", {{"format", "~s"}, {"tickCount", 6}}}}},
          {"y2", {{"datum", 0.5}}},
          {"color", sign},
          {"tooltip", tooltip(told)}}}};
    const Json rules = {{"transform", Json::array({kept_if("isValid(datum.range)")})},
                        {"mark", {{"type", "rule"}, {"strokeDash", {5, 3}}, {"strokeWidth", 2}}},
                        {"encoding",
                         {{"x", column_sum("edge")},
                          {"color", sign},
                          {"tooltip", tooltip({{"range", "converter holds"}, {"sign", "sign"}})}}}};
    spec["layer"] = Json::array({bars, rules});
    return spec;
}

}  // namespace sliver::report::sections
