// A RunResult back from stats.json, so that a finished run can be priced again without simulating.
//
// Only what was recorded is read; everything priced or derived is computed anew. The logits are not in the
// file. Counts are checked against the laws of conservation (cost::check_actions) since the file may have
// been edited. Called by `sliver cost` and by the comparison of runs.
#pragma once

#include <string>
#include <string_view>

#include "results/run_result.h"

namespace sliver::results {

/// `source` names the file in messages. InputError for text that is no JSON, lacks keys, or holds values no
/// run can give.
RunResult read_stats(std::string_view json_text, const std::string& source);

}  // namespace sliver::results
