// The ADC study as people read it: tables with units, a picture, the verdict in words.
#pragma once

#include <string>

#include "study/adc_study.h"

namespace sliver::study {

std::string adc_text(const AdcStudy& study);

}  // namespace sliver::study
