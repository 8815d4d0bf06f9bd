// Packing and column order: small matrices by hand, closed forms, and every array of random layers cell by
// cell.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "base/size.h"
#include "bitline_reference.h"
#include "mapping/adc_certificate.h"
#include "mapping/packing.h"
#include "structured_zeros.h"

BOOST_AUTO_TEST_SUITE(mapping_packing)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;
using config::ColumnOrder;
using config::Packing;
using Lines = std::vector<int>;
using mapping::BlockLines;

namespace {

constexpr std::array kForms = {Packing::none, Packing::channels, Packing::columns, Packing::rows,
                               Packing::fewest};
constexpr std::array kOrders = {ColumnOrder::natural, ColumnOrder::light_first, ColumnOrder::heavy_first};

int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

/// Weights from a picture: by row, then output.
network::MatrixWeights matrix(const std::vector<Lines>& rows) {
    network::MatrixWeights weights;
    weights.rows = static_cast<int>(rows.size());
    weights.outputs = static_cast<int>(rows.front().size());
    for (int output = 0; output < weights.outputs; ++output)
        for (const Lines& row : rows) weights.codes.push_back(static_cast<std::int16_t>(row[size(output)]));
    return weights;
}

int code(const network::MatrixWeights& weights, int row, int output) {
    return weights.codes[size(output * weights.rows + row)];
}

bool any(const network::MatrixWeights& weights, const Lines& rows, int output) {
    return std::any_of(rows.begin(), rows.end(), [&](int row) { return code(weights, row, output) != 0; });
}

Lines range(int first, int last) {
    Lines lines(size(last - first));
    std::iota(lines.begin(), lines.end(), first);
    return lines;
}

/// As BlockLines, but comparable.
struct Array {
    int row_block;
    Lines rows, outputs;
    friend bool operator==(const Array& a, const Array& b) {
        return std::tie(a.row_block, a.rows, a.outputs) == std::tie(b.row_block, b.rows, b.outputs);
    }
};
struct Block {
    Lines outputs;
    std::vector<Array> arrays;
    friend bool operator==(const Block& a, const Block& b) {
        return std::tie(a.outputs, a.arrays) == std::tie(b.outputs, b.arrays);
    }
};

std::vector<Block> blocks_of(const std::vector<BlockLines>& lines) {
    std::vector<Block> blocks;
    for (const BlockLines& block : lines) {
        blocks.push_back({block.outputs, {}});
        for (const BlockLines::Array& array : block.arrays)
            blocks.back().arrays.push_back({array.row_block, array.rows, array.outputs});
    }
    return blocks;
}

/// Outputs in the order of their sums of |w|, equal ones as they were.
Lines sorted(const network::MatrixWeights& weights, ColumnOrder order, Lines outputs) {
    const auto magnitude = [&](int output) {
        int sum = 0;
        for (int row = 0; row < weights.rows; ++row) sum += std::abs(code(weights, row, output));
        return sum;
    };
    // A plain insertion sort: an output moves up past all that it must stand before.
    for (std::size_t i = 1; i < outputs.size(); ++i)
        for (std::size_t j = i; j > 0; --j) {
            const int above = magnitude(outputs[j - 1]), below = magnitude(outputs[j]);
            const bool wrong = (order == ColumnOrder::light_first && below < above) ||
                               (order == ColumnOrder::heavy_first && below > above);
            if (!wrong) break;
            std::swap(outputs[j - 1], outputs[j]);
        }
    return outputs;
}

/// XCS by its definition: one block of all outputs; the columns with weights of every row block in arrays of
/// their own, full but for the last.
std::vector<Block> column_packing(const network::MatrixWeights& weights, const Lines& outputs, int array_rows,
                                  int array_outputs) {
    Block block{outputs, {}};
    for (int first = 0; first < weights.rows; first += array_rows) {
        const Lines rows = range(first, std::min(weights.rows, first + array_rows));
        Lines stored;
        for (const int output : outputs) {
            if (!any(weights, rows, output)) continue;
            stored.push_back(output);
            if (static_cast<int>(stored.size()) < array_outputs) continue;
            block.arrays.push_back({first / array_rows, rows, stored});
            stored.clear();
        }
        if (!stored.empty()) block.arrays.push_back({first / array_rows, rows, stored});
    }
    if (block.arrays.empty()) block.arrays.push_back({0, {0}, {outputs.front()}});
    return {block};
}

/// Weights other than zero everywhere.
network::MatrixWeights dense(int rows, int outputs, Dice& dice) {
    network::MatrixWeights weights;
    weights.rows = rows;
    weights.outputs = outputs;
    for (int i = 0; i < rows * outputs; ++i)
        weights.codes.push_back(static_cast<std::int16_t>((dice.chance(50) ? 1 : -1) * dice.between(1, 255)));
    return weights;
}

std::size_t arrays_of(const network::MatrixWeights& weights, Packing form, int array_rows,
                      int array_outputs) {
    return mapping::count_arrays(
        mapping::pack_layer(weights, form, ColumnOrder::natural, array_rows, array_outputs));
}

/// A network on a chip whose weights have zeros of every structure.
struct Case {
    Setting setting;
    config::ChipConfig chip;
    network::QuantisedNetwork network;
};

Case random_case(Dice& dice) {
    Case c;
    c.setting.array_rows = dice.one_of<int>({16, 17, 32, 64, 128});
    c.setting.cell_bits = dice.between(1, 4);
    c.setting.weight_bits = dice.between(1, 8);
    c.setting.dac_bits = dice.one_of<int>({1, 1, 2});
    c.chip = c.setting.chip(8);
    c.chip.array.columns = dice.one_of<int>({16, 17, 32, 64});
    const bool interleaved = dice.chance(50);
    c.chip.weights.slices =
        interleaved ? config::SlicePlacement::interleaved : config::SlicePlacement::grouped;
    c.chip.adc.policy = config::AdcPolicy::worst_case;
    c.network = bitline_reference::random_network(c.setting.weight_bits, 8, dice);
    const int outputs = interleaved ? c.chip.array.columns / c.setting.slices() : c.chip.array.columns;
    for (const network::NodeId id : c.network.matrix_nodes()) {
        network::Node& node = c.network.nodes[id];
        structured_zeros::prune(node.weights, c.setting.array_rows, outputs,
                                node.window.kernel_height * node.window.kernel_width, dice);
    }
    return c;
}

std::string name_of(Packing packing, ColumnOrder order) {
    static const std::array<const char*, 5> forms = {"none", "channels", "columns", "rows", "fewest"};
    static const std::array<const char*, 3> orders = {"natural", "light-first", "heavy-first"};
    return std::string(forms[size(static_cast<int>(packing))]) + ", " + orders[size(static_cast<int>(order))];
}

/// Sum of the levels of a stored column.
int level_sum(const mapping::CellArray& cells, int column) {
    int sum = 0;
    for (int row = 0; row < cells.rows; ++row) sum += cells.level(row, column);
    return sum;
}

struct ProgrammedLayer {
    const network::MatrixWeights& weights;
    const mapping::LayerMapping& layer;
    std::vector<mapping::CellArray> arrays;
};

ProgrammedLayer programmed(const Case& c, const mapping::LayerMapping& layer) {
    ProgrammedLayer all{c.network.nodes[layer.node].weights, layer, {}};
    const std::vector<bool> flipped = mapping::flipped_columns(all.weights, layer);
    for (const mapping::CrossbarSlot& slot : layer.crossbars)
        all.arrays.push_back(mapping::program_cells(all.weights, layer, slot, flipped));
    return all;
}

/// Every output in one block; every array belongs to its block, fits, and knows where its columns go.
void check_blocks(const Case& c, const mapping::LayerMapping& layer) {
    std::multiset<int> outputs;
    std::size_t next = 0;
    bool rows_in_runs = true, outputs_in_runs = true;
    for (std::size_t number = 0; number < layer.column_blocks.size(); ++number) {
        const mapping::ColumnBlock& block = layer.column_blocks[number];
        BOOST_TEST(block.first_crossbar == next);
        BOOST_TEST(block.crossbars > 0U);
        next += block.crossbars;
        for (int place = 0; place < block.outputs; ++place) {
            outputs.insert(block.output(place));
            outputs_in_runs = outputs_in_runs && block.output(place) == block.output(0) + place;
        }
        for (std::size_t i = block.first_crossbar; i < next; ++i) {
            const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
            BOOST_TEST(slot.column_block == number);
            BOOST_TEST((slot.rows > 0 && slot.rows <= c.chip.array.rows));
            BOOST_TEST((slot.outputs > 0 && slot.used_columns() <= c.chip.array.columns));
            BOOST_TEST(static_cast<int>(slot.row_block.value()) < layer.row_blocks);
            const int first = static_cast<int>(slot.row_block.value()) * c.chip.array.rows;
            rows_in_runs = rows_in_runs && slot.rows == std::min(c.chip.array.rows, layer.rows - first);
            for (int row = 0; row < slot.rows; ++row) {
                if (row > 0) BOOST_TEST(slot.matrix_row(row) > slot.matrix_row(row - 1));
                rows_in_runs = rows_in_runs && slot.matrix_row(row) == first + row;
            }
            for (int column = 0; column < slot.outputs; ++column)
                BOOST_TEST(block.output(slot.places ? (*slot.places)[size(column)] : column) ==
                           slot.output(column));
        }
    }
    BOOST_TEST(next == layer.crossbars.size());
    const Lines all = range(0, layer.outputs);
    BOOST_TEST(Lines(outputs.begin(), outputs.end()) == all, boost::test_tools::per_element());
    BOOST_TEST(layer.rows_in_runs == rows_in_runs);
    BOOST_TEST(layer.outputs_in_runs == outputs_in_runs);
}

/// Every cell that is not zero is stored once, at its level, where matrix_row() and output() say; no column
/// is stored for nothing.
void check_cells(const Case& c, const ProgrammedLayer& all, bool packed) {
    const mapping::LayerMapping& layer = all.layer;
    using Cell = std::tuple<int, int, int, bool>;  // row, output, slice, negative
    std::set<Cell> stored;
    std::uint64_t columns_a_slice = 0;
    for (std::size_t i = 0; i < all.arrays.size(); ++i) {
        const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
        const mapping::CellArray& cells = all.arrays[i];
        const bool negative = slot.sign == mapping::Sign::negative;
        if (slot.first_slice() == 0 && !negative) columns_a_slice += size(slot.outputs);
        BOOST_TEST(cells.rows == slot.rows);
        BOOST_TEST(cells.columns == slot.used_columns());
        for (int column = 0; column < cells.columns; ++column) {
            const int output = slot.output(column % slot.outputs);
            const int slice = slot.first_slice() + column / slot.outputs;
            bool zero = true;
            for (int row = 0; row < cells.rows; ++row) {
                const int weight = code(all.weights, slot.matrix_row(row), output);
                zero = zero && weight == 0;
                BOOST_TEST(stored.insert({slot.matrix_row(row), output, slice, negative}).second);
                BOOST_TEST(cells.level(row, column) ==
                           bitline_reference::level_of(c.setting, weight, slice, negative));
            }
            if (!packed || !zero) continue;
            // The one cell that keeps the place of a block without weights.
            const mapping::ColumnBlock& block = layer.column_blocks[slot.column_block];
            BOOST_TEST((slot.rows == 1 && slot.outputs == 1));
            for (int place = 0; place < block.outputs; ++place)
                BOOST_TEST(!any(all.weights, range(0, layer.rows), block.output(place)));
        }
    }
    for (int output = 0; output < layer.outputs; ++output)
        for (int row = 0; row < layer.rows; ++row)
            for (int slice = 0; slice < c.setting.slices(); ++slice)
                for (const bool negative : {false, true})
                    if (bitline_reference::level_of(c.setting, code(all.weights, row, output), slice,
                                                    negative) != 0)
                        BOOST_TEST(stored.count({row, output, slice, negative}) == 1U);
    for (int slice = 0; slice < c.setting.slices(); ++slice)
        for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative})
            if (sign == mapping::Sign::positive || c.setting.encoding == config::Encoding::differential)
                BOOST_TEST(layer.columns(SliceIndex(size(slice)), sign) == columns_a_slice);
}

