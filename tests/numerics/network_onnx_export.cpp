// Networks written as ONNX and read again: the same integers come of them, for every network of tests/onnx
// and the shipped ones, and files with a part cut off or changed are told by their seal.
#include <boost/test/unit_test.hpp>
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

BOOST_AUTO_TEST_SUITE_END()
