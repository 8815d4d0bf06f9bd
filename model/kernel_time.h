// Seconds to kernel time, rounded to the kernel's femtosecond. One conversion for all blocks, so that equal
// durations of the configuration are equal durations on the chip.
#pragma once

#include <cmath>
#include <systemc>

namespace sliver::model {

[[nodiscard]] inline sc_core::sc_time from_seconds(double seconds) {
    constexpr double kFemtosecondsPerSecond = 1e15;
    return sc_core::sc_time::from_value(
        static_cast<sc_dt::uint64>(std::llround(seconds * kFemtosecondsPerSecond)));
}

}  // namespace sliver::model
