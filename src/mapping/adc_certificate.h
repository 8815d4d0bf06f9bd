// What a converter allocation guarantees, column by column: the fullest column of every layer, slice and sign
// against the range of the converter that reads it.
//
// With the largest sums of worst_case_columns() a margin of zero or more everywhere proves that no input can
// clip; with sums seen on images it says so for those images only. Called by the program and the ADC study.
#pragma once

#include <cstdint>
#include <vector>

#include "mapping/adc_widths.h"

namespace sliver::mapping {

struct ColumnCertificate {
    LayerIndex layer;
    SliceIndex slice;
    Sign sign = Sign::positive;
    ArrayColumn place;        ///< the fullest column, the first where all sums are zero
    std::uint32_t sum = 0;    ///< its largest sum
    std::uint32_t range = 0;  ///< largest sum its converter does not cut
    [[nodiscard]] std::int64_t margin() const { return std::int64_t{range} - std::int64_t{sum}; }
};

/// One entry a layer, slice and sign that the encoding has, in that order. Reads in parts (split_rows) never
/// clip: their range is the sum itself where that is larger.
std::vector<ColumnCertificate> certify(const NetworkMapping& mapping, const AdcWidths& widths,
                                       const ByColumnGroup<ColumnExtreme>& columns);

/// The entry with the smallest margin, the first of equals. `certificates` is not empty.
const ColumnCertificate& tightest(const std::vector<ColumnCertificate>& certificates);

}  // namespace sliver::mapping
