// Networks that arrive quantised: QuantizeLinear and DequantizeLinear, QONNX, and the operators that compute
// with codes; see onnx_handlers.h.
//
// Codes are the map that they stand for, in steps that the file fixes: an operator on codes is the float
// operator between a DequantizeLinear and a QuantizeLinear.
#include <algorithm>
#include <cmath>

#include "network/onnx_constant_inputs.h"
#include "network/onnx_handlers.h"
#include "network/onnx_layers.h"
#include "network/onnx_maps.h"

namespace sliver::network {

namespace {

using onnx::TensorProto;

/// From inputs `scale` and `scale` + 1. `type`: of the codes where no zero point says it.
QuantisationGrid read_grid(Importer& in, const OnnxNode& node, int scale_input, int type) {
    const Tensor& scale = in.values().constant(node, scale_input);
    const Tensor* zero = in.values().optional_constant(node, scale_input + 1);
    if (scale.size() != 1 || !scale.is_real())
        node.fail("quantises a map with {} scales; one is supported", scale.size());
    if (!(scale.reals[0] > 0)) node.fail("scale {} must be positive", scale.reals[0]);
    if (zero != nullptr) type = zero->type;
    if (type != TensorProto::UINT8 && type != TensorProto::INT8)
        node.fail("quantises a map to something that is neither int8 nor uint8");
    if (zero != nullptr && zero->size() != 1)
        node.fail("quantises a map with {} zero points; one is supported", zero->size());
    const CodeLimits limits = limits_of_type(node, type);
    QuantisationGrid grid;
    grid.is_signed = type == TensorProto::INT8;
    grid.step = scale.reals[0];
    grid.zero = zero == nullptr ? 0 : static_cast<int>(zero->integers[0]);
    grid.lowest = static_cast<int>(limits.lowest);
    grid.highest = static_cast<int>(limits.highest);
    return grid;
}

/// Whether DequantizeLinear reads codes as they were made; they may have been clipped in between.
bool reads_as_made(const QuantisationGrid& read, const QuantisationGrid& made) {
    return read.is_signed == made.is_signed && read.zero == made.zero && !(read.step < made.step) &&
           !(read.step > made.step);
}

int type_of(const OnnxValue& value) {
    return value.kind == OnnxValue::Kind::codes && value.grid.is_signed ? TensorProto::INT8
                                                                        : TensorProto::UINT8;
}

/// What input `index`, codes with scale and zero point behind it, stands for.
OnnxValue dequantised_map(Importer& in, const OnnxNode& node, int index, int scale_input) {
    OnnxValue value = in.values().moved(node, index);
    const bool image_of_codes =
        value.kind == OnnxValue::Kind::map && value.node == 0 &&
        (in.model().input_type == TensorProto::UINT8 || in.model().input_type == TensorProto::INT8);
    if (value.kind != OnnxValue::Kind::codes && !image_of_codes)
        node.fail("reads a map that no QuantizeLinear made");
    const int type = image_of_codes ? in.model().input_type : type_of(value);
    const QuantisationGrid grid = read_grid(in, node, scale_input, type);
    if (image_of_codes) {
        value.node = in.scaled(node, value.node, {grid.step}, {-double{grid.step} * grid.zero});
        return value;
    }
    if (!reads_as_made(grid, value.grid))
        node.fail("has another scale, zero point or type than the QuantizeLinear in front of it");
    value.node = in.quantised(node, value.node, value.grid);
    value.kind = OnnxValue::Kind::map;
    return value;
}

/// Constants of codes with scale and zero point.
Tensor dequantised_weights(Importer& in, const OnnxNode& node, int index, int scale_input,
                           std::int64_t axis) {
    const Tensor* zero = in.values().optional_constant(node, scale_input + 1);
    return dequantized(node, in.values().constant(node, index), in.values().constant(node, scale_input), zero,
                       axis);
}

void define_codes(Importer& in, const OnnxNode& node, const MapValue& made, const QuantisationGrid& grid) {
    OnnxValue value;
    value.kind = OnnxValue::Kind::codes;
    value.node = made.node;
    value.view = made.view;
    value.grid = grid;
    in.values().define(node.output(0), std::move(value));
}

/// int32 in units of input step times weight step.
Tensor bias_of(const OnnxNode& node, const Tensor& codes, float input_step, const Tensor& weight_scale) {
    if (codes.is_real()) node.fail("its bias must be integers");
    if (weight_scale.size() != 1 && weight_scale.size() != codes.size())
        node.fail("has {} scales for {} biases", weight_scale.size(), codes.size());
    node.charge(codes.size());
    Tensor bias;
    bias.type = TensorProto::FLOAT;
    bias.dims = codes.dims;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const double step = double{input_step} * weight_scale.reals[weight_scale.size() == 1 ? 0 : i];
        bias.reals.push_back(static_cast<float>(static_cast<double>(codes.integers[i]) * step));
        if (!std::isfinite(bias.reals.back())) node.fail("has a bias that is not finite");
    }
    return bias;
}

/// Codes less their zero points, in steps of `step`; of an operator that leaves integers.
Tensor integer_weights(Importer& in, const OnnxNode& node, float step, std::int64_t axis) {
    const Tensor& codes = in.values().constant(node, 1);
    const Tensor* zero = in.values().optional_constant(node, 3);
    Tensor scale;
    scale.type = TensorProto::FLOAT;
    scale.dims = {static_cast<std::int64_t>(zero == nullptr ? 1 : zero->size())};
    scale.reals.assign(zero == nullptr ? 1 : zero->size(), step);
    return dequantized(node, codes, scale, zero, axis);
}

/// The map that ConvInteger or MatMulInteger reads, and the step that its codes are counted in: 1 where only
/// the running network knows it.
OnnxValue integer_map(Importer& in, const OnnxNode& node, float& step) {
    OnnxValue value = in.values().moved(node);
    if (value.kind != OnnxValue::Kind::codes) node.fail("reads a map that no QuantizeLinear made");
    step = 1;
    if (value.dynamic) {
        if (!node.input(2).empty() && in.values().get(node, 2).kind != OnnxValue::Kind::dynamic_zero)
            node.fail("has another zero point than the DynamicQuantizeLinear in front of it");
        value.kind = OnnxValue::Kind::map;
        return value;
    }
    const Tensor* zero = in.values().optional_constant(node, 2);
    const std::int64_t own = zero == nullptr                         ? 0
                             : zero->size() == 1 && !zero->is_real() ? zero->integers[0]
                                                                     : -999;
    if (own != value.grid.zero) node.fail("has another zero point than the QuantizeLinear in front of it");
    step = value.grid.step;
    value.node = in.quantised(node, value.node, value.grid);
    value.kind = OnnxValue::Kind::map;
    return value;
}

void define_sums(Importer& in, const OnnxNode& node, const MapValue& made, bool dynamic) {
    OnnxValue value;
    value.kind = OnnxValue::Kind::map;
    value.node = made.node;
    value.view = made.view;
    value.dynamic = dynamic;
    in.values().define(node.output(0), std::move(value));
}

}  // namespace

