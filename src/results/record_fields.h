// The integer fields of a record by their key in stats.json, once: the writer, the reader and stats.txt walk
// these lists. Private to results.
#pragma once

#include <array>
#include <string_view>

#include "results/arithmetic.h"
#include "results/run_record.h"

namespace sliver::results {

template <typename Record>
struct CountField {
    std::string_view key;
    std::uint64_t Record::*member;
    std::string_view unit;
    std::string_view description;
};

inline constexpr std::array<CountField<LayerRecord>, 21> kLayerFields = {{
    {"rows", &LayerRecord::rows, "row", "rows of the weight matrix"},
    {"outputs", &LayerRecord::outputs, "output", "outputs of the weight matrix"},
    {"crossbars", &LayerRecord::crossbars, "array", "arrays that hold the layer, all copies"},
    {"copies", &LayerRecord::copies, "copy", "replicas of the layer"},
    {"tiles", &LayerRecord::tiles, "tile", "tiles that hold the layer"},
    {"windows_per_image", &LayerRecord::windows, "window", "output positions of one image"},
    {"planes", &LayerRecord::planes, "plane", "input digits driven for one window"},
    {"macs_per_image", &LayerRecord::macs, "mac", "multiply-accumulates of one image"},
    {"first_start_fs", &LayerRecord::first_start_fs, "fs", "first window of the first image starts"},
    {"last_start_fs", &LayerRecord::last_start_fs, "fs", "last window of the first image starts"},
    {"done_fs", &LayerRecord::done_fs, "fs", "last value of the first image is finished"},
    {"interval_fs", &LayerRecord::interval_fs, "fs", "one image occupies the busiest copy"},
    {"busy_fs", &LayerRecord::busy_fs, "fs",
     "crossbar stages occupied, summed over the layer's parts, whole run"},
    {"waited_input_fs", &LayerRecord::waited_input_fs, "fs",
     "stage free but inputs incomplete, summed over parts, whole run"},
    {"waited_output_fs", &LayerRecord::waited_output_fs, "fs",
     "stage free, inputs there, no place for the results, summed over parts, whole run"},
    {"waited_bus_fs", &LayerRecord::waited_bus_fs, "fs",
     "stage free, bytes or older results on the bus or waiting for it, summed over parts, whole run"},
    {"adc_busy_fs", &LayerRecord::adc_busy_fs, "fs", "converters busy, summed over converters, whole run"},
    {"adc_wait_fs", &LayerRecord::adc_wait_fs, "fs",
     "samples held until their converter is free, summed over bursts, whole run"},
    {"adcs", &LayerRecord::adcs, "unit", "converters that serve the layer's arrays"},
    {"room_waits", &LayerRecord::room_waits, "packet", "packets that waited for room here, whole run"},
    {"peak_buffer_bytes", &LayerRecord::peak_buffer_bytes, "byte",
     "fullest input buffer of the layer's tiles"},
}};

inline constexpr std::array<CountField<Arithmetic>, 7> kArithmeticFields = {{
    {"kept_maps", &Arithmetic::kept_maps, "map", "in the file's own steps"},
    {"calibrated_maps", &Arithmetic::calibrated_maps, "map", "in powers of two from calibration"},
    {"coarser_maps", &Arithmetic::coarser_maps, "map", "in steps coarser than the file's"},
    {"kept_layers", &Arithmetic::kept_layers, "layer", "with the file's own codes"},
    {"requantised_layers", &Arithmetic::requantised_layers, "layer", "quantised anew"},
    {"float_layers", &Arithmetic::float_layers, "layer", "that the file gives in floating point"},
    {"clipped_weights", &Arithmetic::clipped_weights, "weight", "cut to the chip's largest code"},
}};

inline constexpr std::array<CountField<SteadyRecord>, 9> kSteadyFields = {{
    {"latency_fs", &SteadyRecord::latency_fs, "fs", "an image in an empty chip"},
    {"images", &SteadyRecord::images, "image", "of a stream, simulated for the interval"},
    {"warm_up", &SteadyRecord::warm_up, "image", "of these, before the measured ones"},
    {"measured", &SteadyRecord::measured, "image", "of these, measured; 0: the gaps did not settle"},
    {"period", &SteadyRecord::period, "image", "after which the gaps repeat exactly; 0: they do not"},
    {"measured_fs", &SteadyRecord::measured_fs, "fs", "gaps of the measured images together"},
    {"spread_fs", &SteadyRecord::spread_fs, "fs", "between the mean gaps of their halves"},
    {"latency_sum_fs", &SteadyRecord::latency_sum_fs, "fs", "latencies of the measured images together"},
    {"latency_max_fs", &SteadyRecord::latency_max_fs, "fs", "the largest of them"},
}};

inline constexpr std::array<CountField<MeshRecord>, 4> kMeshFields = {{
    {"packets", &MeshRecord::packets, "packet", "sent over the mesh"},
    {"delivered", &MeshRecord::delivered, "packet", "at their receivers, of which a packet may have several"},
    {"waits", &MeshRecord::waits, "hop", "hops that found their link busy"},
    {"waited_fs", &MeshRecord::waited_fs, "fs", "waited for busy links, summed over packets"},
}};

inline constexpr std::array<CountField<ChipRecord>, 6> kChipFields = {{
    {"images", &ChipRecord::images, "image", "simulated on the chip"},
    {"crossbars", &ChipRecord::crossbars, "array", "arrays in use"},
    {"crossbars_unpacked", &ChipRecord::crossbars_unpacked, "array", "arrays without packing"},
    {"processing_elements", &ChipRecord::processing_elements, "unit", "processing elements in use"},
    {"tiles", &ChipRecord::tiles, "tile", "tiles in use"},
    {"elapsed_fs", &ChipRecord::elapsed_fs, "fs", "from the start of the run to the last logit"},
}};

inline constexpr std::array<CountField<cost::ChipInventory>, 20> kInventoryFields = {{
    {"tiles", &cost::ChipInventory::tiles, "tile", "tiles of the chip, dark ones too"},
    {"processing_elements", &cost::ChipInventory::processing_elements, "unit", "processing elements"},
    {"arrays", &cost::ChipInventory::arrays, "array", "crossbar arrays"},
    {"dac_rows", &cost::ChipInventory::dac_rows, "row", "row drivers"},
    {"cells", &cost::ChipInventory::cells, "cell", "memory cells, unit columns too"},
    {"sample_holds", &cost::ChipInventory::sample_holds, "unit", "sample-and-hold circuits"},
    {"shift_adders", &cost::ChipInventory::shift_adders, "unit", "shift-adders of the processing elements"},
    {"input_register_bytes", &cost::ChipInventory::input_register_bytes, "byte", "input registers"},
    {"output_register_bytes", &cost::ChipInventory::output_register_bytes, "byte", "output registers"},
    {"buffer_bytes", &cost::ChipInventory::buffer_bytes, "byte",
     "eDRAM of all tiles; 0: unlimited, without area"},
    {"buses", &cost::ChipInventory::buses, "bus", "tile buses"},
    {"routers", &cost::ChipInventory::routers, "router", "mesh routers"},
    {"host_links", &cost::ChipInventory::host_links, "link", "links to the host"},
    {"activation_units", &cost::ChipInventory::activation_units, "unit", "requantise-and-rectify units"},
    {"pool_units", &cost::ChipInventory::pool_units, "unit", "pooling units"},
    {"tile_adders", &cost::ChipInventory::tile_adders, "unit", "adders of the tiles"},
    {"tile_output_register_bytes", &cost::ChipInventory::tile_output_register_bytes, "byte",
     "output registers of the tiles"},
    {"index_bytes", &cost::ChipInventory::index_bytes, "byte",
     "index tables of packed or sorted arrays in use"},
    {"mask_bytes", &cost::ChipInventory::mask_bytes, "byte", "column masks (skip.empty_columns)"},
    {"zero_detector_digits", &cost::ChipInventory::zero_detector_digits, "bit",
     "digit bits that zero detectors see (skip.zero_planes)"},
}};

// Beside the fields above an inventory holds the converters by width.
static_assert(sizeof(cost::ChipInventory) ==
                  kInventoryFields.size() * sizeof(std::uint64_t) + sizeof(cost::WidthCounts),
              "a part of the chip is missing from kInventoryFields, or listed twice");

}  // namespace sliver::results
