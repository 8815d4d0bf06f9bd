// The wires around the cells of a crossbar.
//
// Every wordline is driven at its left end through `driver_ohm` and passes each cell pitch through `row_ohm`;
// every bitline leaves at its lower end through `sense_ohm` into a virtual ground and passes each cell pitch
// through `column_ohm` (references/hardware-parameters.md 5.1). Linear; no capacitance, no selector.
#pragma once

namespace sliver::device {

struct WireResistances {
    double driver_ohm = 0, row_ohm = 0, column_ohm = 0, sense_ohm = 0;
};

/// Below this a solver's rounding errors would grow with the wires' conductance; above the other, nothing is
/// connected.
constexpr double kLeastWireOhm = 1e-3, kMostWireOhm = 1e9;

/// InputError unless all four lie between kLeastWireOhm and kMostWireOhm. Ideal wires need no solver.
void check(const WireResistances& wires);

}  // namespace sliver::device
