#include "timing/settled.h"

#include <algorithm>

namespace sliver::timing {
namespace {

/// Of the `count` gaps after the first `first` images.
std::uint64_t sum_of_gaps(const std::vector<std::uint64_t>& completed_fs, std::size_t first,
                          std::size_t count) {
    return completed_fs[first + count] - completed_fs[first];
}

}  // namespace

std::optional<Settled> settled(const std::vector<std::uint64_t>& completed_fs, std::uint64_t least_gap_fs,
                               bool at_last, std::size_t cycle) {
    const std::size_t gaps = completed_fs.empty() ? 0 : completed_fs.size() - 1;
    const auto gap = [&](std::size_t i) { return completed_fs[i + 1] - completed_fs[i]; };
    for (std::size_t period = cycle; period <= std::max(kLongestPeriod, cycle); period += cycle) {
        const std::size_t repeats = std::max(kRepeats, (kFewestGaps + period - 1) / period);
        const std::size_t measured = repeats * period;
        if (measured > gaps) break;
        bool repeated = true;
        for (std::size_t i = gaps - measured + period; i < gaps && repeated; ++i)
            repeated = gap(i) == gap(i - period);
        const std::uint64_t sum = sum_of_gaps(completed_fs, gaps - measured, measured);
        if (repeated && sum >= least_gap_fs * measured) return Settled{measured, period, sum, 0};
    }
    if (gaps < kGapsForMeans) return std::nullopt;
    const std::size_t half = gaps / 4 / cycle * cycle, measured = 2 * half;
    if (half == 0) return std::nullopt;
    const std::uint64_t older = sum_of_gaps(completed_fs, gaps - measured, half),
                        newer = sum_of_gaps(completed_fs, gaps - half, half);
    const std::uint64_t apart = older < newer ? newer - older : older - newer;
    const double agree = at_last ? kMeansAgreeAtLast : kMeansAgree;
    if (static_cast<double>(apart) > agree * static_cast<double>(newer) ||
        older + newer < least_gap_fs * measured)
        return std::nullopt;
    return Settled{measured, 0, older + newer, apart / half};
}

}  // namespace sliver::timing
