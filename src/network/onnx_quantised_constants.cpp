// QuantizeLinear and DequantizeLinear on constants, see network/onnx_tensor.h: one scale for all values or
// one an index along an axis.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "network/onnx_constant_inputs.h"

namespace sliver::network {

namespace {

using onnx::TensorProto;

/// Scale and zero point of every value of a quantised constant: one for all, or one an index along `axis`.
struct QuantisedLayout {
    std::vector<float> scales;
    std::vector<std::int64_t> zero_points;
    std::size_t inner = 1;  ///< values in a row that share them
    std::size_t axis = 0;

    [[nodiscard]] std::size_t at(std::size_t index) const { return index / inner % scales.size(); }
};

QuantisedLayout layout_of(const OnnxNode& node, const Tensor& data, const Tensor& scale, const Tensor* zero,
                          std::int64_t axis) {
    if (!scale.is_real() || scale.size() == 0) node.fail("its scale must be a float");
    node.charge(data.size() + scale.size());
    QuantisedLayout layout;
    layout.scales = scale.reals;
    for (const float value : layout.scales)
        if (!(value > 0)) node.fail("scale {} must be positive", value);
    layout.zero_points.assign(layout.scales.size(), 0);
    if (zero != nullptr) {
        if (zero->is_real()) node.fail("its zero point must be an integer");
        if (zero->type != TensorProto::INT8 && zero->type != TensorProto::UINT8 &&
            zero->type != TensorProto::INT32)
            node.fail("its zero point is neither int8, uint8 nor int32");
        if (zero->size() == 1)
            layout.zero_points.assign(layout.scales.size(), zero->integers[0]);
        else
            layout.zero_points = zero->integers;
        if (layout.zero_points.size() != layout.scales.size())
            node.fail("{} scales but {} zero points", layout.scales.size(), layout.zero_points.size());
    }
    if (layout.scales.size() > 1) {
        if (scale.dims.size() > 1 && scale.dims.size() == data.dims.size() && node.op() != "Quant" &&
            node.integer("block_size", 0) != 0)
            node.fail(
                "has one scale a block of values, which is not supported; one for all, or one a channel");
        layout.axis = checked_axis(node, axis, data.dims.size());
        if (data.dims[layout.axis] != static_cast<std::int64_t>(layout.scales.size()))
            node.fail("{} scales for {} along axis {}", layout.scales.size(), data.dims[layout.axis], axis);
        layout.inner = volume(
            node, Dims(data.dims.begin() + static_cast<std::ptrdiff_t>(layout.axis) + 1, data.dims.end()));
    }
    return layout;
}

/// Of QuantizeLinear and DequantizeLinear.
QuantisedLayout layout_of(const OnnxNode& node, const Inputs& inputs) {
    return layout_of(node, need(node, inputs, 0), need(node, inputs, 1),
                     inputs.size() > 2 ? inputs[2] : nullptr, node.integer("axis", 1));
}

/// Of Quant and BipolarQuant: scales of shape (1), or (outputs, 1, ...), or with another axis that is not 1.
std::int64_t only_axis(const OnnxNode& node, const Tensor& data, const Tensor& scale) {
    std::int64_t axis = 0;
    int found = 0;
    for (std::size_t i = 0; i < scale.dims.size(); ++i)
        if (scale.dims[i] != 1) {
            axis = static_cast<std::int64_t>(i) - static_cast<std::int64_t>(scale.dims.size());
            ++found;
        }
    if (found > 1 || scale.dims.size() > data.dims.size())
        node.fail("has scales of shape {}; one for all, or one along an axis, is supported",
                  describe(scale.dims));
    return axis;
}

}  // namespace

CodeLimits limits_of_type(const OnnxNode& node, int type) {
    if (type == TensorProto::INT8) return {-128, 127};
    if (type == TensorProto::UINT8) return {0, 255};
    node.fail("has codes that are neither int8 nor uint8, which is not supported");
}

int magnitude_bits(const CodeLimits& limits, std::int64_t zero) {
    const std::int64_t largest = std::max(std::abs(limits.lowest - zero), std::abs(limits.highest - zero));
    int bits = 1;
    while (largest >> bits != 0) ++bits;
    return bits;
}

Tensor quantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    const Tensor& source = need(node, inputs, 0);
    if (!source.is_real()) node.fail("quantises something that is not a float");
    const QuantisedLayout layout = layout_of(node, inputs);
    Tensor result;
    result.type = inputs.size() > 2 && inputs[2] != nullptr
                      ? inputs[2]->type
                      : static_cast<int>(node.integer("output_dtype", TensorProto::UINT8));
    const CodeLimits limits = limits_of_type(node, result.type);
    result.dims = source.dims;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::size_t at = layout.at(i);
        const double code =
            std::nearbyint(source.reals[i] / layout.scales[at]) + static_cast<double>(layout.zero_points[at]);
        result.integers.push_back(static_cast<std::int64_t>(
            std::clamp(code, static_cast<double>(limits.lowest), static_cast<double>(limits.highest))));
    }
    return result;
}

