// Moving a cost from one technology node to another.
//
// Digital parts follow Stillmaker and Baas (as coded in hwcomponents; hardware-parameters.md, 4.4): energy by
// a node's polynomial f(V) = a V^2 + b V + c, area by a table. Between two listed nodes the value is
// interpolated linearly in nm (that is what the reference's own 40, 28 and 22 nm values do). Analog parts do
// not shrink like logic; they follow the exponents that the ADC survey regression found
// (hardware-parameters.md, 2.4): energy ~ T^1.880, area ~ T^0.993. Lengths in nm, voltages in V. InputError
// outside of the ranges given here: an extrapolated node is a guess.
#pragma once

namespace sliver::cost {

constexpr double kReferenceNode = 32;                   ///< nm, ISAAC's
constexpr double kReferenceSupply = 0.8;                ///< V, at which the reference compares nodes
constexpr double kSmallestNode = 7, kLargestNode = 65;  ///< nm: where energy and area are both listed
/// V. Above the minima of all polynomials, so that less voltage never costs more energy; our limit, not the
/// paper's.
constexpr double kLowestSupply = 0.6, kHighestSupply = 1.4;

/// Exponents of the survey regression, arXiv 2404.06553.
constexpr double kAnalogEnergyExponent = 1.8800369207;
constexpr double kAnalogAreaExponent = 0.9932794745;

/// InputError unless kSmallestNode <= nm <= kLargestNode.
void check_node(double nm);

/// Energy of a digital part at `to_nm` and `to_v`, divided by its energy at `from_nm` and `from_v`. Nodes 7
/// to 130 nm.
double digital_energy_factor(double from_nm, double to_nm, double from_v = kReferenceSupply,
                             double to_v = kReferenceSupply);
/// Area of a digital part at `to_nm` divided by its area at `from_nm`. Nodes 7 to 65 nm.
double digital_area_factor(double from_nm, double to_nm);

/// The same for analog parts: powers of the ratio of the nodes.
double analog_energy_factor(double from_nm, double to_nm);
double analog_area_factor(double from_nm, double to_nm);

}  // namespace sliver::cost
