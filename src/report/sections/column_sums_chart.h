// Histograms of column sums against the ranges of their converters: what the reports of runs and of ADC
// studies share.
//
// Both files hold one entry a layer, slice and sign, with `slice`, `sign`, `largest_seen` and `counts` by
// sum. A chart's rows have these numbers under these names and the layer's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "report/sections/rows.h"
#include "report/source.h"

namespace sliver::report::sections {

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
std::string sums_table(const Source& source, const std::string& caption,
                       const std::vector<NamedPlace>& layers, const std::vector<ColumnGroup>& groups,
                       const std::string& joint, const std::string& limit);

/// Choices `layer` and `slice`, the highest slice first, that open on the widest histogram. `layer_of`: what
/// stands for the layer of a row. `rows` is not empty.
std::vector<Json> histogram_choices(const std::vector<DataRow>& rows,
                                    const std::function<Option(const Json& row)>& layer_of);

struct HistogramChart {
    std::vector<DataRow> rows;
    std::vector<Json> choices;
    std::vector<Json> chosen;  ///< transforms that keep the chosen rows and give them their `range`
    std::string counted;       ///< title of the axis of counts
    std::vector<std::pair<std::string, std::string>> told = {};  ///< tooltip entries beside the usual ones
};
/// Counts on a logarithmic axis; dashed, the range where a row has one.
Json histogram_spec(const HistogramChart& chart);

}  // namespace sliver::report::sections
