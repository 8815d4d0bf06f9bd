// layers.csv: one row a matrix layer, for spreadsheets and plots; predictions.csv: one row an image.
//
// RFC 4180: commas, CRLF-free lines, quotes around names that need them. Lists by slice are written most
// significant first, as tables have them, with blanks between the entries. Counts and energies of the whole
// run, cycles of the first image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/pricing.h"
#include "results/run_result.h"

namespace sliver::results {

std::string layers_csv(const RunResult& result, const PricedRun& priced);

/// What an engine said of one image.
struct Prediction {
    std::uint64_t image = 0;  ///< number in its source
    std::optional<int> label;
    int predicted = 0;       ///< class with the largest logit, the first of equals
    std::int32_t logit = 0;  ///< of that class
    bool on_chip = false;    ///< simulated on the chip, too; else by the functional engine alone
};
/// `class_names` may be empty.
std::string predictions_csv(const std::vector<Prediction>& predictions,
                            const std::vector<std::string>& class_names);

}  // namespace sliver::results
