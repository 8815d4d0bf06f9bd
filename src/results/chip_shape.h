// The numbers of a chip's parts, as its configuration has them before anything lies on it: what the inventory
// is made from.
//
// Converters all have the configured width, and as many share an array as its bank asks for. Called by the
// chip and by the closed forms, which put right the converters of arrays in use.
#pragma once

#include "config/chip_config.h"
#include "cost/inventory.h"

namespace sliver::results {

cost::ChipShape chip_shape(const config::ChipConfig& chip);

}  // namespace sliver::results
