// T_read of one processing element: how long an input digit occupies its arrays and converters
// (docs/time.md: Read, Bank, Parts).
//
// One plane is worked off as the sequencer does it, reads in the order in which they are driven, bursts first
// come first served; all planes take as long, because a plane ends when its last burst does. Integer
// femtoseconds. Called by closed_form.h.
#pragma once

#include <cstdint>
#include <vector>

#include "config/chip_config.h"

namespace sliver::estimate {

/// Seconds to femtoseconds, rounded as the chip's kernel has them.
std::uint64_t femtoseconds(double seconds);

/// Bursts of an array: by slice of the array in a bank, else a single one.
std::vector<std::uint64_t> bursts_of(const config::ChipConfig& chip, const std::vector<int>& bits,
                                     int outputs);

struct ReadArray {
    int group = 0;  ///< arrays of one group share a converter or bank
    int parts = 1;
    const std::vector<std::uint64_t>* bursts = nullptr;
    int first_unit = 0;  ///< converter of the bank that takes the first burst
};

std::uint64_t read_period_fs(const std::vector<ReadArray>& arrays, std::uint64_t cycle_fs);

}  // namespace sliver::estimate
