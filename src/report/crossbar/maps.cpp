#include <fmt/format.h>

#include <algorithm>

#include "report/chart.h"
#include "report/crossbar/sections.h"
#include "report/html.h"
#include "report/sections/rows.h"

namespace sliver::report::crossbar {
namespace {

constexpr int kMostHeight = 640, kLeastRow = 4, kMostRow = 22;  // pixels

struct Blocks {
    int rows = 1, columns = 1;
    [[nodiscard]] bool single() const { return rows == 1 && columns == 1; }
};

Blocks blocks_of(const Source& solve) {
    const auto extent = [&](const char* key) {
        const Json& value = solve.number(Pointer("/maps") / key);
        return static_cast<int>(std::clamp(value.get<double>(), 1.0, 1e6));
    };
    return {extent("rows_per_block"), extent("columns_per_block")};
}

std::string axis_title(const char* line, int per_block) {
    return per_block == 1 ? line : fmt::format("{}, first of each {}", line, per_block);
}

/// `fields`: of the chart, each with the key of its map.
std::vector<DataRow> map_rows(const Source& solve, const Blocks& blocks,
                              const std::vector<std::pair<const char*, const char*>>& fields) {
    std::vector<DataRow> rows;
    const std::size_t count = solve.size(Pointer("/maps") / fields.front().second);
    for (std::size_t i = 0; i < count; ++i) {
        DataRow row(solve);
        row.word("row", std::to_string(i * static_cast<std::size_t>(blocks.rows)));
        for (const auto& [field, key] : fields) row.numbers(field, Pointer("/maps") / key / i);
        rows.push_back(row);
    }
    return rows;
}

/// A heat map of `value`, which `transforms` may form from the fields of `rows`.
Json map_spec(const std::vector<DataRow>& rows, const Blocks& blocks, const std::vector<std::string>& fields,
              const std::vector<Json>& transforms, const Json& colour, const Json& told) {
    Json spec = chart_spec(rows);
    Json flat = {"index"};
    for (const std::string& field : fields) flat.push_back(field);
    spec["transform"] = {calculated("index", fmt::format("sequence(length(datum.{}))", fields.front())),
                         {{"flatten", std::move(flat)}},
                         calculated("column", fmt::format("datum.index * {}", blocks.columns))};
    for (const Json& transform : transforms) spec["transform"].push_back(transform);
    const int lines = std::max(1, static_cast<int>(rows.size()));
    spec["height"] = lines * std::clamp(kMostHeight / lines, kLeastRow, kMostRow);
    // Thousands of cells: no word for screen readers on each.
    spec["mark"] = {{"type", "rect"}, {"aria", false}};
    spec["encoding"] = {
        {"y",
         {{"field", "row"},
          {"type", "ordinal"},
          {"sort", nullptr},
          {"title", axis_title("row", blocks.rows)},
          {"axis", {{"labelOverlap", "greedy"}, {"labelSeparation", 6}}}}},
        {"x",
         {{"field", "column"},
          {"type", "ordinal"},
          {"title", axis_title("column", blocks.columns)},
          {"axis",
           {{"orient", "top"}, {"labelAngle", 0}, {"labelOverlap", "greedy"}, {"labelSeparation", 6}}}}},
        {"color", colour},
        {"tooltip", told}};
    return spec;
}

Json colour_of(const std::string& field, const std::string& title, const std::string& format) {
    return {{"field", field},
            {"type", "quantitative"},
            {"title", title},
            {"scale", {{"scheme", "viridis"}, {"zero", false}}},
            {"legend", {{"orient", "right"}, {"format", format}}}};
}

/// Cells that hardly conduct, beside others that do, may give several times their own conductance: were the
/// scale to reach that far, nothing could be told apart below 1.
Json ratio_colour() {
    Json colour = colour_of("ratio", "Geff / G", "~p");
    colour["scale"]["domainMax"] = 1;
    colour["scale"]["clamp"] = true;
    return colour;
}

Json volts_spec(const Source& solve, const Blocks& blocks, const char* key) {
    return map_spec(map_rows(solve, blocks, {{"volts", key}}), blocks, {"volts"},
                    {si_text("volts_text", "volts", "V")}, colour_of("volts", "V", "~g"),
                    sections::tooltip({{"row", "row"}, {"column", "column"}, {"volts_text", "voltage"}}));
}

Json effective_spec(const Source& solve, const Blocks& blocks) {
    return map_spec(map_rows(solve, blocks, {{"cell", "conductance_s"}, {"effective", "effective_s"}}),
                    blocks, {"cell", "effective"},
                    {{{"filter", "datum.cell > 0"}},
                     calculated("ratio", "datum.effective / datum.cell"),
                     si_text("cell_text", "cell", "S"),
                     si_text("effective_text", "effective", "S"),
                     calculated("ratio_text", "format(datum.ratio, '.4~p')")},
                    ratio_colour(),
                    sections::tooltip({{"row", "row"},
                                       {"column", "column"},
                                       {"cell_text", "cell"},
                                       {"effective_text", "effective"},
                                       {"ratio_text", "effective by cell"}}));
}

}  // namespace

std::optional<Section> maps(const Source& solve) {
    if (!solve.has(Pointer("/maps"))) return std::nullopt;
    const Blocks blocks = blocks_of(solve);
    const std::string input = worst_input(solve).back();
    std::string html;
    if (!blocks.single())
        html += fmt::format(
            "<p>The array is larger than the maps: each of their cells is the mean over a block of {} rows "
            "and {} columns. The .npy files beside solve.json have every value.</p>\n",
            blocks.rows, blocks.columns);
    html +=
        figure_html({"row-volts", fmt::format("Wordline voltages, input {}", input),
                     "At the cells; the drivers lie to the left.", volts_spec(solve, blocks, "row_volts")}) +
        figure_html({"column-volts", fmt::format("Bitline voltages, input {}", input),
                     "At the cells; the virtual grounds lie below.",
                     volts_spec(solve, blocks, "column_volts")});
    if (solve.has(Pointer("/maps/effective_s")))
        html += figure_html({"effective", "Effective conductance by conductance of the cell",
                             "What a row's voltage adds to a column's current, with wires and without. Above "
                             "100 % (detours through other cells) the colour stays the same; empty where "
                             "there is no cell.",
                             effective_spec(solve, blocks)});
    return Section{"maps", "Maps", html};
}

}  // namespace sliver::report::crossbar
