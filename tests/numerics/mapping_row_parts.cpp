// Split reads against their definition: with the chosen number of parts no part of any column can pass its
// converter's range, with half as many one can.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "base/error.h"
#include "bitline_reference.h"
#include "mapping/row_parts.h"

BOOST_AUTO_TEST_SUITE(mapping_row_parts)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;

namespace {

/// Largest sum over one of `parts` runs of rows of any column of the crossbar, at full input, divided by what
/// its converter holds; above 1 something is cut.
bool fits(const Setting& setting, const network::Node& node, const mapping::LayerMapping& layer,
          const mapping::CrossbarSlot& slot, const mapping::AdcWidths& widths, int parts) {
    const int highest = (1 << setting.cell_bits) - 1;
    int digit = 1;
    for (const mapping::InputPlane& plane : layer.planes) digit = std::max(digit, (1 << plane.bits) - 1);
    const int length = (slot.rows + parts - 1) / parts;
    for (int slice = slot.first_slice(); slice < slot.first_slice() + slot.slices(); ++slice)
        for (int output = slot.first_output; output < slot.first_output + slot.outputs; ++output) {
            const auto level = [&](int row, bool negative) {
                const auto place = static_cast<std::size_t>(output * layer.rows + slot.first_row + row);
                return bitline_reference::level_of(setting, node.weights.codes[place], slice, negative);
            };
            int plain = 0;
            for (int row = 0; row < slot.rows; ++row) plain += level(row, false);
            const bool flipped = setting.flip_columns && 2 * plain > slot.rows * highest;
            std::vector<int> sums(static_cast<std::size_t>(parts), 0);
            for (int row = 0; row < slot.rows; ++row) {
                const int stored = level(row, slot.sign == mapping::Sign::negative);
                sums[static_cast<std::size_t>(row / length)] += digit * (flipped ? highest - stored : stored);
            }
            const int limit =
                (1 << widths.at(layer.layer, SliceIndex(static_cast<std::size_t>(slice)), slot.sign).bits) -
                1;
            if (*std::max_element(sums.begin(), sums.end()) > limit) return false;
        }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_CASE(parts_are_the_fewest_that_cut_nothing) {
    Dice dice(12);
    int split = 0, refused = 0;
    for (int round = 0; round < 90; ++round) {
        Setting setting;
        setting.array_rows = dice.one_of<int>({32, 41, 100, 128});
        setting.cell_bits = dice.between(1, 3);
        setting.dac_bits = dice.one_of<int>({1, 1, 2});
        setting.encoding = dice.chance(40) ? config::Encoding::offset : config::Encoding::differential;
        setting.flip_columns = setting.encoding == config::Encoding::offset && dice.chance(60);
        const network::QuantisedNetwork network = bitline_reference::random_network(8, 8, dice);
        config::ChipConfig chip = setting.chip(8);
        chip.weights.slices =
            dice.chance(50) ? config::SlicePlacement::grouped : config::SlicePlacement::interleaved;
        const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
        mapping::AdcWidths widths;
        widths.split_rows = true;
        for (std::size_t layer = 0; layer < mapped.layers.size(); ++layer) {
            widths.bits.emplace_back();
            widths.negative_bits.emplace_back();
            for (int slice = 0; slice < setting.slices(); ++slice) {
                widths.bits.back().push_back(dice.between(2, 7));
                widths.negative_bits.back().push_back(dice.between(2, 7));
            }
        }
        for (const mapping::LayerMapping& layer : mapped.layers) {
            const network::Node& node = network.nodes[layer.node];
            try {
                const auto parts = mapping::row_parts(node.weights, layer, widths);
                for (std::size_t i = 0; i < parts.size(); ++i) {
                    const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
                    const int own = parts[CrossbarIndex(i)];
                    BOOST_TEST(fits(setting, node, layer, slot, widths, own));
                    if (own == 1) continue;
                    ++split;
                    BOOST_TEST(!fits(setting, node, layer, slot, widths, own / 2));
                }
            } catch (const InputError& error) {
                ++refused;
                BOOST_TEST(std::string(error.what()).find("adc.overflow: split: layer " + layer.name) == 0U);
                // Only where a cell alone is too much: 2 bits hold 3, a 3-bit cell or a 2-bit digit more.
                BOOST_TEST((1 << setting.cell_bits) - 1 > 3 / ((1 << setting.dac_bits) - 1));
            }
        }
        widths.split_rows = false;
        const mapping::LayerMapping& layer = mapped.layers[LayerIndex(0)];
        for (const int own : mapping::row_parts(network.nodes[layer.node].weights, layer, widths))
            BOOST_TEST(own == 1);
    }
    BOOST_TEST(split > 50);
    BOOST_TEST(refused > 0);
}

BOOST_AUTO_TEST_SUITE_END()
