// Column sums by layer, slice and sign: histograms seen on images, largest sums and the columns that have
// them.
//
// Plain data that bitline measures, that the ADC policies of adc_widths.h read and that studies draw. A
// conversion is counted for every used column, plane and window, so also for planes that drive no row: their
// sum is zero.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/index.h"

namespace sliver::mapping {

/// [layer][slice][sign]; sign 0 positive, 1 negative (offset encoding: unused).
template <typename T>
using ByColumnGroup = std::vector<std::vector<std::array<T, 2>>>;

/// A largest column sum and where it is.
struct ColumnExtreme {
    std::uint32_t sum = 0;
    RowBlockIndex row_block;
    int output = 0;  ///< of the layer
};

/// How often each column sum was read.
struct SumHistogram {
    std::vector<std::uint64_t> counts;  ///< by sum; ends with the largest that was seen
    ColumnExtreme largest;
    [[nodiscard]] std::uint64_t conversions() const {
        std::uint64_t total = 0;
        for (const std::uint64_t count : counts) total += count;
        return total;
    }
};

struct ColumnProfile {
    ByColumnGroup<SumHistogram> groups;
    std::uint64_t images = 0;
};

/// Adds the counts of one histogram to another's.
inline void add_counts(const std::vector<std::uint64_t>& counts, std::vector<std::uint64_t>& total) {
    if (total.size() < counts.size()) total.resize(counts.size(), 0);
    for (std::size_t sum = 0; sum < counts.size(); ++sum) total[sum] += counts[sum];
}

/// The largest sums of a profile.
inline ByColumnGroup<ColumnExtreme> extremes(const ColumnProfile& profile) {
    ByColumnGroup<ColumnExtreme> columns;
    for (const auto& layer : profile.groups) {
        columns.emplace_back();
        for (const auto& slice : layer) columns.back().push_back({slice[0].largest, slice[1].largest});
    }
    return columns;
}

}  // namespace sliver::mapping
