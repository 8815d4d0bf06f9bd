// The sections of an ADC study's report, one file each. A builder returns nothing where adc.json has not its
// data.
//
// InputError where data are there, but of the wrong type.
#pragma once

#include <optional>

#include "report/page.h"
#include "report/source.h"

namespace sliver::report::adc_study {

std::optional<Section> summary(const Source& study);      ///< the verdict, then what was studied on what
std::optional<Section> allocations(const Source& study);  ///< accuracy, energy, time; tightest certificates
std::optional<Section> widths(const Source& study);       ///< heat map of layer x slice
std::optional<Section> trade_off(const Source& study);    ///< accuracy over mean bits and over energy
std::optional<Section> energy(const Source& study);       ///< share of the ADCs; every ADC law
std::optional<Section> table3(const Source& study);       ///< of the bit-slice paper, in two readings
std::optional<Section> effects(const Source& study);      ///< the four effects of sparsity
std::optional<Section> column_sums(const Source& study);  ///< histograms against the converters' ranges
std::optional<Section> shared_converters(const Source& study);  ///< converters for several arrays
std::optional<Section> search(const Source& study);             ///< what the accuracy policy asked

}  // namespace sliver::report::adc_study
