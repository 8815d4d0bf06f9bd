#include "mapping/layer_mapping.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/error.h"

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

void add_crossbars(LayerMapping& layer, const CellFormat& format, std::size_t column_block, int first_slice,
                   int slices) {
    const ColumnBlock& outputs = layer.column_blocks[column_block];
    for (int block = 0; block < layer.row_blocks; ++block) {
        for (int sign = 0; sign < format.signs(); ++sign) {
            CrossbarSlot slot;
            slot.row_block = RowBlockIndex(static_cast<std::size_t>(block));
            slot.column_block = column_block;
            slot.sign = sign == 0 ? Sign::positive : Sign::negative;
            slot.first_row = block * layer.rows_per_block;
            slot.rows = layer.block_rows(slot.row_block);
            slot.first_output = outputs.first_output;
            slot.outputs = outputs.outputs;
            slot.first_slice = first_slice;
            slot.slices = slices;
            layer.crossbars.push_back(slot);
        }
    }
}

LayerMapping map_layer(const network::Node& node, const network::Format& input, const CellFormat& format,
                       const config::ChipConfig& chip) {
    LayerMapping layer;
    layer.name = node.name;
    layer.rows = node.weights.rows;
    layer.outputs = node.weights.outputs;
    layer.rows_per_block = chip.array.rows;
    layer.row_blocks = ceil_div(layer.rows, chip.array.rows);
    layer.planes = input_planes(input, chip.inputs.dac_bits);

    const bool interleaved = chip.weights.slices == config::SlicePlacement::interleaved;
    const int outputs_per_block = interleaved ? chip.array.columns / format.slices() : chip.array.columns;
    if (outputs_per_block == 0)
        refuse(
            "array.columns: {} columns cannot hold the {} slices of one weight side by side; use wider "
            "arrays, more "
            "bits a cell, or weights.slices: grouped",
            chip.array.columns, format.slices());
    for (int first = 0; first < layer.outputs; first += outputs_per_block) {
        const std::size_t index = layer.column_blocks.size();
        layer.column_blocks.push_back(
            {first, std::min(outputs_per_block, layer.outputs - first), layer.crossbars.size(), 0});
        if (interleaved) {
            add_crossbars(layer, format, index, 0, format.slices());
        } else {
            for (int slice = 0; slice < format.slices(); ++slice)
                add_crossbars(layer, format, index, slice, 1);
        }
        layer.column_blocks.back().crossbars =
            layer.crossbars.size() - layer.column_blocks.back().first_crossbar;
    }
    return layer;
}

}  // namespace

std::size_t NetworkMapping::crossbars() const {
    std::size_t count = 0;
    for (const LayerMapping& layer : layers) count += layer.crossbars.size();
    return count;
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
        if (slot.row_block == row_block && slot.sign == sign && output >= slot.first_output &&
            output < slot.first_output + slot.outputs && number >= slot.first_slice &&
            number < slot.first_slice + slot.slices)
            return {CrossbarIndex(i),
                    (number - slot.first_slice) * slot.outputs + output - slot.first_output};
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
        const int output = slot.first_output + column % slot.outputs;
        const std::size_t slice = static_cast<std::size_t>(slot.first_slice + column / slot.outputs);
        const std::size_t flag =
            (slot.row_block.value() * static_cast<std::size_t>(format.slices()) + slice) *
                static_cast<std::size_t>(layer.outputs) +
            static_cast<std::size_t>(output);
        const bool flip = flipped[flag];
        array.flipped[static_cast<std::size_t>(column)] = flip;
        const std::int16_t* codes =
            &weights.codes[static_cast<std::size_t>(output) * static_cast<std::size_t>(weights.rows) +
                           static_cast<std::size_t>(slot.first_row)];
        const std::size_t lane = static_cast<std::size_t>(column % kLanes);
        const std::size_t group =
            static_cast<std::size_t>(column / kLanes) * static_cast<std::size_t>(array.words);
        // A level's complement, highest - level, is its bits inverted.
        const int inverted = flip ? format.highest_level() : 0;
        for (int first = 0; first < slot.rows; first += kWordRows) {
            std::array<std::uint64_t, 4> words{};
            const int rows = std::min(kWordRows, slot.rows - first);
            for (int row = 0; row < rows; ++row) {
                const unsigned level = static_cast<unsigned>(
                    cell_level(format, codes[first + row], SliceIndex(slice), slot.sign) ^ inverted);
                for (unsigned bit = 0; bit < words.size(); ++bit)
                    words[bit] |= std::uint64_t{level >> bit & 1U} << row;
            }
            const std::size_t base = (group + static_cast<std::size_t>(first / kWordRows)) *
                                         static_cast<std::size_t>(format.cell_bits) * kLanes +
                                     lane;
            for (std::size_t bit = 0; bit < static_cast<std::size_t>(format.cell_bits); ++bit)
                array.bits[base + bit * kLanes] = words[bit];
        }
    }
    return array;
}

}  // namespace sliver::mapping
