#include "timing/femtoseconds.h"

#include <cmath>

#include "base/error.h"

namespace sliver::timing {

void refuse_time() {
    refuse(
        "simulated time, or a sum of waiting times, passes 2^64 fs (18446 s), the most that can be "
        "simulated: take fewer images (--count) or a faster chip (array.cycle, converters, links)");
}

std::uint64_t femtoseconds(double seconds) {
    constexpr double kFemtosecondsPerSecond = 1e15, kLongest = 9.2e18;
    const double exact = seconds * kFemtosecondsPerSecond;
    if (!(exact <= kLongest)) refuse_time();
    return static_cast<std::uint64_t>(std::llround(exact));
}

}  // namespace sliver::timing
