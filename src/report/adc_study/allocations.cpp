#include <fmt/format.h>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

/// Most significant slice first.
std::string widest_html(const Source& study, const Pointer& list) {
    std::string html;
    for (const NamedPlace& slice : sections::slice_places(study, list))
        html += (html.empty() ? "" : " ") + number_html(study, slice.place, Measure::exact);
    return html;
}

std::string allocations_table(const Source& study, const NamedPlace& network) {
    struct Column {
        const char* title;
        const char* key;
        Measure unit;
    };
    const std::vector<Column> columns = {{"mean bits", "/mean_bits", Measure::none},
                                         {"top-1", "/top1", Measure::share},
                                         {"clipped", "/clipped", Measure::none},
                                         {"conversions", "/conversions", Measure::none},
                                         {"ADC energy", "/cost/adc_j", Measure::joule},
                                         {"chip energy", "/cost/total_j", Measure::joule},
                                         {"latency", "/cost/latency_s", Measure::seconds},
                                         {"interval", "/cost/interval_s", Measure::seconds},
                                         {"ADC area", "/cost/adc_area_mm2", Measure::square_mm}};
    HtmlTable table(
        fmt::format("{}: clipped and conversions over all test images, the rest for one", network.name));
    table.add_text_column("allocation");
    table.add_number_column("widest bits, top slice first");
    for (const Column& column : columns) table.add_number_column(column.title);
    for (const NamedPlace& allocation : allocations_of(study, network.place)) {
        std::vector<Cell> cells = {escaped(allocation.name),
                                   widest_html(study, allocation.place / "widest_bits")};
        for (const Column& column : columns)
            cells.emplace_back(
                number_html(study, Pointer(allocation.place.to_string() + column.key), column.unit));
        table.add_row(std::move(cells));
    }
    return table.html();
}

/// The certificate with the smallest margin, the first of equals.
std::optional<ColumnGroup> tightest(const Source& study, const Pointer& network, const Pointer& list) {
    std::optional<ColumnGroup> tightest;
    double least = 0;
    for (const ColumnGroup& group : column_groups(study, network, list)) {
        const auto margin = study.number(group.place / "margin").get<double>();
        if (tightest && margin >= least) continue;
        tightest = group;
        least = margin;
    }
    return tightest;
}

std::string certificates_table(const Source& study, const NamedPlace& network) {
    const std::vector<NamedPlace> layers = layers_of(study, network.place);
    const std::vector<std::string> numbers = {"slice", "array", "column", "sum", "range", "margin"};
    HtmlTable table(fmt::format(
        "{}: the fullest column against the range of its converter, where that is tightest", network.name));
    for (const char* title : {"allocation", "layer", "sign"}) table.add_text_column(title);
    for (const std::string& title : numbers) table.add_number_column(title == "sum" ? "largest sum" : title);
    table.add_text_column("holds for");
    for (const NamedPlace& allocation : allocations_of(study, network.place)) {
        const auto group = tightest(study, network.place, allocation.place / "certificates");
        if (!group) continue;
        std::vector<Cell> cells = {escaped(allocation.name), escaped(layers.at(group->layer).name),
                                   escaped(study.text(group->place / "sign"))};
        for (const std::string& key : numbers)
            cells.emplace_back(number_html(study, group->place / key, Measure::exact));
        const bool every_input = study.at(allocation.place / "certified_for_all_inputs") == true;
        cells.emplace_back(every_input ? "every input" : "the profiled images");
        table.add_row(std::move(cells));
    }
    return table.html();
}

}  // namespace

std::optional<Section> allocations(const Source& study) {
    std::string html;
    for (const NamedPlace& network : networks(study))
        html += fmt::format("<h3>{}</h3>\n{}{}", escaped(network.name), allocations_table(study, network),
                            certificates_table(study, network));
    return Section{"allocations", "Allocations", html};
}

}  // namespace sliver::report::adc_study
