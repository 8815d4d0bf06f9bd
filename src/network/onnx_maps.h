// Operators on values that are maps already, whatever node they come from: shared by the float operators and
// by their quantised forms. Internal to the importer.
#pragma once

#include "network/onnx_importer.h"

namespace sliver::network {

/// A map of a draft node and how it is looked at.
struct MapValue {
    NodeId node = 0;
    View view;
};

[[nodiscard]] MapValue convolved(Importer& in, const OnnxNode& node, const OnnxValue& value, Tensor weights,
                                 const Tensor* bias);
/// Along the last dimension. `factor` of the bias; `alpha` of the weights.
[[nodiscard]] MapValue multiplied(Importer& in, const OnnxNode& node, const OnnxValue& value, Tensor weights,
                                  bool transposed, const Tensor* bias, float alpha = 1, float beta = 1);
[[nodiscard]] MapValue added(Importer& in, const OnnxNode& node, const OnnxValue& a, const OnnxValue& b);
[[nodiscard]] MapValue product(Importer& in, const OnnxNode& node, const OnnxValue& a, const OnnxValue& b);
[[nodiscard]] MapValue joined(Importer& in, const OnnxNode& node, const std::vector<OnnxValue>& values,
                              std::int64_t axis);
/// GlobalAveragePool or GlobalMaxPool over everything behind the channels.
[[nodiscard]] MapValue pooled_over_all(Importer& in, const OnnxNode& node, const OnnxValue& value,
                                       bool average);
/// The function that an operator of one input computes.
[[nodiscard]] std::vector<Function> function_of(Importer& in, const OnnxNode& node, const std::string& op);

}  // namespace sliver::network
