#include <fmt/format.h>

#include "report/chart.h"
#include "report/crossbar/sections.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"

namespace sliver::report::crossbar {
namespace {

std::string columns_table(const Source& solve, const Pointer& input) {
    HtmlTable table("");
    table.add_text_column("column");
    for (const char* title : {"ideal current", "current", "non-ideality factor"})
        table.add_number_column(title);
    for (std::size_t column = 0; column < solve.size(input / "current_a"); ++column)
        table.add_row({std::to_string(column), number_html(solve, input / "ideal_a" / column, Measure::ampere),
                       number_html(solve, input / "current_a" / column, Measure::ampere),
                       number_html(solve, input / "factor" / column, Measure::any_share)});
    return table.html();
}

Json factor_chart(const Source& solve, const Pointer& input) {
    DataRow row(solve);
    row.numbers("ideal", input / "ideal_a")
        .numbers("current", input / "current_a")
        .numbers("factor", input / "factor");
    Json spec = chart_spec({row});
    spec["transform"] = {calculated("column", "sequence(length(datum.factor))"),
                         {{"flatten", {"column", "ideal", "current", "factor"}}},
                         si_text("ideal_text", "ideal", "A"),
                         si_text("current_text", "current", "A"),
                         calculated("factor_text", "format(datum.factor, '.4~p')")};
    spec["height"] = 240;
    spec["mark"] = {{"type", "point"}, {"filled", true}, {"color", kPlain}, {"opacity", 1}, {"aria", false}};
    spec["encoding"] = {
        {"x", {{"field", "column"}, {"type", "quantitative"}, {"axis", {{"tickMinStep", 1}}}}},
        {"y",
         {{"field", "factor"},
          {"type", "quantitative"},
          {"title", "non-ideality factor"},
          {"axis", {{"format", "~p"}}}}},
        {"tooltip", sections::tooltip({{"column", "column"},
                                       {"ideal_text", "ideal current"},
                                       {"current_text", "current"},
                                       {"factor_text", "non-ideality factor"}})}};
    return spec;
}

}  // namespace

std::optional<Section> columns(const Source& solve) {
    const Pointer input = worst_input(solve);
    return Section{
        "columns", "Columns",
        figure_html(
            {"factors", fmt::format("Non-ideality factor by column, input {}", input.back()),
             "The share of the ideal current that is lost; 0 where the ideal current is 0. Of several "
             "inputs the one with the largest factor is shown.",
             factor_chart(solve, input)}) +
            fmt::format("<details><summary>Every column of input {}</summary>\n{}</details>\n", input.back(),
                        columns_table(solve, input))};
}

}  // namespace sliver::report::crossbar
