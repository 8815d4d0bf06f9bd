// A run small enough to price by hand: one image, two layers, unit energies that are round numbers of
// picojoules.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/chip_config_loader.h"
#include "results/run_result.h"

namespace results_sample {

/// Every unit energy but the converter's; the `isaac` law has 1.5625 pJ at 8 bits and 32 nm.
inline const std::string kChip = R"(
name: sample
cost:
  accounting: used
  energy_overrides:
    row_drive_j: 1 pJ
    cell_read_j: 0.002 pJ
    sample_j: 0.01 pJ
    input_register_access_j: 5 pJ
    output_register_access_j: 3 pJ
    shift_add_j: 0.1 pJ
    buffer_read_byte_j: 2 pJ
    buffer_write_byte_j: 4 pJ
    bus_byte_j: 0.5 pJ
    flit_hop_j: 7 pJ
    host_byte_j: 11 pJ
    activation_j: 0.25 pJ
    pool_j: 0.125 pJ
    add_j: 0.75 pJ
    tile_output_register_byte_j: 0.375 pJ
    index_lookup_j: 1.5 pJ
)";

inline sliver::results::LayerRecord first_layer() {
    sliver::results::LayerRecord layer;
    layer.name = "conv, \"first\"";
    layer.kind = "convolution";
    layer.rows = 9;
    layer.outputs = 4;
    layer.windows = 5;
    layer.planes = 2;
    layer.copies = 1;
    layer.crossbars = 1;
    layer.tiles = 1;
    layer.macs = 180;
    layer.adc_bits = {8, 8, 8, 8};
    layer.negative_adc_bits = {8, 7, 8, 8};
    layer.adc_drops = {2, 0, 0, 0};
    layer.crossbars_by_parts = {0, 1};
    layer.conversions = {160, 160, 160, 160};
    layer.clipped = {3, 2, 0, 0};
    layer.first_start_fs = 0;
    layer.last_start_fs = 400'000'000;
    layer.done_fs = 650'000'000;
    layer.interval_fs = 1'000'000'000;
    layer.busy_fs = 1'000'000'000;
    layer.waited_input_fs = 7;
    layer.waited_output_fs = 11;
    layer.adc_busy_fs = 800'000'000;
    layer.adc_wait_fs = 13;
    layer.adcs = 2;
    layer.adcs_by_slice = {1, 1, 1, 1};
    layer.adc_busy_by_slice_fs = {500'000'000, 100'000'000, 100'000'000, 100'000'000};
    layer.room_waits = 1;
    layer.peak_buffer_bytes = 64;
    sliver::cost::Actions& a = layer.actions;
    a.crossbar_reads = 10;
    a.windows = 5;
    a.conversions_all[8] = 1280;
    a.conversions_used[8] = 640;
    a.clipped = 5;
    a.cells_whole = 163840;
    a.cells_used = 4500;
    a.cells_driven = 2000;
    a.conducting_cells = 1500;
    a.cells_by_level = {500, 800, 400, 300};
    a.row_drives_whole = 1280;
    a.row_drives_used = 90;
    a.row_drives_driven = 40;
    a.samples_whole = 1280;
    a.samples_used = 640;
    a.shift_adds_whole = 1280;
    a.shift_adds_used = 640;
    a.input_register_accesses = 10;
    a.output_register_accesses = 10;
    a.buffer_bytes_read = 45;
    a.buffer_bytes_written = 25;
    a.bus_bytes = 60;
    a.flit_hops = 6;
    a.activation_ops = 20;
    a.pool_ops = 16;
    a.add_ops = 40;
    a.output_register_bytes = 24;
    a.index_lookups = 8;
    return layer;
}

/// adc 1000, dac 90, crossbar 9, sample_hold 6.4, input_register 50, output_register 30, shift_add 64 + 30,
/// buffer 90 + 100, bus 30, router 42, activation 5, pooling 2, tile_output_register 9, host_link 0,
/// index_table 12.
constexpr double kFirstLayerPj = 1000 + 90 + 9 + 6.4 + 50 + 30 + 94 + 190 + 30 + 42 + 5 + 2 + 9 + 12;

inline sliver::results::LayerRecord second_layer() {
    sliver::results::LayerRecord layer;
    layer.name = "fc";
    layer.kind = "linear";
    layer.rows = 4;
    layer.outputs = 2;
    layer.windows = 1;
    layer.planes = 2;
    layer.crossbars = 2;
    layer.tiles = 1;
    layer.macs = 8;
    layer.adc_bits = {8, 8, 8, 8};
    layer.adc_drops = {0, 0, 0, 0};
    layer.crossbars_by_parts = {2};
    layer.adcs_by_slice = {0, 0, 0, 0};
    layer.adc_busy_by_slice_fs = {0, 0, 0, 0};
    layer.conversions = {16, 16, 16, 16};
    layer.clipped = {0, 0, 0, 0};
    layer.first_start_fs = 650'000'000;
    layer.last_start_fs = 650'000'000;
    // Not a whole number of 100 ns cycles.
    layer.done_fs = 925'000'000;
    layer.interval_fs = 200'000'000;
    layer.actions.crossbar_reads = 2;
    layer.actions.windows = 1;
    layer.actions.conversions_all[8] = 256;
    layer.actions.conversions_used[8] = 64;
    layer.actions.samples_whole = 256;
    layer.actions.samples_used = 64;
    return layer;
}

