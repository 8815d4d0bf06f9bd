// Digit columns: the digits that arrays hold add up to the codes, none of them is empty, and there are as
// many arrays as a count by hand says. Windows against all sets of windows.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "config/chip_config_loader.h"
#include "grouped_networks.h"
#include "mapping/digits.h"
#include "mapping/layer_mapping.h"

BOOST_AUTO_TEST_SUITE(mapping_digits)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;
using config::DigitColumns;

namespace {

constexpr std::array<DigitColumns, 3> kForms = {DigitColumns::packed, DigitColumns::planes,
                                                DigitColumns::shared};

struct Case {
    Setting setting;
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
};

Case random_case(DigitColumns digits, bool groups, Dice& dice) {
    Case c;
    c.setting = grouped_networks::random_setting(dice);
    c.setting.encoding = config::Encoding::differential;
    c.setting.flip_columns = c.setting.interleaved = false;
    c.setting.digits = digits;
    c.network = groups ? grouped_networks::random_network(c.setting, 8, dice)
                       : bitline_reference::random_network(c.setting.weight_bits, 8, dice);
    for (network::Node& node : c.network.nodes)
        if (dice.chance(50))  // few bits, at random places
            for (std::int16_t& code : node.weights.codes) {
                const int mask = dice.between(0, 255) & dice.between(0, (1 << node.weights.bits) - 1);
                code = static_cast<std::int16_t>(code < 0 ? -(-code & mask) : code & mask);
            }
    c.mapping = mapping::map_network(c.network, c.setting.chip(8));
    return c;
}

/// What a converter reads, by row block of the matrix's own runs (or of the group's), sign and output: codes.
using ColumnCodes = std::map<std::tuple<std::size_t, int, int, int>, std::vector<std::int16_t>>;

/// [block of arrays, row block, sign, output] as a plain loop finds them.
ColumnCodes columns_of(const network::MatrixWeights& weights, const Setting& setting) {
    ColumnCodes columns;
    const int group_rows = weights.rows / weights.groups, group_outputs = weights.outputs / weights.groups;
    const int together = weights.groups == 1 ? 1 : bitline_reference::groups_together(weights, setting);
    const bool dense = weights.groups == 1 || setting.dense_groups;
    const int outputs_a_block = dense ? weights.outputs : setting.array_columns;
    for (int output = 0; output < weights.outputs; ++output) {
        const int group = output / group_outputs, first_group = dense ? 0 : group / together * together;
        const int last_group = dense ? weights.groups : std::min(weights.groups, first_group + together);
        const int own_place = output - first_group * group_outputs;
        const auto block = static_cast<std::size_t>(first_group * 1000 + own_place / outputs_a_block);
        for (int row = first_group * group_rows; row < last_group * group_rows; ++row) {
            const int row_block = (row - first_group * group_rows) / setting.array_rows;
            const bool own = row / group_rows == group;
            const std::int16_t code =
                own ? weights.codes[static_cast<std::size_t>(output * group_rows + row % group_rows)]
                    : std::int16_t{0};
            for (int sign = 0; sign < 2; ++sign)
                columns[{block, row_block, sign, output}].push_back(
                    (code < 0) == (sign == 1) ? code : std::int16_t{0});
        }
    }
    return columns;
}

/// Arrays of a layer, from its codes alone.
std::size_t arrays_by_hand(const network::MatrixWeights& weights, Setting setting) {
    setting.weight_bits = weights.bits;
    setting.layer_bits =
        bitline_reference::bits_of(weights.codes.data(), static_cast<int>(weights.codes.size()), 0);
    std::map<std::tuple<std::size_t, int, int, int>, int> stored;  // block, row block, sign, slice
    std::set<std::size_t> blocks, with_arrays;
    for (const auto& [place, codes] : columns_of(weights, setting)) {
        const auto& [block, row_block, sign, output] = place;
        blocks.insert(block);
        const std::vector<bool> slices = bitline_reference::stored_slices(
            setting, bitline_reference::bits_of(codes.data(), static_cast<int>(codes.size()), 0));
        for (std::size_t slice = 0; slice < slices.size(); ++slice) {
            const int of_slice = setting.digits == DigitColumns::packed ? static_cast<int>(slice) : 0;
            if (!slices[slice]) continue;
            ++stored[{block, row_block, sign, of_slice}];
            with_arrays.insert(block);
        }
    }
    std::size_t arrays = blocks.size() - with_arrays.size();  // one cell keeps the place of an empty block
    for (const auto& [place, columns] : stored)
        arrays += static_cast<std::size_t>((columns + setting.array_columns - 1) / setting.array_columns);
    return arrays;
}

}  // namespace

