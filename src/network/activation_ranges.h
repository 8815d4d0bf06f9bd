// Ranges of the activation maps, measured on images ("calibration") and kept with a result.
//
// A range is the lowest and highest value a float network's map takes over the calibration images, ReLU
// included where it is fused. quantise() turns ranges into formats.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network/float_network.h"

namespace sliver::network {

struct Range {
    double lowest = 0;
    double highest = 0;
    [[nodiscard]] double largest_magnitude() const { return highest > -lowest ? highest : -lowest; }
};

/// By node name; only nodes whose format has to be chosen, see needs_range().
using ActivationRanges = std::map<std::string, Range>;

/// True for a node whose format neither the file fixes nor its input passes on.
[[nodiscard]] bool needs_range(const FloatNode& node);
/// True where quantise() needs ranges for `network` at all.
[[nodiscard]] bool needs_calibration(const FloatNetwork& network);

/// Ranges for questions that do not depend on what activations are (room, arrays): as wide as independent
/// inputs of unit power would make them, from the weights alone, without running anything.
[[nodiscard]] ActivationRanges stand_in_ranges(const FloatNetwork& network);

/// Runs the float network on images 0..count-1; `image(i)` gives network.input_shape() values and is called
/// from one thread or several (`threads`, 0: one a processor). The result does not depend on their number.
/// InputError without images.
[[nodiscard]] ActivationRanges calibrate(const FloatNetwork& network, std::size_t count,
                                         const std::function<std::vector<float>(std::size_t)>& image,
                                         unsigned threads = 0);

}  // namespace sliver::network
