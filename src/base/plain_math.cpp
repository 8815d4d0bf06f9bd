#include "base/plain_math.h"

#include <cmath>

namespace sliver {
namespace {

// ln 2 in two parts: the first has trailing zeros, so that a small whole number times it is exact.
constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;

}  // namespace

double plain_log(double value) {
    int exponent = 0;
    double mantissa = std::frexp(value, &exponent);  // in [0.5, 1): exact
    if (mantissa < 0.70710678118654752) {
        mantissa *= 2;
        --exponent;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); the argument is below 0.172.
    const double t = (mantissa - 1) / (mantissa + 1), square = t * t;
    double series = 0;
    for (int k = 23; k >= 3; k -= 2) series = (series + 1.0 / k) * square;
    const double fraction = 2 * t + 2 * t * series;
    return exponent * kLn2High + (fraction + exponent * kLn2Low);
}

double plain_exp(double value) {
    const double whole = std::floor(value / (kLn2High + kLn2Low) + 0.5);
    const double rest = (value - whole * kLn2High) - whole * kLn2Low;  // below 0.35 in size
    double series = 1;
    for (int k = 18; k >= 1; --k) series = 1 + series * rest / k;
    return std::ldexp(series, static_cast<int>(whole));
}

}  // namespace sliver
