// What the slices of a network ask of the converters: the largest column sum there can be and the bits of the
// narrowest lossless ADC for it, by layer and slice. No images are needed: every input digit counts as if it
// were at its highest. Called by the slice study.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/chip_config.h"
#include "network/quantised_network.h"

namespace sliver::study {

/// One matrix layer. Lists are by slice, 0 least significant.
struct LayerColumns {
    std::vector<std::uint32_t> largest_sums;
    std::vector<int> bits;
    std::uint64_t conversions = 0;  ///< of one image, in each slice
};

/// One entry a matrix layer, in the network's order. InputError where the chip cannot hold the layer's
/// slices.
std::vector<LayerColumns> worst_case_columns(const network::QuantisedNetwork& network,
                                             const config::ChipConfig& chip);

/// Mean over all conversions of one image; 0 for a network without layers.
double mean_bits(const std::vector<LayerColumns>& layers);
/// The widest converter of each slice over the layers.
std::vector<int> widest_bits(const std::vector<LayerColumns>& layers);

}  // namespace sliver::study
