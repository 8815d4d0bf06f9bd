#include "cost/technology.h"

#include <array>
#include <cmath>
#include <cstddef>

#include "base/error.h"

namespace sliver::cost {
namespace {

struct EnergyNode {
    double nm, a, b, c;
};
// hardware-parameters.md 4.4 [R:HWLIB].
constexpr std::array kEnergyNodes = {
    EnergyNode{7, 0.1776, -0.09097, 0.02447},  EnergyNode{10, 0.2068, -0.09311, 0.02375},
    EnergyNode{14, 0.2363, -0.09675, 0.02239}, EnergyNode{16, 0.2958, -0.1241, 0.03024},
    EnergyNode{20, 0.373, -0.1582, 0.04104},   EnergyNode{32, 0.9559, -0.7823, 0.471},
    EnergyNode{45, 1.103, -0.362, 0.2767},     EnergyNode{65, 3.755, -4.398, 1.975},
    EnergyNode{90, 4.762, -4.781, 2.092},      EnergyNode{130, 7.171, -6.709, 2.904},
};

struct AreaNode {
    double nm, relative;  // to 32 nm
};
// hardware-parameters.md 4.4 [R:HWLIB].
constexpr std::array kAreaNodes = {AreaNode{7, 0.13}, AreaNode{16, 0.41}, AreaNode{20, 0.46},
                                   AreaNode{32, 1.0}, AreaNode{45, 2.2},  AreaNode{65, 3.3}};

// Piecewise linear in nm through value(node), node by node.
template <typename Nodes, typename Value>
double interpolate(const Nodes& nodes, double nm, const char* what, Value value) {
    if (!(nm >= nodes.front().nm && nm <= nodes.back().nm))
        refuse("technology {} nm: {} factors are known from {} to {} nm", nm, what, nodes.front().nm,
               nodes.back().nm);
    std::size_t above = 1;
    while (nodes[above].nm < nm) ++above;
    const auto& low = nodes[above - 1];
    const auto& high = nodes[above];
    const double share = (nm - low.nm) / (high.nm - low.nm);
    return (1 - share) * value(low) + share * value(high);
}

double digital_energy(double nm, double v) {
    if (!(v >= kLowestSupply && v <= kHighestSupply))
        refuse("supply voltage {} V: must lie between {} and {} V", v, kLowestSupply, kHighestSupply);
    return interpolate(kEnergyNodes, nm, "energy",
                       [v](const EnergyNode& node) { return node.a * v * v + node.b * v + node.c; });
}

double digital_area(double nm) {
    return interpolate(kAreaNodes, nm, "area", [](const AreaNode& node) { return node.relative; });
}

double power_of_ratio(double from_nm, double to_nm, double exponent) {
    for (const double nm : {from_nm, to_nm})
        if (!(nm > 0 && std::isfinite(nm))) refuse("technology {} nm: must be a positive length", nm);
    return std::pow(to_nm / from_nm, exponent);
}

}  // namespace

void check_node(double nm) {
    if (!(nm >= kSmallestNode && nm <= kLargestNode))
        refuse("technology {} nm: must lie between {} and {} nm", nm, kSmallestNode, kLargestNode);
}

double digital_energy_factor(double from_nm, double to_nm, double from_v, double to_v) {
    return digital_energy(to_nm, to_v) / digital_energy(from_nm, from_v);
}

double digital_area_factor(double from_nm, double to_nm) {
    return digital_area(to_nm) / digital_area(from_nm);
}

double analog_energy_factor(double from_nm, double to_nm) {
    return power_of_ratio(from_nm, to_nm, kAnalogEnergyExponent);
}

double analog_area_factor(double from_nm, double to_nm) {
    return power_of_ratio(from_nm, to_nm, kAnalogAreaExponent);
}

}  // namespace sliver::cost
