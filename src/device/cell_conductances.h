// The cells of one crossbar as conductances.
//
// Plain data between the device models (levels, variation, faults), which make it, and the wire network's
// solvers, which read it. Siemens, row-major: row = wordline, column = bitline. Every physical cell is there,
// also those that no weight uses.
#pragma once

#include <cstddef>
#include <vector>

namespace sliver::device {

struct CellConductances {
    CellConductances() = default;
    /// All cells at `siemens`.
    CellConductances(int row_count, int column_count, double siemens = 0)
        : rows(row_count),
          columns(column_count),
          values(static_cast<std::size_t>(row_count) * static_cast<std::size_t>(column_count), siemens) {}

    int rows = 0, columns = 0;
    std::vector<double> values;  ///< siemens, [row][column]

    [[nodiscard]] double& at(int row, int column) { return values[place(row, column)]; }
    [[nodiscard]] double at(int row, int column) const { return values[place(row, column)]; }

  private:
    [[nodiscard]] std::size_t place(int row, int column) const {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
               static_cast<std::size_t>(column);
    }
};

/// Currents into the virtual grounds with ideal wires: I_j = sum over rows of G_ij V_i, ampere. `volts`: one
/// a row.
std::vector<double> ideal_currents(const CellConductances& cells, const std::vector<double>& volts);

/// Non-ideality factor of every column, (ideal - real) / ideal; 0 where the ideal current is 0. GENIEx's
/// definition (references/hardware-parameters.md 5.5).
std::vector<double> non_ideality_factors(const std::vector<double>& ideal, const std::vector<double>& real);

}  // namespace sliver::device