/// What column_of() finds, what it does not, and worst cases and certificates of columns that are stored.
void check_columns(const Case& c, const mapping::NetworkMapping& mapped, const ProgrammedLayer& all,
                   const std::vector<std::array<mapping::ColumnExtreme, 2>>& extremes,
                   const std::vector<mapping::ColumnCertificate>& certificates) {
    const mapping::LayerMapping& layer = all.layer;
    int digit = 1;
    for (const mapping::InputPlane& plane : layer.planes) digit = std::max(digit, (1 << plane.bits) - 1);
    using Name = std::tuple<int, int, int, bool>;  // row block, output, slice, negative
    std::map<Name, std::pair<std::size_t, int>> columns;
    std::map<std::pair<int, bool>, std::tuple<int, int, int>> largest;  // -sum, row block, output
    for (std::size_t i = 0; i < all.arrays.size(); ++i) {
        const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
        const bool negative = slot.sign == mapping::Sign::negative;
        for (int column = 0; column < slot.used_columns(); ++column) {
            const int block = static_cast<int>(slot.row_block.value());
            const int output = slot.output(column % slot.outputs);
            const int slice = slot.first_slice() + column / slot.outputs;
            BOOST_TEST(columns.insert({{block, output, slice, negative}, {i, column}}).second);
            const int sum = digit * level_sum(all.arrays[i], column);
            const auto found = std::tuple(-sum, block, output);
            const auto place = largest.insert({{slice, negative}, found}).first;
            place->second = std::min(place->second, found);
        }
    }
    for (int slice = 0; slice < c.setting.slices(); ++slice)
        for (const bool negative : {false, true}) {
            const auto [minus_sum, block, output] = largest.at({slice, negative});
            const mapping::ColumnExtreme& extreme = extremes[size(slice)][negative ? 1 : 0];
            BOOST_TEST(static_cast<int>(extreme.sum) == -minus_sum);
            if (minus_sum == 0) continue;
            BOOST_TEST(static_cast<int>(extreme.row_block.value()) == block);
            BOOST_TEST(extreme.output == output);
        }
    for (int block = 0; block < layer.row_blocks; ++block)
        for (int output = 0; output < layer.outputs; ++output)
            for (int slice = 0; slice < c.setting.slices(); ++slice)
                for (const bool negative : {false, true}) {
                    const auto column = [&] {
                        return mapping::column_of(
                            layer, RowBlockIndex(size(block)), SliceIndex(size(slice)),
                            negative ? mapping::Sign::negative : mapping::Sign::positive, output);
                    };
                    const auto known = columns.find({block, output, slice, negative});
                    if (known == columns.end()) {
                        BOOST_CHECK_THROW(column(), std::logic_error);
                        continue;
                    }
                    BOOST_TEST(column().crossbar.value() == known->second.first);
                    BOOST_TEST(column().column == known->second.second);
                }
    for (const mapping::ColumnCertificate& certificate : certificates) {
        if (certificate.layer != layer.layer) continue;
        const mapping::CrossbarSlot& slot = layer.crossbars[certificate.place.crossbar];
        BOOST_TEST((slot.sign == certificate.sign));
        BOOST_TEST_REQUIRE(certificate.place.column < slot.used_columns());
        BOOST_TEST(slot.first_slice() + certificate.place.column / slot.outputs ==
                   static_cast<int>(certificate.slice.value()));
        const mapping::CellArray& cells = all.arrays[certificate.place.crossbar.value()];
        BOOST_TEST(static_cast<int>(certificate.sum) == digit * level_sum(cells, certificate.place.column));
    }
    BOOST_TEST(mapped.array_rows == c.chip.array.rows);
}

}  // namespace

