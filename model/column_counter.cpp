#include "model/column_counter.h"

#include <cstddef>
#include <numeric>

namespace sliver::model {
namespace {

constexpr std::size_t kCounters = 8;

}  // namespace

void ColumnCounter::count(const std::uint32_t* sums, int columns, std::uint32_t largest) {
    const std::size_t places = (std::size_t{largest} + 1) * kCounters;
    if (counters_.size() < places) counters_.resize(places, 0);
    std::uint64_t* const counters = counters_.data();
    const std::size_t count = static_cast<std::size_t>(columns);
    std::size_t column = 0;
    for (; column + kCounters <= count; column += kCounters)
        for (std::size_t lane = 0; lane < kCounters; ++lane)
            ++counters[sums[column + lane] * kCounters + lane];
    for (std::size_t lane = 0; column < count; ++column, ++lane) ++counters[sums[column] * kCounters + lane];
}

std::vector<std::uint64_t> ColumnCounter::counts() const {
    std::vector<std::uint64_t> counts;
    for (auto first = counters_.begin(); first != counters_.end(); first += kCounters)
        counts.push_back(std::accumulate(first, first + kCounters, std::uint64_t{0}));
    while (!counts.empty() && counts.back() == 0) counts.pop_back();
    return counts;
}

}  // namespace sliver::model
