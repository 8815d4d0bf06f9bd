#include "mapping/layer_mapping.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "mapping/packing.h"

namespace sliver::mapping {
namespace {

constexpr int kWordRows = 64;
constexpr int kLanes = 8;
constexpr int kMaxAccumulatorBits = 31;

int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

/// What the columns of one output add and take away, for every row driven with 1.
struct Reach {
    std::int64_t added = 0, taken = 0;
    /// Any row may be driven by any code of `input`; a signed one's sign plane counts against its others.
    [[nodiscard]] std::int64_t largest(const network::Format& input) const {
        const std::int64_t high = input.highest(), low = -std::int64_t{input.lowest()};
        return std::max(added * high + taken * low, taken * high + added * low);
    }
};

/// Offset encoding adds stored levels and takes the bias off by the unit column; flipped columns the other
/// way round.
void add_offset_array(const network::MatrixWeights& weights, const LayerMapping& layer,
                      const CrossbarSlot& slot, const std::vector<bool>& flipped,
                      std::vector<Reach>& reaches) {
    const CellFormat& format = layer.format;
    std::vector<std::int16_t> room;
    for (int column = 0; column < slot.outputs; ++column) {
        const int output = slot.output(column);
        const std::int16_t* codes = codes_on(weights, slot, output, room);
        Reach& reach = reaches[static_cast<std::size_t>(output)];
        std::int64_t unit = slot.first_slice() == 0 ? -format.bias() : 0;
        for (const ColumnRun& run : slot.runs) {
            const bool flip = flipped[column_flag(layer, slot.row_block, run.slice, output)];
            const int shift = layer.shift(run.slice);
            std::int64_t sum = 0;
            for (int row = 0; row < slot.rows; ++row) {
                const int level = cell_level(format, codes[row], shift, Sign::positive);
                sum += flip ? format.highest_level() - level : level;
            }
            (flip ? reach.taken : reach.added) += sum << shift;
            if (flip) unit += std::int64_t{format.highest_level()} << shift;
        }
        (unit < 0 ? reach.taken : reach.added) += std::abs(unit) * slot.rows;
    }
}

std::int64_t reach_of(const network::MatrixWeights& weights, const network::Format& input,
                      const LayerMapping& layer) {
    std::vector<Reach> reaches(static_cast<std::size_t>(weights.outputs));
    if (layer.format.encoding == config::Encoding::offset) {
        const std::vector<bool> flipped = flipped_columns(weights, layer);
        for (const CrossbarSlot& slot : layer.crossbars)
            add_offset_array(weights, layer, slot, flipped, reaches);
    } else {
        for (int output = 0; output < weights.outputs; ++output)
            for (int row = 0; row < weights.group_rows(); ++row) {
                const int code = weights.codes_of(output)[row];
                Reach& reach = reaches[static_cast<std::size_t>(output)];
                (code < 0 ? reach.taken : reach.added) += std::abs(code);
            }
    }
    std::int64_t largest = 0;
    for (const Reach& reach : reaches) largest = std::max(largest, reach.largest(input));
    return largest;
}

/// Whatever sums of the layer come about must fit the 32-bit accumulators.
void check_accumulator(const LayerMapping& layer, const network::Format& input,
                       const config::ChipConfig& chip) {
    const bool coarse = !chip.adc.slice_drops.empty() || !chip.adc.layer_drops.empty();
    const std::int64_t reach = coarse ? 2 * layer.reach : layer.reach;
    if (reach >> kMaxAccumulatorBits != 0)
        refuse(
            "layer {}: its {} rows of {}-bit weights and {}-bit inputs can add up to {}{}, beyond the 32-bit "
            "accumulators of the shift-add units; use fewer weight or input bits{}",
            layer.name, layer.rows, layer.format.weight_bits, input.bits, reach,
            coarse ? " behind converters that leave bits out" : "",
            chip.weights.encoding == config::Encoding::offset ? ", or weights.encoding: differential" : "");
}

/// The format of a layer's cells.
CellFormat format_of(const network::Node& node, const config::ChipConfig& chip) {
    const int bits = node.weights.bits;
    if (bits < 1 || bits > chip.weights.bits)
        refuse(
            "layer {}: weights of {} magnitude bits, and the chip's weights.bits is {}; raise weights.bits",
            node.name, bits, chip.weights.bits);
    const int highest = (1 << bits) - 1;
    for (const std::int16_t code : node.weights.codes)
        if (std::abs(code) > highest)
            refuse("layer {}: weight code {} does not fit its {} magnitude bits", node.name, code, bits);
    return cell_format(chip, bits);
}

/// Codes of some rows and outputs, with the zeros between groups.
std::vector<std::int16_t> dense_codes(const network::MatrixWeights& weights, int first_row, int rows,
                                      int first_output, int outputs) {
    std::vector<std::int16_t> codes(static_cast<std::size_t>(rows) * static_cast<std::size_t>(outputs), 0);
    std::int16_t* to = codes.data();
    for (int output = first_output; output < first_output + outputs; ++output, to += rows) {
        const int own = weights.first_row(output), first = std::max(own, first_row),
                  last = std::min(own + weights.group_rows(), first_row + rows);
        if (first < last)
            std::copy(weights.codes_of(output) + (first - own), weights.codes_of(output) + (last - own),
                      to + (first - first_row));
    }
    return codes;
}

/// Cells of `slot` that hold weights.
std::uint64_t weight_cells(const network::MatrixWeights& weights, const CrossbarSlot& slot) {
    if (weights.groups == 1)
        return static_cast<std::uint64_t>(slot.rows) * static_cast<std::uint64_t>(slot.used_columns());
    std::uint64_t cells = 0;
    for (int column = 0; column < slot.used_columns(); ++column) {
        const int first = weights.first_row(slot.output(column)), last = first + weights.group_rows();
        for (int row = 0; row < slot.rows; ++row)
            cells += slot.matrix_row(row) >= first && slot.matrix_row(row) < last ? 1 : 0;
    }
    return cells;
}

/// Lists of a layer's rows and outputs: equal ones are one, so that whoever holds several arrays with the
/// same rows sees it.
class LineLists {
  public:
    /// `lines` as a list, or null where they are neighbours; `first` is set in both cases.
    LineList list_of(const std::vector<int>& lines, int& first) {
        first = lines.front();
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (lines[i] != first + static_cast<int>(i)) return shared(lines);
        return nullptr;
    }

