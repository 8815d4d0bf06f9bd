// Kernel time: femtoseconds in 64 bits, so it ends after 2^64 fs (5.1 hours of the chip's life), and SystemC
// would begin anew at 0 without a word. Every block adds times through these functions, which end the
// simulation instead.
//
// One conversion from seconds for all blocks, so that equal durations of the configuration are equal
// durations on the chip.
#pragma once

#include <cstdint>
#include <systemc>

namespace sliver::model {

/// Throws what simulate() (model/chip.h) tells the user: an InputError. A process of SystemC may throw it:
/// the kernel passes on that something was thrown, kernel_time_ended() what it was.
[[noreturn]] void end_of_kernel_time();
[[nodiscard]] bool kernel_time_ended();

/// Rounded to the kernel's femtosecond. No duration may be longer than half of the kernel's time.
[[nodiscard]] sc_core::sc_time from_seconds(double seconds);

/// `time` + `duration`.
[[nodiscard]] inline sc_core::sc_time later(const sc_core::sc_time& time, const sc_core::sc_time& duration) {
    sc_core::sc_time sum = time;
    sum += duration;
    if (sum < time) end_of_kernel_time();
    return sum;
}

/// The same for sums of times that are no points in time (all that was waited).
inline void add_to(sc_core::sc_time& sum, const sc_core::sc_time& duration) {
    sum = later(sum, duration);
}

/// Of femtoseconds that came from kernel times.
inline void add_to(std::uint64_t& sum, std::uint64_t duration) {
    if (__builtin_add_overflow(sum, duration, &sum)) end_of_kernel_time();
}

/// `duration`, `count` times over.
[[nodiscard]] inline sc_core::sc_time times(const sc_core::sc_time& duration, std::uint64_t count) {
    sc_dt::uint64 product = 0;
    if (__builtin_mul_overflow(duration.value(), sc_dt::uint64{count}, &product)) end_of_kernel_time();
    return sc_core::sc_time::from_value(product);
}

/// Whether a time that was computed as `now` + durations has passed the end of the kernel's time and begun
/// anew.
[[nodiscard]] inline bool has_wrapped(const sc_core::sc_time& time, const sc_core::sc_time& now) {
    constexpr sc_dt::uint64 kHalf = ~sc_dt::uint64{0} / 2;
    return time < now && (now - time).value() > kHalf;
}

}  // namespace sliver::model
