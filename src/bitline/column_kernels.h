// The arithmetic of one crossbar read, as the chip's blocks call it: column sums, conversion, shift-add.
//
// Three implementations (portable, AVX2, AVX-512 VPOPCNTDQ) chosen at run time; all return the same integers
// (tested). Plain C++: no time, no SystemC. Called by model/ (Crossbar, SharedAdc, ShiftAdd) and by the
// functional engine.
#pragma once

#include <cstdint>

#include "base/instruction_set.h"
#include "mapping/layer_mapping.h"

namespace sliver::bitline {

using sliver::available_instruction_sets;
using sliver::best_instruction_set;
using sliver::InstructionSet;
using sliver::name_of;

/// Column sums of one read: sums[c] = sum over rows of digit(row) * level(row, c), for c in [0, groups * 8).
/// `digits`: `digit_bits` rows of array.words words; bit r of word w of row b = bit b of the digit of array
/// row w*64+r. `sums` holds groups*8 values; unused columns give 0.
using ColumnSums = void (*)(const mapping::CellArray& array, const std::uint64_t* digits, int digit_bits,
                            std::uint32_t* sums);

/// Unit-step saturating converter: codes[c] = min(sums[c], limits[c]), limits[c] = 2^bits - 1; returns how
/// many were cut. `count` is a multiple of 8. May work in place (codes == sums).
using Convert = std::uint32_t (*)(const std::uint32_t* sums, const std::uint32_t* limits, int count,
                                  std::uint32_t* codes);

/// accumulators[i] += sign * (codes[i] << shift) for i in [0, count); sign is +1 or -1.
using ShiftAddOp = void (*)(const std::uint32_t* codes, int count, int shift, int sign,
                            std::int32_t* accumulators);

/// Packs one digit plane of `rows` activation codes: bit b of the digit goes to digits[b * words + row / 64],
/// bit row % 64. digit = (code >> plane.shift) & (2^plane.bits - 1) of the two's complement code. Returns the
/// number of rows whose digit is not zero (rows that are driven). shift + bits <= 8; bits of `digits` beyond
/// `rows` become 0.
using PackDigits = std::uint32_t (*)(const std::int8_t* codes, int rows, int words, int shift, int bits,
                                     std::uint64_t* digits);

struct Kernels {
    InstructionSet set;
    ColumnSums column_sums;
    Convert convert;
    ShiftAddOp shift_add;
    PackDigits pack_digits;
};

/// InputError when this processor cannot run `set`.
const Kernels& kernels(InstructionSet set);

}  // namespace sliver::bitline