void import_quantize(Importer& in, const OnnxNode& node) {
    OnnxValue value = in.values().map(node);
    value.kind = OnnxValue::Kind::codes;
    value.grid = read_grid(in, node, 1, static_cast<int>(node.integer("output_dtype", TensorProto::UINT8)));
    in.values().define(node.output(0), std::move(value));
}

void import_dequantize(Importer& in, const OnnxNode& node) {
    in.values().define(node.output(0), dequantised_map(in, node, 0, 1));
}

/// Quant(x, scale, zeropt, bitwidth) of QONNX and Brevitas, behind a map.
void import_quant(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    const Tensor& scale = in.values().constant(node, 1);
    if (scale.size() != 1 || !scale.is_real())
        node.fail("quantises a map with {} scales; one is supported", scale.size());
    if (!(scale.reals[0] > 0)) node.fail("scale {} must be positive", scale.reals[0]);
    const float zero = in.number(node, nullptr, 2, 0);
    if (!(std::nearbyint(zero) <= zero && std::nearbyint(zero) >= zero) || std::fabs(zero) > 255)
        node.fail("has the zero point {}; whole numbers of 8 bits are supported", zero);
    QuantisationGrid grid;
    const CodeLimits limits = quant_limits(node, in.values().constant(node, 3), grid.is_signed);
    grid.step = scale.reals[0];
    grid.zero = static_cast<int>(zero);
    grid.lowest = static_cast<int>(limits.lowest);
    grid.highest = static_cast<int>(limits.highest);
    if (grid.zero < grid.lowest || grid.zero > grid.highest)
        node.fail("has the zero point {}, which is no code from {} to {}", grid.zero, grid.lowest,
                  grid.highest);
    in.define(node, in.quantised(node, value.node, grid), value.view);
}

