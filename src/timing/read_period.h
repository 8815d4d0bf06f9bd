// T_read of one processing element: how long an input digit occupies its arrays and converters
// (docs/time.md: Read, Bank, Parts).
//
// One plane is worked off as the sequencer does it, reads in the order in which they are driven, bursts first
// come first served; all planes take as long, because a plane ends when its last burst does. Integer
// femtoseconds. The chip's processing elements call sweeps_of() for the times of their converters and work
// the rest off event by event; the closed forms call all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/chip_config.h"
#include "mapping/layer_mapping.h"

namespace sliver::timing {

/// Columns of an array that its converters visit.
struct VisitedColumns {
    std::vector<int> by_slice;
    int unused = 0;  ///< that hold no weights
};
/// All columns of an array that holds `runs`.
VisitedColumns every_column(const config::ChipConfig& chip, const std::vector<mapping::ColumnRun>& runs);

/// Time to convert the columns of each slice of an array once, at that slice's width in `bits`; the columns
/// that hold nothing are charged to the slice they are swept with (mapping::sweeping_slice).
std::vector<std::uint64_t> sweeps_of(const config::ChipConfig& chip, const std::vector<int>& bits,
                                     const VisitedColumns& columns);

/// Bursts of an array: by slice of the array in a bank, else a single one.
std::vector<std::uint64_t> bursts_of(const config::ChipConfig& chip, const std::vector<int>& bits,
                                     const VisitedColumns& columns);

struct ReadArray {
    int group = 0;  ///< arrays of one group share a converter or bank
    int parts = 1;
    const std::vector<std::uint64_t>* bursts = nullptr;
    int first_unit = 0;  ///< converter of the bank that takes the first burst
};

std::uint64_t read_period_fs(const std::vector<ReadArray>& arrays, std::uint64_t cycle_fs);

}  // namespace sliver::timing
