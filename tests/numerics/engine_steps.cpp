// The functional engine on networks with any steps, zero points, limits and digital nodes, with lossless
// converters: the golden executor's maps, whatever the arrays and the instruction set.
#include <boost/test/unit_test.hpp>

#include "bitline_reference.h"
#include "engine/functional_engine.h"
#include "golden_logits.h"
#include "stepped_network.h"

BOOST_AUTO_TEST_SUITE(engine_steps)

using namespace sliver;
using bitline_reference::Setting;
using ::test::Dice;

BOOST_AUTO_TEST_CASE(lossless_converters_give_the_golden_logits) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Dice dice(seed);
        Setting setting;
        setting.array_rows = dice.one_of<int>({16, 33, 64, 128});
        setting.cell_bits = dice.between(1, 4);
        setting.dac_bits = dice.one_of<int>({1, 1, 2, 4});
        setting.encoding = dice.chance(50) ? config::Encoding::offset : config::Encoding::differential;
        const network::QuantisedNetwork network =
            network::quantise(stepped_network::random_network(dice, 8, false), {}, {});
        const mapping::NetworkMapping mapping = mapping::map_network(network, setting.chip(8));
        const std::size_t count = 3;
        std::vector<std::int32_t> images;
        const network::Limits limits = network::code_limits(network.nodes.front());
        for (std::size_t i = 0; i < count * network.nodes.front().shape.size(); ++i)
            images.push_back(dice.between(limits.lowest, limits.highest));
        const std::vector<std::int32_t> want = ::test::golden_logits(network, images);
        mapping::AdcWidths widths;
        widths.bits = bitline_reference::lossless_bits(network, mapping, setting.dac_bits);
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            const engine::FunctionalEngine engine(network, mapping, setting.dac_bits, {set, 2, false});
            BOOST_TEST(engine.run(images.data(), count, widths).logits == want, "seed " << seed);
        }
    }
}

// A quarter of all sums lies in the middle between two codes: the even one is taken, on both sides of zero.
BOOST_AUTO_TEST_CASE(ties_go_to_the_even_code) {
    constexpr int kInputs = 2, kOutputs = 20;
    network::QuantisedNetwork network;
    network::Node input;
    input.name = "image";
    input.shape = {kInputs, 1, 1};
    network::Node layer;
    layer.kind = network::NodeKind::matrix;
    layer.name = "layer";
    layer.inputs = {0};
    layer.shape = {kOutputs, 1, 1};
    layer.format = {true, 8, 2, -3};
    layer.rescale = {{1, 2}};
    layer.is_output = true;
    layer.weights.outputs = kOutputs;
    layer.weights.rows = kInputs;
    layer.weights.bits = 4;
    for (int output = 0; output < kOutputs; ++output) {
        layer.weights.codes.push_back(static_cast<std::int16_t>(output % 2 == 0 ? 1 : -1));
        layer.weights.codes.push_back(static_cast<std::int16_t>(output % 8));
        layer.weights.bias.push_back(output - kOutputs / 2);
    }
    network.nodes = {input, layer};
    Setting setting;
    setting.weight_bits = 4;
    const mapping::NetworkMapping mapping = mapping::map_network(network, setting.chip(8));
    std::vector<std::int32_t> images;
    for (std::int32_t value = 0; value < 60; ++value) images.insert(images.end(), {value, value / 7});
    const std::vector<std::int32_t> want = ::test::golden_logits(network, images);
    mapping::AdcWidths widths;
    widths.bits = {
        std::vector<int>(static_cast<std::size_t>(mapping.layers[LayerIndex(0)].format.slices()), 8)};
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        const engine::FunctionalEngine engine(network, mapping, setting.dac_bits, {set, 1, false});
        BOOST_TEST(engine.run(images.data(), 60, widths).logits == want, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