/// The sign of a map, times a scale.
void import_bipolar(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    const float scale = in.number(node, nullptr, 1, 1);
    if (!(scale > 0)) node.fail("scale {} must be positive", scale);
    QuantisationGrid grid;
    grid.is_signed = true;
    grid.step = scale;
    grid.lowest = -1;
    grid.highest = 1;
    const NodeId id = in.through(node, value.node, {{Function::Kind::bipolar, scale, 0}});
    in.define(node, in.quantised(node, id, grid), value.view);
}

void import_dynamic_quantize(Importer& in, const OnnxNode& node) {
    OnnxValue value = in.values().map(node);
    value.kind = OnnxValue::Kind::codes;
    value.dynamic = true;
    in.values().define(node.output(0), value);
    OnnxValue scale;
    scale.kind = OnnxValue::Kind::dynamic_scale;
    Tensor one;
    one.type = TensorProto::FLOAT;
    one.reals = {1};
    scale.constant = std::make_shared<const Tensor>(std::move(one));
    in.values().define(node.output(1), std::move(scale));
    OnnxValue zero;
    zero.kind = OnnxValue::Kind::dynamic_zero;
    in.values().define(node.output(2), std::move(zero));
    in.note(
        fmt::format("Node '{}': the scale that it finds for each image is replaced by one for all, from "
                    "calibration.",
                    node.label()));
}

/// x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias
void import_qlinear_conv(Importer& in, const OnnxNode& node) {
    const OnnxValue value = dequantised_map(in, node, 0, 1);
    Tensor weights = dequantised_weights(in, node, 3, 4, 0);
    Tensor bias;
    const Tensor* codes = in.values().optional_constant(node, 8);
    if (codes != nullptr)
        bias =
            bias_of(node, *codes, in.values().constant(node, 1).reals.at(0), in.values().constant(node, 4));
    const MapValue made = convolved(in, node, value, std::move(weights), codes == nullptr ? nullptr : &bias);
    define_codes(in, node, made, read_grid(in, node, 6, TensorProto::UINT8));
}

/// a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero
void import_qlinear_matmul(Importer& in, const OnnxNode& node) {
    const OnnxValue value = dequantised_map(in, node, 0, 1);
    const MapValue made = multiplied(in, node, value, dequantised_weights(in, node, 3, 4, 1), false, nullptr);
    define_codes(in, node, made, read_grid(in, node, 6, TensorProto::UINT8));
}

/// a, a_scale, a_zero, b, b_scale, b_zero, bias, y_scale, y_zero; floats where no y_scale is given.
void import_qgemm(Importer& in, const OnnxNode& node) {
    if (node.integer("transA", 0) != 0) node.fail("has transA = 1, which is not supported");
    const OnnxValue value = dequantised_map(in, node, 0, 1);
    const bool transposed = node.integer("transB", 0) != 0;
    Tensor bias;
    const Tensor* codes = in.values().optional_constant(node, 6);
    const float alpha = node.real("alpha", 1.0F);
    if (codes != nullptr)
        bias =
            bias_of(node, *codes, in.values().constant(node, 1).reals.at(0), in.values().constant(node, 4));
    const MapValue made = multiplied(in, node, value, dequantised_weights(in, node, 3, 4, transposed ? 0 : 1),
                                     transposed, codes == nullptr ? nullptr : &bias, alpha, alpha);
    if (node.input(7).empty()) return in.define(node, made.node, made.view);
    define_codes(in, node, made, read_grid(in, node, 7, TensorProto::UINT8));
}

