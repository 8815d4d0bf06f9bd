// A constant of an ONNX graph in plain numbers, and the arithmetic on constants that exporters leave in a
// graph.
//
// Reads float, double, float16, bool and the integer types from raw_data or the typed fields. Sizes are
// checked against the bytes that are there before anything is allocated. Internal to the importer; errors are
// InputErrors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "network/onnx_node.h"

namespace sliver::network {

struct Tensor {
    int type = 0;                        ///< onnx::TensorProto::DataType
    std::vector<std::int64_t> dims;      ///< empty: a scalar
    std::vector<float> reals;            ///< the values of a float type
    std::vector<std::int64_t> integers;  ///< the values of an integer type
    /// log2 of the step of dequantised constants, where it is a power of two.
    std::optional<int> grid_exponent;

    [[nodiscard]] bool is_real() const;
    [[nodiscard]] std::size_t size() const { return is_real() ? reals.size() : integers.size(); }
};

/// Words like "64x3x3x3".
[[nodiscard]] std::string describe(const std::vector<std::int64_t>& dims);

/// `proto` in plain numbers. Refuses external data, foreign types, sizes that do not match and NaN or
/// infinite values.
[[nodiscard]] Tensor read_tensor(const onnx::TensorProto& proto, const std::string& file);

/// True for an operator that constant_fold() can compute.
[[nodiscard]] bool can_fold(const std::string& op);

/// The value of `node` all of whose inputs are constants (nullptr where one is left out).
[[nodiscard]] Tensor constant_fold(const OnnxNode& node, const std::vector<const Tensor*>& inputs);

/// q = saturate(round_half_even(x / scale) + zero_point), as QuantizeLinear does.
[[nodiscard]] Tensor quantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs);

/// (q - zero_point) * scale, as DequantizeLinear does; remembers a power-of-two step.
[[nodiscard]] Tensor dequantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs);

}  // namespace sliver::network
