// What a crossbar with its wires computes: one conductance for every row and column.
//
// With idle rows driven at 0 V the network is linear, so that I_j = sum over rows of Geff_ij V_i for every
// input (RxNN's fast crossbar model). Computed once for each programmed array, exactly, by eliminating the
// wordline nodes column by column; then a read costs a dense product. Also the drivers' own admittance, from
// which rows without a driver follow.
//
// Exact but for rounding: a few 1e-12 of the current, growing with the wires' conductance (1e-9 at 1e-3 ohm).
// The same bytes from every instruction set. Does not model: selectors, capacitance, cells whose current is
// not proportional to their voltage. Judged by NodalSolver in tests.
#pragma once

#include <vector>

#include "base/instruction_set.h"
#include "device/cell_conductances.h"
#include "device/wire_resistances.h"

namespace sliver::device {

/// Geff in siemens, [row][column] as the cells. One element may exceed its cell: currents take detours.
/// InputError as NodalSolver. O(rows^3 columns), or O(columns^3 rows) where that is less: 128 x 128 in some
/// 30 ms.
CellConductances effective_conductances(const CellConductances& cells, const WireResistances& wires,
                                        InstructionSet set);

/// Approximation Geff_ij = a_i G_ij b_j by the mean profile of rows and columns (the separable "DMR" form,
/// hardware-parameters.md 5.5): microseconds instead of milliseconds. Relative error of a column's current at
/// 128 x 128: 0.2 % for 100 kohm cells and 1 ohm wires, above 10 % for 2 kohm cells; not for arrays that lose
/// more than some 40 %.
CellConductances separable_conductances(const CellConductances& cells, const WireResistances& wires);

}  // namespace sliver::device
