// The survey regression (Andrulis et al., arXiv 2404.06553): the best published converters at a width, a rate
// and a node.
//
// hardware-parameters.md 2.4 [R:ADCPLUG], coefficients of the plug-in behind Accelergy and CiMLoop. The width
// is taken as the effective number of bits. Published for 4 bits and more; below, it is refused. Called by
// make_adc_law().
#pragma once

#include <memory>

#include "cost/adc_law.h"

namespace sliver::cost {

std::unique_ptr<AdcLaw> make_survey_law(const AdcLawContext& context);

}  // namespace sliver::cost
