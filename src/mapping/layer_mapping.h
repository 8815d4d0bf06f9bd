// Tiling of matrix layers onto crossbars.
//
// A layer's matrix has `rows` (channel, ky, kx) and `outputs`. Rows are cut into row blocks of at most
// `array.rows` (128, 128, ..., rest). Outputs are cut into column blocks; what a column block needs is
//   interleaved  floor(columns / slices) outputs an array, all their slices side by side; row blocks x signs
//   arrays grouped      `columns` outputs an array, one slice an array; slices x row blocks x signs arrays
// Closed form (hardware-parameters.md, 8.1), where slices divide the columns: signs * ceil(K/R) *
// ceil(Cout*S/C). Within an array columns lie slice-major: column = (slice - first_slice) * outputs + place
// of the output among the array's. Zeros may be left out and columns sorted (packing.h): rows and outputs of
// an array are then lists. Groups of a grouped convolution lie block-diagonal (packing.h): every column block
// is a matrix of its own, of neighbouring rows and outputs. Slices are a layer's own: fewer weight bits take
// fewer of them.
//
// Digit columns (weights.digits, digits.h): the columns that hold a bit, of each row block and sign for
// themselves, fill arrays in the order of shift, then output; under `packed` those of each slice for
// themselves. The partial sums of a layer (in groups: of a column block) meet in one place. Closed form: sum
// over row blocks and signs (`packed`: and slices) of ceil(stored columns / C). Columns that share a shift
// are then called a slice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "base/index.h"
#include "mapping/digits.h"
#include "mapping/slices.h"

