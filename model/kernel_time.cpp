#include "model/kernel_time.h"

#include <limits>

#include "base/error.h"
#include "timing/femtoseconds.h"

namespace sliver::model {
namespace {

bool ended = false;

}  // namespace

void end_of_kernel_time() {
    ended = true;
    timing::refuse_time();
}

bool kernel_time_ended() {
    return ended;
}

std::uint64_t resolution_fs() {
    static const std::uint64_t resolution =
        timing::femtoseconds(sc_core::sc_get_time_resolution().to_seconds());
    return resolution;
}

void check_resolution() {
    constexpr double kCoarsest_s = 1.5e-12;  // 1 ps, which doubles do not hold exactly; the next is 10 ps
    const sc_core::sc_time resolution = sc_core::sc_get_time_resolution();
    if (resolution.to_seconds() > kCoarsest_s)
        refuse(
            "the kernel's time resolution is {}: the chip needs 1 ps or finer; call "
            "sc_core::sc_set_time_resolution(1, sc_core::SC_PS) before the first sc_time",
            resolution.to_string());
}

sc_core::sc_time from_femtoseconds(std::uint64_t femtoseconds) {
    const std::uint64_t unit = resolution_fs();
    return sc_core::sc_time::from_value(femtoseconds / unit + (femtoseconds % unit * 2 >= unit ? 1 : 0));
}

std::uint64_t femtoseconds(const sc_core::sc_time& time) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(std::uint64_t{time.value()}, resolution_fs(), &product))
        return std::numeric_limits<std::uint64_t>::max();
    return product;
}

sc_core::sc_time from_seconds(double seconds) {
    try {
        return from_femtoseconds(timing::femtoseconds(seconds));
    } catch (const InputError&) {
        end_of_kernel_time();
    }
}

}  // namespace sliver::model
