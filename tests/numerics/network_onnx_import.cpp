// What the importer makes of single constructs, built here node by node: constants in every encoding,
// folding, fusing, quantisation in the file, shapes computed in the graph.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "network/float_executor.h"
#include "network/golden.h"
#include "network/onnx_import.h"
#include "network/quantise.h"
#include "network_onnx_builder.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_onnx_import)

using namespace sliver::network;
using test::OnnxBuilder;
using Floats = std::vector<float>;

namespace {

constexpr int kInt8 = onnx::TensorProto::INT8, kUint8 = onnx::TensorProto::UINT8,
              kInt32 = onnx::TensorProto::INT32;

FloatNetwork import_of(const OnnxBuilder& builder, bool packed = false) {
    const test::TemporaryFolder folder;
    return import_onnx(packed ? folder.write("net.onnx.gz", test::gzip(builder.bytes()))
                              : folder.write("net.onnx", builder.bytes()));
}

Floats run(const FloatNetwork& network, const Floats& image) {
    return FloatExecutor(network).run(image.data());
}

std::vector<NodeKind> kinds(const FloatNetwork& network) {
    std::vector<NodeKind> result;
    for (const FloatNode& node : network.nodes) result.push_back(node.kind);
    return result;
}

/// x (1x2x2) -> Conv 1x1 with two outputs (x, -x + 1) -> "c"
OnnxBuilder with_conv() {
    OnnxBuilder builder({0, 1, 2, 2});
    builder.floats("w", {2, 1, 1, 1}, {1, -1});
    builder.floats("b", {2}, {0, 1});
    builder.node("Conv", {"x", "w", "b"}, "c");
    return builder;
}

const Floats kImage{1, 2, -3, 4};

}  // namespace

BOOST_AUTO_TEST_CASE(plain_and_gzip_files_and_names) {
    OnnxBuilder builder = with_conv();
    builder.node("Identity", {"c"}, "y");
    for (const bool packed : {false, true}) {
        const FloatNetwork network = import_of(builder, packed);
        BOOST_TEST(network.name == "net");
        BOOST_TEST((network.input_shape() == Shape{1, 2, 2}));
        BOOST_TEST(network.nodes[1].name == "Conv_c");
        BOOST_TEST((run(network, kImage) == Floats{1, 2, -3, 4, 0, -1, 4, -3}));
    }
}

BOOST_AUTO_TEST_CASE(constants_in_every_encoding) {
    const auto layer = [](int type, const std::string& raw) {
        OnnxBuilder builder({1, 2});
        auto* tensor = builder.tensor("w", type, {2, 2});
        tensor->set_raw_data(raw);
        builder.node("MatMul", {"x", "w"}, "y");
        return run(import_of(builder), {1, 10});
    };
    const auto raw_of = [](auto... values) {
        std::string raw;
        (raw.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
        return raw;
    };
    const Floats expected{1.5F - 20, 0.25F + 30};  // weights 1.5, 0.25 / -2, 3 as [row][output]
    BOOST_TEST((layer(onnx::TensorProto::FLOAT, raw_of(1.5F, 0.25F, -2.0F, 3.0F)) == expected));
    BOOST_TEST((layer(onnx::TensorProto::DOUBLE, raw_of(1.5, 0.25, -2.0, 3.0)) == expected));
    BOOST_TEST((layer(onnx::TensorProto::FLOAT16, raw_of(std::uint16_t{0x3E00}, std::uint16_t{0x3400},
                                                         std::uint16_t{0xC000}, std::uint16_t{0x4200})) ==
                expected));
    OnnxBuilder typed({1, 2});
    auto* tensor = typed.tensor("w", onnx::TensorProto::DOUBLE, {2, 2});
    for (const double value : {1.5, 0.25, -2.0, 3.0}) tensor->add_double_data(value);
    typed.node("MatMul", {"x", "w"}, "y");
    BOOST_TEST((run(import_of(typed), {1, 10}) == expected));
    OnnxBuilder node({1, 2});  // a Constant node in place of an initialiser
    auto* constant = node.node("Constant", {}, "w")->add_attribute();
    constant->set_name("value");
    constant->mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t dim : {2, 2}) constant->mutable_t()->add_dims(dim);
    for (const float value : {1.5F, 0.25F, -2.0F, 3.0F}) constant->mutable_t()->add_float_data(value);
    node.node("MatMul", {"x", "w"}, "y");
    BOOST_TEST((run(import_of(node), {1, 10}) == expected));
}

