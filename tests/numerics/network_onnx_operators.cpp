// Each operator that the importer understands, against values computed by hand or by the plainest loops.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <numeric>

#include "network/float_executor.h"
#include "network/onnx_import.h"
#include "network/onnx_operators.h"
#include "network_onnx_builder.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_onnx_operators)

using namespace sliver::network;
using test::one_line_with;
using test::OnnxBuilder;
using Floats = std::vector<float>;
using Dims = OnnxBuilder::Dims;
using Kinds = std::vector<NodeKind>;

namespace {

constexpr int kInt8 = onnx::TensorProto::INT8, kUint8 = onnx::TensorProto::UINT8,
              kInt32 = onnx::TensorProto::INT32;

FloatNetwork import_of(const OnnxBuilder& builder, const std::string& output = "") {
    return import_onnx_bytes(builder.bytes(), "net.onnx", {output, {}});
}

Floats run(const FloatNetwork& network, const Floats& image) {
    return FloatExecutor(network).run(image.data());
}

Kinds kinds(const FloatNetwork& network) {
    Kinds result;
    for (const FloatNode& node : network.nodes) result.push_back(node.kind);
    return result;
}

Floats counted(std::size_t size) {
    Floats values(size);
    std::iota(values.begin(), values.end(), 1.0F);
    return values;
}

/// A layer that gives `channels` maps of 2 * x as they are, so that there is something for a crossbar to do.
std::string doubled(OnnxBuilder& builder, const std::string& from, std::int64_t channels) {
    Floats weights(static_cast<std::size_t>(channels * channels), 0);
    for (std::int64_t i = 0; i < channels; ++i) weights[static_cast<std::size_t>(i * channels + i)] = 2;
    builder.floats("double." + from, {channels, channels, 1, 1}, weights);
    builder.node("Conv", {from, "double." + from}, from + ".2");
    return from + ".2";
}

void close(const Floats& got, const Floats& wanted) {
    BOOST_REQUIRE(got.size() == wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        BOOST_TEST(std::fabs(got[i] - wanted[i]) <= 1e-5F * std::max(1.0F, std::fabs(wanted[i])),
                   "at " << i << ": " << got[i] << " instead of " << wanted[i]);
}

/// x (1x1x`values`) -> doubled -> nodes that `add` puts behind it, ending in "y".
FloatNetwork behind_layer(const Dims& dims, const std::function<void(OnnxBuilder&, const std::string&)>& add,
                          std::int64_t opset = 13) {
    OnnxBuilder builder(dims, opset);
    add(builder, doubled(builder, "x", dims[1]));
    return import_of(builder);
}

}  // namespace

BOOST_AUTO_TEST_CASE(grouped_dilated_and_one_dimensional_convolutions) {
    OnnxBuilder grouped({0, 4, 1, 2});
    grouped.floats("w", {2, 2, 1, 1}, {1, 10, 100, 1000});
    OnnxBuilder::set(grouped.node("Conv", {"x", "w"}, "y"), "group", 2);
    const FloatNetwork two = import_of(grouped);
    BOOST_TEST(two.nodes[1].groups == 2);
    BOOST_TEST(two.nodes[1].rows == 4);
    BOOST_TEST(two.nodes[1].weights.size() == 4U);
    BOOST_TEST((run(two, {1, 2, 3, 4, 5, 6, 7, 8}) == Floats{31, 42, 7500, 8600}));

    OnnxBuilder wide({0, 1, 3, 3});
    wide.floats("w", {1, 1, 2, 2}, {1, 10, 100, 1000});
    OnnxBuilder::set(wide.node("Conv", {"x", "w"}, "y"), "dilations", Dims{2, 2});
    BOOST_TEST((run(import_of(wide), counted(9)) == Floats{1 + 30 + 700 + 9000}));

    OnnxBuilder line({0, 2, 4});
    line.floats("w", {1, 2, 3}, {1, 2, 3, 10, 20, 30});
    auto* const conv = line.node("Conv", {"x", "w"}, "c");
    OnnxBuilder::set(conv, "pads", Dims{1, 1});
    OnnxBuilder::set(conv, "strides", Dims{2});
    OnnxBuilder::set(line.node("MaxPool", {"c"}, "y"), "kernel_shape", Dims{2});
    const FloatNetwork one = import_of(line);
    BOOST_TEST((one.input_shape() == Shape{2, 1, 4}));
    // c = (2*1 + 3*2 + 20*5 + 30*6, 1*2 + 2*3 + 3*4 + 10*6 + 20*7 + 30*8)
    BOOST_TEST((run(one, counted(8)) == Floats{460}));
}

// The bounds of windows are those of ONNX Runtime.
BOOST_AUTO_TEST_CASE(automatic_padding_and_rounding_up) {
    for (const bool upper : {true, false}) {
        OnnxBuilder same({0, 1, 1, 4});
        same.floats("w", {1, 1, 1, 2}, {1, 10});
        OnnxBuilder::set(same.node("Conv", {"x", "w"}, "y"), "auto_pad",
                         std::string(upper ? "SAME_UPPER" : "SAME_LOWER"));
        BOOST_TEST(
            (run(import_of(same), counted(4)) == (upper ? Floats{21, 32, 43, 4} : Floats{10, 21, 32, 43})));
    }
    for (const bool average : {true, false}) {
        OnnxBuilder up({0, 1, 1, 5});
        up.floats("w", {1, 1, 1, 1}, {1});
        up.node("Conv", {"x", "w"}, "c");
        auto* const pool = up.node(average ? "AveragePool" : "MaxPool", {"c"}, "y");
        OnnxBuilder::set(pool, "kernel_shape", Dims{1, 2});
        OnnxBuilder::set(pool, "strides", Dims{1, 2});
        OnnxBuilder::set(pool, "ceil_mode", 1);
        BOOST_TEST((run(import_of(up), counted(5)) == (average ? Floats{1.5F, 3.5F, 5} : Floats{2, 4, 5})));
        OnnxBuilder::set(pool, "count_include_pad", 1);
        BOOST_TEST(one_line_with(test::refusal([&] { static_cast<void>(import_of(up)); }),
                                 "ceil_mode = 1 and count_include_pad = 1"));
    }
    // A window that would begin in the padding is none.
    OnnxBuilder padded({0, 1, 1, 3});
    padded.floats("w", {1, 1, 1, 1}, {1});
    padded.node("Conv", {"x", "w"}, "c");
    auto* const pool = padded.node("MaxPool", {"c"}, "y");
    OnnxBuilder::set(pool, "kernel_shape", Dims{1, 2});
    OnnxBuilder::set(pool, "strides", Dims{1, 2});
    OnnxBuilder::set(pool, "pads", Dims{0, 1, 0, 1});
    OnnxBuilder::set(pool, "ceil_mode", 1);
    BOOST_TEST((run(import_of(padded), counted(3)) == Floats{1, 3}));
}

BOOST_AUTO_TEST_CASE(arithmetic_with_constants_is_folded) {
    // In front of a layer, per channel: (x - mean) / deviation.
    OnnxBuilder front({0, 2, 1, 1});
    front.floats("mean", {2, 1, 1}, {1, 2});
    front.floats("std", {1, 2, 1, 1}, {0.5F, 4});
    front.node("Sub", {"x", "mean"}, "a");
    front.node("Div", {"a", "std"}, "b");
    front.floats("w", {1, 2, 1, 1}, {1, 10});
    front.node("Conv", {"b", "w"}, "y");
    const FloatNetwork folded = import_of(front);
    BOOST_TEST((kinds(folded) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST((run(folded, {3, 10}) == Floats{24}));
    // Behind one: -(2x * 3 + 1), then a number less that.
    const FloatNetwork behind = behind_layer({0, 1, 1, 2}, [](OnnxBuilder& net, const std::string& from) {
        for (const auto& [name, value] : {std::pair{"three", 3.0F}, {"one", 1.0F}, {"ten", 10.0F}})
            net.floats(name, {}, {value});
        net.node("Mul", {"three", from}, "a");
        net.node("Add", {"a", "one"}, "b");
        net.node("Neg", {"b"}, "c");
        net.node("Sub", {"ten", "c"}, "y");
    });
    BOOST_TEST((kinds(behind) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST((run(behind, {1, 2}) == Floats{17, 23}));
}

// Zeros of the padding are zeros behind the shift: it cannot go into the bias.
BOOST_AUTO_TEST_CASE(shifts_in_front_of_padding_stay) {
    OnnxBuilder builder({0, 1, 1, 2});
    builder.floats("s", {}, {1});
    builder.floats("g", {}, {3});
    builder.node("Sub", {"x", "s"}, "a");
    builder.node("Mul", {"a", "g"}, "b");
    builder.floats("w", {1, 1, 1, 3}, {1, 10, 100});
    OnnxBuilder::set(builder.node("Conv", {"b", "w"}, "y"), "pads", Dims{0, 1, 0, 1});
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((kinds(network) == Kinds{NodeKind::input, NodeKind::scale, NodeKind::matrix}));
    BOOST_TEST((run(network, {2, 3}) == Floats{630, 63}));
    builder.model.mutable_graph()->mutable_node(0)->set_op_type("Mul");  // a gain alone can
    BOOST_TEST((kinds(import_of(builder)) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST((run(import_of(builder), {2, 3}) == Floats{960, 96}));
}

BOOST_AUTO_TEST_CASE(batch_norm_anywhere) {
    const auto norm = [](OnnxBuilder& net, const std::string& from, const std::string& to) {
        net.floats("g", {2}, {2, -3});
        net.floats("o", {2}, {1, 5});
        net.floats("m", {2}, {1, 2});
        net.floats("v", {2}, {1 - 1e-5F, 1 - 1e-5F});
        net.node("BatchNormalization", {from, "g", "o", "m", "v"}, to);
    };
    // 2 * (x - 1) + 1 and -3 * (x - 2) + 5
    OnnxBuilder first({0, 2, 1, 1});
    norm(first, "x", "n");
    first.floats("w", {1, 2, 1, 1}, {1, 10});
    first.node("Conv", {"n", "w"}, "y");
    BOOST_TEST(kinds(import_of(first)).size() == 2U);
    close(run(import_of(first), {4, 3}), {7 + 20});
    OnnxBuilder sum({0, 2, 1, 1});
    const std::string two = doubled(sum, "x", 2);
    sum.node("Add", {two, "x"}, "s");
    norm(sum, "s", "n");
    sum.node("Relu", {"n"}, "y");
    const FloatNetwork stays = import_of(sum);
    BOOST_TEST((kinds(stays) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::add, NodeKind::scale}));
    BOOST_TEST(stays.nodes.back().at_least == 0);
    close(run(stays, {1, 5}), {5, 0});
    // A max pool in between commutes where all gains are positive only.
    const FloatNetwork pooled = behind_layer({0, 2, 1, 2}, [&](OnnxBuilder& net, const std::string& from) {
        OnnxBuilder::set(net.node("MaxPool", {from}, "p"), "kernel_shape", Dims{1, 2});
        norm(net, "p", "y");
    });
    BOOST_TEST((pooled.nodes.back().kind == NodeKind::scale));
    close(run(pooled, {1, 2, 3, 4}), {7, -13});
}

BOOST_AUTO_TEST_CASE(limits_are_fused) {
    const FloatNetwork six = behind_layer({0, 1, 1, 3}, [](OnnxBuilder& net, const std::string& from) {
        net.floats("zero", {}, {0});
        net.floats("six", {}, {6});
        net.node("Clip", {from, "zero", "six"}, "y");
    });
    BOOST_TEST((kinds(six) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST(six.nodes[1].relu);
    BOOST_TEST(six.nodes[1].at_most == 6);
    BOOST_TEST((run(six, {-1, 2, 5}) == Floats{0, 4, 6}));
    const FloatNetwork twice = behind_layer(
        {0, 1, 1, 3},
        [](OnnxBuilder& net, const std::string& from) {
            auto* const clip = net.node("Clip", {from}, "a");  // attributes, up to opset 10
            OnnxBuilder::set_real(clip, "min", -3);
            OnnxBuilder::set_real(clip, "max", 5);
            net.floats("one", {}, {1});
            net.node("Max", {"a", "one"}, "y");
        },
        9);
    BOOST_TEST((kinds(twice) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST((run(twice, {-4, 2, 5}) == Floats{1, 4, 5}));
    OnnxBuilder shared({0, 1, 1, 1});  // what others read as it is stays
    const std::string from = doubled(shared, "x", 1);
    shared.floats("three", {}, {3});
    shared.node("Min", {from, "three"}, "m");
    shared.node("Add", {"m", from}, "y");
    BOOST_TEST((kinds(import_of(shared)) ==
                Kinds{NodeKind::input, NodeKind::matrix, NodeKind::table, NodeKind::add}));
    BOOST_TEST((run(import_of(shared), {5}) == Floats{13}));
}

BOOST_AUTO_TEST_CASE(functions_are_tables) {
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    const std::vector<std::pair<const char*, std::function<double(double)>>> functions{
        {"Sigmoid", sigmoid},
        {"Tanh", [](double x) { return std::tanh(x); }},
        {"LeakyRelu", [](double x) { return x < 0 ? 0.01 * x : x; }},
        {"HardSigmoid", [](double x) { return std::min(std::max(0.2 * x + 0.5, 0.0), 1.0); }},
        {"HardSwish", [](double x) { return x * std::min(std::max(x / 6 + 0.5, 0.0), 1.0); }},
        {"Elu", [](double x) { return x < 0 ? std::exp(x) - 1 : x; }},
        {"Selu",
         [](double x) { return 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * (std::exp(x) - 1) : x); }},
        {"Softplus", [](double x) { return std::log(std::exp(x) + 1); }},
        {"Gelu", [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
        {"Mish", [](double x) { return x * std::tanh(std::log(std::exp(x) + 1)); }},
        {"Erf", [](double x) { return std::erf(x); }},
        {"Exp", [](double x) { return std::exp(x); }},
        {"Abs", [](double x) { return std::fabs(x); }},
    };
    for (const auto& [op, function] : functions) {
        const FloatNetwork network = behind_layer(
            {0, 1, 1, 4},
            [name = op](OnnxBuilder& net, const std::string& from) { net.node(name, {from}, "y"); }, 20);
        BOOST_TEST((kinds(network) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::table}), op);
        Floats wanted;
        for (const double x : {-1.5, -0.25, 0.5, 2.0}) wanted.push_back(static_cast<float>(function(2 * x)));
        BOOST_TEST_CONTEXT(op) {
            close(run(network, {-1.5F, -0.25F, 0.5F, 2}), wanted);
        }
    }
    // A chain is one table.
    const FloatNetwork chain = behind_layer({0, 1, 1, 2}, [](OnnxBuilder& net, const std::string& from) {
        net.node("Abs", {from}, "a");
        net.node("Sqrt", {"a"}, "b");
        net.floats("half", {}, {0.5F});
        net.node("Mul", {"b", "half"}, "c");
        net.floats("three", {}, {3});
        net.node("Pow", {"c", "three"}, "y");
    });
    BOOST_TEST((kinds(chain) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::table}));
    close(run(chain, {-8, 2}), {8, 1});
}

BOOST_AUTO_TEST_CASE(activations_that_exporters_write_out) {
    const auto expanded = [](const std::string& which) {
        return behind_layer({0, 1, 1, 3}, [&](OnnxBuilder& net, const std::string& from) {
            for (const auto& [name, value] : {std::pair{"three", 3.0F},
                                              {"six", 6.0F},
                                              {"zero", 0.0F},
                                              {"root", std::sqrt(2.0F)},
                                              {"one", 1.0F},
                                              {"half", 0.5F}})
                net.floats(name, {}, {value});
            if (which == "swish") {
                net.node("Sigmoid", {from}, "s");
                net.node("Mul", {from, "s"}, "y");
            } else if (which == "gelu") {
                net.node("Div", {from, "root"}, "a");
                net.node("Erf", {"a"}, "b");
                net.node("Add", {"b", "one"}, "c");
                net.node("Mul", {from, "c"}, "d");
                net.node("Mul", {"d", "half"}, "y");
            } else {
                net.node("Add", {from, "three"}, "a");
                net.node("Clip", {"a", "zero", "six"}, "b");
                net.node("Mul", {"b", from}, "c");
                net.node("Div", {"c", "six"}, "y");
            }
        });
    };
    const std::vector<std::pair<const char*, std::function<double(double)>>> wanted{
        {"swish", [](double x) { return x / (1 + std::exp(-x)); }},
        {"gelu", [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
        {"hard swish", [](double x) { return x * std::min(std::max(x + 3, 0.0), 6.0) / 6; }}};
    for (const auto& [name, function] : wanted) {
        const FloatNetwork network = expanded(name);
        BOOST_TEST((kinds(network) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::table}), name);
        Floats values;
        for (const double x : {-1.0, 0.25, 2.0}) values.push_back(static_cast<float>(function(2 * x)));
        close(run(network, {-1, 0.25F, 2}), values);
    }
}

BOOST_AUTO_TEST_CASE(slopes_of_each_channel) {
    const FloatNetwork network = behind_layer({0, 2, 1, 2}, [](OnnxBuilder& net, const std::string& from) {
        net.floats("slope", {2, 1, 1}, {0.5F, 0.25F});
        net.node("PRelu", {from, "slope"}, "y");
    });
    close(run(network, {-1, 1, -2, 2}), {-1, 2, -1, 4});
}

BOOST_AUTO_TEST_CASE(products_sums_and_joins_of_maps) {
    OnnxBuilder gates({0, 2, 1, 2});  // squeeze and excitation
    const std::string from = doubled(gates, "x", 2);
    gates.node("GlobalAveragePool", {from}, "m");
    gates.node("Sigmoid", {"m"}, "s");
    gates.node("Mul", {from, "s"}, "y");
    const FloatNetwork gated = import_of(gates);
    BOOST_TEST((kinds(gated) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::average_pool,
                                      NodeKind::table, NodeKind::multiply}));
    const auto sigmoid = [](float x) { return 1 / (1 + std::exp(-x)); };
    close(run(gated, {1, -1, 1, 2}), {2 * 0.5F, -2 * 0.5F, 2 * sigmoid(3), 4 * sigmoid(3)});

    OnnxBuilder spatial({0, 2, 1, 2});  // one value a pixel
    const std::string map = doubled(spatial, "x", 2);
    auto* const mean = spatial.node("ReduceMean", {map}, "m");
    OnnxBuilder::set(mean, "axes", Dims{1});
    spatial.node("Mul", {map, "m"}, "y");
    BOOST_TEST((run(import_of(spatial), {1, 2, 3, 6}) == Floats{2 * 4, 4 * 8, 6 * 4, 12 * 8}));

    OnnxBuilder minus({0, 1, 1, 2});
    minus.node("Sub", {"x", doubled(minus, "x", 1)}, "y");
    BOOST_TEST((run(import_of(minus), {1, 5}) == Floats{-1, -5}));

    for (const std::int64_t axis : {1, 2, 3}) {
        OnnxBuilder joins({0, 2, 2, 1});
        const std::string own = doubled(joins, "x", 2);
        OnnxBuilder::set(joins.node("Concat", {own, "x"}, "y"), "axis", axis);
        const FloatNetwork joined = import_of(joins);
        const Floats got = run(joined, {1, 2, 3, 4});
        BOOST_TEST((got == (axis == 1   ? Floats{2, 4, 6, 8, 1, 2, 3, 4}
                            : axis == 2 ? Floats{2, 4, 1, 2, 6, 8, 3, 4}
                                        : Floats{2, 1, 4, 2, 6, 3, 8, 4})));
    }
}

BOOST_AUTO_TEST_CASE(values_are_moved) {
    const auto moved = [](const std::function<void(OnnxBuilder&, const std::string&)>& add, const Dims& dims,
                          std::int64_t opset = 13) {
        std::size_t size = 1;
        for (std::size_t i = 1; i < dims.size(); ++i) size *= static_cast<std::size_t>(dims[i]);
        Floats image = counted(size);
        for (float& value : image) value /= 2;
        return run(behind_layer(dims, add, opset), image);
    };
    using Net = OnnxBuilder;
    const auto list = [](Net& net, const char* name, const std::vector<std::int64_t>& values) {
        return net.integers(name, {static_cast<std::int64_t>(values.size())}, values);
    };
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {
                        net.node("Slice",
                                 {x, list(net, "s", {1, -1}), list(net, "e", {2, -9}), list(net, "a", {1, 3}),
                                  list(net, "t", {1, -1})},
                                 "y");
                    },
                    {0, 2, 1, 3}) == Floats{6, 5, 4}));
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {
                        auto* split = net.node("Split", {x}, "a");
                        split->add_output("y");
                        Net::set(split, "axis", 1);
                    },
                    {0, 2, 1, 2}) == Floats{3, 4}));
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {
                        Net::set(net.node("Gather", {x, list(net, "i", {1, 0, 1})}, "y"), "axis", 3);
                    },
                    {0, 1, 1, 2}) == Floats{2, 1, 2}));
    for (const char* mode : {"reflect", "edge", "constant", "wrap"}) {
        const std::string name = mode;
        const Floats got = moved(
            [&](Net& net, const std::string& x) {
                net.floats("seven", {}, {7});
                auto* pad = net.node("Pad", {x, list(net, "p", {0, 0, 0, 1, 0, 0, 0, 2}), "seven"}, "y");
                Net::set(pad, "mode", name);
            },
            {0, 1, 1, 3});
        BOOST_TEST((got == (name == "reflect" ? Floats{2, 1, 2, 3, 2, 1}
                            : name == "edge"  ? Floats{1, 1, 2, 3, 3, 3}
                            : name == "wrap"  ? Floats{3, 1, 2, 3, 1, 2}
                                              : Floats{7, 1, 2, 3, 7, 7})),
                   mode);
    }
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {  // a negative pad crops; pads by axes
                        net.floats("zero", {}, {0});
                        net.node("Pad", {x, list(net, "p", {-1, 1}), "zero", list(net, "a", {-1})}, "y");
                    },
                    {0, 1, 1, 3}, 18) == Floats{2, 3, 0}));
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {
                        net.floats("up", {4}, {1, 1, 2, 2});
                        auto* resize = net.node("Resize", {x, "", "up"}, "y");
                        Net::set(resize, "coordinate_transformation_mode", std::string("asymmetric"));
                        Net::set(resize, "nearest_mode", std::string("floor"));
                    },
                    {0, 1, 1, 2}) == Floats{1, 1, 2, 2, 1, 1, 2, 2}));
    BOOST_TEST(
        (moved([&](Net& net,
                   const std::string& x) { Net::set(net.node("DepthToSpace", {x}, "y"), "blocksize", 2); },
               {0, 4, 1, 2}) == Floats{1, 3, 2, 4, 5, 7, 6, 8}));
    BOOST_TEST(
        (moved([&](Net& net,
                   const std::string& x) { Net::set(net.node("SpaceToDepth", {x}, "y"), "blocksize", 2); },
               {0, 1, 2, 4}) == Floats{1, 3, 2, 4, 5, 7, 6, 8}));
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {  // channel shuffle
                        net.node("Reshape", {x, list(net, "s", {0, 2, 2, 1, 1})}, "a");
                        Net::set(net.node("Transpose", {"a"}, "b"), "perm", Dims{0, 2, 1, 3, 4});
                        net.node("Reshape", {"b", list(net, "t", {0, -1, 1, 1})}, "y");
                    },
                    {0, 4, 1, 1}) == Floats{1, 3, 2, 4}));
    BOOST_TEST((moved(
                    [&](Net& net, const std::string& x) {
                        net.node("Tile", {x, list(net, "r", {1, 1, 2, 1})}, "a");
                        net.node("Expand", {"a", list(net, "e", {1, 2, 1, 1})}, "y");
                    },
                    {0, 1, 1, 2}) == Floats{1, 2, 1, 2, 1, 2, 1, 2}));
}

