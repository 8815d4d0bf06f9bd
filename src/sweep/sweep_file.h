// A design space in a YAML file: what is fixed, what varies, what is wanted.
//
//     name: adc-sharing
//     fixed:                       # the same at every point
//       chip: isaac
//       network: vgg11-fashion-bitslice
//     axes:                        # the last varies fastest
//       adc: [worst-case, 6]
//       array.rows, array.columns: {from: 64, to: 256, times: 2}
//       adc.law: [isaac, neurosim-sar]
//     scenarios: [adc.law]         # axes that are assumptions, not choices
//     constraints: [area_mm2 < 90]
//     objectives: [energy_per_image_j, max top1]
//
// Keys of `fixed` and `axes` are settings (kSettings) or keys of a chip file. This file knows words and texts
// only: whether a value suits a chip is asked when a point is resolved (cli/sweep_plan.h). docs/sweeps.md
// explains all keys. InputError FILE:LINE:COLUMN for whatever is wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/metrics.h"

namespace sliver::sweep {

/// What a sweep may set beside the keys of a chip: options of `sliver run` of the same names.
inline constexpr std::array<std::string_view, 11> kSettings = {
    "chip",      "network", "adc",   "images",           "labels",         "logits",
    "calibrate", "seed",    "count", "functional_count", "calibrate_count"};

/// `value` as YAML text: "64 KiB", "[3, 3, 3, 1]".
struct Assignment {
    std::string key, value;
    std::string where;  ///< FILE:LINE:COLUMN of the value
};

struct AxisValue {
    std::string label;
    std::vector<Assignment> set;
    std::string where;
};

/// A range without steps: only sampled sweeps can take values of it.
struct ContinuousRange {
    double from = 0, to = 0;
    bool whole = false;        ///< both ends were written as whole numbers: so are the values
    bool logarithmic = false;  ///< equal shares of the logarithm
    std::string unit;          ///< behind the number; may be empty
};

struct Axis {
    std::string name;
    std::string where;
    std::vector<std::string> keys;  ///< that a plain value is given to; empty where values are mappings
    std::vector<AxisValue> values;  ///< empty: `range`
    std::optional<ContinuousRange> range;
    /// Nobody chooses its value (a cost law, a device's spread): points compete only within one.
    bool scenario = false;

    /// The value at `share` of the range, from 0 to below 1.
    [[nodiscard]] AxisValue at(double share) const;
};

enum class Sampling { grid, random, latin_hypercube };

struct SweepFile {
    std::string name, summary;
    std::vector<Assignment> fixed;
    std::vector<Axis> axes;
    Sampling sampling = Sampling::grid;
    std::uint64_t samples = 0, sample_seed = 1;  ///< not for a grid
    std::vector<Constraint> constraints;
    std::vector<Objective> objectives;  ///< 1 to 4
    /// Label of every axis, in their order; empty: none was named.
    std::vector<std::string> baseline;
};

SweepFile parse_sweep(std::string_view text, const std::string& filename);

}  // namespace sliver::sweep