namespace sliver::mapping {

/// Rows or outputs that are no run of neighbours, shared by all arrays of the layer that hold the same. Null:
/// a run.
using LineList = std::shared_ptr<const std::vector<int>>;

/// Neighbouring columns of one array that hold the same slice.
struct ColumnRun {
    int slice = 0;
    int first = 0, columns = 0;  ///< of the array
    [[nodiscard]] int end() const { return first + columns; }
    friend bool operator==(const ColumnRun& a, const ColumnRun& b) {
        return a.slice == b.slice && a.first == b.first && a.columns == b.columns;
    }
};

/// What one crossbar of a layer holds.
struct CrossbarSlot {
    /// Under packing by channels or rows, and of layers in groups: numbered within the column block.
    RowBlockIndex row_block;
    std::size_t column_block = 0;
    Sign sign = Sign::positive;
    int first_row = 0, rows = 0;  ///< of the layer's matrix; `rows` <= array rows
    /// Outputs that its columns name, one after the other, and in every run anew. Digit columns: by column of
    /// the array, and an output may come again with another shift.
    int first_output = 0, outputs = 0;
    std::vector<ColumnRun> runs;     ///< from column 0 on; interleaved: all slices; grouped: one
    LineList row_list, output_list;  ///< by row and by column; null: runs from the first
    LineList places;                 ///< of the outputs in their column block; null: in its order, all
    [[nodiscard]] int used_columns() const { return runs.back().end(); }
    [[nodiscard]] int first_slice() const { return runs.front().slice; }
    [[nodiscard]] int slices() const { return static_cast<int>(runs.size()); }
    /// Row of the layer's matrix on row `row` of the array.
    [[nodiscard]] int matrix_row(int row) const {
        return row_list ? (*row_list)[static_cast<std::size_t>(row)] : first_row + row;
    }
    /// Output of a column of the array.
    [[nodiscard]] int output(int column) const {
        column %= outputs;
        return output_list ? (*output_list)[static_cast<std::size_t>(column)] : first_output + column;
    }
};

/// Outputs whose partial sums meet in one place: the crossbars [first_crossbar, first_crossbar + crossbars)
/// of the layer.
struct ColumnBlock {
    int first_output = 0, outputs = 0;
    std::size_t first_crossbar = 0, crossbars = 0;
    LineList output_list;  ///< in the order of their partial sums; null: a run from the first
    [[nodiscard]] int output(int place) const {
        return output_list ? (*output_list)[static_cast<std::size_t>(place)] : first_output + place;
    }
};

struct LayerMapping {
    LayerIndex layer;
    network::NodeId node = 0;  ///< in the QuantisedNetwork
    std::string name;
    CellFormat format;
    std::vector<int> shifts;  ///< by slice
    StoredDigits stored;      ///< empty: all columns
    [[nodiscard]] int slices() const { return static_cast<int>(shifts.size()); }
    [[nodiscard]] int shift(int slice) const { return shifts[static_cast<std::size_t>(slice)]; }
    /// Whether an array holds the column; of one that none holds, the cells are not there.
    [[nodiscard]] bool stores(RowBlockIndex row_block, int slice, Sign sign, int output) const;
    int rows = 0, outputs = 0;
    /// The arrays hold groups block-diagonal: the outputs of a column block read its rows only.
    bool in_groups = false;
    int rows_per_block = 0, row_blocks = 0;
    /// Every row block holds the run of rows that it has without packing: which rows share a column is then
    /// independent of packing and order, and so is what any converter reads.
    bool rows_in_runs = true;
    bool outputs_in_runs = true;     ///< of every column block; else outputs come out in another order
    std::vector<InputPlane> planes;  ///< digits a window drives
    /// Ordered by column block, then (grouped) slice, then row block, then sign: arrays that share an ADC
    /// hold the same slice, and most partial sums meet inside their tile.
    IndexedVector<CrossbarIndex, CrossbarSlot> crossbars;
    std::vector<ColumnBlock> column_blocks;
    /// Columns of one slice and sign over all arrays of a copy: what is converted for it a window and plane.
    [[nodiscard]] std::uint64_t columns(SliceIndex slice, Sign sign) const;
    /// Of all slices and signs.
    [[nodiscard]] std::uint64_t columns() const;
    /// Arrays that it would take without packing: crossbars.size() where nothing is packed.
    std::size_t unpacked_crossbars = 0;
    std::uint64_t weights = 0;  ///< of the network: without what lies between groups
    /// Cells of one copy that hold weights: neither left out, nor between groups, nor unused.
    std::uint64_t weight_cells = 0;
    /// Largest magnitude that any sum of conversions of one window can have, in any order: cut or not, with
    /// any inputs. A converter that leaves bits out may double it.
    std::int64_t reach = 0;
};

/// A column of a layer's arrays.
struct ArrayColumn {
    CrossbarIndex crossbar;
    int column = 0;  ///< of the array
};
/// Where the cells of one output lie; std::logic_error where there are none.
ArrayColumn column_of(const LayerMapping& layer, RowBlockIndex row_block, SliceIndex slice, Sign sign,
                      int output);

struct NetworkMapping {
    config::Encoding encoding = config::Encoding::differential;
    int array_rows = 0, array_columns = 0;
    IndexedVector<LayerIndex, LayerMapping> layers;
    /// Arrays that hold one weight: 2 (positive, negative) or 1.
    [[nodiscard]] int signs() const { return encoding == config::Encoding::differential ? 2 : 1; }
    /// Share of the cells of the arrays of `layer` that hold weights.
    [[nodiscard]] double utilisation(const LayerMapping& layer) const;
    [[nodiscard]] std::size_t crossbars() const;           ///< of one copy of every layer
    [[nodiscard]] std::size_t unpacked_crossbars() const;  ///< likewise, without packing
    /// Crossbar compression: unpacked over packed, 1 without packing.
    [[nodiscard]] double compression() const;
    [[nodiscard]] bool rows_in_runs() const;  ///< in every layer
};

/// Maps every matrix node. InputError when weights have more bits than the chip's, when one weight's slices
/// do not fit the columns of an array, or when a layer's 32-bit accumulators could overflow.
NetworkMapping map_network(const network::QuantisedNetwork& network, const config::ChipConfig& chip);

/// Flags of the columns of one layer that are stored complemented (offset encoding with flip_columns): a
/// column whose worst-case sum exceeds half of its range, ISAAC's rule. Index: column_flag(). All false where
/// the format does not flip.
std::vector<bool> flipped_columns(const network::MatrixWeights& weights, const LayerMapping& layer);

/// Place of a column in flipped_columns().
std::size_t column_flag(const LayerMapping& layer, RowBlockIndex row_block, int slice, int output);

/// Codes of `output` on the rows of an array: 0 between groups. Either the weights' own, or put into `room`.
const std::int16_t* codes_on(const network::MatrixWeights& weights, const CrossbarSlot& slot, int output,
                             std::vector<std::int16_t>& room);

/// A column block of a layer in groups as a layer without any: the rows and outputs that its arrays hold.
struct BlockLayer {
    LayerMapping layer;              ///< one column block; rows and outputs are numbered from 0
    network::MatrixWeights weights;  ///< with the zeros between groups; biases and steps of its outputs
    int first_row = 0, first_output = 0;
};
/// All column blocks of a layer in groups; any other layer as one, with the zeros between its groups.
std::vector<BlockLayer> block_layers(const network::MatrixWeights& weights, const LayerMapping& layer);

/// The cells of one array, packed for AND + popcount.
///
/// Columns come in groups of 8; `bits[((group * words + word) * cell_bits + bit) * 8 + lane]` holds bit `bit`
/// of the levels of column group*8+lane in rows word*64 .. word*64+63 (row r = bit r of the word). Unused
/// columns and rows are 0.
struct CellArray {
    int rows = 0;     ///< in use
    int columns = 0;  ///< in use
    int words = 0;    ///< 64-row words: ceil(rows / 64)
    int groups = 0;   ///< ceil(columns / 8)
    int cell_bits = 0;
    AlignedVector<std::uint64_t> bits;
    std::vector<bool> flipped;  ///< a column, stored complemented
    [[nodiscard]] int level(int row, int column) const;
    void set_level(int row, int column, int level);
    /// No cell of the column is above level 0: it reads 0 whatever is driven.
    [[nodiscard]] bool is_empty(int column) const;
};

/// Crossbars of a copy of a layer of `rows` x `outputs` weights that nothing packs: its shape alone.
/// InputError where a weight's slices do not fit an array side by side.
std::size_t crossbars_of_shape(int rows, int outputs, int groups, const CellFormat& format,
                               const config::ChipConfig& chip);

CellArray program_cells(const network::MatrixWeights& weights, const LayerMapping& layer,
                        const CrossbarSlot& slot, const std::vector<bool>& flipped);

/// Columns of each slice of the array of `slot` that are not empty: what a mask lets converters visit.
std::vector<int> filled_columns(const CellArray& cells, const CrossbarSlot& slot);

}  // namespace sliver::mapping