Tensor dequantized(const OnnxNode& node, const Tensor& codes, const Tensor& scale, const Tensor* zero,
                   std::int64_t axis) {
    if (codes.type != TensorProto::INT8 && codes.type != TensorProto::UINT8 &&
        codes.type != TensorProto::INT32)
        node.fail("dequantises something that is neither int8, uint8 nor int32");
    const QuantisedLayout layout = layout_of(node, codes, scale, zero, axis);
    Tensor result;
    result.type = TensorProto::FLOAT;
    result.dims = codes.dims;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::size_t at = layout.at(i);
        const std::int64_t code = codes.integers[i] - layout.zero_points[at];
        result.reals.push_back(static_cast<float>(code) * layout.scales[at]);
        if (!std::isfinite(result.reals.back()))
            node.fail("{} times {} is not finite", code, layout.scales[at]);
    }
    if (codes.type != TensorProto::INT32) {
        const CodeLimits limits = codes.limits ? *codes.limits : limits_of_type(node, codes.type);
        result.grid = TensorGrid{layout.scales, layout.axis, 1};
        for (const std::int64_t at : layout.zero_points)
            result.grid->bits = std::max(result.grid->bits, magnitude_bits(limits, at));
        if (result.grid->bits > 8) result.grid.reset();
    }
    return result;
}

Tensor dequantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    return dequantized(node, need(node, inputs, 0), need(node, inputs, 1),
                       inputs.size() > 2 ? inputs[2] : nullptr, node.integer("axis", 1));
}

CodeLimits quant_limits(const OnnxNode& node, const Tensor& bits, bool& is_signed) {
    const double width = bits.size() != 1 ? 0
                         : bits.is_real() ? bits.reals[0]
                                          : static_cast<double>(bits.integers[0]);
    const auto whole = static_cast<int>(std::clamp(width, 0.0, 99.0));
    if (whole < 1 || whole > 8 || width > whole || width < whole)
        node.fail("quantises to {} bits; whole numbers from 1 to 8 are supported", width);
    const std::string rounding = node.text("rounding_mode", "ROUND");
    if (rounding != "ROUND") node.fail("has rounding_mode = {}; only ROUND is supported", rounding);
    is_signed = node.integer("signed", 1) != 0;
    const bool narrow = node.integer("narrow", 0) != 0;
    const std::int64_t half = std::int64_t{1} << (whole - 1);
    if (!is_signed) return {0, 2 * half - 1 - (narrow ? 1 : 0)};
    return {-half + (narrow ? 1 : 0), half - 1};
}

Tensor quant_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    const Tensor& source = need(node, inputs, 0);
    const Tensor& scale = need(node, inputs, 1);
    const Tensor& zero = need(node, inputs, 2);
    if (!source.is_real()) node.fail("quantises something that is not a float");
    bool is_signed = true;
    const CodeLimits limits = quant_limits(node, need(node, inputs, 3), is_signed);
    const QuantisedLayout layout = layout_of(node, source, scale, nullptr, only_axis(node, source, scale));
    for (const float value : zero.reals)
        if (value > 0 || value < 0)
            node.fail("has weights with the zero point {}; only 0 is supported", value);
    for (const std::int64_t value : zero.integers)
        if (value != 0) node.fail("has weights with the zero point {}; only 0 is supported", value);
    Tensor result;
    result.type = TensorProto::FLOAT;
    result.dims = source.dims;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const float step = layout.scales[layout.at(i)];
        const double code =
            std::clamp(std::nearbyint(double{source.reals[i] / step}), static_cast<double>(limits.lowest),
                       static_cast<double>(limits.highest));
        result.reals.push_back(static_cast<float>(code) * step);
        if (!std::isfinite(result.reals.back())) node.fail("{} times {} is not finite", code, step);
    }
    result.grid = TensorGrid{layout.scales, layout.axis, magnitude_bits(limits, 0)};
    return result;
}

Tensor bipolar_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    const Tensor& source = need(node, inputs, 0);
    const Tensor& scale = need(node, inputs, 1);
    if (!source.is_real()) node.fail("quantises something that is not a float");
    const QuantisedLayout layout = layout_of(node, source, scale, nullptr, only_axis(node, source, scale));
    Tensor result;
    result.type = TensorProto::FLOAT;
    result.dims = source.dims;
    for (std::size_t i = 0; i < source.size(); ++i)
        result.reals.push_back(source.reals[i] < 0 ? -layout.scales[layout.at(i)]
                                                   : layout.scales[layout.at(i)]);
    result.grid = TensorGrid{layout.scales, layout.axis, 1};
    return result;
}

}  // namespace sliver::network