// Rows 1 and 3 and output 1 hold nothing. Sums of |w|: 4, 0, 10, 9, 9.
BOOST_AUTO_TEST_CASE(arrays_of_two_by_two_by_hand) {
    const network::MatrixWeights weights = matrix({{1, 0, 0, 0, 2},
                                                   {0, 0, 0, 0, 0},
                                                   {3, 0, -4, 0, 0},
                                                   {0, 0, 0, 0, 0},
                                                   {0, 0, 5, 0, 6},
                                                   {0, 0, 1, -9, 1}});
    const auto check = [&](Packing form, ColumnOrder order, const std::vector<Block>& expected) {
        const auto found = mapping::pack_layer(weights, form, order, 2, 2);
        BOOST_TEST((blocks_of(found) == expected), name_of(form, order));
        std::size_t arrays = 0;
        for (const Block& block : expected) arrays += block.arrays.size();
        BOOST_TEST(mapping::count_arrays(found) == arrays);
    };
    const auto dense_block = [](const Lines& outputs) {
        return Block{outputs, {{0, {0, 1}, outputs}, {1, {2, 3}, outputs}, {2, {4, 5}, outputs}}};
    };
    check(Packing::none, ColumnOrder::natural, {dense_block({0, 1}), dense_block({2, 3}), dense_block({4})});
    check(Packing::none, ColumnOrder::light_first,
          {dense_block({1, 0}), dense_block({3, 4}), dense_block({2})});
    check(Packing::none, ColumnOrder::heavy_first,
          {dense_block({2, 3}), dense_block({4, 0}), dense_block({1})});

    check(Packing::channels, ColumnOrder::natural,
          {{{0, 1, 2}, {{0, {0, 2}, {0, 2}}, {1, {4, 5}, {2}}}},
           {{3, 4}, {{0, {0, 2}, {4}}, {1, {4, 5}, {3, 4}}}}});
    check(Packing::channels, ColumnOrder::light_first,
          {{{1, 0, 3}, {{0, {0, 2}, {0}}, {1, {4, 5}, {3}}}},
           {{4, 2}, {{0, {0, 2}, {4, 2}}, {1, {4, 5}, {4, 2}}}}});
    check(Packing::channels, ColumnOrder::heavy_first,
          {{{2, 3}, {{0, {0, 2}, {2}}, {1, {4, 5}, {2, 3}}}},
           {{4, 0, 1}, {{0, {0, 2}, {4, 0}}, {1, {4, 5}, {4}}}}});

    // Rows 4 and 5 have three columns: two arrays.
    check(Packing::columns, ColumnOrder::natural,
          {{{0, 1, 2, 3, 4},
            {{0, {0, 1}, {0, 4}}, {1, {2, 3}, {0, 2}}, {2, {4, 5}, {2, 3}}, {2, {4, 5}, {4}}}}});
    check(Packing::columns, ColumnOrder::light_first,
          {{{1, 0, 3, 4, 2},
            {{0, {0, 1}, {0, 4}}, {1, {2, 3}, {0, 2}}, {2, {4, 5}, {3, 4}}, {2, {4, 5}, {2}}}}});
    check(Packing::columns, ColumnOrder::heavy_first,
          {{{2, 3, 4, 0, 1},
            {{0, {0, 1}, {4, 0}}, {1, {2, 3}, {2, 0}}, {2, {4, 5}, {2, 3}}, {2, {4, 5}, {4}}}}});

    // Sorted within the blocks only.
    check(Packing::rows, ColumnOrder::natural,
          {{{0, 1}, {{0, {0, 2}, {0}}}},
           {{2, 3}, {{0, {2, 4}, {2}}, {1, {5}, {2, 3}}}},
           {{4}, {{0, {0, 4}, {4}}, {1, {5}, {4}}}}});
    check(Packing::rows, ColumnOrder::light_first,
          {{{1, 0}, {{0, {0, 2}, {0}}}},
           {{3, 2}, {{0, {2, 4}, {2}}, {1, {5}, {3, 2}}}},
           {{4}, {{0, {0, 4}, {4}}, {1, {5}, {4}}}}});
    check(Packing::rows, ColumnOrder::heavy_first,
          {{{0, 1}, {{0, {0, 2}, {0}}}},
           {{2, 3}, {{0, {2, 4}, {2}}, {1, {5}, {2, 3}}}},
           {{4}, {{0, {0, 4}, {4}}, {1, {5}, {4}}}}});

    // 9, 4, 4 and 5 arrays.
    check(Packing::fewest, ColumnOrder::natural,
          blocks_of(mapping::pack_layer(weights, Packing::channels, ColumnOrder::natural, 2, 2)));
}

