#include "model/kernel_time.h"

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

sc_core::sc_time from_seconds(double seconds) {
    try {
        return sc_core::sc_time::from_value(timing::femtoseconds(seconds));
    } catch (const InputError&) {
        end_of_kernel_time();
    }
}

}  // namespace sliver::model
