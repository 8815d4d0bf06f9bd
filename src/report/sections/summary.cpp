#include <fmt/format.h>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

struct Entry {
    const char* label;
    const char* place;
    Measure unit = Measure::none;
};

HtmlTable two_columns(const std::string& caption, const char* values) {
    HtmlTable table(caption);
    table.add_text_column("");
    table.add_number_column(values);
    return table;
}

void add_numbers(HtmlTable& table, const Source& stats, const std::vector<Entry>& entries) {
    for (const Entry& entry : entries)
        table.add_row({escaped(entry.label), number_html(stats, Pointer(entry.place), entry.unit)});
}

std::string run_table(const Source& stats) {
    HtmlTable table("Run");
    table.add_text_column("");
    table.add_text_column("");
    const auto word = [&](const char* label, const char* place) {
        table.add_row({escaped(label), escaped(stats.text(Pointer(place)))});
    };
    word("chip", "/run/chip");
    word("network", "/run/network");
    word("images", "/run/images");
    word("ADC widths", "/run/adc_policy");
    word("ADC law", "/run/adc_law");
    word("accounting", "/run/accounting");
    add_numbers(table, stats,
                {{"technology", "/run/technology_nm", Measure::nanometre},
                 {"seed", "/run/seed", Measure::exact},
                 {"images on the chip", "/run/image_count"},
                 {"images by the functional engine", "/run/functional_images"}});
    if (stats.has(Pointer("/accuracy")))
        add_numbers(table, stats,
                    {{"top-1 accuracy", "/accuracy/top1", Measure::share},
                     {"images classified correctly", "/accuracy/correct"}});
    if (stats.has(Pointer("/run/calibration"))) {
        word("calibration images", "/run/calibration/images");
        add_numbers(table, stats,
                    {{"first of them", "/run/calibration/first"}, {"how many", "/run/calibration/count"}});
    }
    for (const auto& [label, place] : {std::pair{"configuration, SHA-256", "/run/config_hash"},
                                       {"network, SHA-256", "/run/network_sha256"},
                                       {"input codes, SHA-256", "/run/images_sha256"}})
        table.add_row({escaped(label), fmt::format("<code>{}</code>", escaped(stats.text(Pointer(place))))});
    return table.html();
}

std::string totals_table(const Source& stats) {
    HtmlTable table = two_columns("Totals", "");
    add_numbers(table, stats,
                {{"latency of an image", "/totals/latency_s", Measure::seconds},
                 {"in array cycles", "/totals/latency_cycles", Measure::cycles},
                 {"interval between images", "/totals/interval_s", Measure::seconds},
                 {"in array cycles", "/totals/interval_cycles", Measure::cycles},
                 {"latency in a stream", "/totals/latency_streaming_s", Measure::seconds},
                 {"at most", "/totals/latency_streaming_max_s", Measure::seconds},
                 {"static energy of an image", "/totals/static_energy_per_image_j", Measure::joule},
                 {"dynamic energy of an image", "/totals/energy_per_image_j", Measure::joule},
                 {"dynamic energy of the run", "/totals/energy_j", Measure::joule},
                 {"static energy of the run", "/totals/static_energy_j", Measure::joule},
                 {"static power", "/totals/static_power_w", Measure::watt},
                 {"mean power", "/totals/power_w", Measure::watt},
                 {"elapsed", "/totals/elapsed_s", Measure::seconds},
                 {"area of the chip", "/totals/area_mm2", Measure::square_mm}});
    return table.html();
}

std::string work_table(const Source& stats) {
    HtmlTable table = two_columns("Work", "");
    add_numbers(table, stats,
                {{"multiply-accumulates", "/totals/macs"},
                 {"arrays in use", "/totals/crossbars"},
                 {"tiles in use", "/totals/tiles"},
                 {"array reads", "/totals/reads"},
                 {"columns of the arrays read", "/totals/conversions"},
                 {"conversions of used columns", "/totals/conversions_used"},
                 {"conversions clipped", "/totals/clipped"},
                 {"conversions of unit columns", "/totals/conversions_unit"},
                 {"used columns skipped", "/totals/conversions_skipped"}});
    return table.html();
}

}  // namespace

std::optional<Section> summary(const Source& stats) {
    return Section{"summary", "Summary",
                   fmt::format("<div class=\"columns\">\n{}<div>\n{}{}</div>\n</div>\n", run_table(stats),
                               totals_table(stats), work_table(stats))};
}

}  // namespace sliver::report::sections
