// Files the importer must refuse: cut short, damaged, foreign, or with something in them that is not
// supported. One line, an InputError, never a crash.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "network/onnx_import.h"
#include "network_onnx_builder.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_onnx_refusals)

namespace fs = std::filesystem;
using namespace sliver::network;
using test::one_line_with;
using test::OnnxBuilder;

namespace {

using Dims = OnnxBuilder::Dims;
const fs::path kFixtures = fs::path(SLIVER_SOURCE_DIR) / "tests/data/onnx";
const test::TemporaryFolder kFolder;

std::string refusal_of(const fs::path& path) {
    return test::refusal([&] { static_cast<void>(import_onnx(path)); });
}

std::string refusal_of(const OnnxBuilder& builder) {
    return refusal_of(kFolder.write("net.onnx", builder.bytes()));
}

/// x (2x4x4) -> `op` with `attributes` -> y
std::string one_node(const std::string& op, const std::vector<std::string>& inputs,
                     const std::function<void(onnx::NodeProto*)>& attributes = nullptr) {
    OnnxBuilder builder({0, 2, 4, 4});
    builder.floats("w", {1, 2, 3, 3}, std::vector<float>(18, 1));
    builder.floats("b", {1}, {0});
    builder.floats("two", {2}, {1, 1});
    builder.floats("ones", {1, 2, 4, 4}, std::vector<float>(32, 1));
    builder.integers("i", {1}, {1});
    onnx::NodeProto* node = builder.node(op, inputs, "y");
    if (attributes) attributes(node);
    return refusal_of(builder);
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_cut_anywhere_are_refused) {
    for (const char* name :
         {"resnet-opset13.onnx", "vgg-opset17-bn.onnx", "mlp-matmul.onnx", "view-dynamic-batch.onnx"}) {
        const std::string whole = test::read_bytes(kFixtures / name), packed = test::gzip(whole);
        BOOST_REQUIRE(!whole.empty());
        for (std::size_t part = 0; part < 16; ++part) {
            const std::string text =
                refusal_of(kFolder.write("cut.onnx", whole.substr(0, whole.size() * part / 16)));
            BOOST_TEST(one_line_with(text, "cut.onnx"), name << " " << part << "/16: " << text);
            const std::string gz =
                refusal_of(kFolder.write("cut.onnx.gz", packed.substr(0, packed.size() * part / 16)));
            BOOST_TEST(one_line_with(gz, "cut.onnx.gz"), name << " " << part << "/16 packed: " << gz);
        }
        for (std::size_t lost = 1; lost < 40; ++lost)  // around the fields behind the graph
            BOOST_TEST(
                one_line_with(refusal_of(kFolder.write("cut.onnx", whole.substr(0, whole.size() - lost))),
                              "cut.onnx"),
                name << " without its last " << lost << " bytes");
    }
}

// Any outcome but a crash, a foreign exception or a message of several lines.
BOOST_AUTO_TEST_CASE(damaged_files_never_crash) {
    int refused = 0;
    for (const char* name :
         {"resnet-opset11-bn.onnx", "view-dynamic-batch.onnx", "fixed-point.onnx", "avgpool.onnx"}) {
        const std::string whole = test::read_bytes(kFixtures / name);
        test::Random random(7);
        for (int round = 0; round < 400; ++round) {
            std::string damaged = whole;
            // Half of the hits go to the structure at the start, where most of the graph lies.
            for (int hit = random.between(1, 4); hit > 0; --hit) {
                const std::size_t reach =
                    random.between(0, 1) == 0 ? std::min<std::size_t>(damaged.size(), 4000) : damaged.size();
                damaged[random.next() % reach] = static_cast<char>(random.next());
            }
            const std::string text = refusal_of(kFolder.write("damaged.onnx", damaged));
            BOOST_TEST(text.find('\n') == std::string::npos);
            refused += text.empty() ? 0 : 1;
        }
    }
    BOOST_TEST(refused > 100);
}

BOOST_AUTO_TEST_CASE(foreign_files_are_refused) {
    BOOST_TEST(one_line_with(refusal_of(kFolder.path() / "none.onnx"), "none.onnx: no such file"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.path()), "is a folder"));
    test::Random random(3);
    std::string noise(5000, '\0');
    for (char& letter : noise) letter = static_cast<char>(random.next());
    for (const std::string& bytes :
         {std::string(), std::string("hello, world\n"), noise,
          std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), std::string("PK\x03\x04"),
          std::string("\x80\x02}q\x01."), std::string(1000, '\0'), std::string("\x93NUMPY\x01")})
        BOOST_TEST(one_line_with(refusal_of(kFolder.write("foreign.onnx", bytes)), "foreign.onnx"));
    std::string damaged = test::gzip(std::string(1000, 'x') + noise);
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("damaged.onnx.gz", damaged)), "gzip data are damaged"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("tail.onnx.gz", test::gzip("x") + "garbage")),
                             "gzip data are damaged"));
}

