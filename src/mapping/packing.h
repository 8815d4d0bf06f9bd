// Which rows and outputs of a layer share an array: T and R of "Examining and Mitigating the Impact of
// Crossbar Non-idealities" (arXiv 2201.05229).
//
// T (weights.packing) leaves zeros out and packs what is left into fewer arrays. Three forms, one for each
// structure that networks are pruned in:
//   channels  C/F: rows and outputs that are zero throughout go; the rest is tiled as a smaller matrix
//   columns   XCS: rows stay where they are; each row block packs those of its columns that have weights into
//             arrays of its own. One column block: the arrays' partial sums meet in one place
//   rows      XRS: outputs stay where they are; of each column block only the rows with weights are stored
// In all of them an array stores no column that is zero in its rows: it adds nothing to its output.
// R (weights.column_order) sorts the columns by the mean of |w|, so that some arrays are light throughout and
// few heavy. Under `rows`, whose structure a sort over all columns would destroy, only within column blocks.
// Layers in groups (weights.groups: packed) are tiled block-diagonal instead, whatever T says: as many whole
// groups on an array as its rows and columns hold; a larger group is cut into arrays of its own. R then sorts
// within column blocks. `weights.groups: dense` takes such a layer for any other, with zeros between groups.
// Plain numbers: layer_mapping.h makes arrays of them. Differential encoding only for T, where a zero weight
// is two cells at level 0.
#pragma once

#include <vector>

#include "config/chip_config.h"
#include "network/quantised_network.h"

namespace sliver::mapping {

/// Outputs whose partial sums meet in one place, in the order of their columns, and the rows of its arrays.
struct BlockLines {
    std::vector<int> outputs;  ///< of the layer; every output is in exactly one block
    /// By row block: its rows and the outputs that have columns there, in the order of `outputs`.
    struct Array {
        std::vector<int> rows, outputs;
        int row_block = 0;  ///< number, from 0 (`none` and `columns`: of the layer; else of the block)
    };
    std::vector<Array> arrays;  ///< at least one, so that every output has a home on the chip
};

/// The blocks of a layer on arrays of `array_rows` rows and room for `array_outputs` outputs side by side.
/// `fewest` takes the form with the fewest arrays, the first of equals in the order none, channels, columns,
/// rows.
std::vector<BlockLines> pack_layer(const network::MatrixWeights& weights, config::Packing packing,
                                   config::ColumnOrder order, int array_rows, int array_outputs);

/// The blocks of a layer in groups, block-diagonal.
std::vector<BlockLines> pack_groups(const network::MatrixWeights& weights, config::ColumnOrder order,
                                    int array_rows, int array_outputs);

/// Whole groups that an array holds; 0: a group is larger than an array.
int groups_on_array(int group_rows, int group_outputs, int array_rows, int array_outputs);

/// Arrays of `blocks`.
std::size_t count_arrays(const std::vector<BlockLines>& blocks);

}  // namespace sliver::mapping
