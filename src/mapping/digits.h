// Digit columns: which bits of a layer's weights its columns hold (weights.digits).
//
// A digit column holds, of the weights of one row block, output and sign, the bits [shift, shift + cell bits)
// of the magnitudes. A layer is a set of digit columns: shifted and summed up they are its codes. What the
// columns behind the same shift have in common (converters, histograms) is a class of the layer, its "slice".
//   slices  every cell_bits, of all weights: the classes 0, cell_bits, 2 cell_bits, ...; all are stored
//   packed  the same classes; a column without a bit is not stored
//   planes  every bit position is a class. The layer's positions in use are covered from the lowest with as
//           few windows of cell_bits as it takes; of these the columns with a bit are stored
//   shared  likewise, but covered by the positions in use of each column: its weights share their shifts
// Windows from the lowest position in use, each where the last one ends or later, are the fewest that cover
// any set of positions. Row blocks are those of the array; nothing is rounded. BSQ (arXiv 2102.10462) makes
// networks for `planes`, SWIS (arXiv 2103.01308) for `shared`. Called by layer_mapping.h. Plain numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "mapping/packing.h"
#include "mapping/slices.h"

namespace sliver::mapping {

/// Shifts of the classes of a layer's columns, lowest first.
std::vector<int> digit_shifts(const CellFormat& format, config::DigitColumns digits);

/// Which digit columns are stored: bit k of entry (row_block * signs + sign) * outputs + output is class k.
using StoredDigits = std::vector<std::uint16_t>;

/// Windows of `width` bits, from the lowest on, that cover the bits of `positions`; bit k: a window at k.
std::uint32_t cover(std::uint32_t positions, int width);

/// Of a layer whose rows and outputs lie in `blocks` (every array of a block has all of its outputs). Empty
/// under `slices`: all.
StoredDigits stored_digits(const network::MatrixWeights& weights, const CellFormat& format,
                           config::DigitColumns digits, const std::vector<BlockLines>& blocks,
                           int row_blocks);

}  // namespace sliver::mapping
