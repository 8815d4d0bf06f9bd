// A network on arrays of one kind, boiled down to what the closed forms ask: made once, asked for every point
// that has the same arrays, weights and inputs.
//
// Depends on `array` (but its cycle), `weights`, `inputs` and `skip` of a chip; on nothing else of it. Holds
// the mapping (layer_mapping.h), the largest possible column sums (widths of the policy `worst-case`), arrays
// that are alike counted together, which pixels windows read. Plain data; called by closed_form.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "cost/actions.h"
#include "estimate/activity.h"
#include "mapping/adc_widths.h"
#include "mapping/layer_mapping.h"
#include "mapping/placement.h"
#include "timing/map_reads.h"

namespace sliver::estimate {

/// Arrays of a layer that differ in nothing that is counted.
struct ArrayShape {
    int rows = 0, outputs = 0;
    std::vector<mapping::ColumnRun> runs;
    mapping::Sign sign = mapping::Sign::positive;
    bool places = false;            ///< sums find their place by a table
    std::vector<int> filled;        ///< skip.empty_columns: by slice, columns that are not empty
    std::uint64_t arrays = 0;       ///< of one copy
    std::uint64_t driven_rows = 0;  ///< summed over these arrays and the images of the activity
    [[nodiscard]] std::uint64_t used_columns() const { return static_cast<std::uint64_t>(runs.back().end()); }
};

/// What driven rows let cells conduct, summed over the arrays of a shape and the images of the activity, less
/// offset encoding's unit columns.
struct LevelUse {
    std::uint64_t conducting = 0;  ///< cells above level 0
    cost::LevelCounts by_level{};  ///< squared digits
    std::uint64_t squares = 0;     ///< of all rows
};

struct MappedLayer {
    network::NodeId node = 0, source = 0;  ///< flatten looked through
    network::Window window;
    std::vector<ArrayShape> shapes;
    std::vector<std::uint32_t> shape_of;  ///< by crossbar
    std::vector<int> first_channel,
        end_channel;                            ///< by crossbar: of the input map, what its rows read
    std::vector<timing::Footprint> footprints;  ///< by window
};

class MappedNetwork {
  public:
    /// InputError as mapping::map_network has it.
    MappedNetwork(std::shared_ptr<const network::QuantisedNetwork> network, const config::ChipConfig& chip,
                  std::shared_ptr<const Activity> activity);

    [[nodiscard]] const network::QuantisedNetwork& network() const { return *network_; }
    [[nodiscard]] const mapping::NetworkMapping& mapping() const { return mapping_; }
    [[nodiscard]] const std::vector<MappedLayer>& layers() const { return layers_; }
    [[nodiscard]] const Activity& activity() const { return *activity_; }
    /// [layer][shape]; looked at by the accounting `conducting` alone, worked out once.
    [[nodiscard]] const std::vector<std::vector<LevelUse>>& level_use() const;
    /// Which pixels the pixels of a digital node are made of, [input]; of others none.
    [[nodiscard]] const std::vector<timing::MapReads>& reads(network::NodeId node) const {
        return reads_[node];
    }

    /// timing::least_room, worked out once for both.
    [[nodiscard]] const std::vector<std::vector<std::size_t>>& least_room(bool pipelined) const;

    /// Converters as the policy has them. `profiled`, `percentile` and `accuracy` look at images: they get
    /// the widths of `worst-case`, which theirs do not pass.
    [[nodiscard]] mapping::AdcWidths widths(const config::ChipConfig& chip) const;
    /// Reads that an input digit takes, [layer] by crossbar; empty where no array is read in parts. Worked
    /// out once for each table of widths.
    [[nodiscard]] const std::vector<IndexedVector<CrossbarIndex, int>>& parts(
        const mapping::AdcWidths& widths) const;

  private:
    struct KnownParts {
        mapping::AdcWidths widths;
        std::vector<IndexedVector<CrossbarIndex, int>> parts;
    };
    std::shared_ptr<const network::QuantisedNetwork> network_;
    mapping::NetworkMapping mapping_;
    mapping::ByColumnGroup<std::uint32_t> worst_case_;
    std::vector<MappedLayer> layers_;
    std::vector<std::vector<timing::MapReads>> reads_;  ///< by node
    std::shared_ptr<const Activity> activity_;
    mutable std::vector<std::vector<LevelUse>> level_use_;
    mutable std::vector<std::unique_ptr<KnownParts>> known_parts_;
    mutable std::array<std::vector<std::vector<std::size_t>>, 2> least_room_;  ///< by `pipelined`
};

/// Whether the policy of `chip` chooses its widths by images: MappedNetwork::widths() is then a bound.
bool widths_are_a_bound(const config::ChipConfig& chip);

}  // namespace sliver::estimate