  private:
    LineList shared(const std::vector<int>& lines) {
        LineList& known = known_[lines];
        if (known == nullptr) known = std::make_shared<const std::vector<int>>(lines);
        return known;
    }
    std::map<std::vector<int>, LineList> known_;
};

/// Places of `some` among `all`; null where they are all of them, in their order.
LineList places_of(const std::vector<int>& some, const std::vector<int>& all) {
    if (some == all) return nullptr;
    std::vector<int> place_of(static_cast<std::size_t>(*std::max_element(all.begin(), all.end())) + 1);
    for (std::size_t place = 0; place < all.size(); ++place)
        place_of[static_cast<std::size_t>(all[place])] = static_cast<int>(place);
    std::vector<int> places;
    for (const int output : some) places.push_back(place_of[static_cast<std::size_t>(output)]);
    return std::make_shared<const std::vector<int>>(std::move(places));
}

LineList in_order(int count) {
    std::vector<int> lines(static_cast<std::size_t>(count));
    std::iota(lines.begin(), lines.end(), 0);
    return std::make_shared<const std::vector<int>>(std::move(lines));
}

/// What the arrays of one row block and column block have in common.
CrossbarSlot slot_of(const BlockLines& lines, const BlockLines::Array& array, std::size_t column_block,
                     LineLists& lists) {
    CrossbarSlot slot;
    slot.row_block = RowBlockIndex(static_cast<std::size_t>(array.row_block));
    slot.column_block = column_block;
    slot.rows = static_cast<int>(array.rows.size());
    slot.outputs = static_cast<int>(array.outputs.size());
    slot.row_list = lists.list_of(array.rows, slot.first_row);
    slot.output_list = lists.list_of(array.outputs, slot.first_output);
    slot.places = places_of(array.outputs, lines.outputs);
    return slot;
}

void add_crossbars(LayerMapping& layer, const CellFormat& format, const std::vector<CrossbarSlot>& slots,
                   int first_slice, int slices) {
    for (CrossbarSlot slot : slots) {
        for (int sign = 0; sign < format.signs(); ++sign) {
            slot.sign = sign == 0 ? Sign::positive : Sign::negative;
            slot.runs.clear();
            for (int slice = 0; slice < slices; ++slice)
                slot.runs.push_back({first_slice + slice, slice * slot.outputs, slot.outputs});
            layer.crossbars.push_back(slot);
        }
    }
}

int outputs_per_array(const CellFormat& format, const config::ChipConfig& chip) {
    if (chip.weights.slices == config::SlicePlacement::grouped) return chip.array.columns;
    const int outputs = chip.array.columns / format.slices();
    if (outputs == 0)
        refuse(
            "array.columns: {} columns cannot hold the {} slices of one weight side by side; use wider "
            "arrays, more "
            "bits a cell, or weights.slices: grouped",
            chip.array.columns, format.slices());
    return outputs;
}

std::vector<BlockLines> lines_of(const network::MatrixWeights& weights, bool in_groups,
                                 const config::ChipConfig& chip, int array_outputs) {
    return in_groups ? pack_groups(weights, chip.weights.column_order, chip.array.rows, array_outputs)
                     : pack_layer(weights, chip.weights.packing, chip.weights.column_order, chip.array.rows,
                                  array_outputs);
}

/// Stored digit columns of one row block and sign that share an array.
struct DigitArray {
    const BlockLines::Array* lines;
    Sign sign;
    int slice = 0;             ///< of all of them under `packed`; else 0
    int number = 0;            ///< among those of the same row block, sign and slice
    std::vector<int> outputs;  ///< by column
    std::vector<ColumnRun> runs;
};

void add_digit_arrays_of(const LayerMapping& layer, const BlockLines::Array& lines, Sign sign,
                         const config::ChipConfig& chip, std::vector<DigitArray>& arrays) {
    const bool one_slice = chip.weights.digits == config::DigitColumns::packed;
    const RowBlockIndex row_block(static_cast<std::size_t>(lines.row_block));
    DigitArray fresh{&lines, sign, 0, 0, {}, {}};
    DigitArray array = fresh;
    const auto finish = [&] {
        if (!array.outputs.empty()) arrays.push_back(std::move(array));
        array = fresh;
    };
    for (int slice = 0; slice < layer.slices(); ++slice) {
        if (one_slice) {
            finish();
            array.slice = fresh.slice = slice;
            array.number = fresh.number = 0;
        }
        for (const int output : lines.outputs) {
            if (!layer.stores(row_block, slice, sign, output)) continue;
            if (static_cast<int>(array.outputs.size()) == chip.array.columns) {
                ++fresh.number;
                finish();
            }
            if (array.runs.empty() || array.runs.back().slice != slice)
                array.runs.push_back({slice, static_cast<int>(array.outputs.size()), 0});
            ++array.runs.back().columns;
            array.outputs.push_back(output);
        }
    }
    finish();
}

/// The arrays of one column block of digit columns: (`packed`) slice by slice the first ones of every row
/// block and sign, then the second.
void add_digit_arrays(LayerMapping& layer, const BlockLines& block, const config::ChipConfig& chip,
                      LineLists& lists) {
    std::vector<DigitArray> arrays;
    for (const BlockLines::Array& lines : block.arrays)
        for (int sign = 0; sign < layer.format.signs(); ++sign)
            add_digit_arrays_of(layer, lines, sign == 0 ? Sign::positive : Sign::negative, chip, arrays);
    std::stable_sort(arrays.begin(), arrays.end(), [](const DigitArray& a, const DigitArray& b) {
        return std::tie(a.slice, a.number) < std::tie(b.slice, b.number);
    });
    const std::size_t column_block = layer.column_blocks.size();
    for (const DigitArray& array : arrays) {
        CrossbarSlot slot =
            slot_of(block, {array.lines->rows, array.outputs, array.lines->row_block}, column_block, lists);
        slot.sign = array.sign;
        slot.runs = array.runs;
        // Columns of several shifts need a table even where their outputs are in order.
        if (slot.runs.size() > 1 && slot.places == nullptr) slot.places = in_order(slot.outputs);
        layer.crossbars.push_back(std::move(slot));
    }
    if (!arrays.empty()) return;
    // Nothing is left of the block but its biases: one cell keeps its place on the chip.
    CrossbarSlot slot = slot_of(block, {{block.arrays.front().rows.front()}, {block.outputs.front()}, 0},
                                column_block, lists);
    slot.runs = {{0, 0, 1}};
    layer.crossbars.push_back(std::move(slot));
}

/// Rows and outputs of the column blocks of a layer: without digits, of its arrays.
std::vector<BlockLines> blocks_of(const network::MatrixWeights& weights, bool in_groups,
                                  const config::ChipConfig& chip, int array_outputs) {
    const bool digits = chip.weights.digits != config::DigitColumns::slices;
    if (!in_groups && digits) array_outputs = weights.outputs;
    return lines_of(weights, in_groups, chip, array_outputs);
}

LayerMapping map_layer(const network::Node& node, const network::Format& input,
                       const config::ChipConfig& chip) {
    LayerMapping layer;
    layer.name = node.name;
    layer.format = format_of(node, chip);
    layer.rows = node.weights.rows;
    layer.outputs = node.weights.outputs;
    layer.in_groups = node.weights.groups > 1 && chip.weights.groups == config::GroupPlacement::packed;
    layer.rows_per_block = chip.array.rows;
    layer.planes = input_planes(input, chip.inputs.dac_bits);
    layer.weights = node.weights.codes.size();

    const CellFormat& format = layer.format;
    layer.unpacked_crossbars =
        crossbars_of_shape(layer.rows, layer.outputs, node.weights.groups, format, chip);
    const bool interleaved = chip.weights.slices == config::SlicePlacement::interleaved;
    const int outputs_per_block = outputs_per_array(format, chip);
    const int slice_groups = interleaved ? 1 : format.slices();
    const bool digits = chip.weights.digits != config::DigitColumns::slices;
    LineLists lists;
    const std::vector<BlockLines> blocks = blocks_of(node.weights, layer.in_groups, chip, outputs_per_block);
    for (const BlockLines& lines : blocks)
        for (const BlockLines::Array& array : lines.arrays)
            layer.row_blocks = std::max(layer.row_blocks, array.row_block + 1);
    layer.shifts = digit_shifts(format, chip.weights.digits);
    layer.stored = stored_digits(node.weights, format, chip.weights.digits, blocks, layer.row_blocks);
    for (const BlockLines& lines : blocks) {
        ColumnBlock block;
        block.outputs = static_cast<int>(lines.outputs.size());
        block.output_list = lists.list_of(lines.outputs, block.first_output);
        block.first_crossbar = layer.crossbars.size();
        layer.outputs_in_runs = layer.outputs_in_runs && block.output_list == nullptr;
        std::vector<CrossbarSlot> slots;
        for (const BlockLines::Array& array : lines.arrays) {
            slots.push_back(slot_of(lines, array, layer.column_blocks.size(), lists));
            const CrossbarSlot& slot = slots.back();
            if (layer.in_groups) continue;
            const int first = array.row_block * layer.rows_per_block;
            layer.rows_in_runs = layer.rows_in_runs && slot.row_list == nullptr && slot.first_row == first &&
                                 slot.rows == std::min(layer.rows_per_block, layer.rows - first);
        }
        if (digits)
            add_digit_arrays(layer, lines, chip, lists);
        else
            for (int group = 0; group < slice_groups; ++group)
                add_crossbars(layer, format, slots, group, interleaved ? format.slices() : 1);
        block.crossbars = layer.crossbars.size() - block.first_crossbar;
        layer.column_blocks.push_back(std::move(block));
    }
    for (const CrossbarSlot& slot : layer.crossbars) layer.weight_cells += weight_cells(node.weights, slot);
    layer.reach = reach_of(node.weights, input, layer);
    check_accumulator(layer, input, chip);
    return layer;
}

/// Bit `bit` of each of 64 levels, the first one lowest. Eight bytes at a time: a product moves the lowest
/// bit of each of them to one of the eight highest bits.
std::uint64_t bits_of(const std::array<std::uint8_t, kWordRows>& levels, int bit) {
    constexpr std::uint64_t kLowest = 0x0101010101010101, kGather = 0x0102040810204080;
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < levels.size() / sizeof(std::uint64_t); ++i) {
        std::uint64_t eight = 0;  // the first level in the lowest byte, whatever the machine's order
        for (std::size_t byte = 0; byte < sizeof(eight); ++byte)
            eight |= std::uint64_t{levels[i * sizeof(eight) + byte]} << 8U * byte;
        word |= (((eight >> static_cast<unsigned>(bit)) & kLowest) * kGather >> 56U) << 8U * i;
    }
    return word;
}

}  // namespace

