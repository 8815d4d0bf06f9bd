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

    [[nodiscard]] std::size_t at(std::size_t index) const { return index / inner % scales.size(); }
};

QuantisedLayout layout_of(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& data = need(node, inputs, 0);
    const Tensor& scale = need(node, inputs, 1);
    if (!scale.is_real() || scale.size() == 0) node.fail("its scale must be a float");
    node.charge(data.size() + scale.size());
    QuantisedLayout layout;
    layout.scales = scale.reals;
    for (const float value : layout.scales)
        if (!(value > 0)) node.fail("scale {} must be positive", value);
    layout.zero_points.assign(layout.scales.size(), 0);
    if (inputs.size() > 2 && inputs[2] != nullptr) {
        layout.zero_points = need_integers(node, inputs, 2);
        if (inputs[2]->type != TensorProto::INT8 && inputs[2]->type != TensorProto::UINT8 &&
            inputs[2]->type != TensorProto::INT32)
            node.fail("its zero point is neither int8, uint8 nor int32");
        if (layout.zero_points.size() != layout.scales.size())
            node.fail("{} scales but {} zero points", layout.scales.size(), layout.zero_points.size());
    }
    if (layout.scales.size() > 1) {
        const std::size_t axis = checked_axis(node, node.integer("axis", 1), data.dims.size());
        if (data.dims[axis] != static_cast<std::int64_t>(layout.scales.size()))
            node.fail("{} scales for {} along axis {}", layout.scales.size(), data.dims[axis], axis);
        layout.inner =
            volume(node, Dims(data.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.dims.end()));
    }
    return layout;
}

}  // namespace

Tensor quantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    const Tensor& source = need(node, inputs, 0);
    if (!source.is_real()) node.fail("quantises something that is not a float");
    const QuantisedLayout layout = layout_of(node, inputs);
    Tensor result;
    result.type = inputs.size() > 2 && inputs[2] != nullptr ? inputs[2]->type : TensorProto::UINT8;
    if (result.type != TensorProto::UINT8 && result.type != TensorProto::INT8)
        node.fail("quantises to something that is neither int8 nor uint8");
    const double lowest = result.type == TensorProto::INT8 ? -128 : 0;
    result.dims = source.dims;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::size_t at = layout.at(i);
        const double code =
            std::nearbyint(source.reals[i] / layout.scales[at]) + static_cast<double>(layout.zero_points[at]);
        result.integers.push_back(static_cast<std::int64_t>(std::clamp(code, lowest, lowest + 255)));
    }
    return result;
}

Tensor dequantize_constant(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    const Tensor& source = need(node, inputs, 0);
    if (source.type != TensorProto::INT8 && source.type != TensorProto::UINT8 &&
        source.type != TensorProto::INT32)
        node.fail("dequantises something that is neither int8, uint8 nor int32");
    const QuantisedLayout layout = layout_of(node, inputs);
    Tensor result;
    result.type = TensorProto::FLOAT;
    result.dims = source.dims;
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::size_t at = layout.at(i);
        const std::int64_t code = source.integers[i] - layout.zero_points[at];
        largest = std::max(largest, std::abs(code));
        result.reals.push_back(static_cast<float>(code) * layout.scales[at]);
        if (!std::isfinite(result.reals.back()))
            node.fail("{} times {} is not finite", code, layout.scales[at]);
    }
    int exponent = 0;
    const bool one_power = layout.scales.size() == 1 && !(std::frexp(layout.scales[0], &exponent) > 0.5F);
    if (one_power && largest <= 255) result.grid_exponent = exponent - 1;
    return result;
}

}  // namespace sliver::network
