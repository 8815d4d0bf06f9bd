// What a small file may make of the importer: memory and time in proportion to itself, names that are fit to
// be shown, and layers that were pruned away.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "base/text.h"
#include "network/float_executor.h"
#include "network/golden.h"
#include "network/onnx_import.h"
#include "network/quantise.h"
#include "network_onnx_builder.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_limits)

using namespace sliver::network;
using test::one_line_with;
using test::OnnxBuilder;

namespace {

FloatNetwork import_of(const OnnxBuilder& builder) {
    return import_onnx_bytes(builder.bytes(), "net.onnx");
}

std::string refusal_of(const OnnxBuilder& builder) {
    return test::refusal([&] { static_cast<void>(import_of(builder)); });
}

/// Longer than any of these imports takes on a busy machine, and far below what a quadratic step takes.
constexpr std::chrono::seconds kSoon(10);

template <typename Action>
void soon(Action action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    BOOST_TEST((std::chrono::steady_clock::now() - start < kSoon));
}

/// x (batch, 2) -> Gemm -> h.
void add_gemm(OnnxBuilder& builder, const std::string& from, const std::string& to) {
    builder.floats("w." + to, {2, 2}, {1, 0.5, -0.25, 1});
    builder.node("Gemm", {from, "w." + to}, to);
}

/// Only what the output needs is looked at.
void needs(OnnxBuilder& builder, const std::string& output) {
    builder.model.mutable_graph()->mutable_output(0)->set_name(output);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_small_file_makes_no_large_constants) {
    soon([] {
        OnnxBuilder shape({0, 2});
        shape.integers("dims", {2}, {1 << 14, 1 << 14});
        shape.node("ConstantOfShape", {"dims"}, "c");
        needs(shape, "c");
        BOOST_TEST(one_line_with(refusal_of(shape), "'ConstantOfShape_c'", "268435456 values are too many"));

        OnnxBuilder wide({0, 2});
        wide.floats("a", {1 << 12, 1}, std::vector<float>(1 << 12, 1));
        wide.floats("b", {1, 1 << 12}, std::vector<float>(1 << 12, 1));
        wide.node("Add", {"a", "b"}, "c");
        needs(wide, "c");
        BOOST_TEST(one_line_with(refusal_of(wide), "'Add_c'", "16777216 values are too many"));

        // Each is small; all together they are not.
        OnnxBuilder many({0, 2});
        many.integers("dims", {1}, {100'000});
        std::vector<std::string> all;
        for (int i = 0; i < 100; ++i) {
            all.push_back("c" + std::to_string(i));
            many.node("ConstantOfShape", {"dims"}, all.back());
        }
        OnnxBuilder::set(many.node("Concat", all, "sum"), "axis", 0);
        needs(many, "sum");
        BOOST_TEST(one_line_with(refusal_of(many), "too many", "in all"));

        OnnxBuilder copies({0, 2});
        copies.floats("a", {100'000}, std::vector<float>(100'000, 1));
        std::string last = "a";
        for (int i = 0; i < 1000; ++i) {
            copies.node("Identity", {last}, "c" + std::to_string(i));
            last = "c" + std::to_string(i);
        }
        needs(copies, last);
        BOOST_TEST(one_line_with(refusal_of(copies), "too many", "in all"));
    });
}

BOOST_AUTO_TEST_CASE(an_empty_tensor_has_no_endless_side) {
    soon([] {
        OnnxBuilder empty({0, 2});
        empty.tensor("z", onnx::TensorProto::FLOAT, {0, std::int64_t{1} << 40});
        empty.integers("from", {1}, {0});
        empty.integers("to", {1}, {std::numeric_limits<std::int64_t>::max()});
        empty.integers("axis", {1}, {1});
        empty.node("Slice", {"z", "from", "to", "axis"}, "s");
        needs(empty, "s");
        BOOST_TEST(one_line_with(refusal_of(empty), "'z'", "2^31"));
        empty.model.mutable_graph()->mutable_initializer(0)->set_dims(1, 1 << 30);
        BOOST_TEST(one_line_with(refusal_of(empty), "'Slice_s'", "too many"));
    });
}

BOOST_AUTO_TEST_CASE(layers_that_share_weights_share_a_budget) {
    OnnxBuilder builder({0, 64});
    builder.floats("w", {64, 64}, std::vector<float>(64 * 64, 0.01F));
    std::string last = "x";
    for (int i = 0; i < 1000; ++i) {
        builder.node("MatMul", {last, "w"}, "h" + std::to_string(i));
        last = "h" + std::to_string(i);
    }
    builder.node("Relu", {last}, "y");
    soon([&] { BOOST_TEST(one_line_with(refusal_of(builder), "4096 values are too many", "in all")); });
    // A few are a network like any other.
    OnnxBuilder few({0, 64});
    few.floats("w", {64, 64}, std::vector<float>(64 * 64, 0.01F));
    few.node("MatMul", {"x", "w"}, "a");
    few.node("MatMul", {"a", "w"}, "y");
    BOOST_TEST(import_of(few).nodes.size() == 3U);
}

BOOST_AUTO_TEST_CASE(messages_about_large_things_are_short) {
    OnnxBuilder rank({0, 2});
    rank.tensor("r", onnx::TensorProto::FLOAT, OnnxBuilder::Dims(20'000, 1))->add_float_data(1);
    rank.node("Add", {"x", "r"}, "y");
    const std::string said = refusal_of(rank);
    BOOST_TEST(one_line_with(said, "'r'", "20000 dimensions"));
    BOOST_TEST(said.size() < 200U);
    OnnxBuilder inputs({0, 2});
    for (int i = 0; i < 10'000; ++i) inputs.add_input("input" + std::to_string(i), {0, 2});
    add_gemm(inputs, "x", "y");
    BOOST_TEST(one_line_with(refusal_of(inputs), "10001 inputs", "and 9998 more"));
}

BOOST_AUTO_TEST_CASE(fifty_thousand_nodes_initialisers_and_names_take_no_time) {
    constexpr int kMany = 50'000;
    OnnxBuilder chain({0, 2});
    add_gemm(chain, "x", "h");
    std::string last = "h";
    for (int i = 0; i < kMany; ++i) {
        const std::string next = "r" + std::to_string(i);
        chain.node("Relu", {last}, next)->set_name("same");
        chain.floats("unused" + std::to_string(i), {1}, {1});
        last = next;
    }
    chain.node("Identity", {last}, "y");
    soon([&] { BOOST_TEST(import_of(chain).nodes.size() == 2U); });

    // Additions stay, so each needs a name of its own.
    OnnxBuilder twins({0, 2});
    add_gemm(twins, "x", "h");
    last = "h";
    for (int i = 0; i < kMany; ++i) {
        const std::string next = "a" + std::to_string(i);
        twins.node("Add", {last, "h"}, next)->set_name("same");
        last = next;
    }
    twins.model.mutable_graph()->mutable_output(0)->set_name(last);
    soon([&] {
        const FloatNetwork network = import_of(twins);
        std::set<std::string> names;
        for (const FloatNode& node : network.nodes) names.insert(node.name);
        BOOST_TEST(names.size() == network.nodes.size());
        BOOST_TEST(network.nodes.back().name == "same_" + std::to_string(kMany));
    });

    // Each convolution takes over the paddings in front of it.
    OnnxBuilder pads({0, 1, 1, 1});
    pads.floats("w", {1, 1, 1, 1}, {1});
    last = "x";
    for (int i = 0; i < 3000; ++i) {
        const std::string next = "p" + std::to_string(i);
        OnnxBuilder::set(pads.node("Pad", {last}, next), "pads", OnnxBuilder::Dims{0, 0, 0, 0, 0, 0, 1, 0});
        last = next;
    }
    pads.model.mutable_opset_import(0)->set_version(10);
    pads.node("Conv", {last, "w"}, "y");
    soon([&] { BOOST_TEST(import_of(pads).nodes.back().window.pad_bottom == 3000); });
}

BOOST_AUTO_TEST_CASE(names_become_printable_and_stay_apart) {
    OnnxBuilder builder({0, 2});
    const std::vector<std::string> raw = {"couche_d\xE9part",
                                          "couche_d\xEApart",
                                          std::string(200, 'n') + "1",
                                          std::string(200, 'n') + "2",
                                          "\x1b[31m",
                                          "\xC2\x9B\xE2\x80\xAE",
                                          std::string("a").append(100, '\xD0').append("\xB6")};
    std::string last = "x";
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const std::string next = i + 1 == raw.size() ? "y" : "h" + std::to_string(i);
        add_gemm(builder, last, next);
        builder.model.mutable_graph()->mutable_node(static_cast<int>(i))->set_name(raw[i]);
        last = next;
    }
    std::set<std::string> names;
    for (const FloatNode& node : import_of(builder).nodes) {
        BOOST_TEST(sliver::cleaned(node.name) == node.name);
        BOOST_TEST(node.name.size() <= 200U);  // a chip file takes them as keys
        names.insert(node.name);
    }
    BOOST_TEST(names.size() == raw.size() + 1);
    BOOST_TEST(names.count("couche_d?part") == 1U);
    BOOST_TEST(names.count("couche_d?part_2") == 1U);
    const FloatNetwork named = import_onnx_bytes(builder.bytes(), "folder/caf\xE9.onnx.gz");
    BOOST_TEST(named.name == "caf?");
}

namespace {

/// x (2) -> fc (weights, bias) -> ReLU -> out, and what the integers give for `image` beside the float
/// network.
void check_against_floats(const std::vector<float>& weights, const std::vector<float>& bias,
                          const std::vector<float>& calibration, const std::vector<float>& image,
                          double tolerance) {
    OnnxBuilder builder({0, 2});
    builder.floats("w1", {2, 2}, weights);
    builder.floats("b1", {2}, bias);
    builder.floats("w2", {2, 2}, {1, 0.5, -0.25, 1});
    builder.floats("b2", {2}, {0.1F, -0.2F});
    builder.node("Gemm", {"x", "w1", "b1"}, "h");
    builder.node("Relu", {"h"}, "r");
    builder.node("Gemm", {"r", "w2", "b2"}, "y");
    const FloatNetwork network = import_of(builder);
    const QuantisedNetwork integers = quantise(network, {},
                                               calibrate(
                                                   network, 1, [&](std::size_t) { return calibration; }, 1));
    const std::vector<float> wanted = FloatExecutor(network).run(image.data());
    const std::vector<std::int32_t> logits =
        run_golden(integers, quantise_image(integers.nodes.front(), image.data()));
    const double step = std::ldexp(1.0, integers.nodes.back().format.exponent);
    BOOST_REQUIRE(logits.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        BOOST_TEST(std::fabs(logits[i] * step - double{wanted[i]}) <= tolerance,
                   logits[i] * step << " instead of " << wanted[i]);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_layer_that_was_pruned_away_leaves_its_biases) {
    const std::vector<float> image = {0.5F, -0.75F};
    check_against_floats({0, 0, 0, 0}, {-0.26F, 0.8F}, image, image, 0.01);
    check_against_floats({0, 0, 0, 0}, {-300, 700}, image, image, 8);
    check_against_floats({0, 0, 0, 0}, {0, 0}, image, image, 0.01);
    check_against_floats({1e-7F, 0, 0, -1e-7F}, {-0.26F, 0.8F}, image, image, 0.01);
}

BOOST_AUTO_TEST_CASE(calibration_on_nothing_but_zeros_runs) {
    const std::vector<float> zeros = {0, 0};
    check_against_floats({1, 0.5, -0.25, 1}, {-0.9F, 0.8F}, zeros, zeros, 0.01);
    check_against_floats({1, 0.5, -0.25, 1}, {-100, 80}, zeros, zeros, 1);
    check_against_floats({0, 0, 0, 0}, {-0.9F, 0.8F}, zeros, zeros, 0.01);
}

BOOST_AUTO_TEST_CASE(a_step_that_fits_is_never_touched) {
    FloatNetwork network;
    FloatNode input, layer;
    input.kind = NodeKind::input;
    input.name = "x";
    input.shape = {1, 1, 1};
    layer.kind = NodeKind::matrix;
    layer.name = "fc";
    layer.inputs = {0};
    layer.shape = {1, 1, 1};
    layer.outputs = layer.rows = 1;
    layer.weights = {0};
    layer.bias = {1e-4F};
    layer.is_output = true;
    network.nodes = {input, layer};
    const QuantisedNetwork made = quantise(network, {}, {{"x", {0, 1}}});
    BOOST_TEST(made.nodes[1].weights.exponent == range_exponent(0) - 8);
}

BOOST_AUTO_TEST_SUITE_END()