BOOST_AUTO_TEST_CASE(models_that_break_a_rule_as_a_whole) {
    const auto relu = [](Dims dims, std::int64_t opset = 13) {
        OnnxBuilder builder(dims, opset);
        builder.node("Relu", {"x"}, "y");
        return builder;
    };
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, 4, 4}, 23)), "opset 23", "7 to 22", "opset_version=17"));
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, 4, 4}, 6)), "opset 6", "7 to 22"));
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, 4, 4})), "no Conv, Gemm or MatMul"));
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, 0, 4})), "input 'x'", "dimension 2 ('N') is not fixed",
                             "one image size"));
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, 4, 4, 4})), "5 dimensions"));
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, 1 << 30, 1 << 30})), "dimension 2 is 1073741824"));
    BOOST_TEST(one_line_with(refusal_of(relu({1, 3, -4, 4})), "dimension 2 is -4"));
    OnnxBuilder no_opset = relu({1, 3, 4, 4});
    no_opset.model.clear_opset_import();
    BOOST_TEST(one_line_with(refusal_of(no_opset), "opset_import"));
    OnnxBuilder two_inputs = relu({1, 3, 4, 4});
    two_inputs.add_input("mask", {1, 3});
    BOOST_TEST(one_line_with(refusal_of(two_inputs), "2 inputs: 'x', 'mask'"));
    OnnxBuilder two_outputs = relu({1, 3, 4, 4});
    two_outputs.model.mutable_graph()->add_output()->set_name("extra");
    BOOST_TEST(one_line_with(refusal_of(two_outputs), "2 outputs: 'y', 'extra'", "--logits NAME"));
    BOOST_TEST(
        one_line_with(test::refusal([&] {
                          static_cast<void>(import_onnx_bytes(two_outputs.bytes(), "net.onnx", {"z", {}}));
                      }),
                      "no output 'z'", "'y', 'extra'"));
    OnnxBuilder no_input = relu({1, 3, 4, 4});
    no_input.model.mutable_graph()->clear_input();
    BOOST_TEST(one_line_with(refusal_of(no_input), "0 inputs"));
    OnnxBuilder empty({1, 3, 4, 4});
    BOOST_TEST(one_line_with(refusal_of(empty), "no nodes"));
    OnnxBuilder cycle({1, 3, 4, 4});
    cycle.node("Add", {"x", "b"}, "a");
    cycle.node("Relu", {"a"}, "b");
    cycle.node("Identity", {"b"}, "y");
    BOOST_TEST(one_line_with(refusal_of(cycle), "node 'Add_a' (Add)", "'b'", "a cycle"));
    OnnxBuilder twice = relu({1, 3, 4, 4});
    twice.node("Relu", {"x"}, "y");
    BOOST_TEST(one_line_with(refusal_of(twice), "'y' is given twice"));
    OnnxBuilder lost({1, 3, 4, 4});
    lost.node("Relu", {"x"}, "z");
    BOOST_TEST(one_line_with(refusal_of(lost), "output 'y' is made by no node"));
    OnnxBuilder fixed({1, 3, 4, 4});
    fixed.node("Shape", {"x"}, "y");
    BOOST_TEST(one_line_with(refusal_of(fixed), "output 'y' is a constant"));
    OnnxBuilder foreign({1, 3, 4, 4});
    foreign.node("FusedConv", {"x"}, "y")->set_domain("com.microsoft");
    BOOST_TEST(one_line_with(refusal_of(foreign), "node 'FusedConv_y'",
                             "operator 'com.microsoft.FusedConv' is not supported",
                             "without the optimisations"));
}

