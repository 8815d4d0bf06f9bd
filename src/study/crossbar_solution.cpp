#include "study/crossbar_solution.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

namespace sliver::study {
namespace {

bool is_zero(double value) {
    return std::fpclassify(value) == FP_ZERO;
}

std::vector<bool> driven_rows(const std::vector<double>& volts) {
    std::vector<bool> driven;
    for (const double value : volts) driven.push_back(!is_zero(value));
    return driven;
}

double sum(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += value;
    return total;
}

double sum_of_sizes(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += std::abs(value);
    return total;
}

void require_finite(const std::vector<double>& values) {
    for (const double value : values)
        if (!std::isfinite(value)) throw std::logic_error("crossbar solve: a result is not finite");
}

CrossbarInputSolution solution_of(const device::CellConductances& cells, const std::vector<double>& volts,
                                  const device::NodalSolution& nodes) {
    CrossbarInputSolution input;
    input.driven_rows =
        static_cast<int>(std::count_if(volts.begin(), volts.end(), [](double v) { return !is_zero(v); }));
    input.ideal_a = device::ideal_currents(cells, volts);
    input.current_a = nodes.currents_a;
    input.driver_a = nodes.driver_a;
    input.factor = device::non_ideality_factors(input.ideal_a, input.current_a);
    input.ideal_sum_a = sum(input.ideal_a);
    input.current_sum_a = sum(input.current_a);
    input.driver_sum_a = sum(input.driver_a);
    const double scale = sum_of_sizes(input.current_a);
    if (scale > 0) input.imbalance = std::abs(input.current_sum_a - input.driver_sum_a) / scale;
    double total = 0;
    std::size_t columns = 0;
    for (std::size_t column = 0; column < input.factor.size(); ++column) {
        if (is_zero(input.ideal_a[column])) continue;
        total += input.factor[column];
        ++columns;
        if (!input.worst_column ||
            std::abs(input.factor[column]) > std::abs(input.factor[*input.worst_column]))
            input.worst_column = column;
    }
    if (columns > 0) input.mean_factor = total / static_cast<double>(columns);
    for (const std::vector<double>* values :
         {&input.ideal_a, &input.current_a, &input.factor, &input.driver_a})
        require_finite(*values);
    require_finite({input.ideal_sum_a, input.current_sum_a, input.driver_sum_a, input.imbalance,
                    input.mean_factor.value_or(0)});
    return input;
}

double worst_factor(const CrossbarInputSolution& input) {
    return input.worst_column ? std::abs(input.factor[*input.worst_column]) : -1;
}

}  // namespace

CrossbarSolution solve_crossbar(const device::CellConductances& cells, const device::WireResistances& wires,
                                device::IdleRows idle, const std::vector<std::vector<double>>& volts,
                                bool keep_nodes) {
    // Grounded rows are driven at 0 V: one network for all inputs.
    std::map<std::vector<bool>, std::vector<std::size_t>> inputs_of;
    for (std::size_t input = 0; input < volts.size(); ++input)
        inputs_of[idle == device::IdleRows::grounded ? std::vector<bool>() : driven_rows(volts[input])]
            .push_back(input);
    CrossbarSolution solution;
    solution.inputs.resize(volts.size());
    solution.factorisations = inputs_of.size();
    if (keep_nodes) {
        solution.row_volts.resize(volts.size() * cells.values.size());
        solution.column_volts.resize(solution.row_volts.size());
    }
    for (const auto& [driven, inputs] : inputs_of) {
        const device::NodalSolver solver(cells, wires, idle, driven);
        for (const std::size_t input : inputs) {
            const device::NodalSolution nodes = solver.solve(volts[input]);
            solution.inputs[input] = solution_of(cells, volts[input], nodes);
            if (!keep_nodes) continue;
            require_finite(nodes.row_volts);
            require_finite(nodes.column_volts);
            const auto place = static_cast<std::ptrdiff_t>(input * cells.values.size());
            std::copy(nodes.row_volts.begin(), nodes.row_volts.end(), solution.row_volts.begin() + place);
            std::copy(nodes.column_volts.begin(), nodes.column_volts.end(),
                      solution.column_volts.begin() + place);
        }
    }
    for (std::size_t input = 1; input < volts.size(); ++input)
        if (worst_factor(solution.inputs[input]) > worst_factor(solution.inputs[solution.worst_input]))
            solution.worst_input = input;
    return solution;
}

BlockMap block_means(const double* values, int rows, int columns) {
    const auto lines_per_block = [](int lines) { return (lines + kMapLines - 1) / kMapLines; };
    BlockMap map;
    map.rows_per_block = lines_per_block(rows);
    map.columns_per_block = lines_per_block(columns);
    for (int top = 0; top < rows; top += map.rows_per_block) {
        const int bottom = std::min(top + map.rows_per_block, rows);
        std::vector<double>& line = map.means.emplace_back();
        for (int left = 0; left < columns; left += map.columns_per_block) {
            const int right = std::min(left + map.columns_per_block, columns);
            double total = 0;
            for (int row = top; row < bottom; ++row)
                for (int column = left; column < right; ++column)
                    total += values[static_cast<std::ptrdiff_t>(row) * columns + column];
            line.push_back(total / ((bottom - top) * (right - left)));
        }
    }
    return map;
}

}  // namespace sliver::study
