// Layers in groups on arrays, layers of different weight bits, and how large a layer's sums may be: arrays
// and cells counted by hand, bounds at their borders.
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "grouped_networks.h"
#include "mapping/placement.h"

BOOST_AUTO_TEST_SUITE(mapping_groups)

using namespace sliver;
using namespace grouped_networks;

namespace {

int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

/// A network of one linear layer with `weights` by output and row.
network::QuantisedNetwork one_layer(const std::vector<std::vector<int>>& weights,
                                    const network::Format& input) {
    network::QuantisedNetwork network;
    network.name = "one-layer";
    network::Node image;
    image.name = "image";
    image.shape = {static_cast<int>(weights[0].size()), 1, 1};
    image.format = input;
    network.nodes.push_back(image);
    network::Node node;
    node.kind = network::NodeKind::matrix;
    node.name = "fc";
    node.inputs = {0};
    node.shape = {static_cast<int>(weights.size()), 1, 1};
    node.format = {true, 32, 0};
    node.is_output = true;
    node.weights.outputs = node.shape.channels;
    node.weights.rows = image.shape.channels;
    for (const std::vector<int>& output : weights)
        for (const int code : output) node.weights.codes.push_back(static_cast<std::int16_t>(code));
    node.weights.bias.assign(weights.size(), 0);
    network.nodes.push_back(node);
    return network;
}

/// Codes of at most 255 that add up to `positive` and to -`negative`.
std::vector<int> border_codes(int positive, int negative) {
    std::vector<int> codes;
    for (; positive > 0; positive -= codes.back()) codes.push_back(std::min(positive, 255));
    for (; negative > 0; negative += codes.back()) codes.push_back(-std::min(negative, 255));
    return codes;
}

constexpr std::int64_t kMost = (std::int64_t{1} << 31) - 1;

std::string refusal(const network::QuantisedNetwork& network, const config::ChipConfig& chip) {
    try {
        mapping::map_network(network, chip);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(arrays_hold_as_many_whole_groups_as_fit) {
    Dice dice(31);
    int shared = 0, cut = 0;
    for (int round = 0; round < 200; ++round) {
        const Setting setting = random_setting(dice);
        const network::QuantisedNetwork net = random_network(setting, 8, dice);
        const config::ChipConfig chip = setting.chip(8);
        const mapping::NetworkMapping mapped = mapping::map_network(net, chip);
        std::vector<mapping::MatrixShape> shapes;
        for (const mapping::LayerMapping& layer : mapped.layers) {
            const network::MatrixWeights& weights = net.nodes[layer.node].weights;
            const int slices = slices_of(setting, weights.bits);
            BOOST_TEST(layer.format.slices() == slices);
            shapes.push_back({weights.rows, weights.outputs, weights.groups, weights.bits});
            const int groups = setting.dense_groups ? 1 : weights.groups;
            const int rows = weights.rows / groups, outputs = weights.outputs / groups;
            const int room = setting.interleaved ? setting.array_columns / slices : setting.array_columns;
            const int together = std::min(setting.array_rows / rows, room / outputs);
            const int places = together > 0
                                   ? ceil_div(groups, together)
                                   : groups * ceil_div(rows, setting.array_rows) * ceil_div(outputs, room);
            const int arrays =
                groups == 1 ? ceil_div(rows, setting.array_rows) * ceil_div(outputs, room) : places;
            const int signs = setting.encoding == config::Encoding::offset ? 1 : 2;
            BOOST_TEST(layer.crossbars.size() ==
                       static_cast<std::size_t>(arrays * signs * (setting.interleaved ? 1 : slices)));
            BOOST_TEST(layer.unpacked_crossbars == layer.crossbars.size());
            BOOST_TEST(layer.weight_cells == weights.codes.size() * static_cast<std::size_t>(slices * signs));
            shared += groups > 1 && together > 1 ? 1 : 0;
            cut += groups > 1 && together == 0 ? 1 : 0;
        }
        // Shapes alone say the same.
        const std::vector<int> copies(mapped.layers.size(), 1);
        config::ChipConfig small = chip;
        small.mesh.columns = small.mesh.rows = small.mesh.concentration = 1;
        const auto message = [&](const auto& place) -> std::string {
            try {
                place();
            } catch (const InputError& error) {
                return error.what();
            }
            return "";
        };
        BOOST_TEST(message([&] { mapping::refuse_too_large(net.name, shapes, small); }) ==
                   message([&] { mapping::place_network(net, mapped, copies, small); }));
    }
    BOOST_TEST(shared > 50);
    BOOST_TEST(cut > 2);  // compilers draw in different orders
}

BOOST_AUTO_TEST_CASE(every_weight_has_its_cells_and_nothing_lies_between_groups) {
    Dice dice(32);
    for (int round = 0; round < 40; ++round) {
        const Setting setting = random_setting(dice);
        const network::QuantisedNetwork net = random_network(setting, 8, dice);
        config::ChipConfig chip = setting.chip(8);
        chip.weights.column_order = dice.one_of<config::ColumnOrder>(
            {config::ColumnOrder::natural, config::ColumnOrder::light_first});
        const mapping::NetworkMapping mapped = mapping::map_network(net, chip);
        for (const mapping::LayerMapping& layer : mapped.layers) {
            const network::MatrixWeights& weights = net.nodes[layer.node].weights;
            const std::vector<bool> flipped = mapping::flipped_columns(weights, layer);
            using Weight = std::tuple<int, int, int, bool>;  // output, row, slice, negative
            std::map<Weight, int> stored;
            int wrong = 0;
            for (const mapping::CrossbarSlot& slot : layer.crossbars) {
                BOOST_TEST(slot.rows <= setting.array_rows);
                BOOST_TEST(slot.used_columns() <= setting.array_columns);
                const mapping::CellArray cells = mapping::program_cells(weights, layer, slot, flipped);
                for (int column = 0; column < slot.used_columns(); ++column) {
                    const int output = slot.output(column % slot.outputs);
                    const int slice = slot.first_slice() + column / slot.outputs;
                    int level_sum = 0;
                    for (int row = 0; row < slot.rows; ++row) {
                        const int of_layer = slot.matrix_row(row);
                        const int group_rows = weights.rows / weights.groups,
                                  group_outputs = weights.outputs / weights.groups;
                        const bool own = of_layer / group_rows == output / group_outputs;
                        const int code = own ? weights.codes[static_cast<std::size_t>(output * group_rows +
                                                                                      of_layer % group_rows)]
                                             : 0;
                        Setting of_weights = setting;
                        of_weights.weight_bits = weights.bits;
                        const bool negative = slot.sign == mapping::Sign::negative;
                        const int level = bitline_reference::level_of(of_weights, code, slice, negative);
                        level_sum += level;
                        const int highest = (1 << setting.cell_bits) - 1;
                        const bool flip = cells.flipped[static_cast<std::size_t>(column)];
                        wrong += cells.level(row, column) == (flip ? highest - level : level) ? 0 : 1;
                        if (own) ++stored[{output, of_layer, slice, negative}];
                    }
                    const bool flip =
                        setting.flip_columns && 2 * level_sum > slot.rows * ((1 << setting.cell_bits) - 1);
                    wrong += cells.flipped[static_cast<std::size_t>(column)] == flip ? 0 : 1;
                }
            }
            BOOST_TEST(wrong == 0);
            BOOST_TEST(stored.size() == layer.weight_cells);
            for (const auto& [weight, times] : stored) wrong += times == 1 ? 0 : 1;
            BOOST_TEST(wrong == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(weights_and_codes_must_fit) {
    config::ChipConfig chip;
    chip.weights.bits = 4;
    network::QuantisedNetwork net = one_layer({{1, -3}}, {false, 8, 0});
    net.nodes[1].weights.bits = 5;
    BOOST_TEST(refusal(net, chip) ==
               "layer fc: weights of 5 magnitude bits, and the chip's weights.bits is 4; raise weights.bits");
    net.nodes[1].weights.bits = 1;
    BOOST_TEST(refusal(net, chip) == "layer fc: weight code -3 does not fit its 1 magnitude bits");
    net.nodes[1].weights.bits = 2;
    BOOST_TEST(refusal(net, chip).empty());
    BOOST_TEST(mapping::map_network(net, chip).layers[LayerIndex(0)].format.slices() == 1);
}

BOOST_AUTO_TEST_CASE(fixed_widths_have_an_entry_a_slice_of_the_layer) {
    config::ChipConfig chip;
    chip.adc.slice_widths = {5, 6, 7, 8};
    network::QuantisedNetwork net = one_layer({{1, -3}}, {false, 8, 0});
    net.nodes[1].weights.bits = 3;
    const mapping::NetworkMapping mapped = mapping::map_network(net, chip);
    BOOST_TEST(mapping::allocate_adcs(net, mapped, chip).bits[0] == (std::vector<int>{5, 6}),
               boost::test_tools::per_element());
    chip.adc.layer_widths["fc"] = {1, 2, 3};
    BOOST_CHECK_EXCEPTION(mapping::allocate_adcs(net, mapped, chip), InputError, [](const InputError& error) {
        return std::string(error.what()) ==
               "adc widths of layer fc: 3 given, its weights have 2 slices (least significant first)";
    });
}

// With signed inputs of 8 bits positive codes count by 127 and negative ones by 128: sums of codes P and N
// reach 127 P + 128 N, exactly 2^31 - 1 with P = 1.
BOOST_AUTO_TEST_CASE(differential_sums_are_bounded_by_the_weights) {
    config::ChipConfig chip;
    const auto layer = [&](int positive, int negative, const network::Format& input) {
        return one_layer({border_codes(positive, negative)}, input);
    };
    constexpr network::Format kSigned{true, 8, 0}, kUnsigned{false, 8, 0};
    BOOST_TEST(mapping::map_network(layer(1, 16777215, kSigned), chip).layers[LayerIndex(0)].reach == kMost);
    BOOST_TEST(
        refusal(layer(0, 16777216, kSigned), chip) ==
        "layer fc: its 65794 rows of 8-bit weights and 8-bit inputs can add up to 2147483648, beyond the "
        "32-bit accumulators of the shift-add units; use fewer weight or input bits");
    BOOST_TEST(!refusal(layer(16777216, 0, kSigned), chip).empty());
    BOOST_TEST(refusal(layer(16777216, 0, {true, 7, 0}), chip).empty());
    // Unsigned ones: the larger of both signs by 255.
    BOOST_TEST(refusal(layer(8421504, 8421504, kUnsigned), chip).empty());
    BOOST_TEST(!refusal(layer(8421505, 0, kUnsigned), chip).empty());
    BOOST_TEST(!refusal(layer(0, 8421505, kUnsigned), chip).empty());
    // Converters that leave bits out may double a sum.
    chip.adc.slice_drops = {1, 1, 1, 1};
    BOOST_TEST(refusal(layer(4210752, 0, kUnsigned), chip).empty());
    BOOST_TEST(refusal(layer(4210753, 0, kUnsigned), chip).find("behind converters that leave bits out") !=
               std::string::npos);
}

// Offset arrays add stored codes, w + 256, and take 256 a row away: with signed inputs 127 S + 128 * 256
// rows.
BOOST_AUTO_TEST_CASE(offset_sums_are_bounded_by_what_is_stored) {
    config::ChipConfig chip;
    chip.weights.encoding = config::Encoding::offset;
    chip.weights.flip_columns = false;
    const auto layer = [&](int rows, int sum) {
        std::vector<int> codes(static_cast<std::size_t>(rows), 0);
        for (std::size_t row = 0; sum < 0; ++row) {
            codes[row] = std::max(sum, -2);
            sum -= codes[row];
        }
        return one_layer({codes}, {true, 8, 0});
    };
    BOOST_TEST(mapping::map_network(layer(32960, -32639), chip).layers[LayerIndex(0)].reach == kMost);
    const std::string message = refusal(layer(33024, -65536), chip);
    BOOST_TEST(message.find("can add up to 2147483648, beyond") != std::string::npos);
    BOOST_TEST(message.find("or weights.encoding: differential") != std::string::npos);
    // As many inputs as fc6 of VGG-16 has.
    BOOST_TEST(refusal(layer(25088, -9000), chip).empty());
}

// Whatever is added and taken away, cell by cell, in whatever order.
BOOST_AUTO_TEST_CASE(reach_is_what_the_cells_can_add_up_to) {
    Dice dice(33);
    for (int round = 0; round < 60; ++round) {
        const Setting setting = random_setting(dice);
        const network::QuantisedNetwork net = random_network(setting, 8, dice);
        const mapping::NetworkMapping mapped = mapping::map_network(net, setting.chip(8));
        for (const mapping::LayerMapping& layer : mapped.layers) {
            const network::Node& node = net.nodes[layer.node];
            const network::Format& input = net.nodes[node.inputs[0]].format;
            const std::vector<bool> flipped = mapping::flipped_columns(node.weights, layer);
            std::vector<std::int64_t> added(static_cast<std::size_t>(layer.outputs), 0), taken = added;
            for (const mapping::CrossbarSlot& slot : layer.crossbars) {
                const mapping::CellArray cells = mapping::program_cells(node.weights, layer, slot, flipped);
                for (int place = 0; place < slot.outputs; ++place) {
                    const auto output = static_cast<std::size_t>(slot.output(place));
                    const bool bias = setting.encoding == config::Encoding::offset && slot.first_slice() == 0;
                    std::int64_t unit = bias ? -(std::int64_t{1} << node.weights.bits) : 0;
                    for (int slice = 0; slice < slot.slices(); ++slice) {
                        const int column = slice * slot.outputs + place;
                        const std::int64_t worth = std::int64_t{1}
                                                   << (setting.cell_bits * (slot.first_slice() + slice));
                        const bool flip = cells.flipped[static_cast<std::size_t>(column)];
                        for (int row = 0; row < slot.rows; ++row)
                            (flip || slot.sign == mapping::Sign::negative ? taken : added)[output] +=
                                worth * cells.level(row, column);
                        if (flip) unit += worth * ((1 << setting.cell_bits) - 1);
                    }
                    (unit < 0 ? taken : added)[output] += std::abs(unit) * slot.rows;
                }
            }
            std::int64_t largest = 0;
            for (std::size_t output = 0; output < added.size(); ++output)
                largest = std::max({largest, added[output] * input.highest() - taken[output] * input.lowest(),
                                    taken[output] * input.highest() - added[output] * input.lowest()});
            BOOST_TEST(layer.reach == largest);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
