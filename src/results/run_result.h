// Everything a results folder says about one run, before it is priced: what ran, what it recorded, how well
// it did.
//
// Plain data with integers only; joules come from pricing.h, files from result_folder.h. Filled by the
// program, read back from stats.json by stats_reader.h, so that `sliver cost` and a fresh run go through the
// same code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/chip_config.h"
#include "results/arithmetic.h"
#include "results/run_record.h"

namespace sliver::results {

/// Version of the layout of stats.json; raised when a key changes its meaning.
constexpr std::uint64_t kStatsSchema = 4;

struct RunIdentity {
    std::string version;         ///< of Sliver
    std::string network;         ///< name
    std::string network_sha256;  ///< of its file
    std::string images;          ///< where they came from
    std::string images_sha256;   ///< of the input codes that the chip was given
    std::uint64_t seed = 0;
    std::string calibration;  ///< source of the calibration images; empty where none were needed
    std::uint64_t calibration_first = 0, calibration_count = 0;
};

struct Accuracy {
    std::uint64_t correct = 0, count = 0;
    [[nodiscard]] double top1() const { return static_cast<double>(correct) / static_cast<double>(count); }
};

/// Largest column sum of a layer by slice, least significant first, and the bits of a lossless converter for
/// it.
struct ColumnSums {
    std::vector<std::uint32_t> sums;
    std::vector<int> bits;
    [[nodiscard]] bool known() const { return !sums.empty(); }
};

/// The fullest column of a slice and sign of a layer against the range of its converter.
struct FullestColumn {
    std::uint64_t slice = 0;
    bool negative = false;    ///< on the arrays of negative weights
    std::uint64_t array = 0;  ///< of the layer
    std::uint64_t column = 0;
    std::uint64_t sum = 0, range = 0;  ///< its largest sum; the largest sum that is not cut
};

/// What is known of a layer's columns beyond the chip's own record.
struct LayerColumns {
    ColumnSums worst_case;                          ///< every input digit at its highest value
    ColumnSums calibration;                         ///< `profiled` only: on the calibration images
    ColumnSums seen;                                ///< on all images, the chip's and those behind them
    std::vector<std::uint64_t> functional_clipped;  ///< by slice, over all these images
    std::vector<FullestColumn> fullest;             ///< what the widths guarantee, by slice and sign
};

struct RunResult {
    RunIdentity identity;
    config::ChipConfig chip;  ///< resolved
    std::string chip_yaml;    ///< the same as a file; what config_hash() covers
    std::optional<Accuracy> accuracy;
    std::uint64_t functional_images =
        0;              ///< classified; the first of them by the chip, the others by the functional engine
    ChipRecord record;  ///< its logits are not part of stats.json
    std::vector<LayerColumns> columns;  ///< a layer
    Arithmetic arithmetic;
    bool lossless = false;  ///< no input can be cut or rounded; else `fullest` holds for calibration images
    std::map<std::string, std::pair<double, double>>
        activation_ranges;  ///< by map; empty: the network brings its own
};

/// SHA-256 over the resolved configuration and the digest of the network's file.
std::string config_hash(const RunResult& result);

/// The chip with the widths that its policy found written down as fixed tables.
config::ChipConfig fixed_chip(const RunResult& result);

/// The entry of all layers with the least room: its layer and itself; nothing where none is known.
struct TightestColumn {
    std::size_t layer = 0;
    FullestColumn column;
};
std::optional<TightestColumn> tightest_column(const RunResult& result);

/// Array cycle of the chip in femtoseconds.
std::uint64_t cycle_fs(const config::ChipConfig& chip);

constexpr double kFemtosecondsPerSecond = 1e15;
inline double seconds(std::uint64_t femtoseconds) {
    return static_cast<double>(femtoseconds) / kFemtosecondsPerSecond;
}

/// Actions of all layers and of the shared parts.
cost::Actions total_actions(const ChipRecord& record);

/// Largest entry by slice over all layers; empty where any layer has none. For ADC widths and bits needed.
std::vector<int> widest_by_slice(const std::vector<std::vector<int>>& layers);

}  // namespace sliver::results
