// What a run of the chip recorded: integer counts and times, nothing priced, nothing rounded.
//
// Filled by model/ (Chip::record), priced and written by results/. Times are integer femtoseconds (the
// kernel's resolution: one conversion at 1.28 GS/s is 781,250 fs). Plain data; re-costing reads it back from
// stats.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost/actions.h"
#include "cost/inventory.h"

namespace sliver::results {

/// How often each column sum was converted: all conversions in use of one slice and sign of a layer.
struct ColumnHistogram {
    std::uint64_t slice = 0;
    bool negative = false;              ///< on the arrays of negative weights
    std::uint64_t range = 0;            ///< largest sum that the converter does not cut
    std::vector<std::uint64_t> counts;  ///< by sum; ends with the largest that was seen
};

/// One matrix layer: counts of the whole run, times of the first image.
struct LayerRecord {
    std::string name;
    std::string kind;        ///< convolution or linear
    std::uint64_t rows = 0;  ///< of the weight matrix
    std::uint64_t outputs = 0;
    std::uint64_t windows = 0;  ///< an image
    std::uint64_t planes = 0;   ///< input digits a window
    std::uint64_t copies = 1;
    std::uint64_t crossbars = 0;  ///< all copies
    std::uint64_t tiles = 0;
    std::uint64_t macs = 0;  ///< an image
    cost::Actions actions;
    std::vector<int> adc_bits;           ///< of the positive arrays, by slice, least significant first
    std::vector<int> negative_adc_bits;  ///< of the negative arrays; empty where the encoding has none
    std::vector<int> adc_drops;          ///< low bits left out, by slice
    /// Arrays by the reads that an input digit takes on them, all copies: entry k counts those of 2^k.
    std::vector<std::uint64_t> crossbars_by_parts;
    std::vector<std::uint64_t> clipped;  ///< by slice
    std::vector<std::uint32_t>
        largest_sums;  ///< of the columns, by slice; empty: not recorded. Not in stats.json
    std::vector<std::uint64_t> conversions;    ///< in use, by slice
    std::vector<ColumnHistogram> column_sums;  ///< by slice, positive arrays first; empty: not counted
    std::uint64_t first_start_fs = 0, last_start_fs = 0, done_fs = 0;
    std::uint64_t interval_fs = 0;  ///< an image occupies the layer's busiest copy for so long
    std::uint64_t busy_fs = 0;      ///< crossbar stages, summed over fragments
    std::uint64_t waited_input_fs = 0, waited_output_fs = 0, waited_bus_fs = 0;  ///< summed over fragments
    std::uint64_t adc_busy_fs = 0;                                               ///< summed over converters
    std::uint64_t adc_wait_fs = 0;  ///< from samples held to their burst, summed over bursts
    std::uint64_t adcs = 0;         ///< converters that serve the layer's arrays
    std::vector<std::uint64_t> adc_busy_by_slice_fs;  ///< sums up to adc_busy_fs
    std::vector<std::uint64_t> adcs_by_slice;         ///< converters that serve columns of the slice
    std::uint64_t room_waits = 0;                     ///< packets that waited for room here
    std::uint64_t peak_buffer_bytes = 0;              ///< of the fullest tile
};

struct MeshRecord {
    std::uint64_t packets = 0;    ///< sent
    std::uint64_t delivered = 0;  ///< at their receivers; a packet may have several
    std::uint64_t waits = 0;      ///< hops that found their link busy
    std::uint64_t waited_fs = 0;
};

/// What works for images, one after the other: a stage of arrays, a converter, a bus, a link.
struct ResourceRecord {
    std::string kind;  ///< array stage, converter, tile bus, eDRAM port, post-processor, mesh link, host link
    std::string name;
    std::uint64_t need_fs = 0;  ///< an image occupies it for so long
    /// While the run's images passed; together the same for all resources.
    std::uint64_t busy_fs = 0;
    std::uint64_t stalled_fs = 0;  ///< there was work, but no bus, place or room for it
    std::uint64_t idle_fs = 0;     ///< there was none
};

/// The chip under a stream of images without end (model/steady_state.h; the closed forms fill it too).
struct SteadyRecord {
    std::uint64_t latency_fs = 0;   ///< of an image in an empty chip, from its first row to its last logit
    std::uint64_t images = 0;       ///< of the stream that have been simulated; 0: there was none
    std::uint64_t warm_up = 0;      ///< of these, before the measured ones
    std::uint64_t measured = 0;     ///< images in whole periods; 0: the gaps did not settle
    std::uint64_t period = 0;       ///< images after which the gaps repeat to the femtosecond; 0: they do not
    std::uint64_t measured_fs = 0;  ///< the gaps of the measured images together
    std::uint64_t spread_fs = 0;    ///< between the mean gaps of the two halves of the measured images
    std::uint64_t latency_sum_fs = 0, latency_max_fs = 0;  ///< of the measured images
    std::vector<ResourceRecord> resources;                 ///< the busiest ten, the busiest first
};

struct ChipRecord {
    std::uint64_t images = 0;
    std::vector<LayerRecord> layers;
    cost::Actions shared;  ///< host link and whatever belongs to no layer
    MeshRecord mesh;
    cost::ChipInventory inventory;
    std::uint64_t crossbars = 0, processing_elements = 0, tiles = 0;  ///< in use
    std::uint64_t crossbars_unpacked = 0;  ///< arrays without packing, all copies: at least `crossbars`
    std::vector<std::int32_t> logits;      ///< image-major
    std::vector<std::uint64_t> injected_fs, completed_fs;  ///< by image
    std::uint64_t elapsed_fs = 0;
    SteadyRecord steady;
    /// Of an image in an empty chip.
    [[nodiscard]] std::uint64_t latency_fs() const { return steady.latency_fs; }
    /// Mean gap between the last logits of images in a stream, to the nearest femtosecond. None: it did not
    /// settle.
    [[nodiscard]] std::optional<std::uint64_t> interval_fs() const {
        if (steady.measured == 0) return std::nullopt;
        return (steady.measured_fs + steady.measured / 2) / steady.measured;
    }
};

}  // namespace sliver::results
