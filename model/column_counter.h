// ColumnCounter: how often each column sum was converted, over all arrays that hold one slice and sign of a
// layer.
//
// Models nothing and takes no time: an instrument beside the converters, which share it like their limits.
// Neighbouring columns count in different places, as in bitline/sum_counter.h: sums repeat, zeros most of
// all, and a counter cannot be raised again before its last store has left the processor's pipeline. Takes 64
// bytes a possible sum. Plain C++. Filled by SharedAdc, read by Chip::record().
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"

namespace sliver::model {

class ColumnCounter {
  public:
    /// Counts `columns` sums, none above `largest`.
    void count(const std::uint32_t* sums, int columns, std::uint32_t largest);
    void reset() { counters_.clear(); }
    /// By sum; ends with the largest that was counted, empty where none was.
    [[nodiscard]] std::vector<std::uint64_t> counts() const;

  private:
    AlignedVector<std::uint64_t> counters_;  ///< [sum][lane]
};

using LayerCounters = std::vector<std::array<ColumnCounter, 2>>;  ///< [slice][sign]

}  // namespace sliver::model
