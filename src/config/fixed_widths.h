// A chip whose converters are written down: what a policy found, as fixed tables. Such a file runs again with
// the very same converters. Called by mapping (for a network being mapped) and results (for a finished run).
#pragma once

#include <string>
#include <vector>

#include "config/chip_config.h"

namespace sliver::config {

/// Converters of one layer, by slice.
struct FixedLayerWidths {
    std::string layer;
    std::vector<int> bits;
    std::vector<int> negative_bits;  ///< empty: as `bits`
    std::vector<int> drops;          ///< empty, or zeros: none
};

/// `chip` under policy `fixed` with a table for every layer; its other keys stay, adc.overflow too.
ChipConfig with_fixed_widths(const ChipConfig& chip, const std::vector<FixedLayerWidths>& layers);

}  // namespace sliver::config
