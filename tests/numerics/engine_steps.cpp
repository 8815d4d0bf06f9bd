// The functional engine on networks with any steps, zero points, limits and digital nodes, with lossless
// converters: the golden executor's maps, whatever the arrays and the instruction set.
#include <boost/test/unit_test.hpp>

#include "bitline_reference.h"
#include "engine/functional_engine.h"
#include "network/golden.h"
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
        std::vector<std::int32_t> want;
        const std::size_t pixels = network.nodes.front().shape.size();
        for (std::size_t i = 0; i < count; ++i) {
            const auto from = images.begin() + static_cast<std::ptrdiff_t>(i * pixels);
            const auto logits = network::run_golden(
                network, std::vector<std::int32_t>(from, from + static_cast<std::ptrdiff_t>(pixels)));
            want.insert(want.end(), logits.begin(), logits.end());
        }
        mapping::AdcWidths widths;
        for (const auto& layer : mapping::worst_case_sums(network, mapping, setting.dac_bits)) {
            widths.bits.emplace_back();
            for (const std::uint32_t sum : layer) widths.bits.back().push_back(mapping::lossless_bits(sum));
        }
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            const engine::FunctionalEngine engine(network, mapping, setting.dac_bits, {set, 2, false});
            BOOST_TEST(engine.run(images.data(), count, widths).logits == want, "seed " << seed);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
