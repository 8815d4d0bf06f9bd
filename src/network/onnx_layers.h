// ONNX layer nodes to draft nodes: attributes read, shapes checked, weights laid out as [output][row]. Pure
// functions of the node, the shape of its input map and its constants. What is not supported is refused
// naming the node. Internal to the importer.
#pragma once

#include "network/draft.h"
#include "network/onnx_importer.h"
#include "network/onnx_tensor.h"

namespace sliver::network {

/// Words like "3x32x32".
[[nodiscard]] std::string describe(const Shape& shape);

/// Convolution of a map with two spatial dimensions, or with one (then its height is 1).
[[nodiscard]] DraftNode conv_layer(const OnnxNode& node, const MapInput& input, Tensor weights,
                                   const Tensor* bias);
/// A linear layer whose weight of (output, row) is weights[row][output], or [output][row] where `transposed`.
/// `places`: stored place of each row in the input, empty where they are in order.
[[nodiscard]] DraftNode linear_layer(const OnnxNode& node, int features, Tensor weights, bool transposed,
                                     const std::vector<std::int32_t>& places);
/// Bias of `outputs` values, times `factor`: absent, one for all, or one an output.
[[nodiscard]] std::vector<float> read_bias(const OnnxNode& node, const Tensor* bias, std::int64_t outputs,
                                           float factor);
/// MaxPool or AveragePool.
[[nodiscard]] DraftNode pool_layer(const OnnxNode& node, const MapInput& input, bool average);
/// Average or largest value of all pixels, of each row (`width` only) or each column (`height` only).
[[nodiscard]] DraftNode global_pool_layer(const OnnxNode& node, const Shape& input, bool average, bool height,
                                          bool width);
/// Gain and shift of each channel.
void batch_norm(const OnnxNode& node, std::int64_t channels, const std::vector<const Tensor*>& parameters,
                std::vector<double>& gain, std::vector<double>& shift);
/// Zero padding of height and width, none of them negative: top, left, bottom, right.
[[nodiscard]] DraftNode pad_layer(const OnnxNode& node, const Shape& input,
                                  const std::vector<std::int64_t>& pads);
/// The result's extents, checked.
[[nodiscard]] Shape checked_shape(const OnnxNode& node, std::int64_t channels, std::int64_t height,
                                  std::int64_t width);

}  // namespace sliver::network
