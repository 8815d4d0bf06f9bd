// Steps of the kernel for benches that look at a block a femtosecond before something happens and when it
// has.
#pragma once

#include <cstdint>
#include <systemc>

namespace kernel_steps {

using Fs = std::uint64_t;

inline sc_core::sc_time fs(Fs time) {
    return sc_core::sc_time::from_value(time);
}
inline Fs now() {
    return sc_core::sc_time_stamp().value();
}

/// Everything that happens up to `time` and at it. The kernel itself stops before what happens at its end.
inline void run_until(Fs time) {
    // That nothing happens is no mistake here.
    sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_WARNING,
                                            sc_core::SC_DO_NOTHING);
    if (time > now()) sc_core::sc_start(fs(time - now()));
    do sc_core::sc_start(sc_core::SC_ZERO_TIME);
    while (sc_core::sc_pending_activity_at_current_time());
}

}  // namespace kernel_steps