// Keras and TensorFlow: the order of images and of weights takes the transposes, and nothing moves.
BOOST_AUTO_TEST_CASE(transposes_of_keras_disappear) {
    OnnxBuilder builder({0, 1, 2, 2});  // height, width, channels
    builder.floats("mean", {2}, {1, 2});
    builder.node("Sub", {"x", "mean"}, "n");
    OnnxBuilder::set(builder.node("Transpose", {"n"}, "a"), "perm", Dims{0, 3, 1, 2});
    builder.floats("w", {2, 2, 1, 1}, {1, 0, 0, 10});
    builder.node("Conv", {"a", "w"}, "c");
    OnnxBuilder::set(builder.node("Transpose", {"c"}, "b"), "perm", Dims{0, 2, 3, 1});
    builder.floats("bias", {2}, {5, 6});
    builder.node("Add", {"b", "bias"}, "d");
    builder.node("Relu", {"d"}, "r");
    builder.integers("shape", {2}, {-1, 4});
    builder.node("Reshape", {"r", "shape"}, "f");
    builder.floats("v", {4, 1}, {1, 10, 100, 1000});
    builder.node("MatMul", {"f", "v"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((network.layout == ImageLayout::channels_last));
    BOOST_TEST((network.input_shape() == Shape{2, 1, 2}));
    BOOST_TEST(
        (kinds(network) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::flatten, NodeKind::matrix}));
    // Channels of the two pixels: (1, 3) and (2, 4) -> (0, 1) and (1, 2) -> + bias: (5, 16) and (6, 26)
    BOOST_TEST((run(network, {1, 2, 3, 4}) == Floats{5 + 160 + 600 + 26000}));
    // The mean over height and width in that order.
    OnnxBuilder mean({0, 1, 2, 2});
    OnnxBuilder::set(mean.node("Transpose", {"x"}, "a"), "perm", Dims{0, 3, 1, 2});
    mean.floats("w", {2, 2, 1, 1}, {1, 0, 0, 10});
    mean.node("Conv", {"a", "w"}, "c");
    OnnxBuilder::set(mean.node("Transpose", {"c"}, "b"), "perm", Dims{0, 2, 3, 1});
    auto* const reduce = mean.node("ReduceMean", {"b"}, "y");
    OnnxBuilder::set(reduce, "axes", Dims{1, 2});
    OnnxBuilder::set(reduce, "keepdims", 0);
    BOOST_TEST((kinds(import_of(mean)) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::average_pool}));
    BOOST_TEST((run(import_of(mean), {1, 3, 2, 4}) == Floats{2, 30}));
}

