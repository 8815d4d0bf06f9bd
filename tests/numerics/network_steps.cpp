// Networks that arrive quantised, with any steps and zero points: the integers of quantise() and the golden
// executor against real numbers that every map rounds to its grid (stepped_network.h). Node by node: each
// node is given the golden maps of its inputs, so that a tie that floating point decides otherwise stays
// where it is.
#include <boost/test/unit_test.hpp>

#include "network/golden.h"
#include "network/integer_ops.h"
#include "stepped_network.h"

BOOST_AUTO_TEST_SUITE(network_steps)

using namespace sliver::network;
using ::test::Dice;

namespace {

std::vector<std::int32_t> random_codes(const Node& input, Dice& dice) {
    const Limits limits = code_limits(input);
    std::vector<std::int32_t> codes;
    for (std::size_t i = 0; i < input.shape.size(); ++i)
        codes.push_back(dice.between(limits.lowest, limits.highest));
    return codes;
}

std::vector<double> values_of(const Node& node, const std::vector<std::int32_t>& codes) {
    std::vector<double> values;
    for (const std::int32_t code : codes) values.push_back((code - node.format.zero) * node.format.step());
    return values;
}

}  // namespace

BOOST_AUTO_TEST_CASE(integers_are_what_the_file_means) {
    constexpr double kTie = 1e-6;  // multipliers have 31 bits
    std::size_t ties = 0, values = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Dice dice(seed);
        const FloatNetwork floats = stepped_network::random_network(dice);
        const QuantisedNetwork network = quantise(floats, {}, {});
        BOOST_TEST(network.fidelity.calibrated_maps == 0U);
        BOOST_TEST(network.fidelity.requantised_layers == 0U);
        const auto maps = run_golden_maps(network, random_codes(network.nodes.front(), dice));
        std::vector<std::vector<double>> reals;
        for (NodeId id = 0; id < network.nodes.size(); ++id) {
            const Node& node = network.nodes[id];
            reals.push_back(values_of(node, maps[id]));
            if (id == 0) continue;
            std::vector<const FloatNode*> sources;
            std::vector<const std::vector<double>*> inputs;
            for (const NodeId input : node.inputs) {
                sources.push_back(&floats.nodes[input]);
                inputs.push_back(&reals[input]);
            }
            const stepped_network::Map want = stepped_network::apply(floats.nodes[id], sources, inputs);
            BOOST_REQUIRE(want.values.size() == reals[id].size());
            const double step = node.format.step();
            // What the bias of an output may be rounded by, in steps of the result; a wide sum is rounded
            // too.
            const auto slack = [&](std::size_t value) {
                if (node.kind == NodeKind::average_pool && node.format.wide())
                    return 0.5 + kTie * static_cast<double>(node.window.kernel_height);
                if (node.kind == NodeKind::gather) return 0.5;  // what it fills with, on its input's grid
                if (node.kind != NodeKind::matrix) return 0.0;
                const int output = static_cast<int>(value / node.shape.pixels());
                const double unit = std::ldexp(node.weights.step(output), -node.weights.bias_bits) *
                                    network.nodes[node.inputs[0]].format.step() / step;
                if (!node.format.wide()) return unit / 2;
                // The file's weights are floats: products of codes and steps to 24 bits.
                constexpr double kFloat = 1e-6, kReach = 10;
                return unit / 2 + 0.5 + kFloat * kReach / step;
            };
            for (std::size_t i = 0; i < want.values.size(); ++i) {
                double wanted = want.values[i];
                if (node.kind ==
                    NodeKind::gather)  // the nearest code, where what it fills with is beyond them
                    wanted = std::clamp(wanted, (node.format.lowest() - node.format.zero) * step,
                                        (node.format.highest() - node.format.zero) * step);
                const double apart = std::fabs(wanted - reals[id][i]) / step;
                ++values;
                if (apart <= (node.format.wide() || node.kind == NodeKind::gather ? slack(i) : 0) + kTie)
                    continue;
                // What is rounded off a bias may decide what lies that near to a tie.
                const bool tie =
                    !node.format.wide() && apart < 1 + slack(i) + kTie && want.ties[i] <= slack(i) + kTie;
                ties += tie ? 1 : 0;
                BOOST_REQUIRE_MESSAGE(tie, "seed " << seed << ", " << node.name << " of kind "
                                                   << static_cast<int>(node.kind) << ", value " << i << ": "
                                                   << reals[id][i] << " instead of " << want.values[i]
                                                   << ", step " << step);
            }
        }
    }
    BOOST_TEST(ties * 1000 < values);
}

BOOST_AUTO_TEST_SUITE_END()
