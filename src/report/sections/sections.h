// The sections of a run's report, one file each. A builder looks whether the source has its data: nothing
// where it has not, so that files of other versions get the sections they can fill.
//
// All read stats.json (docs/results.md); InputError where data are there, but of the wrong type.
#pragma once

#include <optional>

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

using SectionBuilder = std::optional<Section> (*)(const Source& stats);

namespace sections {

std::optional<Section> summary(const Source& stats);      ///< what ran, and its totals
std::optional<Section> energy(const Source& stats);       ///< by component, by layer
std::optional<Section> layers(const Source& stats);       ///< shapes, arrays, conversions
std::optional<Section> adc_widths(const Source& stats);   ///< heat map of layer x slice
std::optional<Section> column_sums(const Source& stats);  ///< histograms against the converters' ranges
std::optional<Section> limits(const Source& stats);       ///< the busiest resources of a stream of images
std::optional<Section> timeline(const Source& stats);     ///< the pipeline of the first image, and its waits
std::optional<Section> adc_laws(const Source& stats);     ///< the energy under every ADC law and accounting
std::optional<Section> configuration(const Source& stats);  ///< the resolved chip

}  // namespace sections
}  // namespace sliver::report