std::size_t crossbars_of_shape(int rows, int outputs, int groups, const CellFormat& format,
                               const config::ChipConfig& chip) {
    const int slice_groups = chip.weights.slices == config::SlicePlacement::interleaved ? 1 : format.slices();
    const int array_outputs = outputs_per_array(format, chip);
    if (chip.weights.groups == config::GroupPlacement::dense) groups = 1;
    const int group_rows = rows / groups, group_outputs = outputs / groups;
    const int together = groups_on_array(group_rows, group_outputs, chip.array.rows, array_outputs);
    const auto places = groups > 1 && together > 0
                            ? static_cast<std::size_t>(ceil_div(groups, together))
                            : static_cast<std::size_t>(groups) *
                                  static_cast<std::size_t>(ceil_div(group_outputs, array_outputs)) *
                                  static_cast<std::size_t>(ceil_div(group_rows, chip.array.rows));
    return places * static_cast<std::size_t>(slice_groups * format.signs());
}

bool LayerMapping::stores(RowBlockIndex row_block, int slice, Sign sign, int output) const {
    if (stored.empty()) return true;
    const std::size_t place =
        (row_block.value() * static_cast<std::size_t>(format.signs()) + static_cast<std::size_t>(sign)) *
            static_cast<std::size_t>(outputs) +
        static_cast<std::size_t>(output);
    return (stored[place] >> static_cast<unsigned>(slice) & 1U) != 0;
}

