#include "model/steady_state.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "model/kernel_time.h"
#include "timing/settled.h"

namespace sliver::model {
namespace {

/// Runs the kernel until nothing is left to do or it is paused. False: simulated time is at its end.
bool run_on() {
    try {
        sc_core::sc_start();
    } catch (const std::exception&) {  // the kernel wraps what its processes throw
        if (!kernel_time_ended()) throw;
        return false;
    }
    return true;
}

}  // namespace

results::SteadyRecord measure_steady(Chip& chip, const results::ChipRecord& record, std::uint64_t most_images,
                                     bool drain) {
    results::SteadyRecord steady;
    steady.resources = chip.resources(record.images);
    const std::uint64_t least = steady.resources.empty() ? 0 : steady.resources.front().need_fs;
    const Host& host = chip.host();
    const auto latency_of = [&](std::size_t image) {
        return femtoseconds(host.completed()[image] - host.injected()[image]);
    };
    if (record.images == 1) {
        steady.latency_fs = latency_of(0);
    } else {
        chip.repeat(1);
        if (!run_on()) return steady;
        steady.latency_fs = latency_of(record.images);
    }
    if (most_images == 0) return steady;

    const std::size_t first = host.completed().size();
    std::vector<std::uint64_t> completed;
    std::optional<timing::Settled> found;
    chip.listen({nullptr, [&](std::uint64_t image) {
                     // Images end in the order in which they came: all go the same ways.
                     if (found || image < first) return;
                     completed.push_back(femtoseconds(host.completed()[image]));
                     found = timing::settled(completed, least, completed.size() == most_images,
                                             chip.repeat_cycle());
                     if (!found) return;
                     chip.withdraw();
                     if (!drain) sc_core::sc_pause();
                 }});
    chip.repeat(most_images);
    const bool ended = !run_on();
    chip.listen({});
    steady.images = completed.size();
    if (ended || !found) return steady;
    steady.measured = found->measured;
    steady.warm_up = completed.size() - found->measured;
    steady.period = found->period;
    steady.measured_fs = found->sum_fs;
    steady.spread_fs = found->spread_fs;
    for (std::size_t i = steady.warm_up; i < completed.size(); ++i) {
        const std::uint64_t latency = latency_of(first + i);
        add_to(steady.latency_sum_fs, latency);
        steady.latency_max_fs = std::max(steady.latency_max_fs, latency);
    }
    if (steady.measured_fs < least * steady.measured)
        throw std::logic_error("the interval between images is shorter than what the busiest resource needs");
    return steady;
}

}  // namespace sliver::model
