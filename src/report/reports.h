// The reports: a page of sections over the JSON file that a run, a study, a sweep or a solved crossbar left.
//
// InputError for another kind of file or another schema, and where a value is missing or of the wrong type.
#pragma once

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

/// `stats`: a stats.json (docs/results.md) that results::read_stats() accepts.
Page run_page(const Source& stats);
/// adc.json of `sliver study adc` (docs/studies.md).
Page adc_study_page(const Source& study);
/// nonideal.json of `sliver study nonideal` (docs/studies.md).
Page nonideal_page(const Source& study);
/// sweep.json of a sweep (docs/sweeps.md).
Page sweep_page(const Source& sweep);
/// solve.json of `sliver crossbar solve` (docs/wires.md).
Page crossbar_page(const Source& solve);

}  // namespace sliver::report