std::uint64_t LayerMapping::columns(SliceIndex slice, Sign sign) const {
    std::uint64_t columns = 0;
    for (const CrossbarSlot& slot : crossbars)
        for (const ColumnRun& run : slot.runs)
            if (slot.sign == sign && run.slice == static_cast<int>(slice.value()))
                columns += static_cast<std::uint64_t>(run.columns);
    return columns;
}

std::uint64_t LayerMapping::columns() const {
    std::uint64_t columns = 0;
    for (const CrossbarSlot& slot : crossbars) columns += static_cast<std::uint64_t>(slot.used_columns());
    return columns;
}

std::size_t NetworkMapping::crossbars() const {
    std::size_t count = 0;
    for (const LayerMapping& layer : layers) count += layer.crossbars.size();
    return count;
}

std::size_t NetworkMapping::unpacked_crossbars() const {
    std::size_t count = 0;
    for (const LayerMapping& layer : layers) count += layer.unpacked_crossbars;
    return count;
}

double NetworkMapping::compression() const {
    return static_cast<double>(unpacked_crossbars()) / static_cast<double>(crossbars());
}

double NetworkMapping::utilisation(const LayerMapping& layer) const {
    return static_cast<double>(layer.weight_cells) /
           (static_cast<double>(layer.crossbars.size()) * array_rows * array_columns);
}

