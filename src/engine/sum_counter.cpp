#include "engine/sum_counter.h"

#include <algorithm>
#include <limits>

#include "base/size.h"

namespace sliver::engine {
namespace {

constexpr int kLanes = 8;

}  // namespace

void keep_larger(mapping::ColumnExtreme& largest, const mapping::ColumnExtreme& column) {
    const bool earlier = column.row_block < largest.row_block ||
                         (column.row_block == largest.row_block && column.output < largest.output);
    if (column.sum > largest.sum || (column.sum == largest.sum && earlier)) largest = column;
}

void SumCounter::start(const LayerCells& cells) {
    signs_ = cells.signs();
    groups_.resize(size(cells.slices() * signs_));
    for (int slice = 0; slice < cells.slices(); ++slice) {
        for (int sign = 0; sign < signs_; ++sign) {
            std::uint32_t bound = 0;
            for (int block = 0; block < cells.row_blocks(); ++block)
                for (int columns = 0; columns < cells.column_groups(); ++columns)
                    bound = std::max(bound, cells.group(cells.index(block, columns, slice, sign)).bound);
            Group& own = group(slice, sign);
            own.totals.assign(std::size_t{bound} + 1, 0);
            own.counters.assign(own.totals.size() * kLanes, 0);
            own.held = 0;
            own.largest = {};
        }
    }
}

void SumCounter::count(int slice, int sign, const std::uint32_t* sums, int planes, int columns, int stride) {
    Group& own = group(slice, sign);
    const std::uint64_t more = static_cast<std::uint64_t>(planes) * static_cast<std::uint64_t>(columns);
    if (own.held + more > std::numeric_limits<std::uint32_t>::max()) empty(own);
    own.held += more;
    std::uint32_t* const counters = own.counters.data();
    for (int plane = 0; plane < planes; ++plane, sums += stride) {
        int column = 0;
        for (; column + kLanes <= columns; column += kLanes)
            for (int lane = 0; lane < kLanes; ++lane)
                ++counters[sums[column + lane] * std::size_t{kLanes} + size(lane)];
        for (; column < columns; ++column)
            ++counters[sums[column] * std::size_t{kLanes} + size(column % kLanes)];
    }
}

void SumCounter::add_to(std::vector<std::array<mapping::SumHistogram, 2>>& layer) {
    for (std::size_t slice = 0; slice < layer.size(); ++slice) {
        for (int sign = 0; sign < signs_; ++sign) {
            Group& own = group(static_cast<int>(slice), sign);
            empty(own);
            mapping::SumHistogram& histogram = layer[slice][size(sign)];
            if (histogram.counts.size() < own.totals.size()) histogram.counts.resize(own.totals.size(), 0);
            for (std::size_t sum = 0; sum < own.totals.size(); ++sum)
                histogram.counts[sum] += own.totals[sum];
            keep_larger(histogram.largest, own.largest);
        }
    }
}

SumCounter::Group& SumCounter::group(int slice, int sign) {
    return groups_[size(slice * signs_ + sign)];
}

void SumCounter::empty(Group& group) {
    for (std::size_t sum = 0; sum < group.totals.size(); ++sum)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            group.totals[sum] += group.counters[sum * kLanes + lane];
    std::fill(group.counters.begin(), group.counters.end(), 0U);
    group.held = 0;
}

}  // namespace sliver::engine