BOOST_AUTO_TEST_CASE(linear_layers) {
    OnnxBuilder builder({0, 3});
    builder.floats("w", {2, 3}, {1, 2, 3, 4, 5, 6});
    builder.floats("b", {1, 2}, {10, 20});
    auto* gemm = builder.node("Gemm", {"x", "w", "b"}, "g");
    OnnxBuilder::set(gemm, "transB", 1);
    OnnxBuilder::set_real(gemm, "alpha", 2.0F);
    OnnxBuilder::set_real(gemm, "beta", 0.5F);
    builder.node("Transpose", {"v"}, "vt");
    builder.floats("v", {3, 2}, {1, 0, 0, 1, 1, 1});
    builder.node("MatMul", {"g", "vt"}, "m");
    builder.floats("c", {3}, {0.5F, 1.5F, 2.5F});
    builder.node("Add", {"c", "m"}, "y");
    const FloatNetwork network = import_of(builder);
    // g = 2 * (1+4+9, 4+10+18) + (5, 10) = (33, 74); y = (33, 74, 107) + c
    BOOST_TEST((run(network, {1, 2, 3}) == Floats{33.5F, 75.5F, 109.5F}));
    BOOST_TEST(
        (kinds(network) == std::vector<NodeKind>{NodeKind::input, NodeKind::matrix, NodeKind::matrix}));
}