bool NetworkMapping::rows_in_runs() const {
    return std::all_of(layers.begin(), layers.end(),
                       [](const LayerMapping& layer) { return layer.rows_in_runs; });
}

NetworkMapping map_network(const network::QuantisedNetwork& network, const config::ChipConfig& chip) {
    NetworkMapping mapping;
    mapping.encoding = chip.weights.encoding;
    mapping.array_rows = chip.array.rows;
    mapping.array_columns = chip.array.columns;
    for (const network::NodeId id : network.matrix_nodes()) {
        const network::Node& node = network.nodes[id];
        const network::Format& input = network.nodes[node.inputs.front()].format;
        LayerMapping layer = map_layer(node, input, chip);
        layer.layer = LayerIndex(mapping.layers.size());
        layer.node = id;
        mapping.layers.push_back(std::move(layer));
    }
    return mapping;
}

ArrayColumn column_of(const LayerMapping& layer, RowBlockIndex row_block, SliceIndex slice, Sign sign,
                      int output) {
    const auto number = static_cast<int>(slice.value());
    for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
        const CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
        if (slot.row_block != row_block || slot.sign != sign) continue;
        for (const ColumnRun& run : slot.runs)
            for (int column = run.first; column < run.end(); ++column)
                if (run.slice == number && slot.output(column) == output) return {CrossbarIndex(i), column};
    }
    throw std::logic_error("layer " + layer.name + " has no such column");
}