BOOST_AUTO_TEST_CASE(windows_are_the_fewest) {
    for (int width = 1; width <= 4; ++width)
        for (std::uint32_t positions = 0; positions < 256; ++positions) {
            int fewest = 99;
            for (std::uint32_t windows = 0; windows < 256; ++windows) {
                std::uint32_t covered = 0;
                for (int at = 0; at < 8; ++at)
                    if ((windows >> at & 1U) != 0) covered |= ((1U << width) - 1U) << at;
                if ((positions & ~covered) == 0) fewest = std::min(fewest, __builtin_popcount(windows));
            }
            const std::uint32_t chosen = mapping::cover(positions, width);
            BOOST_TEST(__builtin_popcount(chosen) == fewest);
            std::uint32_t covered = 0;
            for (int at = 0; at < 8; ++at)
                if ((chosen >> at & 1U) != 0) {
                    BOOST_TEST((covered >> at & 1U) == 0U);  // disjoint: no bit is read twice
                    covered |= ((1U << width) - 1U) << at;
                }
            BOOST_TEST((positions & ~covered) == 0U);
        }
}

BOOST_AUTO_TEST_CASE(digits_add_up_to_the_codes) {
    Dice dice(19);
    std::map<DigitColumns, int> left_out, several_shifts;
    for (int round = 0; round < 150; ++round) {
        const DigitColumns digits = kForms[static_cast<std::size_t>(round % 3)];
        const Case c = random_case(digits, round % 2 == 1, dice);
        const auto worst = mapping::worst_case_columns(c.network, c.mapping, c.setting.dac_bits);
        for (const mapping::LayerMapping& layer : c.mapping.layers) {
            BOOST_TEST_CONTEXT("round " << round << ", layer " << layer.name) {
                const network::MatrixWeights& weights = c.network.nodes[layer.node].weights;
                const std::vector<bool> flipped = mapping::flipped_columns(weights, layer);
                std::map<std::pair<int, int>, int> sums;  // row, output
                std::set<std::tuple<int, int, int, int>> seen;
                std::map<std::pair<int, mapping::Sign>, std::uint32_t>
                    largest;  // of the columns, all rows driven
                std::uint64_t columns = 0;
                bool empty = false;
                for (const mapping::CrossbarSlot& slot : layer.crossbars) {
                    const mapping::CellArray cells = mapping::program_cells(weights, layer, slot, flipped);
                    BOOST_TEST(slot.used_columns() <= c.setting.array_columns);
                    BOOST_TEST(slot.outputs == slot.used_columns());
                    columns += static_cast<std::uint64_t>(slot.used_columns());
                    if (digits == DigitColumns::packed) BOOST_TEST(slot.slices() == 1);
                    several_shifts[digits] += slot.slices() > 1 ? 1 : 0;
                    int next = 0, last = -1;
                    for (const mapping::ColumnRun& run : slot.runs) {
                        BOOST_TEST(run.first == next);
                        BOOST_TEST(run.columns > 0);
                        BOOST_TEST(run.slice > last);
                        next = run.end();
                        last = run.slice;
                        for (int column = run.first; column < run.end(); ++column) {
                            const int output = slot.output(column), shift = layer.shift(run.slice);
                            // A table says where a column goes unless all outputs come in order, unshifted.
                            const mapping::ColumnBlock& block = layer.column_blocks[slot.column_block];
                            const int place =
                                slot.places ? (*slot.places)[static_cast<std::size_t>(column)] : column;
                            BOOST_TEST(block.output(place) == output);
                            BOOST_TEST((slot.places != nullptr || slot.slices() == 1));
                            BOOST_TEST(seen.insert({static_cast<int>(slot.row_block.value()),
                                                    static_cast<int>(slot.sign), run.slice, output})
                                           .second);
                            if (cells.is_empty(column)) empty = true;
                            std::uint32_t sum = 0;
                            for (int row = 0; row < slot.rows; ++row)
                                sum += static_cast<std::uint32_t>(cells.level(row, column));
                            std::uint32_t& most = largest[{run.slice, slot.sign}];
                            most = std::max(most, sum);
                            for (int row = 0; row < slot.rows; ++row)
                                sums[{slot.matrix_row(row), output}] +=
                                    (slot.sign == mapping::Sign::negative ? -1 : 1) *
                                    (cells.level(row, column) << shift);
                        }
                    }
                }
                bool any = false;
                for (int output = 0; output < weights.outputs; ++output)
                    for (int row = 0; row < weights.rows; ++row) {
                        const int group = output / weights.group_outputs();
                        const int own = row - group * weights.group_rows();
                        const int code =
                            own < 0 || own >= weights.group_rows()
                                ? 0
                                : weights
                                      .codes[static_cast<std::size_t>(output * weights.group_rows() + own)];
                        any = any || code != 0;
                        const auto found = sums.find({row, output});
                        BOOST_TEST((found == sums.end() ? 0 : found->second) == code);
                    }
                // Empty only where it keeps the place of a block without weights.
                if (any && !layer.in_groups) BOOST_TEST(!empty);
                BOOST_TEST(layer.columns() == columns);
                BOOST_TEST(layer.crossbars.size() == arrays_by_hand(weights, c.setting));
                std::uint64_t by_slice = 0;
                for (int slice = 0; slice < layer.slices(); ++slice)
                    for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative})
                        by_slice += layer.columns(SliceIndex(static_cast<std::size_t>(slice)), sign);
                BOOST_TEST(by_slice == columns);
                // Converters as wide as the columns that are there.
                int digit_bits = 0;
                for (const mapping::InputPlane& plane : layer.planes)
                    digit_bits = std::max(digit_bits, plane.bits);
                for (int slice = 0; slice < layer.slices(); ++slice)
                    for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative}) {
                        const std::uint32_t wanted =
                            largest[std::make_pair(slice, sign)] * ((1U << digit_bits) - 1U);
                        const auto& found = worst[layer.layer.value()][static_cast<std::size_t>(slice)];
                        BOOST_TEST(found[static_cast<std::size_t>(sign)].sum == wanted);
                    }
                left_out[digits] += layer.crossbars.size() < layer.unpacked_crossbars ? 1 : 0;
            }
        }
    }
    for (const DigitColumns digits : kForms) BOOST_TEST(left_out[digits] > 10);
    BOOST_TEST(several_shifts[DigitColumns::planes] > 10);
    BOOST_TEST(several_shifts[DigitColumns::shared] > 10);
}

