#include "network/float_network.h"

#include <algorithm>
#include <cmath>

namespace sliver::network {

std::optional<int> QuantisationGrid::exponent() const {
    int exponent = 0;
    const float mantissa = std::frexp(step, &exponent);  // exact, where log2 of a float is not
    if (mantissa < 0.5F || mantissa > 0.5F) return std::nullopt;
    return exponent - 1;
}

double Function::operator()(double x) const {
    constexpr double kRootHalf = 0.70710678118654752440;
    switch (kind) {
        case Kind::clip:
            return std::min(std::max(x, a), b);
        case Kind::leaky_relu:
            return x < 0 ? a * x : x;
        case Kind::sigmoid:
            return 1 / (1 + std::exp(-x));
        case Kind::tanh:
            return std::tanh(x);
        case Kind::hard_sigmoid:
            return std::clamp(a * x + b, 0.0, 1.0);
        case Kind::hard_swish:
            return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
        case Kind::elu:
            return x < 0 ? a * std::expm1(x) : x;
        case Kind::softplus:
            return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
        case Kind::swish:
            return x / (1 + std::exp(-x));
        case Kind::gelu:
            return x / 2 * (1 + std::erf(x * kRootHalf));
        case Kind::absolute:
            return std::fabs(x);
        case Kind::exp:
            return std::exp(x);
        case Kind::log:
            return std::log(x);
        case Kind::sqrt:
            return std::sqrt(x);
        case Kind::power:
            return std::pow(x, a);
        case Kind::affine:
            return a * x + b;
        case Kind::requantise:
            return x;
        case Kind::erf:
            return std::erf(x);
        case Kind::mish:
            return x * std::tanh(std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))));
        case Kind::bipolar:
            return x < 0 ? -a : a;
    }
    return x;
}

double through(const std::vector<Function>& functions, double x) {
    for (const Function& function : functions) x = function(x);
    return x;
}

}  // namespace sliver::network
