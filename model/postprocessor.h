// Postprocessor: the digital units of a tile behind its processing elements.
//
// Models: bias, requantisation, ReLU and saturation of a column block whose sums are complete (tile_adder.h,
// network/integer_ops.h); digital nodes (pools, stand-alone ReLUs, residual additions, tables, scales,
// products, concats, gathers) on the channels whose home this tile is. Each takes its pixels in raster order,
// each when its operands are there (timing/map_reads.h; something of the image, where it needs none) and
// there is a place for the result. A value is passed on in the cycle in which its last operand is there:
// digital nodes take no cycle of their own (ISAAC's pipeline ends with activation and eDRAM write, which the
// tile counts). Operands have room (room.h) like the input map of the crossbars. Speaks inside the tile only:
// the tile calls it and is told what came out. Counts operations.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <systemc>
#include <utility>
#include <vector>

#include "cost/actions.h"
#include "model/chip_plan.h"
#include "model/credit_line.h"
#include "model/room.h"
#include "network/integer_ops.h"
#include "timing/map_reads.h"

namespace sliver::model {

/// Values of one pixel of a node's map, for a range of channels; null: of a blank image (host.h).
struct PixelValues {
    network::NodeId node = 0;
    std::uint64_t image = 0;
    std::size_t pixel = 0;
    ChannelRange channels;
    const std::int32_t* values = nullptr;
};

class Postprocessor : public sc_core::sc_module {
  public:
    using Output = std::function<void(const PixelValues&)>;
    /// Whether there is a place for pixel `number` (over all images) of the tile's digital node `stage`.
    using HasPlace = std::function<bool(std::size_t stage, std::uint64_t number)>;

    /// `output`, `has_place`: for what digital nodes make.
    Postprocessor(const sc_core::sc_module_name& name, const ChipPlan& plan, const TilePlan& tile,
                  Output output, HasPlace has_place);

    /// Finishes column block `block` of window `window` of layer `layer`, whose sums are `values` (none: of a
    /// blank image): requantises and calls `output` with the pixel of the layer's node. (At the end of the
    /// activation and eDRAM write stages.) Where columns are sorted all blocks of the layer come here: their
    /// values are put back in order, and leave together with the last of them.
    void finish(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                std::vector<std::int32_t> values, const Output& output);

    /// Values of operand `operand` of the tile's digital node `stage` (TilePlan::digital) arrived: channels
    /// that it keeps. The sender has asked room_for().
    void accept_operand(std::size_t stage, std::size_t operand, const PixelValues& values);
    /// What digital nodes wait for may be there now: operands or places. Gives every pixel they complete.
    void take_ready();
    [[nodiscard]] CreditLine& room_for(std::size_t stage, std::size_t operand);
    /// Operands that waited for room here.
    [[nodiscard]] std::uint64_t room_waits() const;

    /// No operand and no value waits here.
    [[nodiscard]] bool at_rest() const;

    /// No operand and no value is here.
    void reset();
    /// Adds the operations done so far.
    void count(cost::Actions& actions) const { actions += counted_; }

  private:
    /// A window of a layer whose columns are sorted, while its column blocks come in.
    struct Reordering {
        std::size_t blocks = 0;  ///< that are here
        std::vector<std::int32_t> values;
    };

    /// A map that a digital node works on.
    struct Operand {
        Operand(network::NodeId map, timing::MapReads pixels, Room kept)
            : source(map), reads(std::move(pixels)), room(std::move(kept)), credit(room.limit()) {}
        void reset() {
            room.reset();
            credit.reset();
            images.clear();
        }
        network::NodeId source;
        timing::MapReads reads;
        Room room;
        CreditLine credit;
        std::deque<std::vector<std::int32_t>> images;  ///< full maps, of the images from first_image on
    };
    struct DigitalStage {
        network::NodeId node = 0;
        ChannelRange channels;
        std::deque<Operand> operands;
        std::vector<std::size_t> operand_of_input;  ///< DigitalPlan
        std::vector<network::ValueWork> work;       ///< of a value, by channel
        std::uint64_t image = 0;                    ///< of the next pixel
        std::size_t pixel = 0;                      ///< next
        std::uint64_t first_image = 0;              ///< whose operands are kept
    };
    void add_stage(const DigitalPlan& digital);
    bool take(std::size_t number);
    void count(const network::ValueWork& work);

    const ChipPlan& plan_;
    std::map<std::pair<std::uint64_t, std::size_t>, Reordering> reorderings_;  ///< by image, window
    std::deque<DigitalStage> stages_;  ///< others hold on to their credit lines
    Output output_;
    HasPlace has_place_;
    std::vector<std::int32_t> made_;
    std::vector<network::ValueWork> layer_work_;  ///< of a value of the tile's layer, by channel
    cost::Actions counted_;
};

}  // namespace sliver::model
