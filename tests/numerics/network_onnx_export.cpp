// Networks written as ONNX and read again: the same integers come of them, for every network of tests/onnx
// and the shipped ones, and files with a part cut off or changed are told by their seal.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/shipped.h"
#include "network/activation_ranges.h"
#include "network/onnx_export.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

BOOST_AUTO_TEST_SUITE(network_onnx_export)

using namespace sliver;
using namespace sliver::network;
namespace fs = std::filesystem;

namespace {

QuantisedNetwork quantised(const FloatNetwork& network) {
    QuantiseOptions options;
    return quantise(network, options,
                    needs_calibration(network) ? stand_in_ranges(network) : ActivationRanges());
}

std::string difference(const QuantisedNetwork& a, const QuantisedNetwork& b) {
    if (a.nodes.size() != b.nodes.size())
        return std::to_string(a.nodes.size()) + " and " + std::to_string(b.nodes.size()) + " nodes";
    for (std::size_t id = 0; id < a.nodes.size(); ++id) {
        const Node &one = a.nodes[id], &other = b.nodes[id];
        const std::string name = "node " + one.name + ": ";
        if (one.kind != other.kind || one.inputs != other.inputs) return name + "another node";
        if (!(one.shape == other.shape)) return name + "shape";
        if (one.format.bits != other.format.bits || one.format.is_signed != other.format.is_signed ||
            one.format.zero != other.format.zero || one.format.step() != other.format.step())
            return name + "format";
        if (one.weights.codes != other.weights.codes || one.weights.bits != other.weights.bits)
            return name + "codes";
        if (one.weights.bias != other.weights.bias || one.weights.steps != other.weights.steps ||
            one.weights.exponent != other.weights.exponent)
            return name + "biases or steps";
        if (one.relu != other.relu || one.at_least != other.at_least || one.at_most != other.at_most)
            return name + "limits";
        if (one.table != other.table || one.fill != other.fill || one.offsets != other.offsets)
            return name + "table";
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_read_again_has_the_same_integers) {
    std::size_t tried = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(SLIVER_SOURCE_DIR) / "tests/onnx")) {
        const std::string file = entry.path().filename().string();
        if (file.find(".onnx") == std::string::npos || file.find(".data") != std::string::npos) continue;
        BOOST_TEST_CONTEXT(file) {
            const FloatNetwork network = import_onnx(entry.path());
            const std::string bytes = onnx_bytes(network, {});
            const FloatNetwork again = import_onnx_bytes(bytes, entry.path());
            BOOST_TEST((again.layout == network.layout));
            BOOST_TEST(difference(quantised(network), quantised(again)) == "");
            ++tried;
        }
    }
    BOOST_TEST(tried >= 15U);
    for (const std::string name : {"mlp-mnist-dense", "vgg11-fashion-bitslice"}) BOOST_TEST_CONTEXT(name) {
            const fs::path path = config::shipped_or_path(config::ShippedKind::network, name);
            const FloatNetwork network = import_onnx(path);
            const FloatNetwork again = import_onnx_bytes(onnx_bytes(network, {{"key", "value"}}), path);
            BOOST_TEST(difference(quantised(network), quantised(again)) == "");
            for (std::size_t id = 0; id < network.nodes.size(); ++id)
                BOOST_TEST(network.nodes[id].name == again.nodes[id].name);
        }
}

BOOST_AUTO_TEST_CASE(limits_of_grids_are_kept) {
    const fs::path path = config::shipped_or_path(config::ShippedKind::network, "mlp-mnist-dense");
    FloatNetwork network = import_onnx(path);
    int set = 0;
    for (FloatNode& node : network.nodes)
        if (node.grid) {
            node.grid->lowest = (node.grid->is_signed ? -20 : 3) + set;
            node.grid->highest = 90 + set++;
        }
    BOOST_TEST_REQUIRE(set > 0);
    const FloatNetwork again = import_onnx_bytes(onnx_bytes(network, {}), path);
    for (std::size_t id = 0; id < network.nodes.size(); ++id)
        if (network.nodes[id].grid) {
            BOOST_TEST_REQUIRE(again.nodes[id].grid.has_value());
            BOOST_TEST(again.nodes[id].grid->lowest == network.nodes[id].grid->lowest);
            BOOST_TEST(again.nodes[id].grid->highest == network.nodes[id].grid->highest);
        }
}

