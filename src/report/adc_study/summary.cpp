#include <fmt/format.h>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

std::string verdict_list(const Source& study) {
    const Pointer sentences("/verdict");
    if (!study.has(sentences) || study.size(sentences) == 0) return "";
    std::string html = "<ul class=\"verdict\">\n";
    for (std::size_t i = 0; i < study.size(sentences); ++i)
        html += fmt::format("<li>{}</li>\n", escaped(study.text(sentences / i)));
    return html + "</ul>\n";
}

std::string settings_table(const Source& study) {
    HtmlTable table("Study");
    table.add_text_column("");
    table.add_text_column("");
    const auto word = [&](const char* label, const char* place) {
        table.add_row({escaped(label), escaped(study.text(Pointer(place)))});
    };
    const auto number = [&](const char* label, const char* place) {
        table.add_row({escaped(label), number_html(study, Pointer(place), Measure::none)});
    };
    word("chip", "/chip");
    word("ADC law", "/adc_law");
    word("accounting", "/accounting");
    word("columns that share a width", "/granularity");
    word("test images", "/images/source");
    number("how many", "/images/count");
    word("calibration images", "/calibration/source");
    number("profiled: first of them", "/calibration/profile_first");
    number("profiled: how many", "/calibration/profile_count");
    number("held out: first of them", "/calibration/held_out_first");
    number("held out: how many", "/calibration/held_out_count");
    number("loss allowed, percentage points", "/loss_points");
    number("allocations whose accuracy the search may measure", "/budget");
    word("version", "/version");
    return table.html();
}

std::string networks_table(const Source& study) {
    HtmlTable table("Networks");
    table.add_text_column("network");
    table.add_text_column("method");
    table.add_number_column("top-1 on its card");
    table.add_text_column("SHA-256");
    for (const NamedPlace& network : networks(study))
        table.add_row({escaped(network.name), escaped(study.text(network.place / "method")),
                       number_html(study, network.place / "card_top1", Measure::share),
                       fmt::format("<code>{}</code>", escaped(study.text(network.place / "sha256")))});
    return table.html();
}

}  // namespace

std::optional<Section> summary(const Source& study) {
    return Section{"summary", "Summary",
                   fmt::format("{}<div class=\"columns\">\n{}{}</div>\n", verdict_list(study),
                               settings_table(study), networks_table(study))};
}

}  // namespace sliver::report::adc_study
