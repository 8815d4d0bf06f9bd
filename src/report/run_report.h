// The report of one run: the sections that its stats.json (docs/results.md) has data for.
//
// The report of another kind of file is a list of its own: adc_study_report.h.
#pragma once

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

/// `stats` is a stats.json that results::read_stats() accepts. InputError where a value is missing or of the
/// wrong type.
Page run_page(const Source& stats);

}  // namespace sliver::report
