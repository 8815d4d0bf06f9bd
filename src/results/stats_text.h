// stats.txt: the same statistics as stats.json for people and grep, one a line: name, value, unit,
// description.
//
//     totals.latency_s                0.0008718     s          # one image, from injection to its last logit
// Columns are aligned by blanks; a name holds none. Values are exact. Layers appear as `layer.NAME.`, with
// every character of the layer's name that is no letter, digit, '.', '_' or '-' as '_'.
#pragma once

#include <string>

#include "results/pricing.h"
#include "results/run_result.h"

namespace sliver::results {

std::string stats_text(const RunResult& result, const PricedRun& priced);

}  // namespace sliver::results