BOOST_AUTO_TEST_CASE(fewest_is_the_first_of_equals) {
    const auto chosen = [](const network::MatrixWeights& weights) {
        const auto best =
            blocks_of(mapping::pack_layer(weights, Packing::fewest, ColumnOrder::natural, 2, 2));
        std::string forms;
        for (const auto& [form, letter] : {std::pair{Packing::none, 'n'}, std::pair{Packing::channels, 'c'},
                                           std::pair{Packing::columns, 'x'}, std::pair{Packing::rows, 'r'}})
            if (blocks_of(mapping::pack_layer(weights, form, ColumnOrder::natural, 2, 2)) == best)
                forms += letter;
        return forms;
    };
    // Nothing to leave out: all are the same.
    BOOST_TEST(chosen(matrix({{1, 2}, {3, 4}})) == "ncxr");
    // A column that is zero in rows 0 and 1: as many arrays with every form, and `none` stores all.
    BOOST_TEST(chosen(matrix({{0, 2}, {0, 4}, {1, 1}})) == "n");
    // Output 0 is zero in the first row block, output 2 in the second: two arrays by columns, four else.
    BOOST_TEST(chosen(matrix({{0, 1, 1}, {0, 1, 1}, {1, 1, 0}, {1, 1, 0}})) == "x");
    // Each block of two outputs has its own two rows: two arrays by rows, four else.
    BOOST_TEST(chosen(matrix({{1, 1, 0, 0}, {0, 0, 1, 1}, {1, 1, 0, 0}, {0, 0, 1, 1}})) == "r");
}

