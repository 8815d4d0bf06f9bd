#include <fmt/format.h>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

std::string times_table(const Source& stats) {
    struct Column {
        const char* title;
        const char* key;
        Measure unit;
    };
    const std::vector<Column> columns = {{"first window starts, cycle", "first_start_cycle", Measure::cycles},
                                         {"last window starts, cycle", "last_start_cycle", Measure::cycles},
                                         {"done, cycle", "done_cycle", Measure::cycles},
                                         {"busy", "busy_fs", Measure::femtoseconds},
                                         {"waited for inputs", "waited_input_fs", Measure::femtoseconds},
                                         {"waited for room", "waited_output_fs", Measure::femtoseconds},
                                         {"packets that waited", "room_waits", Measure::none},
                                         {"fullest buffer", "peak_buffer_bytes", Measure::bytes}};
    HtmlTable table(
        "Times of the first image; busy and waiting times of the whole run, summed over a layer's parts");
    table.add_text_column("layer");
    for (const Column& column : columns) table.add_number_column(column.title);
    for (const NamedPlace& layer : layer_places(stats)) {
        std::vector<Cell> cells = {escaped(layer.name)};
        for (const Column& column : columns)
            cells.emplace_back(number_html(stats, layer.place / column.key, column.unit));
        table.add_row(std::move(cells));
    }
    return table.html();
}

Json bars(const Source& stats) {
    std::vector<DataRow> rows;
    for (const NamedPlace& layer : layer_places(stats)) {
        DataRow row(stats);
        row.word("layer", layer.name);
        for (const char* key : {"first_start_cycle", "last_start_cycle", "done_cycle", "interval_cycles",
                                "busy_fs", "waited_input_fs", "waited_output_fs"})
            row.number(key, layer.place / key);
        rows.push_back(row);
    }
    Json spec = chart_spec(rows);
    spec["transform"] = Json::array();
    for (const char* key : {"busy", "waited_input", "waited_output"})
        spec["transform"].push_back(si_text(key, fmt::format("{}_fs", key), "s", kPerFemtosecond));
    spec["height"] = rows_height(rows.size());
    const Json told = tooltip({{"layer", "layer"},
                               {"first_start_cycle", "first window starts, cycle"},
                               {"last_start_cycle", "last window starts, cycle"},
                               {"done_cycle", "done, cycle"},
                               {"interval_cycles", "busy with an image, cycles"},
                               {"busy", "busy, whole run"},
                               {"waited_input", "waited for inputs"},
                               {"waited_output", "waited for room"}});
    // Zoom only with the shift key: the wheel alone scrolls the page.
    const Json zoom = {
        {"name", "zoom"},
        {"select", {{"type", "interval"}, {"encodings", {"x"}}, {"zoom", "wheel![event.shiftKey]"}}},
        {"bind", "scales"}};
    const Json start = {{"field", "first_start_cycle"},
                        {"type", "quantitative"},
                        {"title", "array cycles since the start of the run"},
                        {"axis", {{"format", "~s"}}}};
    spec["encoding"] = {{"y", row_axis("layer")}, {"tooltip", told}};
    spec["layer"] = {{{"params", Json::array({zoom})},
                      {"mark", {{"type", "bar"}, {"color", kPlain}, {"clip", true}}},
                      {"encoding", {{"x", start}, {"x2", {{"field", "done_cycle"}}}}}},
                     {{"mark", {{"type", "tick"}, {"color", kMarked}, {"thickness", 2}, {"clip", true}}},
                      {"encoding", {{"x", {{"field", "last_start_cycle"}, {"type", "quantitative"}}}}}}};
    return spec;
}

}  // namespace

std::optional<Section> timeline(const Source& stats) {
    return Section{
        "timeline", "Pipeline",
        figure_html({"timeline", "The first image on its way through the layers",
                     "From the first window's start to the last value done; the mark is the last window's "
                     "start. Point at a bar for its waits; shift and wheel zoom, dragging moves, a double "
                     "click goes back.",
                     bars(stats)}) +
            times_table(stats)};
}

}  // namespace sliver::report::sections
