#include "device/cell_conductances.h"

namespace sliver::device {

std::vector<double> ideal_currents(const CellConductances& cells, const std::vector<double>& volts) {
    std::vector<double> currents(static_cast<std::size_t>(cells.columns), 0.0);
    for (int row = 0; row < cells.rows; ++row)
        for (int column = 0; column < cells.columns; ++column)
            currents[static_cast<std::size_t>(column)] +=
                cells.at(row, column) * volts[static_cast<std::size_t>(row)];
    return currents;
}

std::vector<double> non_ideality_factors(const std::vector<double>& ideal, const std::vector<double>& real) {
    std::vector<double> factors;
    for (std::size_t column = 0; column < ideal.size(); ++column)
        factors.push_back(ideal[column] == 0 ? 0.0 : (ideal[column] - real[column]) / ideal[column]);
    return factors;
}

}  // namespace sliver::device