BOOST_AUTO_TEST_CASE(a_layer_without_weights_keeps_one_cell_a_block) {
    const network::MatrixWeights zero = matrix({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}});
    for (const ColumnOrder order : kOrders) {
        const Block all{{0, 1, 2}, {{0, {0}, {0}}}};
        for (const Packing form : {Packing::channels, Packing::columns})
            BOOST_TEST((blocks_of(mapping::pack_layer(zero, form, order, 2, 2)) == std::vector{all}));
        BOOST_TEST((blocks_of(mapping::pack_layer(zero, Packing::rows, order, 2, 2)) ==
                    std::vector<Block>{{{0, 1}, {{0, {0}, {0}}}}, {{2}, {{0, {0}, {2}}}}}));
        BOOST_TEST(arrays_of(zero, Packing::none, 2, 2) == 4U);
    }
    // Outputs 2 and 3 without weights: a block of their own by rows only.
    const network::MatrixWeights half = matrix({{1, 1, 0, 0}, {1, 1, 0, 0}});
    BOOST_TEST((blocks_of(mapping::pack_layer(half, Packing::rows, ColumnOrder::natural, 2, 2)) ==
                std::vector<Block>{{{0, 1}, {{0, {0, 1}, {0, 1}}}}, {{2, 3}, {{0, {0}, {2}}}}}));
    BOOST_TEST((blocks_of(mapping::pack_layer(half, Packing::columns, ColumnOrder::natural, 2, 2)) ==
                std::vector<Block>{{{0, 1, 2, 3}, {{0, {0, 1}, {0, 1}}}}}));
}

