// A crossbar with its wires as a resistor network, solved exactly: the oracle of the faster solvers.
//
// Two nodes a cell, one on the wordline and one on the bitline; Kirchhoff's current law at each gives a
// sparse symmetric positive definite system (references/hardware-parameters.md 5.1), factored once by Eigen's
// sparse LDLT and solved for any number of inputs. Used for single arrays (`sliver crossbar solve`), for heat
// maps, for idle rows that are not grounded, and to judge EffectiveConductance. Slow for many arrays: a
// 128x128 array takes some 0.1 s to factor.
#pragma once

#include <memory>
#include <vector>

#include "device/cell_conductances.h"
#include "device/wire_resistances.h"

namespace sliver::device {

/// What becomes of a row with no input.
enum class IdleRows {
    grounded,  ///< driven at 0 V
    floating,  ///< its driver is off; its cells still join its wire to the bitlines
    gated      ///< its cells are off (1T1R with the row's select line low)
};

struct NodalSolution {
    std::vector<double> currents_a;    ///< into the virtual grounds, by column
    std::vector<double> driver_a;      ///< out of the drivers, by row; their sum equals that of the currents
    std::vector<double> row_volts;     ///< [row][column], of the wordline nodes
    std::vector<double> column_volts;  ///< [row][column], of the bitline nodes
};

class NodalSolver {
  public:
    /// `driven`: one flag a row, what is false is idle; empty: all are driven. InputError for wires that
    /// check() refuses, negative or infinite conductances, and arrays without cells.
    NodalSolver(const CellConductances& cells, const WireResistances& wires,
                IdleRows idle = IdleRows::grounded, const std::vector<bool>& driven = {});
    ~NodalSolver();
    NodalSolver(NodalSolver&&) noexcept;
    NodalSolver& operator=(NodalSolver&&) noexcept;

    /// `volts`: one a row; those of idle rows are not looked at.
    [[nodiscard]] NodalSolution solve(const std::vector<double>& volts) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Shared by the solvers. InputError for no rows or columns, for a conductance that is negative, infinite or
/// no number.
void check(const CellConductances& cells);

}  // namespace sliver::device
