#include "model/tile_adder.h"

#include <utility>

namespace sliver::model {

void TileAdder::add(Sums& sums, const Sums& accumulators) {
    if (sums.empty()) {
        sums = accumulators;
        return;
    }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += accumulators[i];
    additions_ += sums.size();
}

bool TileAdder::reduce(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                       Sums sums) {
    const LayerPlan& layer_plan = plan_.layers[layer];
    const auto [place, first] = reductions_.try_emplace({image, window, block});
    Reduction& reduction = place->second;
    if (first) reduction.missing = layer_plan.contributors[layer_plan.copy_of(window)][block];
    if (reduction.sums.empty())
        reduction.sums = std::move(sums);
    else
        add(reduction.sums, sums);
    return --reduction.missing == 0;
}

TileAdder::Sums TileAdder::take(std::uint64_t image, std::size_t window, std::size_t block) {
    const auto found = reductions_.find({image, window, block});
    Sums sums = std::move(found->second.sums);
    reductions_.erase(found);
    return sums;
}

}  // namespace sliver::model
