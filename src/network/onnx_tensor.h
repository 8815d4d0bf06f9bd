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

/// Steps of dequantised constants: value = code * step, |code| < 2^bits.
struct TensorGrid {
    std::vector<float> steps;  ///< one for all, or one an index along `axis`
    std::size_t axis = 0;
    int bits = 8;
};

/// Range of codes.
struct CodeLimits {
    std::int64_t lowest = 0, highest = 0;
};

/// Where the data of tensors lie that are not in the model's own file; network/onnx_external.h.
class ExternalData;

struct Tensor {
    int type = 0;                        ///< onnx::TensorProto::DataType
    std::vector<std::int64_t> dims;      ///< empty: a scalar
    std::vector<float> reals;            ///< the values of a float type
    std::vector<std::int64_t> integers;  ///< the values of an integer type
    std::optional<TensorGrid> grid;      ///< of what DequantizeLinear or Quant made
    std::optional<CodeLimits> limits;    ///< of codes that were clipped to fewer than their type has

    [[nodiscard]] bool is_real() const;
    [[nodiscard]] std::size_t size() const { return is_real() ? reals.size() : integers.size(); }
};

/// Words like "64x3x3x3".
[[nodiscard]] std::string describe(const std::vector<std::int64_t>& dims);

/// `proto` in plain numbers. Refuses foreign types, sizes that do not match and NaN or infinite values.
/// `external` reads what lies in other files; null: refused.
[[nodiscard]] Tensor read_tensor(const onnx::TensorProto& proto, const std::string& file,
                                 ExternalData* external = nullptr);

/// True for an operator that constant_fold() can compute.
[[nodiscard]] bool can_fold(const std::string& op);

/// The value of `node` all of whose inputs are constants (nullptr where one is left out).
[[nodiscard]] Tensor constant_fold(const OnnxNode& node, const std::vector<const Tensor*>& inputs);

/// q = saturate(round_half_even(x / scale) + zero_point), as QuantizeLinear does.
[[nodiscard]] Tensor quantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs);

/// (q - zero_point) * scale, as DequantizeLinear does; remembers the steps.
[[nodiscard]] Tensor dequantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs);

/// The codes less their zero points times their scales, whatever the node is that says so. `axis`: along
/// which there are several scales.
[[nodiscard]] Tensor dequantized(const OnnxNode& node, const Tensor& codes, const Tensor& scale,
                                 const Tensor* zero, std::int64_t axis);

/// Codes that a type can hold; refuses types that are no codes of 8 bits.
[[nodiscard]] CodeLimits limits_of_type(const OnnxNode& node, int type);
/// Bits of the largest magnitude of a code less `zero`.
[[nodiscard]] int magnitude_bits(const CodeLimits& limits, std::int64_t zero);

/// QONNX and Brevitas: Quant and BipolarQuant of a constant.
[[nodiscard]] Tensor quant_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs);
[[nodiscard]] Tensor bipolar_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs);
/// Codes of a Quant node: from its bit width, and attributes signed and narrow. Refuses what is no whole
/// number of bits from 1 to 8, and other roundings than to the nearest even.
[[nodiscard]] CodeLimits quant_limits(const OnnxNode& node, const Tensor& bits, bool& is_signed);

}  // namespace sliver::network
