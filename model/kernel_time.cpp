#include "model/kernel_time.h"

#include <cmath>

#include "base/error.h"

namespace sliver::model {
namespace {

bool ended = false;

}  // namespace

void end_of_kernel_time() {
    ended = true;
    refuse(
        "simulated time, or a sum of waiting times, passes 2^64 fs (18446 s), the most that can be "
        "simulated: take "
        "fewer images (--count) or a faster chip (array.cycle, converters, links)");
}

bool kernel_time_ended() {
    return ended;
}

sc_core::sc_time from_seconds(double seconds) {
    constexpr double kFemtosecondsPerSecond = 1e15, kLongest = 9.2e18;
    const double femtoseconds = seconds * kFemtosecondsPerSecond;
    if (!(femtoseconds <= kLongest)) end_of_kernel_time();
    return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(std::llround(femtoseconds)));
}

}  // namespace sliver::model
