// The stages of a window beside its digit planes (ISAAC's pipeline; docs/time.md): one constant each, for the
// chip and the closed forms.
#pragma once

#include <cstdint>

#include "config/chip_config.h"

namespace sliver::timing {

constexpr int kLoadCycles = 1;  ///< eDRAM read and input register, before the first plane
constexpr int kAdcCycles = 1;   ///< the last plane is converted one cycle after it was driven
constexpr int kTileCycles = 2;  ///< activation, eDRAM write

struct Pipeline {
    std::uint64_t cycle_fs = 0;  ///< array cycle
    int unit_overhead_cycles =
        2;  ///< after the last burst in the processing element: shift-add, output register
};

/// InputError when `pipeline.overhead_cycles` is shorter than load, ADC and the tile's two stages.
Pipeline pipeline_of(const config::ChipConfig& chip);

}  // namespace sliver::timing
