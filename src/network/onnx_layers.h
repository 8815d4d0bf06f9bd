// ONNX layer nodes to draft nodes: attributes read, shapes checked, weights laid out as [output][row]. Pure
// functions of the node, the shape of its input map and its constants. What is not supported is refused
// naming the node. Internal to the importer.
#pragma once

#include "network/draft.h"
#include "network/onnx_tensor.h"

namespace sliver::network {

/// Words like "3x32x32".
[[nodiscard]] std::string describe(const Shape& shape);

[[nodiscard]] DraftNode conv_layer(const OnnxNode& node, const Shape& input, Tensor weights,
                                   const Tensor* bias);
/// Gemm; `bias` may be null.
[[nodiscard]] DraftNode gemm_layer(const OnnxNode& node, const Shape& input, Tensor weights,
                                   const Tensor* bias);
[[nodiscard]] DraftNode matmul_layer(const OnnxNode& node, const Shape& input, Tensor weights);
/// MaxPool or AveragePool.
[[nodiscard]] DraftNode pool_layer(const OnnxNode& node, const Shape& input);
/// GlobalAveragePool, or ReduceMean over height and width.
[[nodiscard]] DraftNode global_average_layer(const OnnxNode& node, const Shape& input);
[[nodiscard]] DraftNode batch_norm_layer(const OnnxNode& node, const Shape& input, const Tensor& gain,
                                         const Tensor& offset, const Tensor& mean, const Tensor& variance);
/// Addition of a constant with one value, or one a channel; `rank` is the map's, batch included.
[[nodiscard]] DraftNode bias_layer(const OnnxNode& node, const Shape& input, int rank, const Tensor& bias);
/// Zero padding of height and width; `pads` as ONNX orders them: all starts, then all ends.
[[nodiscard]] DraftNode pad_layer(const OnnxNode& node, const Shape& input,
                                  const std::vector<std::int64_t>& pads);

}  // namespace sliver::network
