// The report of an ADC study: the sections that its adc.json (`sliver study adc --out`, docs/studies.md) has
// data for.
//
// The report of a run is run_report.h's.
#pragma once

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

/// InputError for another study or another schema, and where a value is missing or of the wrong type.
Page adc_study_page(const Source& study);

}  // namespace sliver::report
