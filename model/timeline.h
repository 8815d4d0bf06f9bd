// Timeline: an observer that writes down what the blocks of one chip do, and when.
//
// Blocks hold a pointer to it, null where nobody asked or where their layer is not followed, and report spans
// (from when to when) as they know them: the reads and conversions of a window when it starts, a stall when
// it ends. It keeps those that the request wants (layers, time), in the order of the reports, until the
// request's limit; from that time on only what had begun before. It takes no time, changes nothing on the
// chip, and knows the kernel's time and nothing else of the kernel. Called by Chip, Host, Mesh, Tile,
// ProcessingElement and SharedAdc; lanes and processes are named while the chip is built.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "model/chip_plan.h"
#include "results/timeline_record.h"

namespace sliver::model {

class Timeline {
  public:
    using Kind = results::EventKind;
    using Lane = std::uint32_t;
    /// What an event is about; `details` as results::text_of says.
    struct About {
        std::uint64_t image = 0;
        std::size_t window = 0;
        std::array<std::uint64_t, 4> details{};
    };

    explicit Timeline(results::TimelineRequest request);

    /// Before the blocks are built. InputError for a requested layer that the network does not have.
    void follow(const ChipPlan& plan);
    [[nodiscard]] bool follows(LayerIndex layer) const { return followed_[layer.value()]; }
    /// Whether packets charged to the node are recorded; the image's always are.
    [[nodiscard]] bool follows_node(network::NodeId node) const {
        return node == 0 || follows(layer_of_node_[node]);
    }
    /// `order`: among the processes, from the top.
    std::uint32_t add_process(std::string name, std::size_t order);
    Lane add_lane(std::uint32_t process, std::string name, std::optional<LayerIndex> layer = {});

    void span(Kind kind, Lane lane, const sc_core::sc_time& start, const sc_core::sc_time& end,
              const About& about);
    /// The lane's level is `bytes` from now on.
    void level(Lane lane, std::uint64_t bytes);

    /// What the blocks have announced beyond now does not happen: spans end now or are left out.
    void cut();
    /// What follows is not part of the run.
    void close() { closed_ = true; }
    /// After the run, once. `elapsed_fs`: its end.
    [[nodiscard]] results::TimelineRecord take(std::uint64_t elapsed_fs);
    /// Up to now, where a platform has no other end.
    [[nodiscard]] results::TimelineRecord take();

  private:
    struct Level {
        std::optional<std::size_t> event;    ///< the last recorded
        std::optional<std::uint64_t> early;  ///< bytes at `from`, where that is not recorded yet
    };
    bool keep(std::uint64_t start_fs);
    void record_early(Lane lane);

    results::TimelineRecord record_;
    bool closed_ = false;
    std::vector<bool> followed_;  ///< by layer
    std::vector<LayerIndex> layer_of_node_;
    std::vector<Level> levels_;  ///< by lane
};

/// Where a block of a tile puts its lanes; no timeline: nowhere.
struct TimelineScope {
    Timeline* timeline = nullptr;
    std::uint32_t process = 0;
    std::optional<LayerIndex> layer = {};
    [[nodiscard]] Timeline::Lane add_lane(std::string name) const {
        return timeline->add_lane(process, std::move(name), layer);
    }
};

}  // namespace sliver::model
