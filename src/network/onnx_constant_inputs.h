// Access to the constants a node computes with, checked: shared by the files that fold constants. Internal to
// the importer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "network/onnx_tensor.h"

namespace sliver::network {

using Dims = std::vector<std::int64_t>;
using Inputs = std::vector<const Tensor*>;

/// No tensor of a file has more values (onnx_tensor.h).
constexpr std::size_t kMostValues = std::size_t{1} << 31;

/// Values in a tensor of `dims`; refuses more than kMostValues.
[[nodiscard]] std::size_t volume(const OnnxNode& node, const Dims& dims);
[[nodiscard]] const Tensor& need(const OnnxNode& node, const Inputs& inputs, std::size_t index);
[[nodiscard]] const Dims& need_integers(const OnnxNode& node, const Inputs& inputs, std::size_t index);
/// The same for dimensions or axes: kMostDimensions at most.
[[nodiscard]] const Dims& need_list(const OnnxNode& node, const Inputs& inputs, std::size_t index);
/// `axis`, counted from the end where negative, within a constant of `rank`.
[[nodiscard]] std::size_t checked_axis(const OnnxNode& node, std::int64_t axis, std::size_t rank);

/// Operators of onnx_constant_arithmetic.cpp.
[[nodiscard]] bool can_compute(const std::string& op);
[[nodiscard]] Tensor computed_constant(const OnnxNode& node, const Inputs& inputs);

}  // namespace sliver::network
