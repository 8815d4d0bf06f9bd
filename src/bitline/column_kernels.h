// The arithmetic of crossbar reads, as the chip's blocks call it: column sums, conversion, shift-add.
//
// Each call does one or all digit planes of a window on one array. All at once is faster: the array's cells,
// its limits and the accumulators are loaded once instead of once a plane. Three implementations (portable,
// AVX2, AVX-512 VPOPCNTDQ) chosen at run time; all return the same integers (tested). Plain C++: no time, no
// SystemC. Called by model/ (Crossbar, SharedAdc, ShiftAdd) and by the functional engine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/instruction_set.h"
#include "mapping/layer_mapping.h"

namespace sliver::bitline {

using sliver::available_instruction_sets;
using sliver::best_instruction_set;
using sliver::InstructionSet;
using sliver::name_of;

/// One digit plane of a window on the rows of an array.
struct DigitPlane {
    /// `digit_bits` rows of the array's words; bit r of word w of row b = bit b of the digit of array row
    /// w*64+r.
    const std::uint64_t* digits = nullptr;
    int digit_bits = 1;
    int shift = 0;                  ///< binary weight of the digit
    std::int32_t weight = 1;        ///< of a code: 2^shift, negative for the sign plane of a signed input
    std::uint32_t driven_rows = 0;  ///< rows whose digit is not zero
    std::uint32_t unit_sum = 0;     ///< sum of the digits: what offset encoding's unit column reads
};

/// A plane whose digits are still to be put on rows.
inline DigitPlane plane_of(const mapping::InputPlane& plane) {
    DigitPlane driven;
    driven.digit_bits = plane.bits;
    driven.shift = plane.shift;
    driven.weight = (plane.negative ? -1 : 1) * (1 << plane.shift);
    return driven;
}

/// The values of `count` planes on one array: those of plane p from p * stride on.
struct PlaneRows {
    const DigitPlane* planes = nullptr;
    int count = 0;
    std::size_t stride = 0;
};

/// Column sums of `count` planes: sums[p * groups * 8 + c] = sum over rows of digit of p(row) * level(row,
/// c), for c in [0, groups * 8). Unused columns give 0.
using ColumnSums = void (*)(const mapping::CellArray& array, const DigitPlane* planes, int count,
                            std::uint32_t* sums);

/// Unit-step saturating converters of `count` columns: codes[c] = min(sums[c], limits[c]) in every plane,
/// limits[c] = 2^bits - 1; returns how many were cut, over all planes. `count` is a multiple of 8. May work
/// in place (codes == sums).
using Convert = std::uint32_t (*)(const std::uint32_t* sums, const std::uint32_t* limits, int count,
                                  const PlaneRows& rows, std::uint32_t* codes);

/// The largest of the first `count` sums of every plane; 0 of none.
using LargestSum = std::uint32_t (*)(const std::uint32_t* sums, int count, const PlaneRows& rows);

/// accumulators[i] += sign * ((sum over planes of codes[i] * weight) << shift) for i in [0, count), modulo
/// 2^32; sign is +1 or -1.
using ShiftAddOp = void (*)(const std::uint32_t* codes, int count, const PlaneRows& rows, int shift, int sign,
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
    LargestSum largest_sum;
};

/// InputError when this processor cannot run `set`.
const Kernels& kernels(InstructionSet set);

}  // namespace sliver::bitline
