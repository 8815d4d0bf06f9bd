// Quantisation: the worked example, exponents at exact powers of two, saturation, signs, formats fixed by the
// file, biases, the accumulator bound; calibration and its stored form.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "network/golden.h"
#include "network/quantise.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_quantise)

using namespace sliver::network;
using sliver::config::Rounding;
using test::one_line_with;
using test::refusal;
using Codes = std::vector<std::int16_t>;

namespace {

FloatNode input_node(int features) {
    FloatNode node;
    node.name = "image";
    node.shape = {features, 1, 1};
    return node;
}

FloatNode linear(const std::string& name, NodeId from, int rows, std::vector<float> weights,
                 std::vector<float> bias) {
    FloatNode node;
    node.kind = NodeKind::matrix;
    node.name = name;
    node.op = "Gemm";
    node.inputs = {from};
    node.rows = rows;
    node.outputs = static_cast<int>(bias.size());
    node.shape = {node.outputs, 1, 1};
    node.weights = std::move(weights);
    node.bias = std::move(bias);
    return node;
}

FloatNode digital(NodeKind kind, const std::string& name, std::vector<NodeId> from, Shape shape) {
    FloatNode node;
    node.kind = kind;
    node.name = name;
    node.inputs = std::move(from);
    node.shape = shape;
    return node;
}

/// image -> fc1 (ReLU) -> fc2 -> logits
FloatNetwork two_layers() {
    FloatNetwork network;
    network.source = "net.onnx";
    network.nodes = {input_node(2), linear("fc1", 0, 2, {0.5F, -0.25F, 0.75F, 0.125F}, {0.1F, -0.1F}),
                     linear("fc2", 1, 2, {1.5F, -3.0F}, {0.25F})};
    network.nodes[1].relu = true;
    network.nodes[2].is_output = true;
    return network;
}

const ActivationRanges kRanges{{"image", {-1.0, 1.0}}, {"fc1", {0, 0.9}}};

MatrixWeights weights_of(std::vector<float> values, int bits = 8, Rounding rounding = Rounding::nearest) {
    FloatNetwork network;
    const auto rows = static_cast<int>(values.size());
    network.nodes = {input_node(rows), linear("fc", 0, rows, std::move(values), {0.0F})};
    network.nodes[1].is_output = true;
    return quantise(network, {bits, 8, rounding}, {{"image", {-1, 1}}}).nodes[1].weights;
}

}  // namespace

BOOST_AUTO_TEST_CASE(worked_example) {
    const MatrixWeights floor = weights_of({0.1F, 0.05F}, 8, Rounding::floor);
    BOOST_TEST(floor.exponent == -11);
    BOOST_TEST((floor.codes == Codes{204, 102}));
    BOOST_TEST((weights_of({0.1F, -0.05F}).codes == Codes{205, -102}));                      // 204.8, 102.4
    BOOST_TEST((weights_of({-0.1F, 0.05F}, 8, Rounding::floor).codes == Codes{-204, 102}));  // towards zero
}

BOOST_AUTO_TEST_CASE(weights_saturate_where_the_largest_is_a_power_of_two) {
    for (const float largest : {0.5F, 1.0F, 4.0F, 0.0009765625F}) {
        const MatrixWeights weights = weights_of({largest, -largest, largest / 2, largest / 1024});
        BOOST_TEST(weights.exponent == static_cast<int>(std::log2(largest)) - 8);
        BOOST_TEST((weights.codes == Codes{255, -255, 128, 0}));  // 256 saturates; 0.25 rounds to 0
    }
    const float above = std::nextafter(0.5F, 1.0F);
    BOOST_TEST(weights_of({above}).exponent == -8);  // S = 0
    BOOST_TEST((weights_of({above}).codes == Codes{128}));
    BOOST_TEST(weights_of({std::nextafter(0.5F, 0.0F)}).exponent == -9);
    BOOST_TEST((weights_of({1.0F, 2.5F / 256, 3.5F / 256, 1.5F / 256}).codes ==
                Codes{255, 2, 4, 2}));  // ties to even
}

BOOST_AUTO_TEST_CASE(weight_bits_and_empty_layers) {
    const MatrixWeights four = weights_of({0.9F, 0.5F, -0.04F}, 4);
    BOOST_TEST(four.exponent == -4);
    BOOST_TEST((four.codes == Codes{14, 8, -1}));  // 14.4, 8, 0.64
    const MatrixWeights one = weights_of({0.9F, 0.2F, -0.6F}, 1);
    BOOST_TEST((one.codes == Codes{1, 0, -1}));  // 1.8 saturates, 0.4, 1.2
    const MatrixWeights none = weights_of({0.0F, 0.0F});
    BOOST_TEST(none.exponent == -16 - 8);  // 1e-5 lies below 2^-16
    BOOST_TEST((none.codes == Codes{0, 0}));
    BOOST_TEST(one_line_with(refusal([] { weights_of({1.0F}, 9); }), "weight bits: 9"));
    BOOST_TEST(one_line_with(refusal([] { weights_of({1.0F}, 0); }), "weight bits: 0"));
}

