#include <fmt/format.h>

#include <map>
#include <tuple>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/sections/column_sums_chart.h"

namespace sliver::report::adc_study {
namespace {

std::vector<ColumnGroup> histograms_of(const Source& study, const Pointer& network) {
    return column_groups(study, network, network / "histograms");
}

/// Largest sums, seen and possible, by layer, slice and sign.
std::string sums_table(const Source& study, const NamedPlace& network) {
    return sections::sums_table(
        study,
        fmt::format("{}: largest column sum seen in the profile, of the largest possible", network.name),
        layers_of(study, network.place), histograms_of(study, network.place), " of ", "largest_possible");
}

std::string field_of_range(const std::string& allocation) {
    return "range of " + allocation;
}

/// A row a layer, slice and sign: counts by sum, and the range of every allocation's converter there.
std::vector<DataRow> histogram_rows(const Source& study) {
    using GroupKey = std::tuple<std::size_t, std::uint64_t, bool>;  // layer, slice, negative
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

Json histograms(const Source& study) {
    sections::HistogramChart chart;
    chart.rows = histogram_rows(study);
    chart.choices = sections::histogram_choices(chart.rows, [](const Json& row) -> Option {
        return {Json::array({row.at("network"), row.at("layer")}),
                fmt::format("{}, {}", row.at("network").get_ref<const std::string&>(),
                            row.at("layer").get_ref<const std::string&>())};
    });
    chart.choices.push_back(allocation_choice(study));
    chart.chosen = {
        kept_if("datum.network === layer[0] && datum.layer === layer[1] && datum.slice === slice"),
        calculated("range", "datum['" + field_of_range("") + "' + allocation]")};
    chart.counted = "conversions in the profile";
    chart.told = {{"largest_possible", "largest possible"}};
    return sections::histogram_spec(chart);
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
