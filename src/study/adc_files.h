// The ADC study as files: adc.json (everything, for the report and for other tools) and adc.csv (one line an
// allocation). Keys are stable; docs/studies.md lists them.
#pragma once

#include <string>

#include "study/adc_study.h"

namespace sliver::study {

std::string adc_json(const AdcStudy& study);
std::string adc_csv(const AdcStudy& study);

}  // namespace sliver::study
