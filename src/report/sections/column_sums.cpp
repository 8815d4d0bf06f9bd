#include "report/sections/column_sums_chart.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

/// Histograms of all layers; none where the run did not count.
std::vector<ColumnGroup> histograms_of(const Source& stats) {
    std::vector<ColumnGroup> groups;
    const std::vector<NamedPlace> layers = layer_places(stats);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const Pointer list = layers[layer].place / "column_sums";
        if (!stats.has(list)) continue;
        for (std::size_t i = 0; i < stats.size(list); ++i)
            groups.push_back(column_group(stats, list / i, layer));
    }
    return groups;
}

Json histograms(const Source& stats, const std::vector<ColumnGroup>& groups) {
    const std::vector<NamedPlace> layers = layer_places(stats);
    HistogramChart chart;
    for (const ColumnGroup& group : groups) {
        DataRow row(stats);
        row.word("layer", layers.at(group.layer).name)
            .word("sign", stats.text(group.place / "sign"))
            .number("slice", group.place / "slice")
            .number("largest_seen", group.place / "largest_seen")
            .number("range", group.place / "range")
            .numbers("counts", group.place / "counts");
        chart.rows.push_back(row);
    }
    chart.choices = histogram_choices(chart.rows, [](const Json& row) -> Option {
        return {row.at("layer"), row.at("layer").get<std::string>()};
    });
    chart.chosen = {kept_if("datum.layer === layer && datum.slice === slice")};
    chart.counted = "conversions of the run";
    return histogram_spec(chart);
}

}  // namespace

std::optional<Section> column_sums(const Source& stats) {
    const std::vector<ColumnGroup> groups = histograms_of(stats);
    if (groups.empty()) return std::nullopt;
    return Section{
        "column-sums", "Column sums",
        figure_html({"column-sums", "How often each column sum is read",
                     "Dashed: the largest sum that the converter holds.", histograms(stats, groups)}) +
            sums_table(stats, "Largest column sum on the chip / largest that its converter holds",
                       layer_places(stats), groups, " / ", "range")};
}

}  // namespace sliver::report::sections
