#include "report/nonideal_report.h"

#include <fmt/format.h>

#include <array>

#include "report/chart.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"

namespace sliver::report {
namespace {

/// What shares a gain: title, key of the mean, key of the spread, id of the chart.
struct Gain {
    const char *title, *mean, *spread, *id;
};
constexpr std::array<Gain, 3> kGains = {
    {{"without a gain", "top1", "top1_spread", "no-gain"},
     {"a gain for each array", "top1_gain_by_array", "top1_gain_by_array_spread", "array-gain"},
     {"a gain for each column", "top1_gain_by_column", "top1_gain_by_column_spread", "column-gain"}}};

/// "T + R", as the program prints it.
std::string mitigations(const Source& study, const Pointer& point) {
    return std::string("T") + (study.flag(point / "rearranged") ? " + R" : "") +
           (study.flag(point / "weight_constrained") ? " + WCT" : "");
}

std::string devices_table(const Source& study) {
    HtmlTable table("Devices");
    table.add_text_column("");
    table.add_text_column("");
    const auto word = [&](const char* label, const char* place) {
        table.add_row({escaped(label), escaped(study.text(Pointer(place)))});
    };
    const auto number = [&](const char* label, const char* place, Measure unit) {
        table.add_row({escaped(label), number_html(study, Pointer(place), unit)});
    };
    word("source", "/devices/source");
    word("chip", "/chip");
    word("signs", "/encoding");
    number("bits of a cell", "/cell_bits", Measure::exact);
    number("on", "/devices/on_ohm", Measure::ohm);
    number("off", "/devices/off_ohm", Measure::ohm);
    word("variation", "/devices/variation");
    number("its sigma", "/devices/sigma", Measure::none);
    word("reference of the off current", "/devices/reference");
    word("wires", "/devices/wires");
    number("from driver to first cell", "/devices/driver_ohm", Measure::ohm);
    number("of a row's wire, a cell", "/devices/row_ohm", Measure::ohm);
    number("of a column's wire, a cell", "/devices/column_ohm", Measure::ohm);
    number("from last cell to virtual ground", "/devices/sense_ohm", Measure::ohm);
    word("ADC law of the energies", "/adc_law");
    word("images", "/images/source");
    number("of them", "/images/count", Measure::none);
    return table.html();
}

Section nonideal_answers(const Source& study) {
    std::string html;
    const Pointer list("/answers");
    for (std::size_t i = 0; i < study.size(list); ++i) {
        html += fmt::format("<h3>{}</h3>\n<ul>\n", escaped(study.text(list / i / "question")));
        for (std::size_t k = 0; k < study.size(list / i / "answer"); ++k)
            html += fmt::format("<li>{}</li>\n", escaped(study.text(list / i / "answer" / k)));
        html += "</ul>\n";
    }
    return {"answers", "Answers", html + devices_table(study)};
}

Json accuracy_chart(const Source& study, const Gain& gain) {
    std::vector<DataRow> rows;
    const Pointer points("/points");
    for (std::size_t i = 0; i < study.size(points); ++i)
        rows.push_back(DataRow(study)
                           .word("network", study.text(points / i / "network"))
                           .word("with", mitigations(study, points / i))
                           .number("array", points / i / "array")
                           .number("top1", points / i / gain.mean)
                           .number("spread", points / i / gain.spread)
                           .number("ideal", points / i / "ideal_top1")
                           .number("factor", points / i / "nonideality")
                           .number("compression", points / i / "compression"));
    Json spec = chart_spec(rows);
    spec["transform"] = Json::array({calculated("top1_text", "format(datum.top1, '.1%')"),
                                     calculated("spread_text", "format(datum.spread, '.1%')"),
                                     calculated("ideal_text", "format(datum.ideal, '.1%')"),
                                     calculated("factor_text", "format(datum.factor, '.3f')"),
                                     calculated("compression_text", "format(datum.compression, '.2f')")});
    spec["height"] = 280;
    const Json x = {{"field", "array"},
                    {"type", "ordinal"},
                    {"title", "rows and columns of an array"},
                    {"axis", {{"labelAngle", 0}}}};
    const Json y = {{"field", "top1"},
                    {"type", "quantitative"},
                    {"title", "top-1"},
                    {"scale", {{"domain", {0, 1}}}},
                    {"axis", {{"format", "~p"}}}};
    spec["mark"] = {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}, {"aria", false}};
    spec["encoding"] = {{"x", x},
                        {"y", y},
                        {"xOffset", {{"field", "network"}, {"type", "nominal"}}},
                        {"color",
                         {{"field", "network"},
                          {"type", "nominal"},
                          {"title", nullptr},
                          {"scale", {{"scheme", "tableau10"}}},
                          {"legend", {{"orient", "bottom"}, {"columns", 3}}}}},
                        {"shape",
                         {{"field", "with"},
                          {"type", "nominal"},
                          {"title", nullptr},
                          {"legend", {{"orient", "bottom"}, {"symbolFillColor", "currentColor"}}}}},
                        {"tooltip", sections::tooltip({{"network", "network"},
                                                       {"with", "with"},
                                                       {"top1_text", "top-1"},
                                                       {"spread_text", "standard deviation"},
                                                       {"ideal_text", "on ideal crossbars"},
                                                       {"factor_text", "non-ideality factor"},
                                                       {"compression_text", "times fewer arrays"}})}};
    return spec;
}

Section accuracy(const Source& study) {
    std::string html;
    for (const Gain& gain : kGains)
        html += figure_html({gain.id, fmt::format("Top-1 over the array size, {}", gain.title),
                             "Mean over the seeds of variation; converters neither round nor cut. T: zeros "
                             "packed away, R: columns sorted, WCT: weights constrained in training.",
                             accuracy_chart(study, gain)});
    return {"accuracy", "Accuracy", html};
}

Section points(const Source& study) {
    HtmlTable table("Every point; energy and latency of one image, area of the tiles in use");
    table.add_text_column("network");
    table.add_text_column("array");
    table.add_text_column("with");
    for (const char* title : {"arrays", "without T", "NF", "ideal", "top-1", "spread", "gain by array",
                              "spread", "gain by column", "spread", "energy", "latency", "area"})
        table.add_number_column(title);
    const Pointer list("/points");
    for (std::size_t i = 0; i < study.size(list); ++i) {
        const Pointer point = list / i;
        std::vector<Cell> cells = {escaped(study.text(point / "network")),
                                   number_html(study, point / "array", Measure::exact),
                                   mitigations(study, point),
                                   number_html(study, point / "crossbars", Measure::none),
                                   number_html(study, point / "crossbars_unpacked", Measure::none),
                                   number_html(study, point / "nonideality", Measure::any_share),
                                   number_html(study, point / "ideal_top1", Measure::share)};
        for (const Gain& gain : kGains) {
            cells.emplace_back(number_html(study, point / gain.mean, Measure::share));
            cells.emplace_back(number_html(study, point / gain.spread, Measure::share));
        }
        const bool priced = study.has(point / "cost");
        for (const auto& [key, unit] :
             {std::pair{"energy_j", Measure::joule}, std::pair{"latency_s", Measure::seconds},
              std::pair{"area_in_use_mm2", Measure::square_mm}})
            cells.emplace_back(priced ? number_html(study, point / "cost" / key, unit) : "-");
        table.add_row(std::move(cells));
    }
    return {"points", "Points", table.html()};
}

}  // namespace

Page nonideal_page(const Source& study) {
    study.require_kind(Pointer("/study"), "nonideal", 1);
    Page page;
    page.title = "Non-ideal crossbars";
    page.subtitle = fmt::format("Studied by Sliver {} on chip {}.", study.text(Pointer("/version")),
                                study.text(Pointer("/chip")));
    page.sections = {nonideal_answers(study), accuracy(study), points(study)};
    return page;
}

}  // namespace sliver::report
