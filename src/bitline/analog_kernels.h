// The arithmetic of one read of a crossbar with non-ideal devices: real-valued column sums and their
// conversion.
//
// The counterpart of column_kernels.h where cells are no whole numbers (device/array_model.h makes the
// levels). Sums are single-precision, one row after the other in ascending order, multiplied and added in two
// roundings, so that every instruction set gives the same bytes. Called by the chip's Crossbar and SharedAdc
// and by the functional engine.
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"
#include "base/instruction_set.h"
#include "base/target.h"
#include "mapping/adc_widths.h"

namespace sliver::bitline {

/// The most rows of an array (config: array.rows).
constexpr int kMostAnalogRows = 512;

/// The used cells of one array in units of cell levels, and the errors of its converters.
struct AnalogArray {
    static constexpr int kLanes = 16;  ///< columns are padded to a multiple of this, with zeros

    AnalogArray() = default;
    /// `used`: [row][column].
    AnalogArray(int row_count, int column_count, const std::vector<float>& used);

    int rows = 0, columns = 0;
    int stride = 0;               ///< padded columns
    AlignedVector<float> levels;  ///< [row][stride]
    AlignedVector<float> gain;    ///< by padded column: the converter sees gain x sum + offset
    AlignedVector<float> offset;  ///< in units of one level
    /// Read noise (read_noise.h): variance of a cell driven by a one, [row][stride], in squared levels;
    /// empty: none. `noise_seed` names the array.
    AlignedVector<float> variances;
    std::uint64_t noise_seed = 0;
    /// Conductance of a row's cells in use as the wires' solver has it, in nanosiemens, by row; empty: no
    /// wires. What a driven row draws (cost/unit_costs.h, CellReads).
    std::vector<std::uint64_t> row_nanosiemens;
};

/// Crossbars with non-ideal devices: [layer][crossbar of the layer's mapping].
using AnalogNetwork = std::vector<std::vector<AnalogArray>>;

/// sums[c] = sum over rows of digit(row) x level(row, c) for c in [0, stride). `digits` as in
/// column_kernels.h: `digit_bits` rows of ceil(rows / 64) words.
using AnalogSums = void (*)(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                            float* sums);

/// A converter without an end, for whole sums as they are: no sum of 512 rows of 15, driven at 15, comes near
/// its last code, nor does one of devices twice as conductive.
constexpr mapping::Converter kEndlessConverter{20, 0};

struct Converted {
    std::uint32_t cut = 0;  ///< codes beyond the converter's last one
    std::uint32_t largest =
        0;  ///< nearest whole number to the largest gain x sum + offset, 0 for negative ones
};
/// Converts columns [first, first + count) of `sums` and `codes`, which have all columns of the array: code =
/// nearest multiple of the converter's step, at least 0 and at most its last code, in units of one level.
/// Whole sums under gain 1 and offset 0 convert as mapping::converted().
Converted convert_analog(const AnalogArray& array, const mapping::Converter& converter, const float* sums,
                         int first, int count, std::uint32_t* codes);

/// InputError when this processor cannot run `set`.
AnalogSums analog_sums(InstructionSet set);

void analog_sums_portable(const AnalogArray& array, const std::uint64_t* digits, int digit_bits, float* sums);
#if SLIVER_X86
void analog_sums_avx2(const AnalogArray& array, const std::uint64_t* digits, int digit_bits, float* sums);
void analog_sums_avx512(const AnalogArray& array, const std::uint64_t* digits, int digit_bits, float* sums);
#endif

/// The driven rows of a read, for the implementations: visit(row, digit) for every digit that is not zero,
/// rows ascending.
template <typename Visit>
inline void for_driven_rows(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                            Visit visit) {
    const int words = (array.rows + 63) / 64;
    for (int word = 0; word < words; ++word) {
        std::uint64_t any = 0;
        for (int bit = 0; bit < digit_bits; ++bit) any |= digits[bit * words + word];
        for (; any != 0; any &= any - 1) {
            const int row = __builtin_ctzll(any);
            int digit = 0;
            for (int bit = 0; bit < digit_bits; ++bit)
                digit |= static_cast<int>(digits[bit * words + word] >> row & 1U) << bit;
            visit(word * 64 + row, digit);
        }
    }
}

}  // namespace sliver::bitline
