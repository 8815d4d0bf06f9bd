// Questions and answers of a search for ADC widths, as `sliver run --adc accuracy --out` and `sliver study
// adc` keep them. docs/studies.md lists the keys.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/adc_accuracy.h"

namespace sliver::app {

nlohmann::ordered_json search_json(const AccuracyAllocation& allocation);
std::string search_json_text(const AccuracyAllocation& allocation);

}  // namespace sliver::app