BOOST_AUTO_TEST_CASE(range_exponents_are_exact) {
    BOOST_TEST(range_exponent(1.0) == 0);
    BOOST_TEST(range_exponent(std::nextafter(1.0, 2.0)) == 1);
    BOOST_TEST(range_exponent(std::nextafter(1.0, 0.0)) == 0);
    BOOST_TEST(range_exponent(0.3) == -1);
    BOOST_TEST(range_exponent(0) == -16);
    for (int e = -16; e < 120; ++e) {
        BOOST_TEST(range_exponent(std::ldexp(1.0, e)) == e);
        BOOST_TEST(range_exponent(std::ldexp(1.0000001, e)) == e + 1);
    }
}

BOOST_AUTO_TEST_CASE(formats_follow_ranges_and_signs) {
    const QuantisedNetwork network = quantise(two_layers(), {}, kRanges);
    const Format image = network.nodes[0].format, hidden = network.nodes[1].format,
                 logits = network.nodes[2].format;
    BOOST_TEST(image.is_signed);
    BOOST_TEST(image.exponent == -7);  // S = 0, signed: S - 8 + 1
    BOOST_TEST(!hidden.is_signed);
    BOOST_TEST(hidden.exponent == -8);
    BOOST_TEST(network.nodes[2].weights.exponent == 2 - 8);
    BOOST_TEST(logits.exponent == -6 - 8);
    BOOST_TEST(logits.bits == 32);
    BOOST_TEST(logits.is_signed);
    // bias 0.1 in units of 2^(-8-7): 3276.8
    BOOST_TEST((network.nodes[1].weights.bias == std::vector<std::int32_t>{3277, -3277}));
    BOOST_TEST((network.nodes[2].weights.bias == std::vector<std::int32_t>{4096}));
    ActivationRanges ranges = kRanges;
    ranges["image"] = {0, 1.5};  // never negative: unsigned
    BOOST_TEST(!quantise(two_layers(), {}, ranges).nodes[0].format.is_signed);
    BOOST_TEST(quantise(two_layers(), {}, ranges).nodes[0].format.exponent == 1 - 8);
    const QuantisedNetwork narrow = quantise(two_layers(), {8, 4, Rounding::nearest}, kRanges);
    BOOST_TEST(narrow.nodes[0].format.exponent == -3);
    BOOST_TEST(narrow.nodes[1].format.exponent == -4);
    BOOST_TEST(narrow.nodes[1].format.highest() == 15);
    BOOST_TEST(one_line_with(refusal([] {
                                 static_cast<void>(quantise(two_layers(), {}, {{"image", {0, 1}}}));
                             }),
                             "net.onnx: node 'fc1'", "calibrate"));
    BOOST_TEST(
        one_line_with(refusal([] {
                          static_cast<void>(quantise(two_layers(), {8, 9, Rounding::nearest}, kRanges));
                      }),
                      "input bits: 9"));
}

BOOST_AUTO_TEST_CASE(formats_that_the_file_fixes_come_first) {
    FloatNetwork network = two_layers();
    network.nodes[0].grid = QuantisationGrid{true, 0.0625F};
    network.nodes[1].grid = QuantisationGrid{false, 0.015625F};
    BOOST_TEST(!needs_calibration(network));
    QuantisedNetwork exact = quantise(network, {}, kRanges);  // the ranges are there, and ignored
    BOOST_TEST(exact.nodes[0].format.exponent == -4);
    BOOST_TEST(exact.nodes[1].format.exponent == -6);
    BOOST_TEST(!exact.nodes[1].format.is_signed);
    exact = quantise(network, {8, 5, Rounding::nearest},
                     {});  // the range stays: three bits fewer, a step 8 times as large
    BOOST_TEST(exact.nodes[0].format.exponent == -1);
    BOOST_TEST(exact.nodes[0].format.lowest() == -16);
    BOOST_TEST(exact.nodes[1].format.exponent == -3);
    // int8 behind ReLU with a power of two: taken as it is, signed
    network.nodes[1].grid = QuantisationGrid{true, 0.015625F};
    BOOST_TEST(quantise(network, {}, {}).nodes[1].format.is_signed);
    // other steps are kept as well
    network.nodes[0].grid = QuantisationGrid{true, 0.02F};
    network.nodes[1].grid = QuantisationGrid{false, 0.02F};
    const QuantisedNetwork free = quantise(network, {}, {});
    BOOST_TEST(free.nodes[0].format.is_signed);
    BOOST_TEST(free.nodes[0].format.step() == double{0.02F});
    BOOST_TEST(free.nodes[1].format.step() == double{0.02F});
    // uint8 on a map without ReLU cuts the negative values off, as the file says
    network.nodes[1].relu = false;
    network.nodes[1].grid = QuantisationGrid{false, 0.015625F};
    BOOST_TEST(!quantise(network, {}, {}).nodes[1].format.is_signed);
}

