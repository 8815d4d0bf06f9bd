// A finished run, read back from its folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/result_folder.h"
#include "results/run_result.h"

namespace sliver::results {

/// A run, and the bytes of the file that it was read from.
struct StoredRun {
    RunResult result;
    std::string stats;
};

/// The run in `folder`/stats.json. InputError when the folder holds none that this program can read, or when
/// the file is not as the folder's mark has it.
StoredRun load_run(const std::filesystem::path& folder);
RunResult load_result(const std::filesystem::path& folder);

/// For whoever shows the file's own numbers, or has no mark to trust: InputError unless pricing the run's
/// counts gives them.
void require_priced_as_shown(const std::filesystem::path& folder, const StoredRun& run);

/// Questions and answers of a search for ADC widths, in the folder of a run under `accuracy`.
inline constexpr const char* kSearchFile = "adc_search.json";

/// logits.npy, predictions.csv and the trail of a search as they are: what does not depend on prices.
std::vector<ResultFile> load_outcomes(const std::filesystem::path& folder);

}  // namespace sliver::results
