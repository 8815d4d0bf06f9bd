// A crossbar with its wires, solved in four ways: what a programmed array costs (docs/wires.md has the
// figures).
//
// All give the currents of every input: Geff, or as many solutions as there are rows. Beside the solvers of
// src/device the way badcrossbar goes: sparse LU of the nodal matrix, all inputs at once.
#include <benchmark/benchmark.h>

#include <Eigen/SparseCore>
#include <Eigen/SparseLU>
#include <random>
#include <stdexcept>
#include <string>

#include "base/instruction_set.h"
#include "device/effective_conductance.h"
#include "device/nodal_solver.h"

namespace {

using namespace sliver;
using device::CellConductances;
using device::WireResistances;

constexpr WireResistances kWires{100, 3.13, 1.04, 50};  // 32 nm, 1T1R (hardware-parameters.md 5.6)

/// Cells of 2 bits between 25 kohm and 500 kohm.
CellConductances random_cells(int lines) {
    std::mt19937 random(1);
    CellConductances cells(lines, lines);
    for (double& cell : cells.values)
        cell = 1 / 500e3 + static_cast<double>(random() % 4) / 3 * (1 / 25e3 - 1 / 500e3);
    return cells;
}

void count_arrays(benchmark::State& state) {
    state.counters["arrays/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void effective(benchmark::State& state, InstructionSet set, int lines) {
    const CellConductances cells = random_cells(lines);
    for (auto _ : state) benchmark::DoNotOptimize(device::effective_conductances(cells, kWires, set));
    count_arrays(state);
}

void separable(benchmark::State& state, int lines) {
    const CellConductances cells = random_cells(lines);
    for (auto _ : state) benchmark::DoNotOptimize(device::separable_conductances(cells, kWires));
    count_arrays(state);
}

void cholesky(benchmark::State& state, int lines) {
    const CellConductances cells = random_cells(lines);
    for (auto _ : state) {
        const device::NodalSolver solver(cells, kWires);
        std::vector<double> volts(static_cast<std::size_t>(lines), 0.0);
        for (double& row : volts) {
            row = 1;
            benchmark::DoNotOptimize(solver.solve(volts));
            row = 0;
        }
    }
    count_arrays(state);
}

/// The equations of hardware-parameters.md 5.1: wordline nodes first, then bitline nodes.
Eigen::SparseMatrix<double> nodal_matrix(const CellConductances& cells) {
    const int rows = cells.rows, columns = cells.columns, nodes = rows * columns;
    std::vector<Eigen::Triplet<double>> entries;
    const auto between = [&](int a, int b, double siemens) {
        entries.emplace_back(a, a, siemens);
        entries.emplace_back(b, b, siemens);
        entries.emplace_back(a, b, -siemens);
        entries.emplace_back(b, a, -siemens);
    };
    for (int i = 0; i < rows; ++i) {
        entries.emplace_back(i * columns, i * columns, 1 / kWires.driver_ohm);
        for (int j = 0; j < columns; ++j) {
            const int word = i * columns + j, bit = nodes + word;
            between(word, bit, cells.at(i, j));
            if (j + 1 < columns) between(word, word + 1, 1 / kWires.row_ohm);
            if (i + 1 < rows) between(bit, bit + columns, 1 / kWires.column_ohm);
        }
    }
    for (int j = 0; j < columns; ++j)
        entries.emplace_back(2 * nodes - columns + j, 2 * nodes - columns + j, 1 / kWires.sense_ohm);
    Eigen::SparseMatrix<double> matrix(2 * nodes, 2 * nodes);
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
}

void sparse_lu(benchmark::State& state, int lines) {
    const CellConductances cells = random_cells(lines);
    for (auto _ : state) {
        const Eigen::SparseMatrix<double> matrix = nodal_matrix(cells);
        Eigen::SparseLU<Eigen::SparseMatrix<double>> solver(matrix);
        if (solver.info() != Eigen::Success) throw std::runtime_error("the matrix cannot be factored");
        Eigen::MatrixXd sources = Eigen::MatrixXd::Zero(matrix.rows(), lines);
        for (int row = 0; row < lines; ++row) sources(Eigen::Index{row} * lines, row) = 1 / kWires.driver_ohm;
        const Eigen::MatrixXd nodes = solver.solve(sources);
        benchmark::DoNotOptimize(nodes.data());
        benchmark::ClobberMemory();
    }
    count_arrays(state);
}

}  // namespace

int main(int argc, char** argv) {
    for (const int lines : {32, 64, 128}) {
        const std::string cells = "/" + std::to_string(lines) + "x" + std::to_string(lines);
        const auto add = [&](const std::string& name, auto function) {
            benchmark::RegisterBenchmark((name + cells).c_str(), function)->Unit(benchmark::kMillisecond);
        };
        for (const InstructionSet set : available_instruction_sets())
            add(std::string("effective_conductances/") + name_of(set),
                [=](benchmark::State& state) { effective(state, set, lines); });
        add("ldlt_all_rows", [=](benchmark::State& state) { cholesky(state, lines); });
        add("sparse_lu_all_rows", [=](benchmark::State& state) { sparse_lu(state, lines); });
        add("separable", [=](benchmark::State& state) { separable(state, lines); });
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
