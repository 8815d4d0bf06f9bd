#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "config/quantity.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "study/crossbar_files.h"

namespace sliver::study {
namespace {

using results::Align;
using results::si;
using results::Table;

constexpr std::size_t kIndent = 2;
/// Rows of a table that is shown whole; of a longer one, how many of each kind.
constexpr std::size_t kWholeTable = 16, kOfEach = 4;

std::string factor_text(double factor) {
    return fmt::format("{:#.4g} %", 100 * factor);
}

/// Which of `count` lines to show: all, or the first, the last and those of the largest `size`.
template <typename Size>
std::vector<std::size_t> shown(std::size_t count, const Size& size) {
    std::vector<std::size_t> lines(count);
    std::iota(lines.begin(), lines.end(), std::size_t{0});
    if (count <= kWholeTable) return lines;
    std::vector<std::size_t> worst = lines;
    std::stable_sort(worst.begin(), worst.end(),
                     [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
    worst.resize(kOfEach);
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [&](std::size_t line) {
                                   return line >= kOfEach && line < count - kOfEach &&
                                          std::find(worst.begin(), worst.end(), line) == worst.end();
                               }),
                lines.end());
    return lines;
}

std::string left_out(std::size_t count, std::size_t lines, const char* what) {
    if (lines == count) return "";
    return fmt::format("  {} of {} {} left out: shown are the first, the last and the worst {}\n",
                       results::grouped(count - lines), results::grouped(count), what, kOfEach);
}

std::string heading(const CrossbarResult& result) {
    const auto ohm = [](double value) {
        return config::format_quantity(value, config::Dimension::resistance);
    };
    const auto file = [](const NamedFile& named) {
        return fmt::format("{} (sha256 {})", named.path, named.sha256.substr(0, 12));
    };
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::left);
    table.add_row({"cells", fmt::format("{} x {}, {} of {}", result.cells.rows, result.cells.columns,
                                        result.given_as_resistances ? "resistances" : "conductances",
                                        file(result.cells_file))});
    table.add_row({"voltages", fmt::format("{} {} of {}", results::grouped(result.solution.inputs.size()),
                                           result.solution.inputs.size() == 1 ? "input" : "inputs",
                                           file(result.voltages_file))});
    table.add_row({"wires", fmt::format("driver {}, row {}, column {}, sense {}",
                                        ohm(result.wires.driver_ohm), ohm(result.wires.row_ohm),
                                        ohm(result.wires.column_ohm), ohm(result.wires.sense_ohm))});
    const std::string driven =
        result.solution.inputs.size() > 1
            ? ""
            : fmt::format("; driven: {} of {}", result.solution.inputs.front().driven_rows,
                          result.cells.rows);
    table.add_row({"idle rows", word_of(result.idle) + driven});
    return table.text(kIndent);
}

std::string solved_columns(const CrossbarInputSolution& input) {
    const std::size_t columns = input.current_a.size();
    const std::vector<std::size_t> lines =
        shown(columns, [&](std::size_t column) { return std::abs(input.factor[column]); });
    Table table;
    table.add_column("column", Align::right);
    table.add_column("ideal current", Align::right);
    table.add_column("current", Align::right);
    table.add_column("non-ideality factor", Align::right);
    for (const std::size_t column : lines)
        table.add_row(
            {std::to_string(column), si(input.ideal_a[column], "A"), si(input.current_a[column], "A"),
             std::fpclassify(input.ideal_a[column]) == FP_ZERO ? "-" : factor_text(input.factor[column])});
    return table.text(kIndent) + left_out(columns, lines.size(), "columns");
}

std::string sums_text(const CrossbarInputSolution& input) {
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::right);
    table.add_column("", Align::left);
    if (input.worst_column) {
        table.add_row({"mean factor", factor_text(*input.mean_factor)});
        table.add_row({"largest factor", factor_text(input.factor[*input.worst_column]),
                       fmt::format("column {}", *input.worst_column)});
    }
    table.add_row({"sum of the ideal currents", si(input.ideal_sum_a, "A")});
    table.add_row({"sum of the currents", si(input.current_sum_a, "A")});
    table.add_row({"sum out of the drivers", si(input.driver_sum_a, "A"),
                   fmt::format("differs by {:.1g} of the currents", input.imbalance)});
    return table.text(kIndent);
}

std::string inputs_text(const CrossbarSolution& solution) {
    const std::vector<std::size_t> lines = shown(solution.inputs.size(), [&](std::size_t i) {
        const CrossbarInputSolution& input = solution.inputs[i];
        return input.worst_column ? std::abs(input.factor[*input.worst_column]) : -1;
    });
    Table table;
    table.add_column("input", Align::right);
    for (const char* title : {"driven rows", "ideal currents", "currents", "drivers", "mean factor",
                              "largest factor", "at column"})
        table.add_column(title, Align::right);
    for (const std::size_t i : lines) {
        const CrossbarInputSolution& input = solution.inputs[i];
        table.add_row({std::to_string(i), std::to_string(input.driven_rows), si(input.ideal_sum_a, "A"),
                       si(input.current_sum_a, "A"), si(input.driver_sum_a, "A"),
                       input.mean_factor ? factor_text(*input.mean_factor) : "-",
                       input.worst_column ? factor_text(input.factor[*input.worst_column]) : "-",
                       input.worst_column ? std::to_string(*input.worst_column) : "-"});
    }
    return table.text(kIndent) + left_out(solution.inputs.size(), lines.size(), "inputs");
}

}  // namespace

std::string crossbar_text(const CrossbarResult& result) {
    const CrossbarSolution& solution = result.solution;
    std::string text = "Crossbar with its wires\n" + heading(result);
    if (solution.inputs.size() > 1)
        text += fmt::format("\nBy input, sums over the columns; sets of idle rows factored: {}\n",
                            solution.factorisations) +
                inputs_text(solution);
    text +=
        solution.inputs.size() > 1
            ? fmt::format("\nBy column, input {}: the one with the largest factor\n", solution.worst_input)
            : "\nBy column\n";
    const CrossbarInputSolution& worst = solution.inputs[solution.worst_input];
    return text + solved_columns(worst) + "\n" + sums_text(worst);
}

}  // namespace sliver::study
