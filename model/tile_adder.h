// TileAdder: the adders of a tile, which bring the partial sums of a column block together.
//
// Models: 32-bit sums of what the processing elements of a tile have accumulated for the same outputs, and,
// at the home of a column block, of what other tiles send. The first partial sum of an output is kept, each
// further one is an addition. Counts additions. Takes no time of its own: it keeps pace with what brings the
// sums, the bus and the mesh. Called by Tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "cost/actions.h"
#include "model/chip_plan.h"

namespace sliver::model {

class TileAdder {
  public:
    explicit TileAdder(const ChipPlan& plan) : plan_(plan) {}

    using Sums = std::vector<std::int32_t>;

    /// What one processing element brings for a column block of a window. Empty `sums`: nothing came before.
    void add(Sums& sums, const Sums& accumulators);
    /// What a tile has for column block `block` of window `window` of layer `layer`, whose home this is. True
    /// when it was the last: then take() has the sums. Empty: of a blank image (host.h).
    bool reduce(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block, Sums sums);
    [[nodiscard]] Sums take(std::uint64_t image, std::size_t window, std::size_t block);

    /// No sum waits for others.
    [[nodiscard]] bool at_rest() const { return reductions_.empty(); }
    void reset() {
        reductions_.clear();
        additions_ = 0;
    }
    void count(cost::Actions& actions) const { actions.add_ops += additions_; }

  private:
    struct Reduction {
        int missing = 0;  ///< tiles that have not contributed
        Sums sums;
    };
    using Key = std::tuple<std::uint64_t, std::size_t, std::size_t>;  ///< image, window, block

    const ChipPlan& plan_;
    std::map<Key, Reduction> reductions_;
    std::uint64_t additions_ = 0;
};

}  // namespace sliver::model
