#include <fmt/format.h>

#include <algorithm>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

/// One list of widths by layer and slice: both signs', or one sign's.
struct WidthList {
    const char* sign;
    Pointer place;
};

std::vector<WidthList> width_lists(const Source& study, const Pointer& allocation) {
    const Pointer positive = allocation / "bits", negative = allocation / "negative_bits";
    if (study.size(negative) == 0) return {{"", positive}};
    return {{" +", positive}, {" −", negative}};
}

std::size_t most_slices(const Source& study, const Pointer& list) {
    std::size_t most = 0;
    for (std::size_t layer = 0; layer < study.size(list); ++layer)
        most = std::max(most, study.size(list / layer));
    return most;
}

std::string slice_name(std::size_t slice, const char* sign) {
    return fmt::format("slice {}{}", slice, sign);
}

Cell width_cell(const Source& study, const Pointer& allocation, const WidthList& list, std::size_t layer,
                std::size_t slice) {
    if (slice >= study.size(list.place / layer)) return "";
    const Pointer bits = list.place / layer / slice, drop = allocation / "drops" / layer / slice;
    const auto width = static_cast<int>(std::clamp(study.number(bits).get<double>(), 0.0, 99.0));
    std::string html = number_html(study, bits, Measure::exact);
    if (study.has(drop) && study.number(drop) != 0)
        html += ", drops " + number_html(study, drop, Measure::exact);
    const CellColours colours = width_colours(width);
    return {html, fmt::format("background:{};color:{}", colours.fill, colours.ink)};
}

std::string widths_table(const Source& study, const NamedPlace& network, const NamedPlace& allocation) {
    const std::vector<NamedPlace> layers = layers_of(study, network.place);
    const std::vector<WidthList> lists = width_lists(study, allocation.place);
    const std::size_t slices = most_slices(study, lists.front().place);
    HtmlTable table(fmt::format("{}: ADC bits, {}", network.name, allocation.name));
    table.add_text_column("layer");
    for (std::size_t slice = slices; slice-- > 0;)
        for (const WidthList& list : lists) table.add_number_column(slice_name(slice, list.sign));
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        std::vector<Cell> cells = {escaped(layers[layer].name)};
        for (std::size_t slice = slices; slice-- > 0;)
            for (const WidthList& list : lists)
                cells.push_back(width_cell(study, allocation.place, list, layer, slice));
        table.add_row(std::move(cells));
    }
    return table.html();
}

/// A row a layer, with lists by slice.
std::vector<DataRow> heat_rows(const Source& study) {
    std::vector<DataRow> rows;
    for (const NamedPlace& network : networks(study)) {
        const std::vector<NamedPlace> layers = layers_of(study, network.place);
        for (const NamedPlace& allocation : allocations_of(study, network.place))
            for (const WidthList& list : width_lists(study, allocation.place))
                for (std::size_t layer = 0; layer < layers.size(); ++layer) {
                    DataRow row(study);
                    row.word("network", network.name)
                        .word("allocation", study.text(allocation.place / "key"))
                        .word("layer", layers[layer].name)
                        .word("sign", list.sign)
                        .numbers("bits", list.place / layer)
                        .numbers("clipped", allocation.place / "clipped_by_slice" / layer);
                    if (study.size(allocation.place / "drops") > 0)
                        row.numbers("drops", allocation.place / "drops" / layer);
                    rows.push_back(row);
                }
    }
    return rows;
}

/// Most significant slice first; of these a chart shows those that its rows have.
Json slice_order(const Source& study) {
    std::size_t slices = 0;
    for (const NamedPlace& network : networks(study))
        for (const NamedPlace& allocation : allocations_of(study, network.place))
            slices = std::max(slices, most_slices(study, allocation.place / "bits"));
    Json order = Json::array();
    for (std::size_t slice = slices; slice-- > 0;)
        for (const char* sign : {"", " +", " −"}) order.push_back(slice_name(slice, sign));
    return order;
}

Json heat_map(const Source& study) {
    Json spec = chart_spec(heat_rows(study));
    spec["params"] = Json::array({network_choice(networks(study)), allocation_choice(study)});
    spec["transform"] = {
        kept_if("datum.network === network && datum.allocation === allocation"),
        calculated("index", "sequence(length(datum.bits))"),
        calculated("dropped", "isArray(datum.drops) ? datum.drops : []"),
        {{"flatten", {"bits", "index", "dropped", "clipped"}}, {"as", {"bits", "index", "drop", "cut"}}},
        kept_if("isValid(datum.bits)"),
        calculated("slice", "'slice ' + datum.index + datum.sign"),
        calculated("step", "pow(2, datum.drop ? datum.drop : 0)"),
        calculated("label", "datum.bits + (datum.drop ? ', step ' + datum.step : '')")};
    spec["height"] = sections::rows_height(most_layers(study));
    spec["encoding"] = {{"y", sections::row_axis("layer")},
                        {"x",
                         {{"field", "slice"},
                          {"type", "nominal"},
                          {"sort", slice_order(study)},
                          {"title", nullptr},
                          {"axis", {{"orient", "top"}, {"labelAngle", 0}}}}}};
    const Json told = sections::tooltip({{"layer", "layer"},
                                         {"slice", "slice"},
                                         {"bits", "bits"},
                                         {"step", "step"},
                                         {"cut", "clipped, both signs, all test images"}});
    spec["layer"] = {
        {{"mark", {{"type", "rect"}}}, {"encoding", {{"color", width_fill()}, {"tooltip", told}}}},
        {{"mark", {{"type", "text"}, {"tooltip", nullptr}}},
         {"encoding", {{"text", {{"field", "label"}}}, {"color", width_ink()}}}}};
    return spec;
}

}  // namespace

std::optional<Section> widths(const Source& study) {
    std::string tables;
    for (const NamedPlace& network : networks(study))
        for (const char* key : {"worst-case", "accuracy"})
            if (const auto chosen = allocation(study, network.place, key))
                tables += widths_table(study, network, *chosen);
    return Section{"adc-widths", "ADC widths",
                   figure_html({"adc-widths", "ADC bits by layer and bit slice, most significant slice first",
                                "Choose below; point at a cell for its clips. A converter that drops its d "
                                "lowest bits takes steps of 2^d.",
                                heat_map(study)}) +
                       "<div class=\"columns\">\n" + tables + "</div>\n"};
}

}  // namespace sliver::report::adc_study
