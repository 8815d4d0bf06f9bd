// Networks by the exporters' conventions (tests/onnx) against the logits that ONNX Runtime gives for them:
// float executor, golden executor, and the functional engine, which is the golden executor bit for bit.
#include <boost/test/unit_test.hpp>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "engine/functional_engine.h"
#include "golden_logits.h"
#include "support/onnx_networks.h"

BOOST_AUTO_TEST_SUITE(engine_onnx_networks)

using namespace sliver;

namespace {

/// What is wrong with it; empty: nothing.
std::string problem_of(const std::string& name) {
    try {
        const support::OnnxNetwork net = support::load_onnx_network(name);
        if (const std::string found = support::float_deviation_of(net); !found.empty())
            return "float executor: " + found;
        const std::vector<std::int32_t> golden = ::test::golden_logits(net.quantised, net.codes);
        if (const std::string found = support::deviation_of(net, golden); !found.empty())
            return "golden executor: " + found;
        config::ChipConfig chip;
        chip.adc.policy = config::AdcPolicy::worst_case;
        const mapping::NetworkMapping mapping = mapping::map_network(net.quantised, chip);
        const engine::FunctionalEngine engine(net.quantised, mapping, chip.inputs.dac_bits,
                                              {bitline::best_instruction_set(), 2, false});
        const mapping::AdcWidths widths = mapping::allocate_adcs(net.quantised, mapping, chip);
        if (engine.run(net.codes.data(), net.images, widths).logits != golden)
            return "the functional engine's logits are not the golden executor's";
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

void check(const std::string& name) {
    const std::string problem = problem_of(name);
    if (!support::is_pending(name))
        BOOST_TEST(problem.empty(), name << ": " << problem);
    else
        std::cout << "PENDING: " << name << ": "
                  << (problem.empty() ? "passes: take it off tests/onnx/pending.txt" : problem) << '\n';
}

}  // namespace

BOOST_AUTO_TEST_CASE(autoencoder) {
    check("autoencoder");
}
BOOST_AUTO_TEST_CASE(conv1d) {
    check("conv1d");
}
BOOST_AUTO_TEST_CASE(ds_cnn) {
    check("ds_cnn");
}
BOOST_AUTO_TEST_CASE(external) {
    check("external");
}
BOOST_AUTO_TEST_CASE(gates) {
    check("gates");
}
BOOST_AUTO_TEST_CASE(keras_nhwc) {
    check("keras_nhwc");
}
BOOST_AUTO_TEST_CASE(lenet_qcdq2) {
    check("lenet_qcdq2");
}
BOOST_AUTO_TEST_CASE(lenet_qlinear) {
    check("lenet_qlinear");
}
BOOST_AUTO_TEST_CASE(lenet_qonnx2) {
    check("lenet_qonnx2");
}
BOOST_AUTO_TEST_CASE(mobilenet) {
    check("mobilenet");
}
BOOST_AUTO_TEST_CASE(qdq_static) {
    check("qdq_static");
}
BOOST_AUTO_TEST_CASE(residual_qlinear) {
    check("residual_qlinear");
}
BOOST_AUTO_TEST_CASE(resnet8) {
    check("resnet8");
}
BOOST_AUTO_TEST_CASE(squeezenet) {
    check("squeezenet");
}
BOOST_AUTO_TEST_CASE(vgg_qcdq4) {
    check("vgg_qcdq4");
}

BOOST_AUTO_TEST_SUITE_END()