BOOST_AUTO_TEST_CASE(weight_steps_that_the_file_fixes_are_kept_at_eight_bits) {
    FloatNetwork network = two_layers();
    network.nodes[2].weights = {-4.0F,
                                3.5F};  // codes -128, 112 of step 2^-5: the rule would give 2^-6 and saturate
    network.nodes[2].weight_grid = WeightGrid{{0.03125F}, 8};
    const MatrixWeights kept = quantise(network, {}, kRanges).nodes[2].weights;
    BOOST_TEST(kept.exponent == -5);
    BOOST_TEST((kept.codes == Codes{-128, 112}));
    const MatrixWeights four = quantise(network, {4, 8, Rounding::nearest}, kRanges).nodes[2].weights;
    BOOST_TEST(four.exponent == 2 - 4);
    BOOST_TEST((four.codes == Codes{-15, 14}));
}

BOOST_AUTO_TEST_CASE(digital_nodes_keep_or_choose_their_format) {
    FloatNetwork network = two_layers();
    network.nodes.resize(2);
    network.nodes.push_back(digital(NodeKind::add, "sum", {0, 1}, {2, 1, 1}));
    network.nodes.push_back(digital(NodeKind::relu, "positive", {2}, {2, 1, 1}));
    network.nodes.push_back(digital(NodeKind::add, "twice", {3, 1}, {2, 1, 1}));
    network.nodes.push_back(digital(NodeKind::average_pool, "mean", {4}, {2, 1, 1}));
    network.nodes.push_back(digital(NodeKind::add, "last", {5, 2}, {2, 1, 1}));
    network.nodes.back().is_output = true;
    ActivationRanges ranges = kRanges;
    ranges["sum"] = {-1.5, 1.9};
    ranges["twice"] = {0, 2.5};
    QuantisedNetwork result = quantise(network, {}, ranges);
    BOOST_TEST(result.nodes[2].format.is_signed);
    BOOST_TEST(result.nodes[2].format.exponent == 1 - 7);
    BOOST_TEST(!result.nodes[3].format.is_signed);
    BOOST_TEST(result.nodes[3].format.exponent == result.nodes[2].format.exponent);
    BOOST_TEST(!result.nodes[4].format.is_signed);  // two unsigned maps
    BOOST_TEST(result.nodes[4].format.exponent == 2 - 8);
    BOOST_TEST(result.nodes[5].format.exponent == 2 - 8);
    BOOST_TEST(result.nodes[6].format.exponent == -6);  // the finer of -6 and -6, 32 bits
    BOOST_TEST(result.nodes[6].format.bits == 32);
    network.nodes[5].grid = QuantisationGrid{false, 0.0078125F};
    result = quantise(network, {}, ranges);
    BOOST_TEST(result.nodes[5].format.exponent == -7);
    BOOST_TEST(result.nodes[6].format.exponent == -7);
}

