#include <fmt/format.h>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

const Pointer kBand("/energy_band_j"), kRefusals("/energy_band_refusals"),
    kAccountings("/energy_by_accounting_j");

std::string laws_table(const Source& stats) {
    HtmlTable table("Dynamic energy of the run under every ADC law");
    table.add_text_column("law");
    table.add_number_column("energy");
    table.add_text_column("");
    const std::string& own = stats.text(Pointer("/run/adc_law"));
    for (const std::string& law : stats.keys(kBand)) {
        const std::string refusal = stats.has(kRefusals / law) ? stats.text(kRefusals / law) : "";
        table.add_row({escaped(law), number_html(stats, kBand / law, Measure::joule),
                       law == own ? "this run's" : escaped(refusal)});
    }
    return table.html();
}

std::string accountings_table(const Source& stats) {
    HtmlTable table("Dynamic energy of the run by accounting");
    table.add_text_column("what is charged");
    table.add_number_column("energy");
    for (const std::string& accounting : stats.keys(kAccountings))
        table.add_row({escaped(accounting), number_html(stats, kAccountings / accounting, Measure::joule)});
    return table.html();
}

Json band(const Source& stats) {
    const std::string& own = stats.text(Pointer("/run/adc_law"));
    std::vector<DataRow> rows;
    // A logarithmic axis has no place for zero.
    for (const std::string& law : stats.keys(kBand))
        if (stats.has(kBand / law) && stats.number(kBand / law).get<double>() > 0)
            rows.push_back(DataRow(stats)
                               .word("law", law)
                               .word("which", law == own ? "this run's" : "others")
                               .number("energy_j", kBand / law));
    Json spec = chart_spec(rows);
    spec["transform"] = Json::array({si_text("energy", "energy_j", "J")});
    spec["height"] = rows_height(rows.size());
    Json law = row_axis("law");
    law["sort"] = {{"field", "energy_j"}};
    law["axis"] = {{"grid", true}};
    spec["mark"] = {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}};
    spec["encoding"] = {{"y", law},
                        {"x",
                         {{"field", "energy_j"},
                          {"type", "quantitative"},
                          {"scale", {{"type", "log"}}},
                          {"axis", joule_axis()}}},
                        {"color",
                         {{"field", "which"},
                          {"type", "nominal"},
                          {"title", nullptr},
                          {"scale", {{"domain", {"this run's", "others"}}, {"range", {kMarked, kPlain}}}},
                          {"legend", {{"orient", "bottom"}}}}},
                        {"tooltip", tooltip({{"law", "law"}, {"energy", "energy"}})}};
    return spec;
}

}  // namespace

std::optional<Section> adc_laws(const Source& stats) {
    if (!stats.has(kBand) || !stats.has(kAccountings)) return std::nullopt;
    return Section{"adc-laws", "ADC laws and accountings",
                   figure_html({"adc-laws", "The same run under every ADC law",
                                "Laws that refuse one of its converters stand in the table.", band(stats)}) +
                       "<div class=\"columns\">\n" + laws_table(stats) + accountings_table(stats) +
                       "</div>\n"};
}

}  // namespace sliver::report::sections
