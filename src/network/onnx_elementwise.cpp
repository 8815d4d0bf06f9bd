// Arithmetic and functions, value by value; see onnx_handlers.h.
#include <algorithm>
#include <cmath>
#include <limits>

#include "network/onnx_handlers.h"
#include "network/onnx_layers.h"
#include "network/onnx_maps.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;
using Numbers = std::vector<double>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Which input is a constant: 0 or 1; -1 where none is.
int constant_input(Importer& in, const OnnxNode& node) {
    if (in.values().is_constant(node, 1)) return 1;
    return in.values().is_constant(node, 0) ? 0 : -1;
}

Numbers constant_numbers(Importer& in, const OnnxNode& node, const OnnxValue& value, int index) {
    return in.in_stored_order(node, value, in.values().constant(node, index));
}

/// Both see the same dimensions, or the second is broadcast to those of the first.
void order_by_size(const OnnxNode& node, const Importer& in, OnnxValue& a, OnnxValue& b, const char* verb) {
    static_cast<void>(in);
    if (a.view.size() < b.view.size()) std::swap(a, b);
    bool fits = a.view.rank() == b.view.rank();
    for (std::size_t i = 0; i < a.view.rank() && fits; ++i)
        fits = b.view.extent(i) == a.view.extent(i) || b.view.extent(i) == 1;
    if (!fits)
        node.fail("{} maps of {} and {}; they must agree, or one must be broadcast to the other", verb,
                  describe(a.view.extents()), describe(b.view.extents()));
}

}  // namespace

MapValue added(Importer& in, const OnnxNode& node, const OnnxValue& a, const OnnxValue& b) {
    OnnxValue first = a, second = b;
    order_by_size(node, in, first, second, "adds");
    const bool swapped = first.node != a.node;
    const NodeId other = in.aligned(node, second, first);
    DraftNode made = Importer::start(node, Kind::add, in.shape_of(first.node));
    return {in.add(std::move(made),
                   swapped ? std::vector<NodeId>{other, first.node} : std::vector<NodeId>{first.node, other}),
            first.view};
}

MapValue product(Importer& in, const OnnxNode& node, const OnnxValue& a, const OnnxValue& b) {
    OnnxValue first = a, second = b;
    order_by_size(node, in, first, second, "multiplies");
    if (first.node == second.node && first.view == second.view)
        return {in.through(node, first.node, {{Function::Kind::power, 2, 0}}), first.view};
    const Shape shape = in.shape_of(first.node);
    // One value a channel needs no map of its own.
    const auto stored = first.view.axes(shape);
    bool by_channel = stored && in.shape_of(second.node) == Shape{shape.channels, 1, 1} &&
                      second.view.size() == static_cast<std::size_t>(shape.channels);
    if (by_channel)
        for (std::size_t i = 0; i < second.view.rank(); ++i)
            by_channel = by_channel &&
                         ((*stored)[i] == 0 ? second.view.dimension(i) == View::Dimension{{shape.channels, 1}}
                                            : second.view.extent(i) == 1);
    const NodeId other = by_channel ? second.node : in.aligned(node, second, first);
    DraftNode made = Importer::start(node, Kind::multiply, shape);
    return {in.add(std::move(made), {first.node, other}), first.view};
}

void import_add(Importer& in, const OnnxNode& node) {
    const int constant = constant_input(in, node);
    if (constant < 0) {
        const OnnxValue a = in.values().map(node, 0), b = in.values().map(node, 1);
        const MapValue made = added(in, node, a, b);
        return in.define(node, made.node, made.view);
    }
    const OnnxValue value = in.values().map(node, 1 - constant);
    in.define(node, in.scaled(node, value.node, {}, constant_numbers(in, node, value, constant)), value.view);
}

void import_sub(Importer& in, const OnnxNode& node) {
    const int constant = constant_input(in, node);
    if (constant < 0) {
        const OnnxValue a = in.values().map(node, 0);
        OnnxValue b = in.values().map(node, 1);
        b.node = in.scaled(node, b.node, {-1}, {});
        const MapValue made = added(in, node, a, b);
        return in.define(node, made.node, made.view);
    }
    const OnnxValue value = in.values().map(node, 1 - constant);
    Numbers shift = constant_numbers(in, node, value, constant);
    if (constant == 1)
        for (double& number : shift) number = -number;
    in.define(node, in.scaled(node, value.node, constant == 0 ? Numbers{-1} : Numbers{}, shift), value.view);
}