BOOST_AUTO_TEST_CASE(accumulators_and_biases_that_do_not_fit_are_refused) {
    const auto build = [](int rows, float bias) {
        FloatNetwork network;
        network.source = "net.onnx";
        network.nodes = {
            input_node(rows),
            linear("wide", 0, rows, std::vector<float>(static_cast<std::size_t>(rows), 1.0F), {bias})};
        network.nodes[1].is_output = true;
        return network;
    };
    const ActivationRanges unsigned_input{{"image", {0, 1}}};
    // 255 * 255 * 33025 = 2,147,450,625 <= 2^31 - 1 < 255 * 255 * 33026
    BOOST_TEST(refusal([&] { static_cast<void>(quantise(build(33025, 0), {}, unsigned_input)); }).empty());
    BOOST_TEST(
        one_line_with(refusal([&] { static_cast<void>(quantise(build(33026, 0), {}, unsigned_input)); }),
                      "layer 'wide'", "2147515650", "32-bit"));
    BOOST_TEST(refusal([&] {
                   static_cast<void>(quantise(build(33026, 0), {7, 8, Rounding::nearest}, unsigned_input));
               }).empty());
    // 2^31 - 1 - 2147450625 = 33022 units of 2^-16 are left for the bias
    BOOST_TEST(refusal([&] {
                   static_cast<void>(quantise(build(33025, 33022 / 65536.0F), {}, unsigned_input));
               }).empty());
    BOOST_TEST(!refusal([&] {
                    static_cast<void>(quantise(build(33025, 33023 / 65536.0F), {}, unsigned_input));
                }).empty());
    // 40000 = 2^31.3 units of 2^-16: the step of the weights gives way, also where the file has another.
    FloatNetwork biased = build(1, 40000.0F);
    BOOST_TEST(quantise(biased, {}, unsigned_input).nodes[1].format.exponent == 16 - 30);
    biased.nodes[1].weight_grid = WeightGrid{{0.00390625F}, 8};
    const QuantisedNetwork raised = quantise(biased, {}, unsigned_input);
    BOOST_TEST(raised.nodes[1].format.exponent == 16 - 30);
    BOOST_TEST(raised.fidelity.requantised_layers == 1U);
    const Node node = quantise(build(3, -0.5F), {}, unsigned_input).nodes[1];
    BOOST_TEST(accumulator_bound(node, Format{false, 8, -8}) == 3 * 255 * 255 + 32768);
    BOOST_TEST(accumulator_bound(node, Format{true, 8, -8}) == 3 * 255 * 128 + 32768);
}

// Mean squares by hand: 1 of an input; of fc1's second output 0.75^2 + 0.125^2 + 0.1^2. Four deviations.
BOOST_AUTO_TEST_CASE(stand_ins_follow_from_weights) {
    const ActivationRanges ranges = stand_in_ranges(two_layers());
    BOOST_TEST(ranges.size() == 2U);
    BOOST_TEST(ranges.at("image").lowest == -4.0);
    BOOST_TEST(ranges.at("image").highest == 4.0);
    BOOST_TEST(ranges.at("fc1").lowest == 0.0);
    BOOST_TEST(ranges.at("fc1").highest == 4 * std::sqrt(0.5625 + 0.015625 + 0.01),
               boost::test_tools::tolerance(1e-6));
    FloatNetwork first_widest = two_layers();
    first_widest.nodes[1].weights = {3, 4, 0.75F, 0.125F};
    BOOST_TEST(stand_in_ranges(first_widest).at("fc1").highest == 4 * std::sqrt(9 + 16 + 0.01),
               boost::test_tools::tolerance(1e-6));
    FloatNetwork huge = two_layers();
    for (float& weight : huge.nodes[1].weights) weight = 3e38F;
    BOOST_TEST(std::isfinite(stand_in_ranges(huge).at("fc1").highest));
}

BOOST_AUTO_TEST_CASE(calibration_finds_the_extremes_whatever_the_threads) {
    const FloatNetwork network = two_layers();
    const std::vector<std::vector<float>> images{
        {1.0F, -2.0F}, {0.5F, 0.25F}, {-3.0F, 1.0F}, {0, 0}, {0.1F, 2.5F}};
    const auto image = [&](std::size_t i) { return images[i]; };
    const ActivationRanges one = calibrate(network, images.size(), image, 1);
    BOOST_TEST(one.size() == 2U);  // the output needs none
    BOOST_TEST(one.at("image").lowest == -3.0);
    BOOST_TEST(one.at("image").highest == 2.5);
    BOOST_TEST(one.at("fc1").lowest == 0.0);
    // image 0: 0.5 + 0.5 + 0.1 = 1.1, 0.75 - 0.25 - 0.1 = 0.4
    BOOST_TEST(one.at("fc1").highest == double{1.1F}, boost::test_tools::tolerance(1e-6));
    for (const unsigned threads : {2U, 3U, 16U}) {
        const ActivationRanges many = calibrate(network, images.size(), image, threads);
        for (const auto& [name, range] : one) {
            BOOST_TEST(many.at(name).lowest == range.lowest);
            BOOST_TEST(many.at(name).highest == range.highest);
        }
    }
    BOOST_TEST(one_line_with(refusal([&] { static_cast<void>(calibrate(network, 0, image)); }),
                             "at least one image"));
    const auto huge = [](std::size_t) { return std::vector<float>{3e38F, -3e38F}; };
    FloatNetwork overflowing = network;
    overflowing.nodes[1].weights = {3.0F, 1.0F, 1.0F, 1.0F};
    BOOST_TEST(one_line_with(refusal([&] { static_cast<void>(calibrate(overflowing, 1, huge, 2)); }), "'fc1'",
                             "infinite"));
}

BOOST_AUTO_TEST_SUITE_END()
