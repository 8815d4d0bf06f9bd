// Postprocessor: the digital units of a tile behind its processing elements.
//
// Models: reduction of partial sums from the tiles that share a column block; bias, requantisation, ReLU and
// saturation (network/integer_ops.h); pools, stand-alone ReLUs and residual additions on the channels whose
// home this tile is. A value is passed on in the cycle in which its last operand is there: pools and
// additions take no cycle of their own (ISAAC's pipeline ends with activation and eDRAM write, which the tile
// counts). Speaks inside the tile only: the tile calls it and is told what came out. Counts operations.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <systemc>
#include <tuple>
#include <utility>
#include <vector>

#include "model/chip_plan.h"

namespace sliver::model {

/// Values of one pixel of a node's map, for a range of channels.
struct PixelValues {
    network::NodeId node = 0;
    std::uint64_t image = 0;
    std::size_t pixel = 0;
    ChannelRange channels;
    const std::int32_t* values = nullptr;
};

class Postprocessor : public sc_core::sc_module {
  public:
    struct Counters {
        std::uint64_t activation_ops = 0;
        std::uint64_t pool_ops = 0;
        std::uint64_t add_ops = 0;
        std::uint64_t output_register_bytes = 0;
        std::uint64_t index_lookups = 0;
    };
    using Output = std::function<void(const PixelValues&)>;

    Postprocessor(const sc_core::sc_module_name& name, const ChipPlan& plan, const TilePlan& tile);

    /// Adds the partial sums of one tile to column block `block` of window `window` of layer `layer`. True
    /// when they were the last: then finish() may be called.
    bool reduce(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                const std::int32_t* partial_sums);
    /// Finishes the column block: requantises and calls `output` with the pixel of the layer's node. (At the
    /// end of the activation and eDRAM write stages.) Where columns are sorted all blocks of the layer come
    /// here: their values are put back in order, and leave together with the last of them.
    void finish(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                const Output& output);

    /// A value of an operand map of the digital node `node` (done on this tile) arrived; calls `output` for
    /// every pixel of `node` that is complete with it.
    void accept_operand(network::NodeId node, const PixelValues& operand, const Output& output);

    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    struct Reduction {
        int missing = 0;
        std::vector<std::int32_t> sums;
    };
    /// A window of a layer whose columns are sorted, while its column blocks come in.
    struct Reordering {
        std::size_t blocks = 0;  ///< that are here
        std::vector<std::int32_t> values;
    };
    using ReductionKey = std::tuple<std::uint64_t, std::size_t, std::size_t>;  ///< image, window, block

    /// A digital node on this tile, over its channels, for one image.
    struct DigitalImage {
        std::vector<std::vector<std::int32_t>> operands;  ///< full maps, by input of the node
        std::vector<std::uint32_t> missing;               ///< operand values to come, by output pixel
        std::size_t pixels_left = 0;
    };
    struct DigitalStage {
        network::NodeId node = 0;
        ChannelRange channels;
        std::vector<network::NodeId> sources;      ///< distinct operand maps
        std::vector<std::size_t> source_of_input;  ///< which of them feeds input i
        std::vector<std::uint32_t>
            needed;  ///< operand values (a pixel, all channels of one home) by output pixel
        std::map<std::uint64_t, DigitalImage> images;
    };
    DigitalStage make_stage(const DigitalPlan& plan) const;
    void emit(DigitalStage& stage, DigitalImage& image, std::uint64_t number, std::size_t pixel,
              const Output& output);
    void count_digital(const network::Node& node, std::uint64_t values);

    const ChipPlan& plan_;
    std::map<ReductionKey, Reduction> reductions_;
    std::map<std::pair<std::uint64_t, std::size_t>, Reordering> reorderings_;  ///< by image, window
    std::vector<DigitalStage> stages_;
    Counters counters_;
};

}  // namespace sliver::model