BOOST_AUTO_TEST_CASE(closed_forms) {
    Dice dice(31);
    for (int round = 0; round < 60; ++round) {
        const int rows = dice.between(1, 90), outputs = dice.between(1, 70);
        const int array_rows = dice.between(1, 20), array_outputs = dice.between(1, 16);
        const network::MatrixWeights full = dense(rows, outputs, dice);
        const std::size_t whole = size(ceil_div(rows, array_rows)) * size(ceil_div(outputs, array_outputs));
        for (const Packing form : kForms)
            BOOST_TEST(arrays_of(full, form, array_rows, array_outputs) == whole);

        // C/F: some rows and some outputs go.
        const int percent = dice.one_of<int>({10, 50, 90});
        network::MatrixWeights channels = full;
        int rows_left = rows, outputs_left = outputs;
        for (int row = 0; row < rows; ++row) {
            if (rows_left == 1 || !dice.chance(percent)) continue;
            --rows_left;
            structured_zeros::clear(channels, row, row + 1, 0, outputs);
        }
        for (int output = 0; output < outputs; ++output) {
            if (outputs_left == 1 || !dice.chance(percent)) continue;
            --outputs_left;
            structured_zeros::clear(channels, 0, rows, output, output + 1);
        }
        BOOST_TEST(arrays_of(channels, Packing::channels, array_rows, array_outputs) ==
                   size(ceil_div(rows_left, array_rows)) * size(ceil_div(outputs_left, array_outputs)));

        // XCS: in every row block some columns go.
        network::MatrixWeights by_columns = full;
        std::size_t arrays = 0;
        for (int first = 0; first < rows; first += array_rows) {
            int left = outputs;
            for (int output = 0; output < outputs; ++output) {
                if (!dice.chance(percent)) continue;
                --left;
                structured_zeros::clear(by_columns, first, first + array_rows, output, output + 1);
            }
            arrays += size(ceil_div(left, array_outputs));
        }
        BOOST_TEST(arrays_of(by_columns, Packing::columns, array_rows, array_outputs) ==
                   std::max<std::size_t>(arrays, 1));

        // XRS: in every column block some rows go; a block without rows keeps one array.
        network::MatrixWeights by_rows = full;
        std::size_t expected = 0;
        for (int first = 0; first < outputs; first += array_outputs) {
            int left = rows;
            for (int row = 0; row < rows; ++row) {
                if (!dice.chance(percent)) continue;
                --left;
                structured_zeros::clear(by_rows, row, row + 1, first, first + array_outputs);
            }
            expected += size(std::max(1, ceil_div(left, array_rows)));
        }
        BOOST_TEST(arrays_of(by_rows, Packing::rows, array_rows, array_outputs) == expected);
    }
}

