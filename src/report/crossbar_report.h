// The report of a solved crossbar: the sections that its solve.json (`sliver crossbar solve --out`,
// docs/wires.md) has data for.
//
// The reports of runs and studies are run_report.h's and adc_study_report.h's.
#pragma once

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

/// InputError for another kind or schema, and where a value is missing or of the wrong type.
Page crossbar_page(const Source& solve);

}  // namespace sliver::report
