// Histograms of one layer's column sums, filled by one thread. Private to bitline.
//
// Neighbouring columns count in different places (kLanes counters a sum): sums repeat, zeros most of all, and
// a counter cannot be raised again before its last store has left the processor's pipeline. Counters have 32
// bits and are emptied into the totals before they could overflow.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/layer_cells.h"
#include "mapping/column_profile.h"

namespace sliver::engine {

/// Raises `largest` to `column`; of equal sums the first by row block, then output, stays.
void keep_larger(mapping::ColumnExtreme& largest, const mapping::ColumnExtreme& column);

class SumCounter {
  public:
    /// Ready for a layer: nothing counted.
    void start(const LayerCells& cells);
    /// Counts the first `columns` of every `stride` sums, `planes` times. None may pass the group's bound.
    void count(int slice, int sign, const std::uint32_t* sums, int planes, int columns, int stride);
    mapping::ColumnExtreme& largest(int slice, int sign) { return group(slice, sign).largest; }
    /// Adds what was counted since start() to one histogram a slice and sign, which grow to their bounds.
    void add_to(std::vector<std::array<mapping::SumHistogram, 2>>& layer);

  private:
    struct Group {
        std::vector<std::uint32_t> counters;  ///< [sum][kLanes]
        std::vector<std::uint64_t> totals;    ///< by sum
        std::uint64_t held = 0;               ///< counted since the counters were emptied
        mapping::ColumnExtreme largest;
    };
    [[nodiscard]] Group& group(int slice, int sign);
    static void empty(Group& group);

    std::vector<Group> groups_;  ///< [slice][sign]
    int signs_ = 0;
};

}  // namespace sliver::engine