// Columns of row blocks, with zeros of every kind and in every order.
BOOST_AUTO_TEST_CASE(columns_are_packed_row_block_by_row_block) {
    Dice dice(32);
    std::size_t packed = 0, whole = 0;
    for (int round = 0; round < 60; ++round) {
        const int rows = dice.between(1, 90), outputs = dice.between(1, 70);
        const int array_rows = dice.between(1, 20), array_outputs = dice.between(1, 16);
        network::MatrixWeights weights = dense(rows, outputs, dice);
        structured_zeros::prune(weights, array_rows, array_outputs, dice.between(1, 9), dice);
        for (const ColumnOrder order : kOrders) {
            const auto found =
                mapping::pack_layer(weights, Packing::columns, order, array_rows, array_outputs);
            BOOST_TEST((blocks_of(found) == column_packing(weights, sorted(weights, order, range(0, outputs)),
                                                           array_rows, array_outputs)));
            for (const BlockLines& block : found)
                for (const BlockLines::Array& array : block.arrays)
                    BOOST_TEST(static_cast<int>(array.outputs.size()) <= array_outputs);
            packed += mapping::count_arrays(found);
            whole += arrays_of(weights, Packing::none, array_rows, array_outputs);
        }
    }
    BOOST_TEST(2 * packed < whole);
}

