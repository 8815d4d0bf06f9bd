// The integer operations around the matrix products, one definition for everyone: the golden executor, the
// functional engine and the chip's post-processing unit call these, so that they cannot disagree.
//
// All maps are vectors of codes, channel-major (Shape). Rounding is half to even, as ONNX QuantizeLinear has
// it.
#pragma once

#include <cstdint>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

/// round_half_even(value / 2^shift); a negative shift multiplies. Exact for |result| < 2^62; beyond, +-2^62.
std::int64_t shift_round(std::int64_t value, int shift);

/// round_half_even(value / divisor), divisor > 0.
std::int64_t divide_round(std::int64_t value, std::int64_t divisor);

/// round_half_even(value * by.multiplier / 2^by.shift), exact; results beyond +-2^62 are that.
std::int64_t rescale_round(std::int64_t value, const Rescale& by);

/// Whether it takes a multiplier: powers of two (and 0) are shifts.
[[nodiscard]] inline bool multiplies(const Rescale& by) {
    return (by.multiplier & (by.multiplier - 1)) != 0;
}

/// What the post-processor does for one value of a node: 0 where it does nothing of the kind.
struct ValueWork {
    std::uint64_t activations = 0, comparisons = 0, additions = 0, look_ups = 0, multiplications = 0;
};
/// Of channel `channel` of the node, whose inputs have `input_channels` channels. A matrix: its bias and
/// what requantises it. Nothing for what only moves values.
ValueWork work_of_value(const Node& node, int channel, const std::vector<int>& input_channels);

/// Codes that the node's map can have: the format's, or narrower by ReLU, Clip or what the file says.
struct Limits {
    std::int32_t lowest = 0, highest = 0;
};
Limits code_limits(const Node& node);

/// Accumulator (without bias) of output `channel` of matrix node `node` to the code of its output map: adds
/// the bias, ReLU where fused, and unless the map is wide: requantises, saturates. Wide values must fit 32
/// bits (quantise() sees to it); std::overflow_error otherwise. `input_exponent` is the exponent of the
/// node's input map.
std::int32_t finish_accumulator(const Node& node, int input_exponent, int channel, std::int64_t accumulator);

/// A whole node that is not a matrix. `inputs` are the maps of node.inputs, `input_nodes` the nodes
/// themselves. Returns the node's map. Max pool, flatten and gather keep the codes' format, all others round
/// to node.format. A wide add leaves the aligned sum, a wide average pool the sum of its window.
std::vector<std::int32_t> apply_digital(const Node& node, const std::vector<const Node*>& input_nodes,
                                        const std::vector<const std::vector<std::int32_t>*>& inputs);

/// One value of a digital node at (channel, y, x): what apply_digital() puts there.
std::int32_t apply_digital_at(const Node& node, const std::vector<const Node*>& input_nodes,
                              const std::vector<const std::vector<std::int32_t>*>& inputs, int channel, int y,
                              int x);

/// The rows of one window of a matrix node: `out[row]` for row = (channel, ky, kx), the input's zero point in
/// the padding.
/// `out` has node.weights.rows places. The window's top left corner is (y * stride_y - pad_top, x * stride_x
/// - pad_left).
void gather_window(const Node& node, const Node& input_node, const std::int32_t* input, int y, int x,
                   std::int32_t* out);

}  // namespace sliver::network
