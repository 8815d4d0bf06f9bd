// What `sliver crossbar solve` computes of its inputs: currents, losses, node voltages, exactly.
//
// One factorisation of the wire network for each set of idle rows, one solution for each input
// (device/nodal_solver.h). Every number is finite.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "device/cell_conductances.h"
#include "device/nodal_solver.h"
#include "device/wire_resistances.h"

namespace sliver::study {

struct CrossbarInputSolution {
    int driven_rows = 0;            ///< whose voltage is not 0
    std::vector<double> ideal_a;    ///< with ideal wires, by column
    std::vector<double> current_a;  ///< into the virtual grounds, by column
    std::vector<double> factor;     ///< non-ideality factor by column, 0 where the ideal current is 0
    std::vector<double> driver_a;   ///< out of the drivers, by row
    double ideal_sum_a = 0, current_sum_a = 0, driver_sum_a = 0;
    /// Difference of the sums of currents and drivers, relative to the sum of the sizes of the currents.
    double imbalance = 0;
    /// Over the columns whose ideal current is not 0; nothing where there is none.
    std::optional<double> mean_factor;
    std::optional<std::size_t> worst_column;  ///< whose factor has the largest size
};

struct CrossbarSolution {
    std::vector<CrossbarInputSolution> inputs;
    std::size_t factorisations = 0;
    std::size_t worst_input = 0;  ///< whose worst column is the worst of all
    /// [input][row][column], if wanted.
    std::vector<double> row_volts, column_volts;
};

/// `volts`: one list for each input, at least one. A row of exactly 0 V is idle.
CrossbarSolution solve_crossbar(const device::CellConductances& cells, const device::WireResistances& wires,
                                device::IdleRows idle, const std::vector<std::vector<double>>& volts,
                                bool keep_nodes);

/// Means over blocks of an array [row][column], so that at most kMapLines lines of each kind are left.
constexpr int kMapLines = 128;
struct BlockMap {
    int rows_per_block = 1, columns_per_block = 1;
    std::vector<std::vector<double>> means;
};
BlockMap block_means(const double* values, int rows, int columns);

}  // namespace sliver::study
