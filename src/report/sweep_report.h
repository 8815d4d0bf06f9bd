// The report of a sweep: front, parallel coordinates, sensitivity of each objective to each axis, the chosen
// point against the baseline by component, failed points; from its sweep.json (docs/sweeps.md).
#pragma once

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

/// InputError for another study or schema, and where a value is missing or of the wrong type.
Page sweep_page(const Source& sweep);

}  // namespace sliver::report
