// Zeros as networks are pruned: whole channels, columns or rows of a block as wide as an array, single
// weights, whole layers. What the tests of packing put into random weights.
#pragma once

#include "bitline_reference.h"

namespace structured_zeros {

using bitline_reference::Dice;

/// Zeroes the weights of rows [first_row, last_row) and outputs [first_output, last_output).
inline void clear(sliver::network::MatrixWeights& weights, int first_row, int last_row, int first_output,
                  int last_output) {
    for (int output = first_output; output < std::min(last_output, weights.outputs); ++output)
        for (int row = first_row; row < std::min(last_row, weights.rows); ++row)
            weights.codes[static_cast<std::size_t>(output * weights.rows + row)] = 0;
}

/// Some of these structures at random, sometimes all weights. `channel_rows`: rows of one input channel.
inline void prune(sliver::network::MatrixWeights& weights, int array_rows, int array_outputs,
                  int channel_rows, Dice& dice) {
    const int rows = weights.rows, outputs = weights.outputs;
    const auto share = [&] { return dice.one_of<int>({10, 50, 90}); };
    if (dice.chance(50)) {  // input channels
        const int percent = share();
        for (int row = 0; row < rows; row += channel_rows)
            if (dice.chance(percent)) clear(weights, row, row + channel_rows, 0, outputs);
    }
    if (dice.chance(50)) {  // output channels
        const int percent = share();
        for (int output = 0; output < outputs; ++output)
            if (dice.chance(percent)) clear(weights, 0, rows, output, output + 1);
    }
    if (dice.chance(50)) {  // columns of a row block
        const int percent = share();
        for (int first = 0; first < rows; first += array_rows)
            for (int output = 0; output < outputs; ++output)
                if (dice.chance(percent)) clear(weights, first, first + array_rows, output, output + 1);
    }
    if (dice.chance(50)) {  // rows of a column block
        const int percent = share();
        for (int first = 0; first < outputs; first += array_outputs)
            for (int row = 0; row < rows; ++row)
                if (dice.chance(percent)) clear(weights, row, row + 1, first, first + array_outputs);
    }
    if (dice.chance(50)) {  // single weights
        const int percent = share();
        for (std::int16_t& code : weights.codes)
            if (dice.chance(percent)) code = 0;
    }
    if (dice.chance(10)) {  // a whole block
        const int first = dice.between(0, (outputs - 1) / array_outputs) * array_outputs;
        clear(weights, 0, rows, first, first + array_outputs);
    }
    if (dice.chance(5)) clear(weights, 0, rows, 0, outputs);
}

}  // namespace structured_zeros