BOOST_AUTO_TEST_CASE(batch_norm_is_folded) {
    OnnxBuilder builder = with_conv();
    builder.floats("g", {2}, {2, 3});
    builder.floats("o", {2}, {0.5F, -1});
    builder.floats("m", {2}, {1, -2});
    builder.floats("v", {2}, {0.25F - 1e-5F, 4 - 1e-5F});
    builder.node("BatchNormalization", {"c", "g", "o", "m", "v"}, "n");
    builder.node("Relu", {"n"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST(network.nodes.size() == 2U);
    BOOST_TEST(network.nodes[1].relu);
    // channel 0: (x - 1) * 4 + 0.5; channel 1: (1 - x + 2) * 1.5 - 1; ReLU
    const Floats got = run(network, kImage), expected{0.5F, 4.5F, 0, 12.5F, 2, 0.5F, 8, 0};
    for (std::size_t i = 0; i < got.size(); ++i) BOOST_TEST(std::fabs(got[i] - expected[i]) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(relu_is_fused_only_where_nothing_else_reads) {
    OnnxBuilder shared = with_conv();
    shared.node("Relu", {"c"}, "r");
    shared.node("Add", {"r", "c"}, "s");
    shared.node("Relu", {"s"}, "t");
    shared.node("Relu", {"t"}, "y");  // twice is once
    const FloatNetwork network = import_of(shared);
    BOOST_TEST((kinds(network) ==
                std::vector<NodeKind>{NodeKind::input, NodeKind::matrix, NodeKind::relu, NodeKind::add}));
    BOOST_TEST(!network.nodes[1].relu);
    BOOST_TEST(network.nodes[3].relu);
    BOOST_TEST((run(network, kImage) == Floats{2, 4, 0, 8, 0, 0, 8, 0}));
    OnnxBuilder pooled = with_conv();  // ReLU commutes with max pooling, not with averaging
    OnnxBuilder::set(pooled.node("MaxPool", {"c"}, "p"), "kernel_shape", OnnxBuilder::Dims{1, 2});
    pooled.node("Relu", {"p"}, "q");
    OnnxBuilder::set(pooled.node("AveragePool", {"q"}, "a"), "kernel_shape", OnnxBuilder::Dims{2, 1});
    pooled.node("Relu", {"a"}, "y");
    const FloatNetwork fused = import_of(pooled);
    BOOST_TEST((kinds(fused) == std::vector<NodeKind>{NodeKind::input, NodeKind::matrix, NodeKind::max_pool,
                                                      NodeKind::average_pool}));
    BOOST_TEST(fused.nodes[1].relu);
    BOOST_TEST((run(fused, kImage) == Floats{3, 2}));  // max(1,2)=2, max(-3,4)=4; max(0,-1)=0, max(4,-3)=4
    OnnxBuilder averaged = with_conv();
    averaged.node("GlobalAveragePool", {"c"}, "p");
    averaged.node("Relu", {"p"}, "y");
    BOOST_TEST((kinds(import_of(averaged)) == std::vector<NodeKind>{NodeKind::input, NodeKind::matrix,
                                                                    NodeKind::average_pool, NodeKind::relu}));
}

// ONNX lists all beginnings first: top, left, bottom, right; and the vertical stride first.
BOOST_AUTO_TEST_CASE(each_side_has_its_own_padding) {
    OnnxBuilder builder({0, 1, 2, 2});
    builder.floats("w", {1, 1, 4, 3}, Floats(12, 1));
    auto* const conv = builder.node("Conv", {"x", "w"}, "y");
    OnnxBuilder::set(conv, "pads", OnnxBuilder::Dims{1, 2, 3, 0});
    OnnxBuilder::set(conv, "strides", OnnxBuilder::Dims{2, 1});
    const FloatNetwork network = import_of(builder);
    const Window& window = network.nodes[1].window;
    BOOST_TEST(window.pad_top == 1);
    BOOST_TEST(window.pad_left == 2);
    BOOST_TEST(window.pad_bottom == 3);
    BOOST_TEST(window.pad_right == 0);
    BOOST_TEST(window.stride_y == 2);
    BOOST_TEST(window.stride_x == 1);
    // Rows of windows: -1 to 2 and 1 to 4; columns: -2 to 0 and -1 to 1. All weights are 1.
    BOOST_TEST((run(network, {1, 2, 4, 8}) == Floats{5, 15, 4, 12}));
}

BOOST_AUTO_TEST_CASE(zero_padding_is_merged) {
    const auto padded = [](const std::string& op) {
        OnnxBuilder builder({1, 1, 2, 2});
        builder.floats("w", {1, 1, 2, 2}, {1, 1, 1, 1});
        builder.integers("pads", {8}, {0, 0, 1, 0, 0, 0, 0, 1});
        builder.node("Relu", {"x"}, "r");
        builder.node("Pad", {"r", "pads"}, "p");
        if (op == "Conv")
            builder.node("Conv", {"p", "w"}, "y");
        else
            OnnxBuilder::set(builder.node(op, {"p"}, "q"), "kernel_shape", OnnxBuilder::Dims{2, 2});
        if (op != "Conv") builder.node("Conv", {"q", "w1"}, "y");
        builder.floats("w1", {1, 1, 1, 1}, {1});
        return run(import_of(builder), {4, 8, 12, 16});
    };
    // rows: 0 0 0 / 4 8 0 / 12 16 0
    BOOST_TEST((padded("Conv") == Floats{12, 8, 40, 24}));
    BOOST_TEST((padded("AveragePool") == Floats{3, 2, 10, 6}));
    BOOST_TEST((padded("MaxPool") == Floats{8, 8, 16, 16}));  // zeros never beat what is not negative
}

BOOST_AUTO_TEST_CASE(flattening_as_exporters_write_it) {
    // x.view(x.size(0), -1): Shape, Gather, Unsqueeze, Concat, Reshape
    OnnxBuilder builder({0, 1, 2, 2});
    builder.floats("k", {2, 1, 1, 1}, {1, 10});
    builder.node("Conv", {"x", "k"}, "c");
    builder.node("Shape", {"c"}, "s");
    builder.integers("zero", {}, {0});
    builder.integers("axes", {1}, {0});
    builder.integers("rest", {1}, {-1});
    builder.node("Gather", {"s", "zero"}, "n");
    builder.node("Unsqueeze", {"n", "axes"}, "n1");
    builder.node("Concat", {"n1", "rest"}, "to");
    builder.node("Reshape", {"c", "to"}, "f");
    builder.floats("w", {8, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
    builder.node("MatMul", {"f", "w"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((kinds(network) == std::vector<NodeKind>{NodeKind::input, NodeKind::matrix, NodeKind::flatten,
                                                        NodeKind::matrix}));
    BOOST_TEST((run(network, {1, 1, 1, 2}) == Floats{14 + 340}));
    // x.view(-1, c * h * w): products of a sliced shape
    OnnxBuilder product({0, 2, 1, 2});
    product.node("Shape", {"x"}, "s");
    for (const std::int64_t i : {1, 2, 3}) product.integers("i" + std::to_string(i), {}, {i});
    for (const std::int64_t i : {1, 2, 3})
        product.node("Gather", {"s", "i" + std::to_string(i)}, "d" + std::to_string(i));
    product.node("Mul", {"d1", "d2"}, "m1");
    product.node("Mul", {"m1", "d3"}, "m2");
    product.integers("axes", {1}, {0});
    product.integers("rest", {1}, {-1});
    product.node("Unsqueeze", {"m2", "axes"}, "m3");
    product.node("Concat", {"rest", "m3"}, "to");
    OnnxBuilder::set(product.node("Cast", {"to"}, "to64"), "to", onnx::TensorProto::INT64);
    product.node("Reshape", {"x", "to64"}, "f");
    product.floats("w", {4, 1}, {1, 2, 3, 4});
    product.node("MatMul", {"f", "w"}, "y");
    BOOST_TEST((run(import_of(product), {1, 2, 3, 4}) == Floats{30}));
    // mean over height and width, dropped: nothing to flatten is left
    OnnxBuilder mean({0, 2, 2, 1});
    auto* reduce = mean.node("ReduceMean", {"x"}, "r");
    OnnxBuilder::set(reduce, "axes", OnnxBuilder::Dims{-2, -1});
    OnnxBuilder::set(reduce, "keepdims", 0);
    mean.floats("w", {2, 1}, {1, 10});
    mean.node("MatMul", {"r", "w"}, "y");
    const FloatNetwork averaged = import_of(mean);
    BOOST_TEST((kinds(averaged) ==
                std::vector<NodeKind>{NodeKind::input, NodeKind::average_pool, NodeKind::matrix}));
    BOOST_TEST((run(averaged, {1, 3, 5, 7}) == Floats{62}));
}

// F.pad lets the exporter reverse a list of pads: Reshape, Slice with step -1, Transpose, Reshape.
BOOST_AUTO_TEST_CASE(pads_computed_in_the_graph) {
    OnnxBuilder builder({1, 1, 2, 2});
    builder.integers("torch", {8},
                     {0, 1, 1, 0, 0, 0, 0, 0});  // last dimension first: (left, right), (top, bottom)
    builder.integers("pairs", {2}, {-1, 2});
    builder.node("Reshape", {"torch", "pairs"}, "a");
    for (const auto& [name, value] : {std::pair<std::string, std::int64_t>{"start", -1},
                                      {"end", INT64_MIN + 1},
                                      {"axis", 0},
                                      {"step", -1}})
        builder.integers(name, {1}, {value});
    builder.node("Slice", {"a", "start", "end", "axis", "step"}, "b");
    OnnxBuilder::set(builder.node("Transpose", {"b"}, "c"), "perm", OnnxBuilder::Dims{1, 0});
    builder.integers("flat", {1}, {-1});
    builder.node("Reshape", {"c", "flat"}, "pads");
    builder.node("Pad", {"x", "pads"}, "p");
    builder.floats("w", {1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    builder.node("Conv", {"p", "w"}, "y");
    const FloatNetwork network = import_of(builder);
    const Window& window = network.nodes[1].window;
    BOOST_TEST(window.pad_top == 1);
    BOOST_TEST(window.pad_right == 1);
    BOOST_TEST(window.pad_left == 0);
    BOOST_TEST(window.pad_bottom == 0);
    BOOST_TEST((run(network, {1, 10, 100, 1000}) == Floats{4 + 50 + 700 + 8000}));
}

BOOST_AUTO_TEST_CASE(squeezing_at_once_or_in_turn) {
    for (const bool at_once : {true, false}) {
        OnnxBuilder builder({0, 2, 2, 2}, 11);
        builder.node("GlobalAveragePool", {"x"}, "g");
        if (at_once) {
            OnnxBuilder::set(builder.node("Squeeze", {"g"}, "f"), "axes", OnnxBuilder::Dims{-1, 2});
        } else {
            OnnxBuilder::set(builder.node("Squeeze", {"g"}, "s"), "axes", OnnxBuilder::Dims{3});
            OnnxBuilder::set(builder.node("Squeeze", {"s"}, "f"), "axes", OnnxBuilder::Dims{2});
        }
        builder.floats("w", {2, 1}, {1, 10});
        builder.node("MatMul", {"f", "w"}, "y");
        BOOST_TEST((run(import_of(builder), {1, 2, 3, 2, 4, 4, 4, 8}) == Floats{52}));
    }
}

BOOST_AUTO_TEST_CASE(quantised_maps_fix_their_format) {
    OnnxBuilder builder({0, 1, 2, 2});
    const std::string image = builder.grid("x", "image", 0.25F, kInt8);
    builder.floats("w", {2, 1, 1, 1}, {1, -1});
    builder.node("Conv", {image, "w"}, "c");
    builder.node("Relu", {"c"}, "r");
    OnnxBuilder::set(builder.node("MaxPool", {"r"}, "p"), "kernel_shape", OnnxBuilder::Dims{1, 2});
    const std::string hidden =
        builder.grid("p", "hidden", 0.125F, kUint8);  // behind the pool: the convolution's format
    builder.node("Flatten", {hidden}, "f");
    builder.floats("v", {4, 1}, {1, 1, 1, 1});
    builder.node("MatMul", {"f", "v"}, "m");
    builder.grid("m", "y", 0.5F, kInt8);  // of the logits: they stay 32-bit sums
    const FloatNetwork network = import_of(builder);
    BOOST_REQUIRE(network.nodes[0].grid && network.nodes[1].grid);
    BOOST_TEST(network.nodes[1].relu);
    BOOST_TEST(!needs_calibration(network));
    const QuantisedNetwork quantised = quantise(network, {}, {});
    BOOST_TEST(quantised.nodes[0].format.exponent == -2);
    BOOST_TEST(quantised.nodes[0].format.is_signed);
    BOOST_TEST(quantised.nodes[1].format.exponent == -3);
    BOOST_TEST(!quantised.nodes[1].format.is_signed);
    const auto codes = quantise_image(quantised.nodes[0], kImage.data());
    BOOST_TEST((codes == std::vector<std::int32_t>{4, 8, -12, 16}));
    // max(1,2)=2, 4, max(0,0)=0, 3: 9
    BOOST_TEST(std::ldexp(run_golden(quantised, codes).at(0), quantised.output().format.exponent) ==
                   2 * 255 / 256.0 + 4 * 255 / 256.0 + 3 * 255 / 256.0,
               boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(relu_behind_a_quantised_map_stays) {
    OnnxBuilder builder = with_conv();
    builder.node("Relu", {builder.grid("c", "before", 0.5F, kInt8)}, "r");
    builder.node("GlobalAveragePool", {builder.grid("r", "after", 0.25F, kUint8)}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((kinds(network) == std::vector<NodeKind>{NodeKind::input, NodeKind::matrix, NodeKind::relu,
                                                        NodeKind::average_pool}));
    const QuantisedNetwork quantised = quantise(network, {}, {{"x", {-4, 4}}});
    BOOST_TEST(quantised.nodes[1].format.exponent == -1);
    BOOST_TEST(quantised.nodes[1].format.is_signed);
    BOOST_TEST(quantised.nodes[2].format.exponent == -2);
    // a uint8 map is never negative: a ReLU behind it does nothing
    OnnxBuilder cut = with_conv();
    cut.node("Relu", {cut.grid("c", "before", 0.5F, kUint8)}, "y");
    BOOST_TEST((kinds(import_of(cut)) == std::vector<NodeKind>{NodeKind::input, NodeKind::matrix}));
}

BOOST_AUTO_TEST_CASE(quantised_weights_are_computed) {
    OnnxBuilder builder({1, 2});
    builder.integers("w", {2, 2}, {-128, 100, 3, -4}, kInt8);
    builder.floats("s", {}, {0.03125F});
    builder.integers("z", {}, {0}, kInt8);
    builder.node("DequantizeLinear", {"w", "s", "z"}, "wf");
    builder.integers("b", {2}, {40, -7}, kInt32);
    builder.floats("bs", {}, {0.25F});
    builder.node("DequantizeLinear", {"b", "bs"}, "bf");
    builder.node("Gemm", {"x", "wf", "bf"}, "y");
    const FloatNetwork network = import_of(builder);
    BOOST_TEST((run(network, {1, 2}) == Floats{-4 + 0.1875F + 10, 3.125F - 0.25F - 1.75F}));
    const QuantisedNetwork quantised = quantise(network, {}, {{"x", {-1, 1}}});
    BOOST_TEST(quantised.nodes[1].weights.exponent == -5);  // the file's step, not the 2^-6 of max|w| = 4
    BOOST_TEST((quantised.nodes[1].weights.codes == std::vector<std::int16_t>{-128, 3, 100, -4}));
    // one scale an output, zero points
    OnnxBuilder axis({1, 2});
    axis.integers("w", {2, 2}, {130, 126, 129, 100}, kUint8);
    axis.floats("s", {2}, {0.5F, 0.25F});
    axis.integers("z", {2}, {128, 100}, kUint8);
    OnnxBuilder::set(axis.node("DequantizeLinear", {"w", "s", "z"}, "wf"), "axis", 0);
    axis.node("MatMul", {"x", "wf"}, "y");
    const FloatNetwork by_axis = import_of(axis);
    BOOST_TEST((by_axis.nodes[1].weights == Floats{1, 7.25F, -1, 0}));
    BOOST_TEST(!by_axis.nodes[1].weight_grid.has_value());
    // fake quantisation as training leaves it: float weights, quantised and dequantised in the graph
    OnnxBuilder fake({1, 4});
    fake.floats("w", {4, 1}, {0.625F, -0.125F, 0.375F, 100.0F});
    fake.node("MatMul", {"x", fake.grid("w", "wq", 0.25F, kInt8)}, "y");
    BOOST_TEST(
        (import_of(fake).nodes[1].weights == Floats{0.5F, 0, 0.5F, 31.75F}));  // 2.5, -0.5, 1.5 to even; 127
}

BOOST_AUTO_TEST_CASE(names_become_unique) {
    OnnxBuilder builder({1, 2});
    builder.floats("w", {2, 2}, {1, 0, 0, 1});
    builder.node("MatMul", {"x", "w"}, "a")->set_name("layer");
    builder.node("MatMul", {"a", "w"}, "b")->set_name("layer");
    builder.node("MatMul", {"b", "w"}, "y")->clear_name();
    const FloatNetwork network = import_of(builder);
    BOOST_TEST(network.nodes[1].name == "layer");
    BOOST_TEST(network.nodes[2].name == "layer_2");
    BOOST_TEST(network.nodes[3].name == "y");
}

BOOST_AUTO_TEST_SUITE_END()
