// What `sliver run` and `sliver cost` print: one run in aligned tables, at most 110 columns wide, units on
// everything.
//
// Energies are for one image (whole run divided by its images) since that is what people compare; stats.json
// has the run's. Slices are labelled most significant first ("msb..lsb"). Pure text, deterministic.
#pragma once

#include <string>

#include "results/pricing.h"
#include "results/run_result.h"

namespace sliver::results {

std::string summary(const RunResult& result, const PricedRun& priced);

/// The energy under every ADC law, or why a law gives none; `sliver cost --all-laws` prints it alone.
std::string band_table(const RunResult& result, const PricedRun& priced);

/// What the chosen ADC widths promise, and what the run saw of it: one or two lines.
std::string adc_certificate(const RunResult& result, const PricedRun& priced);

}  // namespace sliver::results
