#include <fmt/format.h>

#include <algorithm>

#include "report/crossbar/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::crossbar {
namespace {

constexpr std::size_t kMostInputs = 64;  // rows of the table

std::string array_table(const Source& solve) {
    HtmlTable table("Array");
    table.add_text_column("");
    table.add_text_column("");
    const auto word = [&](const char* label, const char* place) {
        table.add_row({escaped(label), escaped(solve.text(Pointer(place)))});
    };
    const auto number = [&](const char* label, const char* place, Measure unit) {
        table.add_row({escaped(label), number_html(solve, Pointer(place), unit)});
    };
    const auto digest = [&](const char* label, const char* place) {
        table.add_row({escaped(label), fmt::format("<code>{}</code>", escaped(solve.text(Pointer(place))))});
    };
    word("cells", "/cells/file");
    word("given as", "/cells/given_as");
    digest("cells, SHA-256", "/cells/sha256");
    word("voltages", "/voltages/file");
    digest("voltages, SHA-256", "/voltages/sha256");
    number("rows", "/rows", Measure::none);
    number("columns", "/columns", Measure::none);
    number("resistance from driver to first cell", "/wires/driver_ohm", Measure::ohm);
    number("of a row's wire, a cell", "/wires/row_ohm", Measure::ohm);
    number("of a column's wire, a cell", "/wires/column_ohm", Measure::ohm);
    number("from last cell to virtual ground", "/wires/sense_ohm", Measure::ohm);
    word("idle rows", "/idle_rows");
    number("factorisations of the network", "/factorisations", Measure::none);
    return table.html();
}

std::string inputs_table(const Source& solve) {
    const Pointer inputs("/inputs");
    const std::size_t count = solve.size(inputs), shown = std::min(count, kMostInputs);
    HtmlTable table(shown == count ? "By input: sums over all columns, non-ideality factors"
                                   : fmt::format("The first {} inputs; solve.json has all {}", shown, count));
    table.add_text_column("input");
    for (const char* title : {"driven rows", "ideal currents", "currents", "out of the drivers",
                              "relative difference", "mean factor", "largest factor", "at column"})
        table.add_number_column(title);
    for (std::size_t i = 0; i < shown; ++i) {
        const Pointer input = inputs / i;
        table.add_row({std::to_string(i), number_html(solve, input / "driven_rows", Measure::none),
                       number_html(solve, input / "ideal_sum_a", Measure::ampere),
                       number_html(solve, input / "current_sum_a", Measure::ampere),
                       number_html(solve, input / "driver_sum_a", Measure::ampere),
                       number_html(solve, input / "imbalance", Measure::none),
                       number_html(solve, input / "mean_factor", Measure::any_share),
                       number_html(solve, input / "largest_factor", Measure::any_share),
                       number_html(solve, input / "worst_column", Measure::none)});
    }
    return table.html();
}

}  // namespace

Pointer worst_input(const Source& solve) {
    const Pointer place("/worst_input"), inputs("/inputs");
    const Json& worst = solve.number(place);
    if (!worst.is_number_unsigned() || worst >= solve.size(inputs))
        solve.fail(place, "must be the number of an input");
    return inputs / worst.get<std::size_t>();
}

std::optional<Section> summary(const Source& solve) {
    return Section{"summary", "Summary", array_table(solve) + inputs_table(solve)};
}

}  // namespace sliver::report::crossbar
