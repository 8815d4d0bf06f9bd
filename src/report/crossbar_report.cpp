#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"
#include "report/reports.h"
#include "report/table.h"

namespace sliver::report {
namespace crossbar_sections {
namespace {

constexpr std::size_t kMostInputs = 64;                         // rows of the table
constexpr int kMostHeight = 640, kLeastRow = 4, kMostRow = 22;  // pixels of a map

/// The input that columns and maps show, in the list `inputs`.
Pointer worst_input(const Source& solve) {
    const Pointer place("/worst_input"), inputs("/inputs");
    const Json& worst = solve.number(place);
    if (!worst.is_number_unsigned() || worst >= solve.size(inputs))
        solve.fail(place, "must be the number of an input");
    return inputs / worst.get<std::size_t>();
}

/// The first `count` numbers as names of rows, at `place`.
std::vector<Row> numbered(const Pointer& place, std::size_t count) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back({{fmt::format("{}", i)}, place});
    return rows;
}

std::optional<Section> summary(const Source& solve) {
    const std::string array =
        entries_html(solve, "Array",
                     {{"cells", "/cells/file", Measure::word},
                      {"given as", "/cells/given_as", Measure::word},
                      {"cells, SHA-256", "/cells/sha256", Measure::code},
                      {"voltages", "/voltages/file", Measure::word},
                      {"voltages, SHA-256", "/voltages/sha256", Measure::code},
                      {"rows", "/rows"},
                      {"columns", "/columns"},
                      {"resistance from driver to first cell", "/wires/driver_ohm", Measure::ohm},
                      {"of a row's wire, a cell", "/wires/row_ohm", Measure::ohm},
                      {"of a column's wire, a cell", "/wires/column_ohm", Measure::ohm},
                      {"from last cell to virtual ground", "/wires/sense_ohm", Measure::ohm},
                      {"idle rows", "/idle_rows", Measure::word},
                      {"factorisations of the network", "/factorisations"}});
    const Pointer inputs("/inputs");
    const std::size_t count = solve.size(inputs), shown = std::min(count, kMostInputs);
    std::vector<Row> rows = numbered(inputs, shown);
    for (std::size_t i = 0; i < shown; ++i) rows[i].place /= i;
    const Table table(solve,
                      {name_column("input"),
                       {"driven rows", "driven_rows"},
                       {"ideal currents", "ideal_sum_a", Measure::ampere},
                       {"currents", "current_sum_a", Measure::ampere},
                       {"out of the drivers", "driver_sum_a", Measure::ampere},
                       {"relative difference", "imbalance"},
                       {"mean factor", "mean_factor", Measure::any_share},
                       {"largest factor", "largest_factor", Measure::any_share},
                       {"at column", "worst_column"}},
                      rows);
    return Section{
        "summary", "Summary",
        array + table.html(shown == count
                               ? "By input: sums over all columns, non-ideality factors"
                               : fmt::format("The first {} inputs; solve.json has all {}", shown, count))};
}

std::optional<Section> columns(const Source& solve) {
    const Pointer input = worst_input(solve);
    const auto of_column = [](const char* key) {
        return [key](const Row& column) { return column.place / key / column.names.front(); };
    };
    const Table table(solve,
                      {name_column("column"),
                       {"ideal current", of_column("ideal_a"), Measure::ampere},
                       {"current", of_column("current_a"), Measure::ampere},
                       {"non-ideality factor", of_column("factor"), Measure::any_share}},
                      numbered(input, solve.size(input / "current_a")));
    const Table lists(
        solve,
        {{"", "ideal_a", Measure::list}, {"", "current_a", Measure::list}, {"", "factor", Measure::list}},
        {{{}, input}});
    return Section{
        "columns", "Columns",
        figure_html("factors", lists.data(),
                    {{"caption", fmt::format("Non-ideality factor by column, input {}", input.back())}}) +
            fmt::format("<details><summary>Every column of input {}</summary>\n{}</details>\n", input.back(),
                        table.html(""))};
}

std::string axis_title(const char* line, int per_block) {
    return per_block == 1 ? line : fmt::format("{}, first of each {}", line, per_block);
}

std::optional<Section> maps(const Source& solve) {
    const Pointer place("/maps");
    if (!solve.has(place)) return std::nullopt;
    const auto extent = [&](const char* key) {
        return static_cast<int>(std::clamp(solve.number(place / key).get<double>(), 1.0, 1e6));
    };
    const int rows = extent("rows_per_block"), columns = extent("columns_per_block");
    const auto figure = [&](const char* chart, const std::string& id, const std::vector<const char*>& keys,
                            Bindings bound) {
        const std::size_t count = solve.size(place / keys.front());
        std::vector<Row> lines = numbered(place, count);
        for (std::size_t i = 0; i < count; ++i)
            lines[i].names.push_back(fmt::format("{}", i * static_cast<std::size_t>(rows)));
        std::vector<Column> fields = {name_column("row", 1)};
        for (const char* key : keys)
            fields.push_back(Column(
                                 "", [key](const Row& line) { return line.place / key / line.names.front(); },
                                 Measure::list)
                                 .as(keys.size() == 1 ? "volts" : key));
        const int height = std::max(1, static_cast<int>(count));
        bound["height"] = height * std::clamp(kMostHeight / height, kLeastRow, kMostRow);
        bound["columns per block"] = columns;
        bound["row title"] = axis_title("row", rows);
        bound["column title"] = axis_title("column", columns);
        return figure_html(chart, Table(solve, fields, lines).data(), bound, id);
    };
    std::string html;
    if (rows != 1 || columns != 1)
        html += fmt::format(
            "<p>The array is larger than the maps: each of their cells is the mean over a block of {} rows "
            "and {} columns. The .npy files beside solve.json have every value.</p>\n",
            rows, columns);
    const std::string input = worst_input(solve).back();
    html += figure("volts", "row-volts", {"row_volts"},
                   {{"caption", "Wordline voltages, input " + input},
                    {"hint", "At the cells; the drivers lie to the left."}}) +
            figure("volts", "column-volts", {"column_volts"},
                   {{"caption", "Bitline voltages, input " + input},
                    {"hint", "At the cells; the virtual grounds lie below."}});
    if (solve.has(place / "effective_s"))
        html += figure("effective", "effective", {"conductance_s", "effective_s"}, {});
    return Section{"maps", "Maps", html};
}

}  // namespace
}  // namespace crossbar_sections

Page crossbar_page(const Source& solve) {
    using namespace crossbar_sections;
    solve.require_kind(Pointer("/kind"), "crossbar", 1);
    return page_of(
        solve,
        fmt::format("Crossbar of {} x {} cells with its wires", solve.number(Pointer("/rows")).dump(),
                    solve.number(Pointer("/columns")).dump()),
        fmt::format("Solved by Sliver {}. Rows are driven at their left end, columns end below in "
                    "virtual grounds.",
                    solve.text(Pointer("/version"))),
        {summary, columns, maps});
}

}  // namespace sliver::report