void import_mul(Importer& in, const OnnxNode& node) {
    // A scale that DynamicQuantizeLinear finds, times a constant, or times the sums that it is missing from.
    for (const int index : {0, 1}) {
        const OnnxValue& scale = in.values().get(node, index);
        if (scale.kind != OnnxValue::Kind::dynamic_scale) continue;
        OnnxValue& other = in.values().get(node, 1 - index);
        if (other.kind == OnnxValue::Kind::constant) {
            const Tensor& factor = in.values().constant(node, 1 - index);
            if (scale.constant->size() != 1) node.fail("multiplies a dynamic scale twice");
            Tensor scaled = factor;
            for (float& value : scaled.reals) value *= scale.constant->reals[0];
            OnnxValue made = scale;
            made.constant = std::make_shared<const Tensor>(std::move(scaled));
            return in.values().define(node.output(0), std::move(made));
        }
        if (!other.dynamic || other.kind != OnnxValue::Kind::map)
            node.fail("multiplies a scale of DynamicQuantizeLinear by what it does not belong to");
        const OnnxValue value = other;
        const Numbers gain = in.in_stored_order(node, value, *scale.constant);
        return in.define(node, in.scaled(node, value.node, gain, {}), value.view);
    }
    const int constant = constant_input(in, node);
    if (constant < 0) {
        const OnnxValue a = in.values().map(node, 0), b = in.values().map(node, 1);
        const MapValue made = product(in, node, a, b);
        return in.define(node, made.node, made.view);
    }
    const OnnxValue value = in.values().map(node, 1 - constant);
    in.define(node, in.scaled(node, value.node, constant_numbers(in, node, value, constant), {}), value.view);
}

void import_div(Importer& in, const OnnxNode& node) {
    if (!in.values().is_constant(node, 1)) {
        const OnnxValue value = in.values().map(node, 1);
        if (!in.values().is_constant(node, 0))
            node.fail("divides one map by another, which is not supported; only by constants");
        const Numbers above = constant_numbers(in, node, value, 0);
        const NodeId id = in.through(node, value.node, {{Function::Kind::power, -1, 0}});
        return in.define(node, in.scaled(node, id, above, {}), value.view);
    }
    const OnnxValue value = in.values().map(node, 0);
    Numbers gain = constant_numbers(in, node, value, 1);
    for (double& number : gain) {
        if (!(number < 0) && !(number > 0)) node.fail("divides by zero");
        number = 1 / number;
    }
    in.define(node, in.scaled(node, value.node, gain, {}), value.view);
}

/// Sum of any number of maps.
void import_sum(Importer& in, const OnnxNode& node) {
    OnnxValue sum = in.values().map(node, 0);
    for (int i = 1; i < node.input_count(); ++i) {
        const OnnxValue next = in.values().map(node, i);
        const MapValue made = added(in, node, sum, next);
        sum.node = made.node;
        sum.view = made.view;
    }
    in.define(node, sum.node, sum.view);
}

void import_pow(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    const double power = in.number(node, nullptr, 1, 1);
    in.define(node, in.through(node, value.node, {{Function::Kind::power, power, 0}}), value.view);
}

void import_relu(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    in.define(node, in.limited(node, value.node, 0, kInfinity), value.view);
}

/// Limits beyond every float are none.
void import_clip(Importer& in, const OnnxNode& node) {
    OnnxValue value = in.values().moved(node);
    float lowest = in.number(node, "min", 1, -kInfinity), highest = in.number(node, "max", 2, kInfinity);
    if (!(lowest <= highest)) node.fail("its limits {} and {} are in the wrong order", lowest, highest);
    if (value.kind == OnnxValue::Kind::codes) {  // fewer codes than their type has
        QuantisationGrid& grid = value.grid;
        const auto code = [&](float end, int otherwise) {
            return std::isfinite(end) ? static_cast<int>(std::clamp(end, -1000.0F, 1000.0F)) : otherwise;
        };
        grid.lowest = std::max(grid.lowest, code(lowest, grid.lowest));
        grid.highest = std::min(grid.highest, code(highest, grid.highest));
        if (grid.lowest > grid.highest) node.fail("its limits {} and {} leave no code", lowest, highest);
        return in.values().define(node.output(0), std::move(value));
    }
    value = in.values().map(node);
    constexpr float kNone = std::numeric_limits<float>::max();
    if (lowest <= -kNone) lowest = -kInfinity;
    if (highest >= kNone) highest = kInfinity;
    in.define(node, in.limited(node, value.node, lowest, highest), value.view);
}