BOOST_AUTO_TEST_CASE(operators_and_attributes_are_refused_in_words) {
    const auto set = [](const char* name, auto value) {
        return [name, value](onnx::NodeProto* node) { OnnxBuilder::set(node, name, value); };
    };
    for (const char* op :
         {"LSTM", "ConvTranspose", "LayerNormalization", "NonMaxSuppression", "Einsum", "If"})
        BOOST_TEST(one_line_with(one_node(op, {"x"}), "node '", "is not supported; "), op);
    BOOST_TEST(one_line_with(one_node("If\nx", {"x"}), "is not supported", "`sliver list operators`"));
    BOOST_TEST(
        one_line_with(one_node("Where", {"x"}), "'x' depends on the image", "constants and shapes only"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "w"}, set("group", 2)), "node 'Conv_y' (Conv)",
                             "group = 2", "does not divide 2 channels and 1 outputs"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "w"}, set("dilations", Dims{2, 2})),
                             "5x5 window is larger than the padded 4x4"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "w"}, set("auto_pad", std::string("SAME"))),
                             "auto_pad = SAME;"));
    BOOST_TEST(
        one_line_with(one_node("Conv", {"x", "w"}, set("strides", Dims{0, 1})), "vertical stride is 0"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "w"}, set("strides", Dims{1})), "strides has 1 entries"));
    BOOST_TEST(
        one_line_with(one_node("Conv", {"x", "w"}, set("pads", Dims{-1, 0, 0, 0})), "top padding is -1"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "w"}, set("pads", Dims{60000, 60000, 60000, 60000})),
                             "its result would be"));
    BOOST_TEST(
        one_line_with(one_node("Conv", {"x", "w"}, set("kernel_shape", Dims{5, 5})), "kernel_shape 5x5"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "two"}), "shape 2", "4 dimensions are wanted"));
    BOOST_TEST(one_node("Conv", {"x", "ones"}) == "");  // a window as large as the map is none too large
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "w", "two"}), "bias has shape 2, wanted 1"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x"}), "input 1 is missing"));
    BOOST_TEST(one_line_with(one_node("Conv", {"x", "x"}), "must be a constant"));
    BOOST_TEST(one_line_with(one_node("Conv", {"w", "w"}), "'w' is a constant"));
    BOOST_TEST(one_line_with(one_node("Gemm", {"x", "two"}), "flatten it to (batch, features) first"));
    for (const char* pool : {"MaxPool", "AveragePool"}) {
        BOOST_TEST(one_line_with(one_node(pool, {"x"}), "has no kernel_shape"));
        BOOST_TEST(one_line_with(one_node(pool, {"x"}, set("kernel_shape", Dims{5, 5})),
                                 "5x5 window is larger than the padded 4x4"));
        const auto with = [&](const char* name, auto value) {
            return one_node(pool, {"x"}, [&](onnx::NodeProto* node) {
                OnnxBuilder::set(node, "kernel_shape", Dims{2, 2});
                OnnxBuilder::set(node, name, value);
            });
        };
        BOOST_TEST(one_line_with(with("pads", Dims{2, 0, 0, 0}), "padding is as large as its window"));
    }
    BOOST_TEST(one_line_with(one_node("Flatten", {"x"}, set("axis", 2)), "axis = 2"));
    BOOST_TEST(one_line_with(one_node("Reshape", {"x", "i"}), "turns 1x2x4x4 into 1"));
    BOOST_TEST(one_line_with(one_node("Pad", {"x", "i"}), "has 1 pads, not 8"));
    BOOST_TEST(one_line_with(one_node("ReduceMean", {"x"}), "reduces the batch, too"));
    BOOST_TEST(
        one_line_with(one_node("Add", {"x", "two"}), "constant of shape 2 does not fit a map of 1x2x4x4"));
    BOOST_TEST(one_line_with(one_node("Div", {"x", "b"}), "divides by zero"));
    BOOST_TEST(one_line_with(one_node("MatMul", {"x", "x"}), "as attention does"));
    BOOST_TEST(one_line_with(one_node("Transpose", {"x"}), "moves the batch"));
    BOOST_TEST(one_line_with(one_node("Concat", {"x", "ones"}), "a map and a constant"));
    BOOST_TEST(one_line_with(one_node("Concat", {"x", "x"}, set("axis", 0)), "along the batch"));
    BOOST_TEST(one_line_with(one_node("Softplus", {"w"}), "is a constant"));
    BOOST_TEST(one_line_with(one_node("Resize", {"x", "", "two"}, set("mode", std::string("linear"))),
                             "mode = linear"));
    BOOST_TEST(one_line_with(one_node("Gather", {"x", "x"}), "depend on the image"));
    BOOST_TEST(one_line_with(one_node("BatchNormalization", {"x", "b", "two", "two", "two"}),
                             "shape 1 for 2 channels"));
    BOOST_TEST(one_line_with(
        one_node("BatchNormalization", {"x", "two", "two", "two", "two"}, set("training_mode", 1)),
        "training mode"));
    BOOST_TEST(one_line_with(one_node("DequantizeLinear", {"x", "b"}), "no QuantizeLinear made"));
    BOOST_TEST(one_line_with(one_node("QuantizeLinear", {"x", "b"}), "scale 0 must be positive"));
    BOOST_TEST(one_line_with(one_node("QuantizeLinear", {"x", "two"}), "with 2 scales"));
}

