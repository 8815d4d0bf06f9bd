#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

using GroupKey = std::tuple<std::size_t, std::uint64_t, bool>;  // layer, slice, negative

std::vector<ColumnGroup> histograms_of(const Source& study, const Pointer& network) {
    return column_groups(study, network, network / "histograms");
}

/// Largest sums, seen and possible, by layer, slice and sign.
std::string sums_table(const Source& study, const NamedPlace& network) {
    const std::vector<NamedPlace> layers = layers_of(study, network.place);
    std::map<GroupKey, Pointer> places;
    std::set<std::pair<std::uint64_t, bool>> kinds;  // of columns of the table
    for (const ColumnGroup& group : histograms_of(study, network.place)) {
        places.emplace(GroupKey(group.layer, group.slice, group.negative), group.place);
        kinds.emplace(group.slice, !group.negative);
    }
    if (places.empty()) return "";
    HtmlTable table(
        fmt::format("{}: largest column sum seen in the profile, of the largest possible", network.name));
    table.add_text_column("layer");
    for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind)
        table.add_number_column(fmt::format("slice {} {}", kind->first, kind->second ? "+" : "−"));
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        std::vector<Cell> cells = {escaped(layers[layer].name)};
        for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind) {
            const auto found = places.find(GroupKey(layer, kind->first, !kind->second));
            cells.emplace_back(found == places.end()
                                   ? ""
                                   : number_html(study, found->second / "largest_seen", Unit::exact) +
                                         " of " +
                                         number_html(study, found->second / "largest_possible", Unit::exact));
        }
        table.add_row(std::move(cells));
    }
    return table.html();
}

std::string field_of_range(const std::string& allocation) {
    return "range of " + allocation;
}

/// A row a layer, slice and sign: counts by sum, and the range of every allocation's converter there.
std::vector<DataRow> histogram_rows(const Source& study) {
    std::vector<DataRow> rows;
    for (const NamedPlace& network : networks(study)) {
        const std::vector<NamedPlace> layers = layers_of(study, network.place);
        std::map<GroupKey, std::vector<std::pair<std::string, Pointer>>> ranges;
        for (const NamedPlace& allocation : allocations_of(study, network.place))
            for (const ColumnGroup& group :
                 column_groups(study, network.place, allocation.place / "certificates"))
                ranges[GroupKey(group.layer, group.slice, group.negative)].emplace_back(
                    study.text(allocation.place / "key"), group.place / "range");
        for (const ColumnGroup& group : histograms_of(study, network.place)) {
            DataRow row(study);
            row.word("network", network.name)
                .word("layer", layers.at(group.layer).name)
                .word("sign", study.text(group.place / "sign"))
                .number("slice", group.place / "slice")
                .number("largest_seen", group.place / "largest_seen")
                .number("largest_possible", group.place / "largest_possible")
                .numbers("counts", group.place / "counts");
            for (const auto& [key, range] : ranges[GroupKey(group.layer, group.slice, group.negative)])
                row.number(field_of_range(key), range);
            rows.push_back(row);
        }
    }
    return rows;
}

/// Layers, and slices with the highest first; the chart opens on the widest histogram. `rows` is not empty.
std::vector<Json> histogram_choices(const Source& study, const std::vector<DataRow>& rows) {
    std::vector<Option> layers, slices;
    std::set<std::string> layers_named;
    std::set<std::uint64_t> slices_named;
    const Json* widest = &rows.front().json();
    const auto name = [](const Json& row) {
        return fmt::format("{}, {}", row.at("network").get_ref<const std::string&>(),
                           row.at("layer").get_ref<const std::string&>());
    };
    for (const DataRow& data : rows) {
        const Json& row = data.json();
        if (layers_named.insert(name(row)).second)
            layers.push_back({Json::array({row.at("network"), row.at("layer")}), name(row)});
        slices_named.insert(row.at("slice").get<std::uint64_t>());
        if (row.at("counts").size() > widest->at("counts").size()) widest = &row;
    }
    for (auto slice = slices_named.rbegin(); slice != slices_named.rend(); ++slice)
        slices.push_back({*slice, fmt::format("{}", *slice)});
    return {choice("layer", layers, Json::array({widest->at("network"), widest->at("layer")})),
            choice("slice", slices, widest->at("slice")), allocation_choice(study)};
}

Json histograms(const Source& study) {
    const std::vector<DataRow> rows = histogram_rows(study);
    Json spec = chart_spec(rows);
    spec["params"] = histogram_choices(study, rows);
    spec["transform"] = Json::array(
        {kept_if("datum.network === layer[0] && datum.layer === layer[1] && datum.slice === slice"),
         calculated("range", "datum['" + field_of_range("") + "' + allocation]"),
         calculated("edge", "datum.range + 0.5")});
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
            {"title", "conversions in the profile"},
            {"scale", {{"type", "log"}, {"domainMin", 0.5}}},
            {"axis", {{"format", "~s"}, {"tickCount", 6}}}}},
          {"y2", {{"datum", 0.5}}},
          {"color", sign},
          {"tooltip", sections::tooltip({{"sum", "column sum"},
                                         {"count_text", "conversions"},
                                         {"sign", "sign"},
                                         {"largest_seen", "largest seen"},
                                         {"largest_possible", "largest possible"},
                                         {"range", "converter holds"}})}}}};
    const Json rules = {{"transform", Json::array({kept_if("isValid(datum.range)")})},
                        {"mark", {{"type", "rule"}, {"strokeDash", {5, 3}}, {"strokeWidth", 2}}},
                        {"encoding",
                         {{"x", column_sum("edge")},
                          {"color", sign},
                          {"tooltip", sections::tooltip({{"range", "converter holds"}, {"sign", "sign"}})}}}};
    spec["layer"] = Json::array({bars, rules});
    return spec;
}

}  // namespace

std::optional<Section> column_sums(const Source& study) {
    std::string tables;
    for (const NamedPlace& network : networks(study)) tables += sums_table(study, network);
    if (tables.empty()) return std::nullopt;
    return Section{"column-sums", "Column sums",
                   figure_html({"column-sums", "How often each column sum is read",
                                "Dashed: the largest sum that the chosen allocation's converter holds.",
                                histograms(study)}) +
                       tables};
}

}  // namespace sliver::report::adc_study
