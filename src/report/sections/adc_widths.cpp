#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

/// Widths that a layer's columns would need, beside those in use.
struct Needs {
    const char* key;
    const char* title;
};
constexpr std::array<Needs, 3> kNeeds = {{{"adc_worst_case", "largest sum possible"},
                                          {"adc_calibration", "largest sum in calibration"},
                                          {"adc_seen", "largest sum seen"}}};

bool any_layer_has(const Source& stats, const char* key) {
    const std::vector<NamedPlace> layers = layer_places(stats);
    return std::any_of(layers.begin(), layers.end(),
                       [&](const NamedPlace& layer) { return stats.has(layer.place / key / "bits"); });
}

std::size_t most_slices(const Source& stats) {
    std::size_t most = 0;
    for (const NamedPlace& layer : layer_places(stats))
        most = std::max(most, stats.size(layer.place / "adc_bits"));
    return most;
}

/// Widths of one list by slice for one layer, coloured; layers with fewer slices leave the upper ones empty.
void add_width_cells(std::vector<Cell>& cells, const Source& stats, const Pointer& list, std::size_t slices) {
    const std::vector<NamedPlace> places =
        stats.has(list) ? slice_places(stats, list) : std::vector<NamedPlace>{};
    for (std::size_t i = places.size(); i < slices; ++i) cells.emplace_back("");
    for (const NamedPlace& slice : places) {
        const CellColours colours = width_colours(stats.number(slice.place).get<int>());
        cells.emplace_back(number_html(stats, slice.place, Measure::exact),
                           fmt::format("background:{};color:{}", colours.fill, colours.ink));
    }
}

std::string widths_table(const Source& stats, const std::string& caption, const std::string& key) {
    const std::size_t slices = most_slices(stats);
    HtmlTable table(caption);
    table.add_text_column("layer");
    for (std::size_t slice = slices; slice-- > 0;) table.add_number_column(fmt::format("slice {}", slice));
    for (const NamedPlace& layer : layer_places(stats)) {
        std::vector<Cell> cells = {escaped(layer.name)};
        add_width_cells(cells, stats, Pointer(layer.place.to_string() + key), slices);
        table.add_row(std::move(cells));
    }
    return table.html();
}

Json heat_map(const Source& stats) {
    std::vector<std::pair<std::string, std::string>> told = {{"layer", "layer"},
                                                             {"slice", "slice"},
                                                             {"bits", "bits"},
                                                             {"conversions", "conversions"},
                                                             {"clipped", "clipped"}};
    std::vector<DataRow> rows;
    for (const NamedPlace& layer : layer_places(stats))
        for (std::size_t slice = stats.size(layer.place / "adc_bits"); slice-- > 0;) {
            DataRow row(stats);
            row.word("layer", layer.name)
                .word("slice", fmt::format("slice {}", slice))
                .number("bits", layer.place / "adc_bits" / slice)
                .number("conversions", layer.place / "conversions_by_slice" / slice)
                .number("clipped", layer.place / "clipped_by_slice" / slice);
            for (const Needs& needs : kNeeds)
                if (stats.has(layer.place / needs.key)) {
                    row.number(needs.key, layer.place / needs.key / "largest_sum" / slice);
                    row.number(std::string(needs.key) + "_bits", layer.place / needs.key / "bits" / slice);
                }
            rows.push_back(row);
        }
    for (const Needs& needs : kNeeds)
        if (any_layer_has(stats, needs.key)) {
            told.emplace_back(needs.key, needs.title);
            told.emplace_back(std::string(needs.key) + "_bits", "bits for it");
        }
    Json slices = Json::array();
    for (std::size_t slice = most_slices(stats); slice-- > 0;)
        slices.push_back(fmt::format("slice {}", slice));
    Json spec = chart_spec(rows);
    spec["height"] = rows_height(layer_places(stats).size());
    spec["encoding"] = {{"y", row_axis("layer")},
                        {"x",
                         {{"field", "slice"},
                          {"type", "nominal"},
                          {"sort", slices},
                          {"title", nullptr},
                          {"axis", {{"orient", "top"}, {"labelAngle", 0}}}}}};
    spec["layer"] = {
        {{"mark", {{"type", "rect"}}}, {"encoding", {{"color", width_fill()}, {"tooltip", tooltip(told)}}}},
        {{"mark", {{"type", "text"}, {"tooltip", nullptr}}},
         {"encoding", {{"text", {{"field", "bits"}, {"type", "quantitative"}}}, {"color", width_ink()}}}}};
    return spec;
}

}  // namespace

std::optional<Section> adc_widths(const Source& stats) {
    std::string html =
        figure_html({"adc-widths", "ADC bits by layer and bit slice, most significant slice first",
                     "Point at a cell for conversions, clips and the widths its sums would need.",
                     heat_map(stats)}) +
        "<div class=\"columns\">\n" + widths_table(stats, "ADC bits in use", "/adc_bits");
    for (const Needs& needs : kNeeds)
        if (any_layer_has(stats, needs.key)) {
            html += widths_table(stats, fmt::format("ADC bits for the {}", needs.title),
                                 fmt::format("/{}/bits", needs.key));
        }
    return Section{"adc-widths", "ADC widths", html + "</div>\n"};
}

}  // namespace sliver::report::sections