/// Max and Min with one number.
void import_extreme(Importer& in, const OnnxNode& node) {
    const bool largest = node.op() == "Max";
    float limit = largest ? -kInfinity : kInfinity;
    int map = -1;
    for (int i = 0; i < node.input_count(); ++i) {
        if (!in.values().is_constant(node, i)) {
            if (map >= 0)
                node.fail("takes the {} of two maps, which is not supported; only of a map and a number",
                          largest ? "larger" : "smaller");
            map = i;
            continue;
        }
        const float own = in.number(node, nullptr, i, limit);
        limit = largest ? std::max(limit, own) : std::min(limit, own);
    }
    if (map < 0) node.fail("reads no map");
    const OnnxValue value = in.values().map(node, map);
    in.define(node, in.limited(node, value.node, largest ? limit : -kInfinity, largest ? kInfinity : limit),
              value.view);
}

/// One slope: a table. One a channel: max(x, 0) - slope * max(-x, 0).
void import_prelu(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    Numbers slopes = in.in_stored_order(node, value, in.values().constant(node, 1));
    const bool same = std::all_of(slopes.begin(), slopes.end(),
                                  [&](double slope) { return !(slope < slopes[0]) && !(slope > slopes[0]); });
    if (same)
        return in.define(node, in.through(node, value.node, {{Function::Kind::leaky_relu, slopes[0], 0}}),
                         value.view);
    const NodeId positive = in.limited(node, value.node, 0, kInfinity);
    for (double& slope : slopes) slope = -slope;
    const NodeId negative = in.scaled(
        node, in.limited(node, in.scaled(node, value.node, {-1}, {}), 0, kInfinity), std::move(slopes), {});
    in.define(node, in.add(Importer::start(node, Kind::add, in.shape_of(value.node)), {positive, negative}),
              value.view);
}

std::vector<Function> function_of(Importer& in, const OnnxNode& node, const std::string& op) {
    using K = Function::Kind;
    static_cast<void>(in);
    if (op == "LeakyRelu") return {{K::leaky_relu, node.real("alpha", 0.01F), 0}};
    if (op == "Sigmoid") return {{K::sigmoid, 0, 0}};
    if (op == "Tanh") return {{K::tanh, 0, 0}};
    if (op == "HardSigmoid") return {{K::hard_sigmoid, node.real("alpha", 0.2F), node.real("beta", 0.5F)}};
    if (op == "HardSwish") return {{K::hard_swish, 0, 0}};
    if (op == "Elu") return {{K::elu, node.real("alpha", 1.0F), 0}};
    if (op == "Selu")
        return {{K::elu, node.real("alpha", 1.67326319217681884765625F), 0},
                {K::affine, node.real("gamma", 1.05070102214813232421875F), 0}};
    if (op == "Softplus") return {{K::softplus, 0, 0}};
    if (op == "Swish") {
        if (const float alpha = node.real("alpha", 1.0F); alpha < 1 || alpha > 1)
            node.fail("has alpha = {}; only 1 is supported", alpha);
        return {{K::swish, 0, 0}};
    }
    if (op == "Mish") return {{K::mish, 0, 0}};
    if (op == "Gelu") {
        if (node.text("approximate", "none") != "none")
            node.fail("has approximate = {}; only none is supported", node.text("approximate", "none"));
        return {{K::gelu, 0, 0}};
    }
    if (op == "Abs") return {{K::absolute, 0, 0}};
    if (op == "Exp") return {{K::exp, 0, 0}};
    if (op == "Log") return {{K::log, 0, 0}};
    if (op == "Sqrt") return {{K::sqrt, 0, 0}};
    if (op == "Erf") return {{K::erf, 0, 0}};
    if (op == "Reciprocal") return {{K::power, -1, 0}};
    if (op == "ThresholdedRelu") node.fail("jumps, which is not supported; use Relu, LeakyRelu or Clip");
    node.fail("is no function that is known");
}

void import_function(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    if (node.op() == "Neg") return in.define(node, in.scaled(node, value.node, {-1}, {}), value.view);
    in.define(node, in.through(node, value.node, function_of(in, node, node.op())), value.view);
}

/// What only orders or normalises the classes is left out, at the end of the network.
void import_tail(Importer& in, const OnnxNode& node) {
    OnnxValue value = in.values().get(node, 0);
    if (!value.is_map() || value.kind != OnnxValue::Kind::map || value.dynamic) value = in.values().map(node);
    value.tail = fmt::format("{} '{}'", node.op(), node.label());
    const bool picks = node.op() == "ArgMax" || node.op() == "TopK" || node.op() == "Hardmax";
    in.note(fmt::format("{} at the end is left out: the logits are what it reads, {}.", value.tail,
                        picks ? "the class is the largest of them" : "in the same order"));
    for (int i = 0; i < node.output_count(); ++i) in.values().define(node.output(i), value);
}

}  // namespace sliver::network
