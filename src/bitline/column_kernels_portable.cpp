// Plain C++ for every processor: bits are counted by halving fields (Hacker's Delight, 5-1), eight columns
// side by side so that the compiler may use what vectors there are.
#include <algorithm>

#include "bitline/column_kernel_sets.h"

namespace sliver::bitline {
namespace {

std::uint64_t count_bits(std::uint64_t word) {
    word -= word >> 1 & 0x5555555555555555U;
    word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fU;
    return word * 0x0101010101010101U >> 56;
}

void column_sums(const mapping::CellArray& array, const DigitPlane* planes, int count, std::uint32_t* sums) {
    const CellBits cells = bits_of(array);
    const std::size_t stride = static_cast<std::size_t>(cells.groups) * kGroupColumns;
    const std::uint64_t* group_cells = cells.bits;
    for (int group = 0; group < cells.groups; ++group, sums += kGroupColumns) {
        for (int plane = 0; plane < count; ++plane) {
            const DigitPlane& own = planes[plane];
            const std::uint64_t* lanes = group_cells;
            std::uint64_t total[kGroupColumns] = {};
            for (int word = 0; word < cells.words; ++word) {
                for (int bit = 0; bit < cells.cell_bits; ++bit, lanes += kGroupColumns) {
                    for (int digit_bit = 0; digit_bit < own.digit_bits; ++digit_bit) {
                        const std::uint64_t driven = own.digits[digit_bit * cells.words + word];
                        if (driven == 0) continue;
                        for (int lane = 0; lane < kGroupColumns; ++lane)
                            total[lane] += count_bits(lanes[lane] & driven) << (bit + digit_bit);
                    }
                }
            }
            std::uint32_t* const place = sums + static_cast<std::size_t>(plane) * stride;
            for (int lane = 0; lane < kGroupColumns; ++lane)
                place[lane] = static_cast<std::uint32_t>(total[lane]);
        }
        group_cells += cells.words * cells.cell_bits * kGroupColumns;
    }
}

std::uint32_t convert(const std::uint32_t* sums, const std::uint32_t* limits, int count,
                      const PlaneRows& rows, std::uint32_t* codes) {
    std::uint32_t cut = 0;
    for (int plane = 0; plane < rows.count; ++plane, sums += rows.stride, codes += rows.stride) {
        for (int i = 0; i < count; ++i) {
            cut += sums[i] > limits[i] ? 1U : 0U;
            codes[i] = std::min(sums[i], limits[i]);
        }
    }
    return cut;
}

std::uint32_t largest_sum(const std::uint32_t* sums, int count, const PlaneRows& rows) {
    std::uint32_t largest = 0;
    for (int plane = 0; plane < rows.count; ++plane, sums += rows.stride)
        for (int i = 0; i < count; ++i) largest = std::max(largest, sums[i]);
    return largest;
}

void shift_add(const std::uint32_t* codes, int count, const PlaneRows& rows, int shift, int sign,
               std::int32_t* accumulators) {
    // Modulo 2^32 throughout. A weight is a power of two: to multiply by it is to shift.
    for (int plane = 0; plane < rows.count; ++plane, codes += rows.stride) {
        const std::uint32_t weight = static_cast<std::uint32_t>(sign * rows.planes[plane].weight) << shift;
        for (int i = 0; i < count; ++i)
            accumulators[i] =
                static_cast<std::int32_t>(static_cast<std::uint32_t>(accumulators[i]) + codes[i] * weight);
    }
}

std::uint32_t pack_digits(const std::int8_t* codes, int rows, int words, int shift, int bits,
                          std::uint64_t* digits) {
    std::uint32_t driven = 0;
    for (int word = 0; word < words; ++word) {
        const int first = word * 64;
        const int last = std::min(rows, first + 64);
        std::uint64_t any = 0;
        for (int bit = 0; bit < bits; ++bit) {
            std::uint64_t packed = 0;
            for (int row = first; row < last; ++row) {
                const unsigned code = static_cast<std::uint8_t>(codes[row]);
                packed |= static_cast<std::uint64_t>(code >> (shift + bit) & 1U) << (row - first);
            }
            digits[bit * words + word] = packed;
            any |= packed;
        }
        driven += static_cast<std::uint32_t>(count_bits(any));
    }
    return driven;
}

}  // namespace

const Kernels kPortableKernels{
    InstructionSet::portable, column_sums, convert, shift_add, pack_digits, largest_sum};

}  // namespace sliver::bitline