namespace {

/// a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero
void import_qlinear_pair(Importer& in, const OnnxNode& node, bool sum) {
    MapValue made;
    int constant = -1;
    for (const int index : {0, 3})
        if (in.values().is_constant(node, index)) constant = index;
    if (constant < 0) {
        const OnnxValue a = dequantised_map(in, node, 0, 1), b = dequantised_map(in, node, 3, 4);
        made = sum ? added(in, node, a, b) : product(in, node, a, b);
    } else {
        const int map = 3 - constant;
        const OnnxValue value = dequantised_map(in, node, map, map + 1);
        std::vector<double> numbers =
            in.in_stored_order(node, value, dequantised_weights(in, node, constant, constant + 1, 0));
        made = {sum ? in.scaled(node, value.node, {}, std::move(numbers))
                    : in.scaled(node, value.node, std::move(numbers), {}),
                value.view};
    }
    define_codes(in, node, made, read_grid(in, node, 6, TensorProto::UINT8));
}

}  // namespace

void import_qlinear_add(Importer& in, const OnnxNode& node) {
    import_qlinear_pair(in, node, true);
}

void import_qlinear_mul(Importer& in, const OnnxNode& node) {
    import_qlinear_pair(in, node, false);
}

/// y_scale, y_zero, and of each input its codes, scale and zero point.
void import_qlinear_concat(Importer& in, const OnnxNode& node) {
    if (node.input_count() < 5 || node.input_count() % 3 != 2) node.fail("has {} inputs", node.input_count());
    std::vector<OnnxValue> values;
    for (int i = 2; i < node.input_count(); i += 3) values.push_back(dequantised_map(in, node, i, i + 1));
    const MapValue made = joined(in, node, values, node.integer("axis", 1));
    define_codes(in, node, made, read_grid(in, node, 0, TensorProto::UINT8));
}

/// x, x_scale, x_zero, y_scale, y_zero
void import_qlinear_pool(Importer& in, const OnnxNode& node) {
    OnnxValue value = dequantised_map(in, node, 0, 1);
    const bool last = node.integer("channels_last", 0) != 0;
    const std::size_t rank = value.view.rank();
    if (last && rank == 3) value.view = value.view.permuted({2, 0, 1});
    MapValue made;
    if (node.op() == "QLinearGlobalAveragePool") {
        made = pooled_over_all(in, node, value, true);
    } else {
        const MapInput input = in.as_map(node, value);
        DraftNode pool = pool_layer(node, input, true);
        const View view = Importer::map_view(pool.node.shape, input.spatial);
        made = {in.add(std::move(pool), {input.node}), view};
    }
    if (last && rank == 3) made.view = made.view.permuted({1, 2, 0});
    define_codes(in, node, made, read_grid(in, node, 3, TensorProto::UINT8));
}

/// x, x_scale, x_zero, y_scale, y_zero
void import_qlinear_function(Importer& in, const OnnxNode& node) {
    const OnnxValue value = dequantised_map(in, node, 0, 1);
    const std::string op = node.op() == "QLinearSigmoid" ? "Sigmoid" : "LeakyRelu";
    const NodeId id = in.through(node, value.node, function_of(in, node, op));
    define_codes(in, node, {id, value.view}, read_grid(in, node, 3, TensorProto::UINT8));
}

/// Sums of codes: the float operator, whose weights are codes, over the step of its input.
void import_conv_integer(Importer& in, const OnnxNode& node) {
    float step = 1;
    const OnnxValue value = integer_map(in, node, step);
    const MapValue made = convolved(in, node, value, integer_weights(in, node, 1 / step, 0), nullptr);
    define_sums(in, node, made, value.dynamic);
}

void import_matmul_integer(Importer& in, const OnnxNode& node) {
    float step = 1;
    const OnnxValue value = integer_map(in, node, step);
    const MapValue made = multiplied(in, node, value, integer_weights(in, node, 1 / step, 1), false, nullptr);
    define_sums(in, node, made, value.dynamic);
}

}  // namespace sliver::network
