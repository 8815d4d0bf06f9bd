// Seconds to femtoseconds: one conversion for the chip and the closed forms, so that equal durations of the
// configuration are equal durations everywhere.
#pragma once

#include <cmath>
#include <cstdint>

namespace sliver::timing {

/// Rounded to the nearest; `seconds` from 0 to 2^63 fs.
[[nodiscard]] inline std::uint64_t femtoseconds(double seconds) {
    constexpr double kFemtosecondsPerSecond = 1e15;
    return static_cast<std::uint64_t>(std::llround(seconds * kFemtosecondsPerSecond));
}

}  // namespace sliver::timing