std::size_t column_flag(const LayerMapping& layer, RowBlockIndex row_block, int slice, int output) {
    return (row_block.value() * static_cast<std::size_t>(layer.slices()) + static_cast<std::size_t>(slice)) *
               static_cast<std::size_t>(layer.outputs) +
           static_cast<std::size_t>(output);
}

std::vector<bool> flipped_columns(const network::MatrixWeights& weights, const LayerMapping& layer) {
    const CellFormat& format = layer.format;
    std::vector<bool> flipped(static_cast<std::size_t>(layer.row_blocks) *
                              static_cast<std::size_t>(layer.slices()) *
                              static_cast<std::size_t>(layer.outputs));
    if (!format.flip_columns) return flipped;
    std::vector<std::int16_t> room;
    for (const CrossbarSlot& slot : layer.crossbars) {
        for (int column = 0; column < slot.outputs; ++column) {
            const int output = slot.output(column);
            const std::int16_t* codes = codes_on(weights, slot, output, room);
            for (const ColumnRun& run : slot.runs) {
                int sum = 0;
                for (int row = 0; row < slot.rows; ++row)
                    sum += cell_level(format, codes[row], layer.shift(run.slice), Sign::positive);
                flipped[column_flag(layer, slot.row_block, run.slice, output)] =
                    2 * sum > slot.rows * format.highest_level();
            }
        }
    }
    return flipped;
}

const std::int16_t* codes_on(const network::MatrixWeights& weights, const CrossbarSlot& slot, int output,
                             std::vector<std::int16_t>& room) {
    if (weights.groups == 1 && slot.row_list == nullptr) return weights.codes_of(output) + slot.first_row;
    room.resize(static_cast<std::size_t>(slot.rows));
    for (int row = 0; row < slot.rows; ++row)
        room[static_cast<std::size_t>(row)] =
            static_cast<std::int16_t>(weights.code(output, slot.matrix_row(row)));
    return room.data();
}

