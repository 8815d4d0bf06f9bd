// Seconds to femtoseconds: one conversion for the chip and the closed forms, so that equal durations of the
// configuration are equal durations everywhere. Simulated time is a 64-bit number of femtoseconds.
#pragma once

#include <cstdint>

namespace sliver::timing {

/// InputError: what was asked takes more than 2^64 fs of the chip's time.
[[noreturn]] void refuse_time();

/// Rounded to the nearest. InputError above 9.2e18 fs, half of the kernel's time.
[[nodiscard]] std::uint64_t femtoseconds(double seconds);

}  // namespace sliver::timing
