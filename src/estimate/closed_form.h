// A run of the chip by closed forms: what happens is counted from shapes, mapping and placement, when it
// happens from a recurrence over windows. No kernel, no cell is read.
//
// Fills the results::RunResult that `sliver run` would, as far as prices and metrics ask, so that
// results::price() gives its joules and mm2. Exact: arrays, tiles, reads, conversions, bytes, flit-hops,
// converters, and (without mesh, buffers, a slow bus and host: chip isaac-oracle) all times. Estimates: times
// on other chips, since nobody waits for a busy link, a full buffer or queue; the interval, which is what the
// busiest resource needs for an image (of links by their flits); driven rows where conversions are cut. Upper
// bounds: widths that a policy finds on images (MappedNetwork::widths). Not given: logits, accuracy, clips,
// stalls. Deviating cells change none of this. docs/sweeps.md, "Pre-screening", has the errors. Called by the
// sweep's pre-screening.
#pragma once

#include <cstdint>

#include "config/chip_config.h"
#include "estimate/mapped_network.h"
#include "results/run_result.h"

namespace sliver::estimate {

/// InputError as a run has it where the network does not fit the chip: tiles, buffers, copies, widths.
results::RunResult estimate_run(const MappedNetwork& mapped, const config::ChipConfig& chip,
                                std::uint64_t images);

}  // namespace sliver::estimate
