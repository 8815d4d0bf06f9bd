#include <fmt/format.h>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

/// Adds the lines of one reading; `top1` is empty where it says nothing about accuracy.
void add_lines(HtmlTable& table, const Source& study, const std::string& reading, const Pointer& list,
               const Pointer& top1) {
    for (std::size_t i = 0; i < study.size(list); ++i) {
        const Pointer line = list / i;
        std::vector<Cell> cells = {escaped(reading), escaped(study.text(line / "group"))};
        for (const char* key : {"bits_before", "bits_after", "energy_saving", "speed_up", "area_saving"})
            cells.emplace_back(number_html(study, line / key, Measure::none));
        cells.emplace_back(top1.empty() ? "–" : number_html(study, top1, Measure::share));
        table.add_row(std::move(cells));
    }
}

}  // namespace

std::optional<Section> table3(const Source& study) {
    const Pointer from_law("/table3_from_law");
    if (!study.has(from_law)) return std::nullopt;
    HtmlTable table(
        "How many times less by group of slices: from the law alone, and over the conversions made");
    table.add_text_column("reading");
    table.add_text_column("slices");
    for (const char* title : {"bits before", "mean bits after", "ADC energy, times less",
                              "conversion time, times less", "ADC area, times less", "top-1"})
        table.add_number_column(title);
    add_lines(table, study, "law alone", from_law, Pointer());
    for (const NamedPlace& network : networks(study)) {
        const Pointer executed = network.place / "table3_executed";
        for (const std::string& key : study.keys(executed))
            if (const auto found = allocation(study, network.place, key))
                add_lines(table, study, fmt::format("{}: {}", network.name, found->name), executed / key,
                          found->place / "top1");
    }
    return Section{"table3", "Table 3 of the bit-slice paper in two readings", table.html()};
}

}  // namespace sliver::report::adc_study
