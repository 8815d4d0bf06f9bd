// What a run of the chip recorded: integer counts and times, nothing priced, nothing rounded.
//
// Filled by model/ (Chip::record), priced and written by results/. Times are integer femtoseconds (the
// kernel's resolution: one conversion at 1.28 GS/s is 781,250 fs). Plain data; re-costing reads it back from
// stats.json.
#pragma once

#include <cstdint>
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
    std::vector<std::uint64_t> clipped;        ///< by slice
    std::vector<std::uint64_t> conversions;    ///< in use, by slice
    std::vector<ColumnHistogram> column_sums;  ///< by slice, positive arrays first; empty: not counted
    std::uint64_t first_start_fs = 0, last_start_fs = 0, done_fs = 0;
    std::uint64_t interval_fs = 0;  ///< an image occupies the layer's busiest copy for so long
    std::uint64_t busy_fs = 0;      ///< crossbar stages, summed over fragments
    std::uint64_t waited_input_fs = 0, waited_output_fs = 0;  ///< summed over fragments
    std::uint64_t adc_busy_fs = 0;                            ///< summed over converters
    std::uint64_t adc_wait_fs = 0;  ///< from samples held to their burst, summed over bursts
    std::uint64_t adcs = 0;         ///< converters that serve the layer's arrays
    std::vector<std::uint64_t> adc_busy_by_slice_fs;  ///< sums up to adc_busy_fs
    std::vector<std::uint64_t> adcs_by_slice;         ///< converters that serve columns of the slice
    std::uint64_t room_waits = 0;                     ///< packets that waited for room here
    std::uint64_t peak_buffer_bytes = 0;              ///< of the fullest tile
};

struct MeshRecord {
    std::uint64_t packets = 0;
    std::uint64_t waits = 0;  ///< hops that found their link busy
    std::uint64_t waited_fs = 0;
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
    /// From injection to the last logit of the first image.
    [[nodiscard]] std::uint64_t latency_fs() const { return completed_fs.front() - injected_fs.front(); }
    /// Between the last two images' logits; with a single image the occupation of the busiest layer.
    [[nodiscard]] std::uint64_t interval_fs() const {
        if (completed_fs.size() > 1) return completed_fs.back() - completed_fs[completed_fs.size() - 2];
        std::uint64_t longest = 0;
        for (const LayerRecord& layer : layers)
            longest = layer.interval_fs > longest ? layer.interval_fs : longest;
        return longest;
    }
};

}  // namespace sliver::results