BOOST_AUTO_TEST_CASE(columns_stand_in_the_order_of_their_sums) {
    Dice dice(33);
    for (int round = 0; round < 60; ++round) {
        const int rows = dice.between(1, 60), outputs = dice.between(1, 60);
        const int array_rows = dice.between(1, 20), array_outputs = dice.between(1, 16);
        network::MatrixWeights weights = dense(rows, outputs, dice);
        for (std::int16_t& weight : weights.codes)  // many equal sums
            weight = static_cast<std::int16_t>(weight > 128 ? 1 : 0);
        for (const ColumnOrder order : kOrders) {
            const Lines expected = sorted(weights, order, range(0, outputs));
            for (const Packing form : {Packing::none, Packing::channels, Packing::columns}) {
                Lines all;
                for (const BlockLines& block :
                     mapping::pack_layer(weights, form, order, array_rows, array_outputs))
                    all.insert(all.end(), block.outputs.begin(), block.outputs.end());
                BOOST_TEST(all == expected, boost::test_tools::per_element());
            }
            int first = 0;
            for (const BlockLines& block :
                 mapping::pack_layer(weights, Packing::rows, order, array_rows, array_outputs)) {
                const Lines own = range(first, std::min(outputs, first + array_outputs));
                BOOST_TEST(block.outputs == sorted(weights, order, own), boost::test_tools::per_element());
                first += array_outputs;
            }
            BOOST_TEST(first >= outputs);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_cell_once_under_every_form) {
    Dice dice(34);
    std::size_t smaller = 0, lists = 0;
    for (int round = 0; round < 40; ++round) {
        Case c = random_case(dice);
        const std::size_t unpacked = mapping::map_network(c.network, c.chip).crossbars();
        for (const ColumnOrder order : kOrders) {
            std::size_t fewest = 0, best = unpacked;
            for (const Packing form : kForms) {
                BOOST_TEST_CONTEXT("round " << round << ", " << name_of(form, order)) {
                    c.chip.weights.packing = form;
                    c.chip.weights.column_order = order;
                    const mapping::NetworkMapping mapped = mapping::map_network(c.network, c.chip);
                    const auto extremes =
                        mapping::worst_case_columns(c.network, mapped, c.chip.inputs.dac_bits);
                    const auto certificates =
                        mapping::certify(mapped, mapping::allocate_adcs(c.network, mapped, c.chip), extremes);
                    for (std::size_t i = 0; i < mapped.layers.size(); ++i) {
                        const mapping::LayerMapping& layer = mapped.layers[LayerIndex(i)];
                        const ProgrammedLayer all = programmed(c, layer);
                        check_blocks(c, layer);
                        check_cells(c, all, form != Packing::none && form != Packing::fewest);
                        check_columns(c, mapped, all, extremes[i], certificates);
                        lists += layer.outputs_in_runs ? 0 : 1;
                    }
                    BOOST_TEST(mapped.unpacked_crossbars() == unpacked);
                    BOOST_TEST(mapped.compression() ==
                               static_cast<double>(unpacked) / static_cast<double>(mapped.crossbars()));
                    BOOST_TEST(mapped.crossbars() <= unpacked);
                    if (form == Packing::none) BOOST_TEST(mapped.crossbars() == unpacked);
                    if (form == Packing::columns || form == Packing::none)
                        for (const mapping::LayerMapping& layer : mapped.layers)
                            BOOST_TEST((layer.rows_in_runs ||
                                        !any(c.network.nodes[layer.node].weights, range(0, layer.rows),
                                             layer.crossbars[CrossbarIndex(0)].output(0))));
                    (form == Packing::fewest ? fewest : best) =
                        form == Packing::fewest ? mapped.crossbars() : std::min(best, mapped.crossbars());
                }
            }
            // Layer by layer, so for all layers together at most what any one form takes.
            BOOST_TEST(fewest <= best);
            smaller += fewest < unpacked ? 1 : 0;
        }
    }
    BOOST_TEST(smaller > 60U);
    BOOST_TEST(lists > 100U);
}

// Arrays with the same rows know it: their lists are one.
BOOST_AUTO_TEST_CASE(equal_lists_are_one) {
    Dice dice(35);
    network::QuantisedNetwork network;
    while (network.nodes.empty() || network.nodes.back().weights.outputs <= 16)
        network = bitline_reference::random_network(8, 8, dice);
    config::ChipConfig chip = Setting().chip(8);
    chip.array.rows = 16;
    chip.array.columns = 16;
    chip.weights.packing = Packing::channels;
    network::MatrixWeights& weights = network.nodes.back().weights;
    weights = dense(weights.rows, weights.outputs, dice);
    weights.bias.assign(size(weights.outputs), 0);
    for (int row = 0; row < weights.rows; row += 2)
        structured_zeros::clear(weights, row, row + 1, 0, weights.outputs);
    const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
    const mapping::LayerMapping& layer = mapped.layers[LayerIndex(mapped.layers.size() - 1)];
    BOOST_TEST_REQUIRE(layer.column_blocks.size() > 1U);
    std::set<mapping::LineList> lists;
    for (const mapping::CrossbarSlot& slot : layer.crossbars) lists.insert(slot.row_list);
    BOOST_TEST(lists.size() == size(layer.row_blocks));
    BOOST_TEST(lists.count(nullptr) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
