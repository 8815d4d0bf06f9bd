// The door to the SystemC model: one simulation a process. The only part of the program that knows the
// kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "app/design.h"
#include "mapping/placement.h"
#include "model/style.h"
#include "results/run_record.h"
#include "results/timeline_record.h"

namespace sliver::run {

/// How many images more a chip may take until the interval between them has settled.
inline constexpr std::uint64_t kSettleImages = 64;

/// Where the network lies on the chip. InputError when it does not fit.
mapping::Placement place(const app::Design& design, const config::ChipConfig& chip);

/// Bytes of eDRAM that the tile needs which needs most. InputError when the chip cannot run the network as it
/// is placed: less eDRAM than that, a graph its tiles cannot do, more than its memory map can address.
std::uint64_t least_buffer(const app::Design& design, const mapping::Placement& placement,
                           const config::ChipConfig& chip);

/// Runs `count` images (input codes, one after the other) through the chip, then at most `settle` blank ones
/// for the record's steady state (model/steady_state.h). Once a process. `count_sums`: every conversion by
/// its column sum, for the record's histograms. `timeline`: its request says what to record, the rest is
/// filled in; null: nothing.
results::ChipRecord simulate(const app::Design& design, const mapping::Placement& placement,
                             const config::ChipConfig& chip, const std::vector<std::int32_t>& codes,
                             std::size_t count, std::uint64_t settle, bool count_sums = false,
                             results::TimelineRecord* timeline = nullptr,
                             model::Style style = model::Style::loosely_timed);

}  // namespace sliver::run
