// A sweep on the terminal: what ran, the front, what each axis does, the chosen point against the baseline.
#pragma once

#include <string>

#include "sweep/sweep_results.h"

namespace sliver::sweep {

/// The front as a table: axes, objectives, other metrics that constraints name.
std::string front_text(const SweepResults& results);
/// Everything, front included.
std::string sweep_text(const SweepResults& results);
/// What the figures say, in sentences: the strongest axis of every objective, the chosen point against the
/// baseline.
std::vector<std::string> insights(const SweepResults& results);

}  // namespace sliver::sweep
