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

/// Accumulator (without bias) of output `channel` of matrix node `node` to the code of its output map: adds
/// the bias, ReLU where fused, and unless the node is the network's output: requantises, saturates. The
/// output's logits must fit 32 bits (quantise() sees to it); std::overflow_error otherwise. `input_exponent`
/// is the exponent of the node's input map.
std::int32_t finish_accumulator(const Node& node, int input_exponent, int channel, std::int64_t accumulator);

/// A whole node that is not a matrix: pools, add, relu, flatten. `inputs` are the maps of node.inputs,
/// `input_nodes` the nodes themselves. Returns the node's map. Max pool and flatten keep the codes' format.
/// Average pool, relu and add round to node.format: for the first two its exponent is the input's unless the
/// network's file fixes another step. An add that is the network's output leaves the aligned sum.
std::vector<std::int32_t> apply_digital(const Node& node, const std::vector<const Node*>& input_nodes,
                                        const std::vector<const std::vector<std::int32_t>*>& inputs);

/// One value of a digital node at (channel, y, x): what apply_digital() puts there.
std::int32_t apply_digital_at(const Node& node, const std::vector<const Node*>& input_nodes,
                              const std::vector<const std::vector<std::int32_t>*>& inputs, int channel, int y,
                              int x);

/// The rows of one window of a matrix node: `out[row]` for row = (channel, ky, kx), zero in the padding.
/// `out` has node.weights.rows places. The window's top left corner is (y * stride_y - pad_top, x * stride_x
/// - pad_left).
void gather_window(const Node& node, const Shape& input_shape, const std::int32_t* input, int y, int x,
                   std::int32_t* out);

}  // namespace sliver::network
