#include <fmt/format.h>

#include "report/html.h"
#include "report/reports.h"
#include "report/table.h"

namespace sliver::report {
namespace nonideal_sections {
namespace {

/// What shares a gain: title, key of the mean, id of the chart.
struct Gain {
    const char *title, *mean, *id;
};
constexpr std::array<Gain, 3> kGains = {{{"without a gain", "top1", "no-gain"},
                                         {"a gain for each array", "top1_gain_by_array", "array-gain"},
                                         {"a gain for each column", "top1_gain_by_column", "column-gain"}}};

/// Named by network and by "T + R", as the program prints it.
std::vector<Row> points_of(const Source& study) {
    std::vector<Row> rows = rows_of(study, Pointer("/points"), "network");
    for (Row& row : rows)
        row.names.push_back(std::string("T") + (study.flag(row.place / "rearranged") ? " + R" : "") +
                            (study.flag(row.place / "weight_constrained") ? " + WCT" : ""));
    return rows;
}

std::optional<Section> answers(const Source& study) {
    std::string html;
    for (const Row& row : rows_of(study, Pointer("/answers"), "question"))
        html += fmt::format("<h3>{}</h3>\n{}", escaped(row.names.front()),
                            list_html(study, row.place / "answer", "<ul>"));
    const std::string devices =
        entries_html(study, "Devices",
                     {{"source", "/devices/source", Measure::word},
                      {"chip", "/chip", Measure::word},
                      {"signs", "/encoding", Measure::word},
                      {"bits of a cell", "/cell_bits", Measure::exact},
                      {"on", "/devices/on_ohm", Measure::ohm},
                      {"off", "/devices/off_ohm", Measure::ohm},
                      {"variation", "/devices/variation", Measure::word},
                      {"its sigma", "/devices/sigma"},
                      {"reference of the off current", "/devices/reference", Measure::word},
                      {"wires", "/devices/wires", Measure::word},
                      {"from driver to first cell", "/devices/driver_ohm", Measure::ohm},
                      {"of a row's wire, a cell", "/devices/row_ohm", Measure::ohm},
                      {"of a column's wire, a cell", "/devices/column_ohm", Measure::ohm},
                      {"from last cell to virtual ground", "/devices/sense_ohm", Measure::ohm},
                      {"ADC law of the energies", "/adc_law", Measure::word},
                      {"images", "/images/source", Measure::word},
                      {"of them", "/images/count"}});
    return Section{"answers", "Answers", html + devices};
}

std::optional<Section> accuracy(const Source& study) {
    std::string html;
    for (const Gain& gain : kGains) {
        const Table points(study,
                           {name_column("network"),
                            name_column("with", 1),
                            {"array", "array", Measure::exact},
                            Column("top-1", gain.mean, Measure::share).as("top1"),
                            Column("spread", std::string(gain.mean) + "_spread", Measure::share).as("spread"),
                            {"ideal", "ideal_top1", Measure::share},
                            {"NF", "nonideality", Measure::any_share},
                            {"times fewer arrays", "compression"}},
                           points_of(study));
        html += figure_html("accuracy-over-size", points.data(),
                            {{"caption", fmt::format("Top-1 over the array size, {}", gain.title)}}, gain.id);
    }
    return Section{"accuracy", "Accuracy", html};
}

std::optional<Section> points(const Source& study) {
    std::vector<Column> columns = {name_column("network"),
                                   {"array", "array", Measure::exact},
                                   name_column("with", 1),
                                   {"arrays", "crossbars"},
                                   {"without T", "crossbars_unpacked"},
                                   {"NF", "nonideality", Measure::any_share},
                                   {"ideal", "ideal_top1", Measure::share}};
    for (const auto& [title, key] : {std::pair{"top-1", "top1"},
                                     {"gain by array", "top1_gain_by_array"},
                                     {"gain by column", "top1_gain_by_column"}}) {
        columns.emplace_back(title, key, Measure::share);
        columns.emplace_back("spread", std::string(key) + "_spread", Measure::share);
    }
    for (const auto& [title, key, measure] : {std::tuple{"energy", "cost/energy_j", Measure::joule},
                                              {"latency", "cost/latency_s", Measure::seconds},
                                              {"area", "cost/area_in_use_mm2", Measure::square_mm}})
        columns.push_back(Column(title, key, measure).optional());
    return Section{"points", "Points",
                   Table(study, columns, points_of(study))
                       .html("Every point; energy and latency of one image, area of the tiles in use")};
}

}  // namespace
}  // namespace nonideal_sections

Page nonideal_page(const Source& study) {
    using namespace nonideal_sections;
    study.require_kind(Pointer("/study"), "nonideal", 1);
    return page_of(study, "Non-ideal crossbars",
                   fmt::format("Studied by Sliver {} on chip {}.", study.text(Pointer("/version")),
                               study.text(Pointer("/chip"))),
                   {answers, accuracy, points});
}

}  // namespace sliver::report