/// adc 100, sample_hold 0.64.
constexpr double kSecondLayerPj = 100.64;
/// router 14, host_link 220.
constexpr double kSharedPj = 234;
/// Two host links of 2.6 W, for 2 us.
constexpr double kStaticUj = 10.4;
/// These, and 100 bytes of index tables.
constexpr double kAreaMm2 = 2 * 5.72 + 100 * 0.0021 / 2048;

inline sliver::results::RunResult sample() {
    using namespace sliver;
    results::RunResult result;
    result.chip = config::parse_chip(kChip, "sample");
    result.chip_yaml = config::to_yaml(result.chip);
    result.identity.version = "0.0.0";
    result.identity.network = "net";
    result.identity.network_sha256 = std::string(64, 'a');
    result.identity.images = "images.npy";
    result.identity.images_sha256 = std::string(64, 'b');
    result.identity.seed = 7;
    result.identity.calibration = "train.npy";
    result.identity.calibration_first = 3;
    result.identity.calibration_count = 5;
    result.accuracy = results::Accuracy{3, 4};
    result.functional_images = 4;
    results::ChipRecord& record = result.record;
    record.images = 1;
    record.layers = {first_layer(), second_layer()};
    record.shared.flit_hops = 2;
    record.shared.host_bytes = 20;
    record.mesh = {3, 4, 1, 5};
    record.inventory.tiles = 1;
    record.inventory.arrays = 8;
    record.inventory.host_links = 2;
    record.inventory.index_bytes = 100;
    record.crossbars = 3;
    record.crossbars_unpacked = 5;
    record.processing_elements = 2;
    record.tiles = 2;
    record.logits = {5, -5};
    record.injected_fs = {100'000'000};
    record.completed_fs = {1'000'000'000};
    record.elapsed_fs = 2'000'000'000;
    // Four gaps of 1 us that repeat; latencies of 1 to 1.3 us in the stream.
    record.steady = {900'000'000,
                     6,
                     2,
                     4,
                     1,
                     4'000'000'000,
                     0,
                     4'600'000'000,
                     1'300'000'000,
                     {{"array stage", "conv \"1\", copy 0 on tile 0", 1'000'000'000},
                      {"mesh link", "router 0 east", 250'000'000}}};
    results::LayerColumns first;
    first.worst_case = {{100, 90, 15, 3}, {7, 7, 4, 2}};
    first.calibration = {{60, 50, 7, 1}, {6, 6, 3, 1}};
    first.seen = {{64, 51, 8, 1}, {7, 6, 4, 1}};
    first.functional_clipped = {12, 8, 0, 0};
    first.fullest = {{0, false, 0, 3, 300, 255}, {3, true, 0, 15, 9, 255}};
    results::LayerColumns second;
    second.worst_case = {{10, 9, 5, 3}, {4, 4, 3, 2}};
    second.functional_clipped = {0, 0, 0, 0};
    result.columns = {first, second};
    result.activation_ranges["image"] = {-1.5, 2.25};
    return result;
}

/// `conversions`: how many there were of each sum, the sums rising.
inline sliver::results::ColumnHistogram histogram(
    std::uint64_t slice, bool negative, std::uint64_t range,
    const std::vector<std::pair<std::size_t, std::uint64_t>>& conversions) {
    sliver::results::ColumnHistogram made{slice, negative, range, {}};
    for (const auto& [sum, count] : conversions) {
        made.counts.resize(sum + 1, 0);
        made.counts[sum] = count;
    }
    return made;
}

/// sample() with the sums of its conversions. The first slice's step is 4: 255 * 4 and 1 that is rounded
/// down.
inline sliver::results::RunResult counted_sample() {
    sliver::results::RunResult result = sample();
    result.record.layers[0].column_sums = {histogram(0, false, 1021, {{0, 70}, {5, 7}, {1030, 3}}),
                                           histogram(0, true, 1021, {{0, 40}, {1021, 40}}),
                                           histogram(1, false, 255, {{0, 60}, {9, 18}, {256, 2}}),
                                           histogram(1, true, 127, {{0, 79}, {127, 1}}),
                                           histogram(2, false, 255, {{0, 80}}),
                                           histogram(2, true, 255, {{0, 50}, {1, 30}}),
                                           histogram(3, false, 255, {{1, 80}}),
                                           histogram(3, true, 255, {{0, 79}, {3, 1}})};
    for (std::uint64_t slice = 0; slice < 4; ++slice)
        result.record.layers[1].column_sums.push_back(histogram(slice, false, 255, {{0, 10}, {2, 6}}));
    return result;
}

}  // namespace results_sample