std::vector<BlockLayer> block_layers(const network::MatrixWeights& weights, const LayerMapping& layer) {
    if (!layer.in_groups) {
        BlockLayer whole{layer, weights, 0, 0};
        whole.weights.groups = 1;
        whole.weights.codes = dense_codes(weights, 0, weights.rows, 0, weights.outputs);
        return {std::move(whole)};
    }
    std::vector<BlockLayer> blocks;
    network::MatrixWeights alike = weights;  // what the blocks have in common
    alike.groups = 1;
    alike.codes.clear();
    for (const ColumnBlock& block : layer.column_blocks) {
        BlockLayer made;
        made.weights = alike;
        made.layer.layer = layer.layer;
        made.layer.node = layer.node;
        made.layer.name = layer.name;
        made.layer.format = layer.format;
        made.layer.shifts = layer.shifts;
        made.layer.rows_per_block = layer.rows_per_block;
        made.layer.planes = layer.planes;
        made.layer.reach = layer.reach;
        made.first_output = layer.outputs;
        for (int place = 0; place < block.outputs; ++place)
            made.first_output = std::min(made.first_output, block.output(place));
        made.first_row = weights.first_row(made.first_output);
        const int last_output = made.first_output + block.outputs - 1;  // whole groups, or a part of one
        made.layer.rows = weights.first_row(last_output) + weights.group_rows() - made.first_row;
        made.layer.row_blocks = ceil_div(made.layer.rows, layer.rows_per_block);
        const auto rebased = [&](const LineList& list) {
            if (list == nullptr) return list;
            std::vector<int> lines(*list);
            for (int& line : lines) line -= made.first_output;
            return LineList(std::make_shared<const std::vector<int>>(std::move(lines)));
        };
        for (std::size_t i = block.first_crossbar; i < block.first_crossbar + block.crossbars; ++i) {
            CrossbarSlot slot = layer.crossbars[CrossbarIndex(i)];
            slot.column_block = 0;
            slot.first_row -= made.first_row;
            slot.first_output -= made.first_output;
            slot.output_list = rebased(slot.output_list);
            made.layer.crossbars.push_back(std::move(slot));
        }
        made.layer.outputs = block.outputs;
        if (!layer.stored.empty()) {
            const std::size_t lists = static_cast<std::size_t>(made.layer.row_blocks) *
                                      static_cast<std::size_t>(layer.format.signs());
            for (std::size_t list = 0; list < lists; ++list) {
                const auto first = layer.stored.begin() + static_cast<std::ptrdiff_t>(list) * layer.outputs +
                                   made.first_output;
                made.layer.stored.insert(made.layer.stored.end(), first, first + block.outputs);
            }
        }
        made.layer.column_blocks.push_back({block.first_output - made.first_output, block.outputs, 0,
                                            block.crossbars, rebased(block.output_list)});
        made.weights.outputs = block.outputs;
        made.weights.rows = made.layer.rows;
        made.weights.codes =
            dense_codes(weights, made.first_row, made.layer.rows, made.first_output, block.outputs);
        const auto part_of = [&](auto& list) {
            if (list.size() <= 1) return;
            const auto first = list.begin() + made.first_output;
            list = std::decay_t<decltype(list)>(first, first + block.outputs);
        };
        part_of(made.weights.bias);
        part_of(made.weights.steps);
        blocks.push_back(std::move(made));
    }
    return blocks;
}

int CellArray::level(int row, int column) const {
    const std::size_t word = static_cast<std::size_t>(row / kWordRows);
    int level = 0;
    for (int bit = 0; bit < cell_bits; ++bit) {
        const std::size_t place =
            ((static_cast<std::size_t>(column / kLanes) * static_cast<std::size_t>(words) + word) *
                 static_cast<std::size_t>(cell_bits) +
             static_cast<std::size_t>(bit)) *
                kLanes +
            static_cast<std::size_t>(column % kLanes);
        level |= static_cast<int>(bits[place] >> (row % kWordRows) & 1U) << bit;
    }
    return level;
}