BOOST_AUTO_TEST_CASE(reductions_by_axes) {
    for (const std::string& op :
         {std::string("ReduceSum"), std::string("ReduceMax"), std::string("ReduceMean")}) {
        const FloatNetwork network = behind_layer(
            {0, 1, 2, 2},
            [&](OnnxBuilder& net, const std::string& from) {
                net.integers("axes", {1}, {-1});
                OnnxBuilder::set(net.node(op, {from, "axes"}, "y"), "keepdims", 0);
            },
            18);
        BOOST_TEST((run(network, counted(4)) == (op == "ReduceSum"   ? Floats{6, 14}
                                                 : op == "ReduceMax" ? Floats{4, 8}
                                                                     : Floats{3, 7})));
    }
}

BOOST_AUTO_TEST_CASE(what_only_orders_the_classes_is_left_out) {
    const FloatNetwork network = behind_layer({0, 3, 1, 1}, [](OnnxBuilder& net, const std::string& from) {
        net.node("Flatten", {from}, "f");
        net.node("Softmax", {"f"}, "s");
        net.node("Identity", {"s"}, "i");
        net.node("ArgMax", {"i"}, "y");
    });
    BOOST_TEST((kinds(network) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST((run(network, {1, 2, 3}) == Floats{2, 4, 6}));
    BOOST_REQUIRE(network.notes.size() == 2U);
    BOOST_TEST(network.notes[0].find("Softmax 'Softmax_s' at the end is left out") == 0U);
    BOOST_TEST(network.notes[1].find("ArgMax 'ArgMax_y'") == 0U);
}

BOOST_AUTO_TEST_CASE(several_outputs_and_what_nothing_uses) {
    OnnxBuilder builder({0, 1, 1, 1});
    const std::string from = doubled(builder, "x", 1);
    builder.node("Neg", {from}, "y");
    builder.node("Relu", {from}, "z");
    builder.node("NonMaxSuppression", {"z"}, "w");
    builder.model.mutable_graph()->add_output()->set_name("z");
    builder.model.mutable_graph()->add_output()->set_name("w");
    const FloatNetwork first = import_of(builder, "y");
    BOOST_TEST((run(first, {3}) == Floats{-6}));
    BOOST_TEST(first.notes.at(0) == "Of 3 outputs 'y' is taken; what only the others need is left out.");
    BOOST_TEST((run(import_of(builder, "z"), {-3}) == Floats{0}));
    OnnxBuilder dead({0, 1, 1, 1});
    dead.node("Neg", {doubled(dead, "x", 1)}, "y");
    dead.node("Loop", {"x"}, "nowhere");
    BOOST_TEST(import_of(dead).notes.at(0) ==
               "1 node whose result nothing uses is left out: 'Loop_nowhere'.");
}

BOOST_AUTO_TEST_CASE(shapes_computed_in_the_graph) {
    // A mask of ones made from the shape: Shape, ConstantOfShape, Equal, Where, Expand, Range, ReduceProd.
    OnnxBuilder builder({0, 2, 1, 2});
    const std::string from = doubled(builder, "x", 2);
    builder.node("Shape", {from}, "s");
    builder.integers("one", {1}, {1});
    builder.integers("minus", {1}, {-1});
    builder.node("Equal", {"s", "minus"}, "e");
    builder.node("ConstantOfShape", {"n"}, "filled");
    builder.integers("n", {1}, {4});
    OnnxBuilder::set(builder.node("Cast", {"filled"}, "zeros"), "to", onnx::TensorProto::INT64);
    builder.node("Where", {"e", "zeros", "s"}, "dims");
    builder.integers("zero", {}, {0});
    builder.integers("step", {}, {1});
    builder.integers("four", {}, {4});
    builder.node("Range", {"step", "four", "step"}, "rest");  // 1, 2, 3
    builder.node("Gather", {"dims", "rest"}, "sizes");
    builder.node("ReduceProd", {"sizes"}, "all");
    builder.node("Min", {"one", "minus"}, "open");
    OnnxBuilder::set(builder.node("Concat", {"open", "all"}, "to"), "axis", 0);
    builder.node("Reshape", {from, "to"}, "y");
    // Equal before Where needs nothing of the map but its shape.
    BOOST_TEST((run(import_of(builder), {1, 2, 3, 4}) == Floats{2, 4, 6, 8}));
}

namespace {

/// Scale and zero point as constants `name`.s and `name`.z.
void step(OnnxBuilder& net, const std::string& name, float scale, std::int64_t zero, int type) {
    net.floats(name + ".s", {}, {scale});
    net.integers(name + ".z", {}, {zero}, type);
}

}  // namespace

BOOST_AUTO_TEST_CASE(grids_of_quantised_files) {
    OnnxBuilder builder({0, 1, 1, 2});
    const std::string image = builder.grid("x", "image", 0.3F, kInt8, -128);
    builder.integers("w", {2, 1, 1, 1}, {-7, 6}, kInt8);
    builder.floats("w.s", {2}, {0.5F, 0.25F});
    builder.integers("w.z", {2}, {0, 0}, kInt8);
    builder.integers("lo", {}, {-7}, kInt8);
    builder.integers("hi", {}, {7}, kInt8);
    builder.node("Clip", {"w", "lo", "hi"}, "w.c");
    OnnxBuilder::set(builder.node("DequantizeLinear", {"w.c", "w.s", "w.z"}, "w.f"), "axis", 0);
    builder.node("Conv", {image, "w.f"}, "c");
    step(builder, "c", 0.1F, 128, kUint8);
    builder.node("QuantizeLinear", {"c", "c.s", "c.z"}, "q");
    builder.integers("zero", {}, {100}, kUint8);
    builder.integers("top", {}, {200}, kUint8);
    builder.node("Clip", {"q", "zero", "top"}, "k");
    builder.node("DequantizeLinear", {"k", "c.s", "c.z"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_REQUIRE(network.nodes.size() == 2U);
    BOOST_REQUIRE((network.nodes[0].grid && network.nodes[1].grid && network.nodes[1].weight_grid));
    // Signed codes from their zero point on are unsigned ones from 0 on.
    BOOST_TEST((*network.nodes[0].grid == QuantisationGrid{false, 0.3F, 8, 0, 0, 255}));
    BOOST_TEST((*network.nodes[1].grid == QuantisationGrid{true, 0.1F, 8, 0, -28, 72}));
    BOOST_TEST((network.nodes[1].weight_grid->steps == Floats{0.5F, 0.25F}));
    BOOST_TEST(network.nodes[1].weight_grid->bits == 3);
    BOOST_TEST((network.nodes[1].weights == Floats{-3.5F, 1.5F}));
    BOOST_TEST((run(network, {1, 2}) == Floats{-3.5F, -7, 1.5F, 3}));  // the float network rounds nothing
}

BOOST_AUTO_TEST_CASE(a_map_in_two_steps_has_a_table_between) {
    OnnxBuilder builder({0, 1, 1, 2});
    const std::string first = builder.grid(doubled(builder, "x", 1), "a", 0.5F, kInt8);
    OnnxBuilder::set(builder.node("MaxPool", {first}, "p"), "kernel_shape", Dims{1, 2});
    builder.grid("p", "y", 0.25F, kInt8);
    const FloatNetwork network = import_of(builder);
    BOOST_TEST(
        (kinds(network) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::max_pool, NodeKind::table}));
    BOOST_TEST(network.nodes[1].grid->step == 0.5F);
    BOOST_TEST(network.nodes[3].grid->step == 0.25F);
    // A map that something else reads as it is keeps its own steps.
    OnnxBuilder shared({0, 1, 1, 2});
    const std::string from = doubled(shared, "x", 1);
    shared.node("Add", {shared.grid(from, "q", 0.5F, kUint8), from}, "y");
    const FloatNetwork two = import_of(shared);
    BOOST_TEST((kinds(two) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::table, NodeKind::add}));
    BOOST_TEST(!two.nodes[1].grid);
}

BOOST_AUTO_TEST_CASE(saturation_that_stands_for_an_activation) {
    OnnxBuilder builder({0, 1, 1, 3});
    builder.grid(doubled(builder, "x", 1), "y", 6.0F / 255, kUint8);
    const FloatNetwork network = import_of(builder);
    BOOST_TEST(network.nodes[1].relu);
    close(run(network, {-1, 2, 9}), {0, 4, 6});
}

BOOST_AUTO_TEST_CASE(quantised_operators) {
    OnnxBuilder builder({0, 1, 1, 4});
    step(builder, "x", 0.5F, 0, kUint8);
    builder.node("QuantizeLinear", {"x", "x.s", "x.z"}, "q");
    builder.integers("w", {2, 1, 1, 1}, {4, 130}, kUint8);
    step(builder, "w", 0.25F, 2, kUint8);
    step(builder, "c", 1, 3, kInt8);
    builder.integers("b", {2}, {8, -8}, kInt32);
    builder.node("QLinearConv", {"q", "x.s", "x.z", "w", "w.s", "w.z", "c.s", "c.z", "b"}, "c");
    step(builder, "a", 2, 0, kInt8);
    builder.node("QLinearAdd", {"c", "c.s", "c.z", "c", "c.s", "c.z", "a.s", "a.z"}, "a")
        ->set_domain("com.microsoft");
    step(builder, "g", 0.5F, 0, kInt8);
    builder.node("QLinearGlobalAveragePool", {"a", "a.s", "a.z", "g.s", "g.z"}, "g")
        ->set_domain("com.microsoft");
    builder.node("Flatten", {"g"}, "f");
    builder.integers("v", {2, 1}, {1, 2}, kInt8);
    step(builder, "v", 0.5F, 0, kInt8);
    step(builder, "m", 0.125F, 0, kInt8);
    builder.node("QLinearMatMul", {"f", "g.s", "g.z", "v", "v.s", "v.z", "m.s", "m.z"}, "m");
    builder.node("DequantizeLinear", {"m", "m.s", "m.z"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((kinds(network) == Kinds{NodeKind::input, NodeKind::matrix, NodeKind::add,
                                        NodeKind::average_pool, NodeKind::matrix}));
    // Weights 0.5 and 32, biases 1 and -1; twice; mean; 0.5 and 1.
    const float mean = 2.5F;
    close(run(network, {1, 2, 3, 4}), {0.5F * 2 * (0.5F * mean + 1) + 1 * 2 * (32 * mean - 1)});
    BOOST_TEST(network.nodes[1].grid->zero == 3);
    BOOST_TEST(network.nodes[1].weight_grid->bits == 8);
}

BOOST_AUTO_TEST_CASE(steps_of_qonnx) {
    OnnxBuilder builder({0, 1, 1, 2});
    builder.floats("w", {2, 1, 1, 1}, {0.9F, -5});
    builder.floats("w.s", {2, 1, 1, 1}, {0.5F, 1});
    builder.floats("zero", {}, {0});
    builder.floats("two", {}, {2});
    builder.floats("four", {}, {4});
    const auto quant = [&](const std::string& from, const std::string& scale, const std::string& bits,
                           const std::string& to, bool is_signed, bool narrow) {
        auto* const node = builder.node("Quant", {from, scale, "zero", bits}, to);
        node->set_domain("qonnx.custom_op.general");
        OnnxBuilder::set(node, "signed", is_signed ? 1 : 0);
        OnnxBuilder::set(node, "narrow", narrow ? 1 : 0);
        OnnxBuilder::set(node, "rounding_mode", std::string("ROUND"));
        return node;
    };
    quant("w", "w.s", "two", "w.q", true, true);
    builder.node("Conv", {"x", "w.q"}, "c");
    builder.node("Relu", {"c"}, "r");
    builder.floats("a.s", {}, {0.75F});
    auto* const last = quant("r", "a.s", "four", "q", false, false);
    builder.floats("one", {}, {1});
    builder.node("BipolarQuant", {"q", "one"}, "y")->set_domain("onnx.brevitas");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((network.nodes[1].weights == Floats{0.5F, -1}));
    BOOST_TEST(network.nodes[1].weight_grid->bits == 1);
    BOOST_TEST((*network.nodes[1].grid == QuantisationGrid{false, 0.75F, 4, 0, 0, 15}));
    BOOST_TEST((*network.nodes[2].grid == QuantisationGrid{true, 1, 2, 0, -1, 1}));
    BOOST_TEST((run(network, {2, -2}) == Floats{1, 1, 1, 1}));
    last->set_input(3, "many");
    builder.floats("many", {}, {12});
    BOOST_TEST(
        one_line_with(test::refusal([&] { static_cast<void>(import_of(builder)); }), "to 12 bits", "1 to 8"));
}

BOOST_AUTO_TEST_CASE(integer_operators_with_scales_found_at_run_time) {
    OnnxBuilder builder({0, 2});
    auto* const found = builder.node("DynamicQuantizeLinear", {"x"}, "q");
    found->add_output("q.s");
    found->add_output("q.z");
    builder.integers("w", {2, 2}, {130, 128, 128, 126}, kUint8);
    builder.integers("w.z", {}, {128}, kUint8);
    builder.floats("w.s", {}, {0.5F});
    builder.node("MatMulInteger", {"q", "w", "q.z", "w.z"}, "i");
    OnnxBuilder::set(builder.node("Cast", {"i"}, "f"), "to", onnx::TensorProto::FLOAT);
    builder.node("Mul", {"q.s", "w.s"}, "s");
    builder.node("Mul", {"f", "s"}, "m");
    builder.floats("b", {2}, {1, 2});
    builder.node("Add", {"m", "b"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((kinds(network) == Kinds{NodeKind::input, NodeKind::matrix}));
    BOOST_TEST((run(network, {3, 5}) == Floats{4, -3}));
    BOOST_TEST((network.nodes[1].weight_grid->steps == Floats{0.5F}));
    BOOST_TEST(network.notes.at(0).find("from calibration") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(weights_beside_the_model) {
    const test::TemporaryFolder folder;
    OnnxBuilder builder({0, 2});
    auto* const tensor = builder.tensor("w", onnx::TensorProto::FLOAT, {2, 1});
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    const auto entry = [&](const std::string& key, const std::string& value) {
        for (auto& old : *tensor->mutable_external_data())
            if (old.key() == key) return old.set_value(value);
        auto* const made = tensor->add_external_data();
        made->set_key(key);
        made->set_value(value);
    };
    entry("location", "net.onnx.data");
    entry("offset", "4");
    entry("length", "8");
    builder.node("MatMul", {"x", "w"}, "y");
    const float values[3] = {7, 1, 10};
    folder.write("net.onnx.data", std::string(reinterpret_cast<const char*>(values), sizeof values));
    const auto import_now = [&] { return import_onnx(folder.write("net.onnx", builder.bytes())); };
    const auto refused = [&] { return test::refusal([&] { static_cast<void>(import_now()); }); };
    const FloatNetwork network = import_now();
    BOOST_TEST((run(network, {2, 3}) == Floats{32}));
    BOOST_TEST(network.data_files.at(0).location == "net.onnx.data");
    BOOST_TEST(
        one_line_with(test::refusal([&] { static_cast<void>(import_of(builder)); }), "'w'", "another file"));
    entry("offset", "8");
    BOOST_TEST(one_line_with(refused(), "'w'", "net.onnx.data, which has 12 bytes"));
    entry("offset", "-4");
    BOOST_TEST(one_line_with(refused(), "offset '-4'", "no number"));
    entry("offset", "0");
    entry("length", "4");
    BOOST_TEST(one_line_with(refused(), "needs 8 bytes", "length 4"));
    entry("length", "8");
    for (const char* place : {"/etc/passwd", "../net.onnx.data", "a/../../b"}) {
        entry("location", place);
        BOOST_TEST(one_line_with(refused(), "only files in the model's own folder"), place);
    }
    entry("location", "none.data");
    BOOST_TEST(one_line_with(refused(), "'none.data', which is not there"));
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "link.data");
    entry("location", "link.data");
    BOOST_TEST(one_line_with(refused(), "only files in the model's own folder"));
}

BOOST_AUTO_TEST_CASE(the_table_of_operators) {
    const std::vector<SupportedOperator> list = supported_operators();
    BOOST_TEST(list.size() > 90U);
    for (std::size_t i = 0; i < list.size(); ++i) {
        BOOST_TEST(!list[i].what.empty());
        if (i > 0 && list[i].domain == list[i - 1].domain) BOOST_TEST((list[i - 1].name < list[i].name));
    }
}

BOOST_AUTO_TEST_SUITE_END()
