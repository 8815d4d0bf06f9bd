// The report of a study of non-ideal crossbars: accuracy over array sizes as charts, every point as a table,
// the answers, from its nonideal.json (`sliver study nonideal --out`, docs/studies.md).
#pragma once

#include "report/page.h"
#include "report/source.h"

namespace sliver::report {

/// InputError for another study or schema, and where a value is missing or of the wrong type.
Page nonideal_page(const Source& study);

}  // namespace sliver::report
