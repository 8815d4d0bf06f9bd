// Reading an array a part of its rows at a time, so that narrow converters cut nothing.
//
// A crossbar whose largest possible column sum passes its converter's range is read in 2, 4, 8, ... parts: as
// many as it takes until no column of any part can pass it. Parts are runs of ceil(rows / parts) neighbouring
// rows; each part is a read of its own, with its own conversions, and the shift-add unit adds them. Decided
// once from the programmed cells with every input digit at its highest, so it holds for every input. Called
// by model/, the cost of a plan and the tests.
#pragma once

#include "mapping/adc_widths.h"

namespace sliver::mapping {

/// Parts of every crossbar of one copy of a layer, by CrossbarIndex; all 1 where `widths` does not split.
/// InputError where a single cell passes the converter's range.
IndexedVector<CrossbarIndex, int> row_parts(const network::MatrixWeights& weights, const LayerMapping& layer,
                                            const AdcWidths& widths);

}  // namespace sliver::mapping
