// Column sums against the ranges of their converters: what the reports of runs and of ADC studies share.
//
// Both files hold one entry a layer, slice and sign, with `slice`, `sign`, `largest_seen` and `counts` by
// sum.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/table.h"

namespace sliver::report {

/// An entry about a layer, slice and sign.
struct ColumnGroup {
    std::size_t layer = 0;
    std::uint64_t slice = 0;
    bool negative = false;
    Pointer place;
};
/// The entry at `place`. InputError where `slice` or `sign` is not what it must be.
ColumnGroup column_group(const Source& source, const Pointer& place, std::size_t layer);

/// By layer, slice and sign: the largest sum seen, then `joint` and the number `limit` of the same entry.
std::string sums_html(const Source& source, const std::string& caption, const std::vector<Row>& layers,
                      const std::vector<ColumnGroup>& groups, const std::string& joint,
                      const std::string& limit);

/// The chart of histograms: entries as rows, named by layer, with `columns` beside what both files have.
/// `held`: the choice `allocation` of the column that says what the converter holds. `rows` is not empty.
std::string histograms_html(const Source& source, const std::vector<Row>& rows, std::vector<Column> columns,
                            const Json& held, const Bindings& words);

}  // namespace sliver::report
