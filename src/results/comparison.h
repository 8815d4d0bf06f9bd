// Several runs of the same chip side by side: what `sliver compare` ends with.
//
// One column a run, one row a quantity, and with two runs their ratio (second by first). Energies,
// conversions and times are those of one image. Made from RunResults as stats.json gives them back; nothing
// is computed that a single run does not say.
#pragma once

#include <string>
#include <vector>

#include "results/pricing.h"
#include "results/run_result.h"

namespace sliver::results {

struct ComparedRun {
    std::string name;  ///< column title and folder
    RunResult result;
    PricedRun priced;
};

/// Aligned text, a title line first.
std::string comparison_text(const std::vector<ComparedRun>& runs);
/// { "runs": [ { name, ... } ] }, see docs/results.md. Ends with a line feed.
std::string comparison_json(const std::vector<ComparedRun>& runs);

}  // namespace sliver::results