/// A layer by hand: two outputs, array of 2 rows. Codes 5 = 101, 4 = 100, -2 = 010, 0; 1-bit cells.
BOOST_AUTO_TEST_CASE(three_forms_of_one_layer) {
    Setting setting;
    setting.array_rows = setting.array_columns = 16;
    setting.cell_bits = 1;
    network::QuantisedNetwork net;
    network::Node image;
    image.name = "image";
    image.shape = {2, 1, 1};
    net.nodes.push_back(image);
    network::Node node;
    node.kind = network::NodeKind::matrix;
    node.name = "fc";
    node.inputs = {0};
    node.shape = {2, 1, 1};
    node.format = {true, 32, 0};
    node.is_output = true;
    node.weights.outputs = node.weights.rows = 2;
    node.weights.codes = {5, 4, -2, 0};  // by output
    node.weights.bias = {0, 0};
    net.nodes.push_back(node);
    const auto columns = [&](DigitColumns digits, int cell_bits) {
        setting.digits = digits;
        setting.cell_bits = cell_bits;
        return mapping::map_network(net, setting.chip(8)).layers[LayerIndex(0)].columns();
    };
    // Output 0: planes 0 and 2, positive; output 1: plane 1, negative.
    BOOST_TEST(columns(DigitColumns::packed, 1) == 3U);
    BOOST_TEST(columns(DigitColumns::planes, 1) == 3U);
    BOOST_TEST(columns(DigitColumns::shared, 1) == 3U);
    // Two bits: output 0 needs bits 0 and 2; output 1 bit 1, under the window of bits 0 and 1.
    BOOST_TEST(columns(DigitColumns::packed, 2) == 3U);
    BOOST_TEST(columns(DigitColumns::planes, 2) == 3U);
    // Three bits: 0 to 2 in one window.
    BOOST_TEST(columns(DigitColumns::packed, 3) == 2U);
    // 6 = 110 and 12 = 1100: fixed windows cut both; free ones begin at bit 1 and 2.
    net.nodes[1].weights.codes = {6, 6, -12, -12};
    BOOST_TEST(columns(DigitColumns::packed, 2) == 3U);
    BOOST_TEST(columns(DigitColumns::planes, 2) == 3U);
    BOOST_TEST(columns(DigitColumns::shared, 2) == 2U);
}

BOOST_AUTO_TEST_CASE(what_digits_exclude_is_refused) {
    const auto refusal = [](const std::string& weights, const std::string& more) -> std::string {
        try {
            config::parse_chip("name: n\nweights: {" + weights + "}\n" + more, "x.yaml");
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    BOOST_TEST(refusal("digits: shared", "").empty());
    BOOST_TEST(refusal("digits: shared, encoding: offset", "").find("weights.encoding: differential") !=
               std::string::npos);
    BOOST_TEST(
        refusal("digits: packed, packing: columns", "").find("weights.packing: value columns: only with") !=
        std::string::npos);
    BOOST_TEST(refusal("digits: planes, slices: interleaved", "").find("weights.slices: value interleaved") !=
               std::string::npos);
    BOOST_TEST(refusal("digits: planes", "adc: {bank: per-slice}").find("adc.bank: value per-slice") !=
               std::string::npos);
    BOOST_TEST(refusal("digits: bits", "").find("must be slices, packed, planes or shared") !=
               std::string::npos);
    // One width a shift: eight where digits may begin at any bit.
    BOOST_TEST(refusal("digits: shared", "adc: {slice_widths: [8, 8, 8, 8]}") != "");
    BOOST_TEST(refusal("digits: shared", "adc: {slice_widths: [8, 8, 8, 8, 8, 8, 8, 8]}").empty());
    BOOST_TEST(refusal("digits: packed", "adc: {slice_widths: [8, 8, 8, 8]}").empty());
}

BOOST_AUTO_TEST_SUITE_END()
