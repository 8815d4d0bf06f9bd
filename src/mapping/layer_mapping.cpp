#include "mapping/layer_mapping.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

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

/// The largest magnitude any partial sum of the layer can reach, clipped or not, must fit the 32-bit
/// accumulator.
void check_accumulator(const network::Node& node, const CellFormat& format, const network::Format& input) {
    const std::int64_t largest_weight = (std::int64_t{1} << format.stored_bits()) - 1;
    const std::int64_t largest_input = (std::int64_t{1} << input.bits) - 1;
    const std::int64_t bound = node.weights.rows * largest_weight * largest_input;
    if (bound >> kMaxAccumulatorBits != 0)
        refuse(
            "layer {}: {} rows of {}-bit weights and {}-bit inputs can reach {}, beyond the 32-bit "
            "accumulator of "
            "the shift-add units; use fewer weight or input bits",
            node.name, node.weights.rows, format.stored_bits(), input.bits, bound);
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

/// Places of `some` among `all`, which has them in the same order; null where they are all of them.
LineList places_of(const std::vector<int>& some, const std::vector<int>& all) {
    if (some.size() == all.size()) return nullptr;
    std::vector<int> places;
    std::size_t place = 0;
    for (const int output : some) {
        while (all[place] != output) ++place;
        places.push_back(static_cast<int>(place));
    }
    return std::make_shared<const std::vector<int>>(std::move(places));
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
            slot.first_slice = first_slice;
            slot.slices = slices;
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

LayerMapping map_layer(const network::Node& node, const network::Format& input, const CellFormat& format,
                       const config::ChipConfig& chip) {
    LayerMapping layer;
    layer.name = node.name;
    layer.rows = node.weights.rows;
    layer.outputs = node.weights.outputs;
    layer.rows_per_block = chip.array.rows;
    layer.planes = input_planes(input, chip.inputs.dac_bits);

    layer.unpacked_crossbars = crossbars_of_shape(layer.rows, layer.outputs, format, chip);
    const bool interleaved = chip.weights.slices == config::SlicePlacement::interleaved;
    const int outputs_per_block = outputs_per_array(format, chip);
    const int slice_groups = interleaved ? 1 : format.slices();
    LineLists lists;
    for (const BlockLines& lines : pack_layer(node.weights, chip.weights.packing, chip.weights.column_order,
                                              chip.array.rows, outputs_per_block)) {
        ColumnBlock block;
        block.outputs = static_cast<int>(lines.outputs.size());
        block.output_list = lists.list_of(lines.outputs, block.first_output);
        block.first_crossbar = layer.crossbars.size();
        layer.outputs_in_runs = layer.outputs_in_runs && block.output_list == nullptr;
        std::vector<CrossbarSlot> slots;
        for (const BlockLines::Array& array : lines.arrays) {
            slots.push_back(slot_of(lines, array, layer.column_blocks.size(), lists));
            const CrossbarSlot& slot = slots.back();
            const int first = array.row_block * layer.rows_per_block;
            layer.row_blocks = std::max(layer.row_blocks, array.row_block + 1);
            layer.rows_in_runs = layer.rows_in_runs && slot.row_list == nullptr && slot.first_row == first &&
                                 slot.rows == std::min(layer.rows_per_block, layer.rows - first);
        }
        for (int group = 0; group < slice_groups; ++group)
            add_crossbars(layer, format, slots, group, interleaved ? format.slices() : 1);
        block.crossbars = layer.crossbars.size() - block.first_crossbar;
        layer.column_blocks.push_back(std::move(block));
    }
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

std::size_t crossbars_of_shape(int rows, int outputs, const CellFormat& format,
                               const config::ChipConfig& chip) {
    const int slice_groups = chip.weights.slices == config::SlicePlacement::interleaved ? 1 : format.slices();
    return static_cast<std::size_t>(ceil_div(outputs, outputs_per_array(format, chip))) *
           static_cast<std::size_t>(ceil_div(rows, chip.array.rows)) *
           static_cast<std::size_t>(slice_groups * format.signs());
}

std::uint64_t LayerMapping::columns_a_slice() const {
    std::uint64_t columns = 0;
    for (const CrossbarSlot& slot : crossbars)
        if (slot.first_slice == 0 && slot.sign == Sign::positive)
            columns += static_cast<std::uint64_t>(slot.outputs);
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

bool NetworkMapping::rows_in_runs() const {
    return std::all_of(layers.begin(), layers.end(),
                       [](const LayerMapping& layer) { return layer.rows_in_runs; });
}

NetworkMapping map_network(const network::QuantisedNetwork& network, const config::ChipConfig& chip) {
    NetworkMapping mapping;
    mapping.format = cell_format(chip);
    mapping.array_rows = chip.array.rows;
    mapping.array_columns = chip.array.columns;
    for (const network::NodeId id : network.matrix_nodes()) {
        const network::Node& node = network.nodes[id];
        const network::Format& input = network.nodes[node.inputs.front()].format;
        check_accumulator(node, mapping.format, input);
        LayerMapping layer = map_layer(node, input, mapping.format, chip);
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
        if (slot.row_block != row_block || slot.sign != sign || number < slot.first_slice ||
            number >= slot.first_slice + slot.slices)
            continue;
        for (int column = 0; column < slot.outputs; ++column)
            if (slot.output(column) == output)
                return {CrossbarIndex(i), (number - slot.first_slice) * slot.outputs + column};
    }
    throw std::logic_error("layer " + layer.name + " has no such column");
}

std::vector<bool> flipped_columns(const network::MatrixWeights& weights, const CellFormat& format,
                                  int rows_per_block) {
    const int slices = format.slices();
    const int row_blocks = ceil_div(weights.rows, rows_per_block);
    std::vector<bool> flipped(static_cast<std::size_t>(row_blocks) * static_cast<std::size_t>(slices) *
                              static_cast<std::size_t>(weights.outputs));
    if (!format.flip_columns) return flipped;
    std::size_t index = 0;
    for (int block = 0; block < row_blocks; ++block) {
        const int first = block * rows_per_block;
        const int last = std::min(weights.rows, first + rows_per_block);
        for (int slice = 0; slice < slices; ++slice) {
            for (int output = 0; output < weights.outputs; ++output, ++index) {
                const std::int16_t* codes =
                    &weights.codes[static_cast<std::size_t>(output) * static_cast<std::size_t>(weights.rows)];
                int sum = 0;
                for (int row = first; row < last; ++row)
                    sum += cell_level(format, codes[row], SliceIndex(static_cast<std::size_t>(slice)),
                                      Sign::positive);
                flipped[index] = 2 * sum > (last - first) * format.highest_level();
            }
        }
    }
    return flipped;
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

CellArray program_cells(const network::MatrixWeights& weights, const CellFormat& format,
                        const LayerMapping& layer, const CrossbarSlot& slot,
                        const std::vector<bool>& flipped) {
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
    for (int column = 0; column < array.columns; ++column) {
        const int output = slot.output(column % slot.outputs);
        const std::size_t slice = static_cast<std::size_t>(slot.first_slice + column / slot.outputs);
        const std::size_t flag =
            (slot.row_block.value() * static_cast<std::size_t>(format.slices()) + slice) *
                static_cast<std::size_t>(layer.outputs) +
            static_cast<std::size_t>(output);
        const bool flip = flipped[flag];
        array.flipped[static_cast<std::size_t>(column)] = flip;
        const std::int16_t* codes =
            &weights.codes[static_cast<std::size_t>(output) * static_cast<std::size_t>(weights.rows)];
        const std::size_t lane = static_cast<std::size_t>(column % kLanes);
        const std::size_t group =
            static_cast<std::size_t>(column / kLanes) * static_cast<std::size_t>(array.words);
        // A level's complement, highest - level, is its bits inverted.
        const int inverted = flip ? format.highest_level() : 0;
        for (int first = 0; first < slot.rows; first += kWordRows) {
            std::array<std::uint8_t, kWordRows> levels{};
            const int rows = std::min(kWordRows, slot.rows - first);
            const auto level_of = [&](std::int16_t code) {
                return static_cast<std::uint8_t>(cell_level(format, code, SliceIndex(slice), slot.sign) ^
                                                 inverted);
            };
            if (slot.row_list != nullptr)
                for (int row = 0; row < rows; ++row)
                    levels[static_cast<std::size_t>(row)] = level_of(codes[slot.matrix_row(first + row)]);
            else  // a loop that the compiler makes vectors of
                for (int row = 0; row < rows; ++row)
                    levels[static_cast<std::size_t>(row)] = level_of(codes[slot.first_row + first + row]);
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
    std::vector<int> filled(static_cast<std::size_t>(slot.slices), 0);
    for (int column = 0; column < cells.columns; ++column)
        if (!cells.is_empty(column)) ++filled[static_cast<std::size_t>(column / slot.outputs)];
    return filled;
}

}  // namespace sliver::mapping
