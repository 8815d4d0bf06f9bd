// stats.json: the interface of a results folder. Keys and units: docs/results.md; they are kept stable.
//
// Written in one order, numbers so that they read back to the last bit, nothing that differs between two runs
// of the same input (no wall-clock times, hosts, threads). What cannot be computed again (counts, times,
// configuration) is in it as integers and text, so stats_reader.h gets the whole RunResult back. Energies in
// joule, areas in mm2, times in seconds; keys ending in _fs are integer femtoseconds, keys ending in _cycles
// or _cycle count array cycles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "results/pricing.h"
#include "results/run_result.h"

namespace sliver::results {

/// The bytes of the file. std::logic_error for a value that is not finite: such a run has a defect and leaves
/// no result.
std::string stats_json(const RunResult& result, const PricedRun& priced);

/// Time of one image (average over the run) in which instances of the component work, summed over them;
/// nothing for components whose activity the model does not time.
std::optional<double> busy_seconds(cost::Component component, const RunResult& result);

}  // namespace sliver::results
