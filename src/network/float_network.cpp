#include "network/float_network.h"

#include <cmath>

namespace sliver::network {

std::optional<int> QuantisationGrid::exponent() const {
    int exponent = 0;
    const float mantissa = std::frexp(step, &exponent);  // exact, where log2 of a float is not
    if (mantissa < 0.5F || mantissa > 0.5F) return std::nullopt;
    return exponent - 1;
}

}  // namespace sliver::network
