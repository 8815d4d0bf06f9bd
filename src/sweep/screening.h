// Which points of a sweep are worth a simulation, by estimates of their metrics, and how far those were off.
//
// Numbers only; where the estimates come from is cli/sweep_estimate.h's. Deterministic: equals keep the order
// of the sweep.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "results/pricing.h"
#include "results/run_result.h"
#include "sweep/sweep_results.h"

namespace sliver::sweep {

/// By metrics(), of a run that closed forms made (estimate/closed_form.h): nothing for what only a simulation
/// tells (accuracy, clips, stalls).
std::vector<std::optional<double>> estimated_values(const results::RunResult& result,
                                                    const results::PricedRun& priced);
/// Whether estimated_values() has it.
bool has_estimate(const Metric& metric);

/// By how much a constraint may be missed before a point stands behind all that keep it.
constexpr double kScreeningMargin = 0.2;

/// Places in `results.points` to be simulated, ascending: of each scenario ceil(share x its points), the
/// front of the estimated objectives first, then the front of what is left, and so on. Of the last front,
/// which may be more than there is room for, those that stand most alone (crowding distance, Deb 2002): ends
/// first. Points that miss a constraint beyond the margin come behind all others. The baseline always. Points
/// without `estimates` never. Objectives and constraints without an estimate are left out.
std::vector<std::size_t> screen(const SweepResults& results, double share);

struct EstimateError {
    const Metric* metric = nullptr;
    std::size_t points = 0;          ///< done, with an estimate and a value other than 0
    double median = 0, largest = 0;  ///< of |estimate / value - 1|
};
/// A row a metric with any such point.
std::vector<EstimateError> estimate_errors(const SweepResults& results);

}  // namespace sliver::sweep
