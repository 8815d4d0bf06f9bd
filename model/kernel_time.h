// Kernel time: 64 bits of the kernel's resolution; at 1 fs it ends after 2^64 fs (5.1 hours of the chip's
// life), and SystemC would begin anew at 0 without a word. Every block adds times through these functions,
// which end the simulation instead.
//
// One conversion from seconds and femtoseconds for all blocks, so that equal durations of the configuration
// are equal durations on the chip. The chip works at any resolution that is 1 ps or finer: every duration is
// rounded to it once, where it is made (docs/time.md). Nothing else may know how long a unit of sc_time is.
#pragma once

#include <cstdint>
#include <systemc>

namespace sliver::model {

/// Throws what simulate() (model/chip.h) tells the user: an InputError. A process of SystemC may throw it:
/// the kernel passes on that something was thrown, kernel_time_ended() what it was.
[[noreturn]] void end_of_kernel_time();
[[nodiscard]] bool kernel_time_ended();

/// Femtoseconds of the kernel's resolution. Fixed with the first sc_time.
[[nodiscard]] std::uint64_t resolution_fs();
/// InputError where the kernel's resolution is coarser than 1 ps.
void check_resolution();

/// Rounded to the kernel's resolution. No duration may be longer than half of 2^64 fs.
[[nodiscard]] sc_core::sc_time from_seconds(double seconds);
[[nodiscard]] sc_core::sc_time from_femtoseconds(std::uint64_t femtoseconds);
/// Exact up to 2^64 - 1, which stands for all that is longer.
[[nodiscard]] std::uint64_t femtoseconds(const sc_core::sc_time& time);

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