BOOST_AUTO_TEST_CASE(graphs_that_cannot_be_folded) {
    OnnxBuilder sizes({1, 2, 4, 4});
    OnnxBuilder::set(sizes.node("MaxPool", {"x"}, "p"), "kernel_shape", Dims{2, 2});
    sizes.node("Add", {"p", "x"}, "y");
    BOOST_TEST(one_line_with(refusal_of(sizes), "adds maps of 2x4x4 and 2x3x3"));
    OnnxBuilder middle({1, 2});
    middle.floats("w", {2, 2}, {1, 2, 3, 4});
    middle.node("Softmax", {"x"}, "s");
    middle.node("MatMul", {"s", "w"}, "y");
    BOOST_TEST(one_line_with(refusal_of(middle), "Softmax 'Softmax_s' made", "only at the end"));
    OnnxBuilder codes({1, 2, 4, 4});
    codes.floats("s", {}, {0.5F});
    codes.node("QuantizeLinear", {"x", "s"}, "q");
    codes.node("Relu", {"q"}, "y");
    BOOST_TEST(one_line_with(refusal_of(codes), "DequantizeLinear must come first"));
}

BOOST_AUTO_TEST_CASE(tensors_that_cannot_be_used) {
    const auto with = [](const std::function<void(onnx::TensorProto*)>& spoil) {
        OnnxBuilder builder({1, 2});
        builder.floats("w", {2, 2}, {1, 2, 3, 4});
        spoil(builder.model.mutable_graph()->mutable_initializer(0));
        builder.node("MatMul", {"x", "w"}, "y");
        return refusal_of(builder);
    };
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_float_data(2, std::nanf("")); }),
                             "tensor 'w' holds NaN at index 2"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_float_data(1, -HUGE_VALF); }),
                             "tensor 'w' holds infinity at index 1"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->add_float_data(1); }),
                             "tensor 'w' of 2x2 should hold 4 values, but holds 5"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_dims(0, -2); }), "negative dimension -2"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_dims(0, 1LL << 40); }), "more than 2^31 values"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_dims(0, 1 << 20); }), "should hold 2097152 values"));
    BOOST_TEST(
        one_line_with(with([](auto* t) { t->set_raw_data("abc"); }), "should hold 16 bytes, but holds 3"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_data_location(onnx::TensorProto::EXTERNAL); }),
                             "external data without a location"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_data_type(onnx::TensorProto::STRING); }),
                             "element type STRING"));
    BOOST_TEST(one_line_with(with([](auto* t) { t->set_data_type(77); }), "element type"));
    BOOST_TEST(one_line_with(with([](auto* t) {
                                 t->set_data_type(onnx::TensorProto::DOUBLE);
                                 t->clear_float_data();
                                 for (int i = 0; i < 4; ++i) t->add_double_data(1e300);
                             }),
                             "infinity"));
    OnnxBuilder features({1, 3});
    features.floats("w", {2, 2}, {1, 2, 3, 4});
    features.node("MatMul", {"x", "w"}, "y");
    BOOST_TEST(one_line_with(refusal_of(features), "weights take 2 features, but its input has 3"));
    OnnxBuilder channels({1, 3, 2, 2});
    channels.floats("w", {1, 2, 1, 1}, {1, 2});
    channels.node("Conv", {"x", "w"}, "y");
    BOOST_TEST(one_line_with(refusal_of(channels), "weights take 2 channels, but its input has 3"));
    OnnxBuilder variance({1, 1, 2, 2});
    variance.floats("w", {1, 1, 1, 1}, {1});
    variance.floats("g", {1}, {1});
    variance.floats("v", {1}, {-1});
    variance.node("Conv", {"x", "w"}, "c");
    variance.node("BatchNormalization", {"c", "g", "g", "g", "v"}, "y");
    BOOST_TEST(one_line_with(refusal_of(variance), "variance -1", "not positive"));
    OnnxBuilder shape({1, 2});  // a constant that would fill the memory
    shape.integers("dims", {3}, {1 << 20, 1 << 20, 1 << 20});
    shape.node("ConstantOfShape", {"dims"}, "w");
    shape.node("MatMul", {"x", "w"}, "y");
    BOOST_TEST(one_line_with(refusal_of(shape), "becomes too large"));
}

BOOST_AUTO_TEST_SUITE_END()
