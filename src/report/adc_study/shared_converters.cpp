#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {

std::optional<Section> shared_converters(const Source& study) {
    struct Column {
        const char* title;
        const char* key;
        Measure unit;
    };
    const std::vector<Column> columns = {
        {"converters", "converters", Measure::none},         {"ADC area", "adc_area_mm2", Measure::square_mm},
        {"latency", "latency_s", Measure::seconds},          {"interval", "interval_s", Measure::seconds},
        {"converters busy", "adc_busy_s", Measure::seconds}, {"samples wait", "adc_wait_s", Measure::seconds}};
    HtmlTable table(
        "Converters for several arrays, whose time follows their width (adc.conversion_time: per-bit)");
    for (const char* title : {"network", "allocation"}) table.add_text_column(title);
    table.add_number_column("arrays a converter");
    table.add_text_column("bank");
    for (const Column& column : columns) table.add_number_column(column.title);
    bool any = false;
    for (const NamedPlace& network : networks(study)) {
        const Pointer list = network.place / "shared_converters";
        for (std::size_t i = 0; i < study.size(list); ++i) {
            any = true;
            const std::string& key = study.text(list / i / "allocation");
            const auto found = allocation(study, network.place, key);
            std::vector<Cell> cells = {escaped(network.name), escaped(found ? found->name : key),
                                       number_html(study, list / i / "arrays_per_adc", Measure::exact),
                                       escaped(study.text(list / i / "bank"))};
            for (const Column& column : columns)
                cells.emplace_back(number_html(study, list / i / "cost" / column.key, column.unit));
            table.add_row(std::move(cells));
        }
    }
    if (!any) return std::nullopt;
    return Section{"shared-converters", "Shared converters", table.html()};
}

}  // namespace sliver::report::adc_study