void CellArray::set_level(int row, int column, int level) {
    const std::size_t word = static_cast<std::size_t>(row / kWordRows);
    for (int bit = 0; bit < cell_bits; ++bit) {
        const std::size_t place =
            ((static_cast<std::size_t>(column / kLanes) * static_cast<std::size_t>(words) + word) *
                 static_cast<std::size_t>(cell_bits) +
             static_cast<std::size_t>(bit)) *
                kLanes +
            static_cast<std::size_t>(column % kLanes);
        const std::uint64_t mask = std::uint64_t{1} << (row % kWordRows);
        bits[place] = (level >> bit & 1) != 0 ? bits[place] | mask : bits[place] & ~mask;
    }
}

bool CellArray::is_empty(int column) const {
    const auto lines = static_cast<std::size_t>(words) * static_cast<std::size_t>(cell_bits);
    const std::uint64_t* const first =
        bits.data() + (static_cast<std::size_t>(column / kLanes) * lines * kLanes +
                       static_cast<std::size_t>(column % kLanes));
    for (std::size_t line = 0; line < lines; ++line)
        if (first[line * kLanes] != 0) return false;
    return true;
}

CellArray program_cells(const network::MatrixWeights& weights, const LayerMapping& layer,
                        const CrossbarSlot& slot, const std::vector<bool>& flipped) {
    const CellFormat& format = layer.format;
    std::vector<std::int16_t> room;
    CellArray array;
    array.rows = slot.rows;
    array.columns = slot.used_columns();
    array.words = ceil_div(slot.rows, kWordRows);
    array.groups = ceil_div(array.columns, kLanes);
    array.cell_bits = format.cell_bits;
    array.bits.assign(static_cast<std::size_t>(array.groups) * static_cast<std::size_t>(array.words) *
                          static_cast<std::size_t>(format.cell_bits) * kLanes,
                      0);
    array.flipped.assign(static_cast<std::size_t>(array.columns), false);
    const ColumnRun* run = slot.runs.data();
    for (int column = 0; column < array.columns; ++column) {
        if (column == run->end()) ++run;
        const int output = slot.output(column), shift = layer.shift(run->slice);
        const bool flip = flipped[column_flag(layer, slot.row_block, run->slice, output)];
        array.flipped[static_cast<std::size_t>(column)] = flip;
        const std::int16_t* codes = codes_on(weights, slot, output, room);
        const std::size_t lane = static_cast<std::size_t>(column % kLanes);
        const std::size_t group =
            static_cast<std::size_t>(column / kLanes) * static_cast<std::size_t>(array.words);
        // A level's complement, highest - level, is its bits inverted.
        const int inverted = flip ? format.highest_level() : 0;
        for (int first = 0; first < slot.rows; first += kWordRows) {
            std::array<std::uint8_t, kWordRows> levels{};
            const int rows = std::min(kWordRows, slot.rows - first);
            for (int row = 0; row < rows; ++row)  // a loop that the compiler makes vectors of
                levels[static_cast<std::size_t>(row)] = static_cast<std::uint8_t>(
                    cell_level(format, codes[first + row], shift, slot.sign) ^ inverted);
            const std::size_t base = (group + static_cast<std::size_t>(first / kWordRows)) *
                                         static_cast<std::size_t>(format.cell_bits) * kLanes +
                                     lane;
            for (int bit = 0; bit < format.cell_bits; ++bit)
                array.bits[base + static_cast<std::size_t>(bit) * kLanes] = bits_of(levels, bit);
        }
    }
    return array;
}

std::vector<int> filled_columns(const CellArray& cells, const CrossbarSlot& slot) {
    std::vector<int> filled;
    for (const ColumnRun& run : slot.runs) {
        filled.push_back(0);
        for (int column = run.first; column < run.end(); ++column)
            if (!cells.is_empty(column)) ++filled.back();
    }
    return filled;
}

}  // namespace sliver::mapping
