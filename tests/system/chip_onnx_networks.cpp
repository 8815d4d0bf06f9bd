// The smallest networks of tests/onnx on the chip: every block, two images, the golden executor's logits.
#include <boost/test/unit_test.hpp>
#include <exception>
#include <iostream>

#include "golden_logits.h"
#include "support/onnx_networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_onnx_networks)

using namespace sliver;

BOOST_AUTO_TEST_CASE(logits_are_golden) {
    constexpr std::size_t kImages = 2;
    tb::ChipBench bench;
    std::vector<std::string> names;
    std::vector<std::vector<std::int32_t>> golden;
    for (const char* name : {"autoencoder", "conv1d", "ds_cnn", "external", "gates", "lenet_qcdq2",
                             "lenet_qlinear", "mobilenet", "qdq_static", "residual_qlinear"}) {
        try {
            const support::OnnxNetwork net = support::load_onnx_network(name);
            const auto size = static_cast<std::ptrdiff_t>(net.quantised.nodes.front().shape.size());
            config::ChipConfig chip;
            chip.adc.policy = config::AdcPolicy::worst_case;
            bench.add(net.quantised, chip, {net.codes.begin(), net.codes.begin() + kImages * size},
                      {kImages});
            names.emplace_back(name);
            golden.push_back(::test::golden_logits(net.quantised, net.codes, kImages));
        } catch (const std::exception& error) {
            if (!support::is_pending(name))
                BOOST_ERROR(name << ": " << error.what());
            else
                std::cout << "PENDING: " << name << ": " << error.what() << '\n';
        }
    }
    BOOST_TEST(!names.empty());
    bench.run();
    for (std::size_t i = 0; i < names.size(); ++i)
        BOOST_TEST(bench.record(i).logits == golden[i],
                   names[i] << ": the chip's logits are not the golden ones");
    for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
}

BOOST_AUTO_TEST_SUITE_END()