/// What `sliver decompose` keeps beside the weights, and what is found where they do not belong together.
BOOST_AUTO_TEST_CASE(digit_sets_are_checked) {
    const fs::path path = config::shipped_or_path(config::ShippedKind::network, "mlp-mnist-bitslice");
    const FloatNetwork network = import_onnx(path);
    const QuantisedNetwork integers = quantised(network);
    DigitSets digits;
    digits.scheme = "swis";
    digits.group_rows = 100;
    digits.source = "abc";
    std::vector<NodeId> ids = integers.matrix_nodes();
    for (const NodeId id : ids) {
        const MatrixWeights& weights = integers.nodes[id].weights;
        DigitSets::Layer layer;
        layer.name = integers.nodes[id].name;
        layer.exponent = weights.exponent;
        layer.masks.assign(static_cast<std::size_t>((weights.rows + 99) / 100 * 2 * weights.outputs), 0);
        for (int output = 0; output < weights.outputs; ++output)
            for (int row = 0; row < weights.rows; ++row) {
                const int code = weights.codes_of(output)[row];
                const int set = (row / 100 * 2 + (code < 0 ? 1 : 0)) * weights.outputs + output;
                layer.masks[static_cast<std::size_t>(set)] =
                    static_cast<std::uint8_t>(layer.masks[static_cast<std::size_t>(set)] | std::abs(code));
            }
        digits.layers.push_back(layer);
    }
    const auto refusal = [&](const FloatNetwork& written, const DigitSets& sets) -> std::string {
        try {
            const FloatNetwork read = import_onnx_bytes(onnx_bytes(written, metadata_of(sets)), path);
            BOOST_REQUIRE(read.digits.has_value());
            check_digit_sets(*read.digits, quantised(read));
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    const auto names = [&](const FloatNetwork& written, const DigitSets& sets, const std::string& text) {
        const std::string said = refusal(written, sets);
        BOOST_TEST(said.find(text) != std::string::npos, said);
        BOOST_TEST(said.find('\n') == std::string::npos);
    };
    BOOST_TEST(refusal(network, digits) == "");
    // A network without sets has none.
    BOOST_TEST(!import_onnx_bytes(onnx_bytes(network, {}), path).digits.has_value());
    // A weight with one more bit; the step is the file's, so that no other weight moves.
    FloatNetwork changed = network;
    const int first = integers.nodes[ids[0]].weights.codes[0];
    DigitSets fewer = digits;
    for (std::uint8_t& mask : fewer.layers[0].masks)
        mask = static_cast<std::uint8_t>(mask & ~std::abs(first));
    if (first != 0) names(network, fewer, "digit sets do not sum to the codes: layer 'fc1'");
    changed.nodes[ids[1]].weights[3] = std::ldexp(255.0F, integers.nodes[ids[1]].weights.exponent);
    names(changed, digits, "digit sets do not sum to the codes: layer 'fc2', output 0, row 3");
    // Of another network: another name, another size, a layer less.
    DigitSets other = digits;
    other.layers[1].name = "conv2";
    names(network, other, "digit sets of another network: layer 'conv2'");
    other = digits;
    other.layers[0].masks.pop_back();
    names(network, other, "digit sets of another network: layer 'fc1'");
    other = digits;
    other.layers.pop_back();
    names(network, other, "digit sets of another network: layer ''");
    // Shifts beyond the bits of the weights, and settings that are none.
    other = digits;
    other.weight_bits = 6;
    names(network, other, "has a shift beyond the 6 bits");
    other = digits;
    other.cell_bits = 9;
    names(network, other, "cell_bits must be a whole number from 1 to 4");
    other = digits;
    other.group_rows = 0;
    names(network, other, "rows must be a whole number from 1");
    other = digits;
    other.layers[0].exponent = 1000;
    names(network, other, "the step of layer 'fc1' must be 2^e");
}

BOOST_AUTO_TEST_SUITE_END()
