// The files of a results folder, complete or not at all.
//
// stats.json, stats.txt, layers.csv and config.yaml come from the result, and where a policy found the ADC
// widths chip-fixed.yaml, the chip with these widths written down; what only the program has
// (logits.npy, predictions.csv) is given as bytes. Called by `sliver run` and `sliver cost --out` with the
// staging folder of an OutputFolder (base/output_folder.h), which the caller commits.
#pragma once

#include <string>
#include <vector>

#include "base/output_folder.h"
#include "results/pricing.h"
#include "results/run_result.h"

namespace sliver::results {

struct ResultFile {
    std::string name, content;
};

/// All files derived from the result, in the order of the list above.
std::vector<ResultFile> result_files(const RunResult& result, const PricedRun& priced);

/// Writes them and `further` to folder.staging(); InputError when the disk refuses.
void write_results(const OutputFolder& folder, const RunResult& result, const PricedRun& priced,
                   const std::vector<ResultFile>& further);

}  // namespace sliver::results
