// AVX-512 with VPOPCNTDQ: one register holds the 64-row words of eight columns, so a word and cell bit of a
// column group costs one AND and one VPOPCNTQ.
//
// Not one source with AVX2: the sums of 128 columns take 22 ns so and 161 ns by AVX2's tables, of which
// registers twice as wide could save half (docs/performance.md, "The chip's kernels").
#include "bitline/column_kernel_sets.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::bitline {
namespace {

/// The cells of one group of eight columns, in registers.
template <int kWords, int kCellBits>
struct GroupCells {
    __m512i words[kWords][kCellBits];
};

template <int kWords, int kCellBits>
SLIVER_AVX512 inline GroupCells<kWords, kCellBits> load_group(const std::uint64_t* cells) {
    GroupCells<kWords, kCellBits> group;
    for (int word = 0; word < kWords; ++word)
        for (int bit = 0; bit < kCellBits; ++bit)
            group.words[word][bit] = _mm512_loadu_si512(cells + (word * kCellBits + bit) * kGroupColumns);
    return group;
}

/// What one bit of the digits adds, in 64-bit lanes; `driven`: its kWords words.
template <int kWords, int kCellBits>
SLIVER_AVX512 inline __m512i bit_sums(const GroupCells<kWords, kCellBits>& group,
                                      const std::uint64_t* driven) {
    __m512i total = _mm512_setzero_si512();
    for (int bit = kCellBits - 1; bit >= 0; --bit) {
        total = _mm512_add_epi64(total, total);
        for (int word = 0; word < kWords; ++word) {
            const __m512i rows = _mm512_set1_epi64(static_cast<long long>(driven[word]));
            total =
                _mm512_add_epi64(total, _mm512_popcnt_epi64(_mm512_and_si512(group.words[word][bit], rows)));
        }
    }
    return total;
}

template <int kWords, int kCellBits>
SLIVER_AVX512 inline __m512i plane_sums(const GroupCells<kWords, kCellBits>& group, const DigitPlane& plane) {
    const std::uint64_t* driven = plane.digits + (plane.digit_bits - 1) * kWords;
    __m512i total = bit_sums(group, driven);
    while (driven != plane.digits) {
        driven -= kWords;
        total = _mm512_add_epi64(_mm512_add_epi64(total, total), bit_sums(group, driven));
    }
    return total;
}

/// Low halves of the lanes of two groups, in column order.
SLIVER_AVX512 inline __m512i narrow(__m512i first, __m512i second) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_permutex2var_epi32(first, even, second);
}

/// Words and cell bits unrolled. The cells of two groups stay in registers while all planes pass over them.
template <int kWords, int kCellBits>
SLIVER_AVX512 void sums_of_shape(const CellBits& cells, const DigitPlane* planes, int count,
                                 std::uint32_t* sums) {
    constexpr int kGroupWords = kWords * kCellBits * kGroupColumns;
    const std::size_t stride = static_cast<std::size_t>(cells.groups) * kGroupColumns;
    const std::uint64_t* lanes = cells.bits;
    int left = cells.groups;
    for (; left >= 2; left -= 2, lanes += 2 * kGroupWords, sums += 2 * kGroupColumns) {
        const auto first = load_group<kWords, kCellBits>(lanes);
        const auto second = load_group<kWords, kCellBits>(lanes + kGroupWords);
        for (int plane = 0; plane < count; ++plane)
            _mm512_storeu_si512(sums + static_cast<std::size_t>(plane) * stride,
                                narrow(plane_sums(first, planes[plane]), plane_sums(second, planes[plane])));
    }
    if (left == 0) return;
    const auto last = load_group<kWords, kCellBits>(lanes);
    for (int plane = 0; plane < count; ++plane)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + static_cast<std::size_t>(plane) * stride),
                            _mm512_cvtepi64_epi32(plane_sums(last, planes[plane])));
}

/// Any shape.
SLIVER_AVX512 void sums_of_any(const CellBits& cells, const DigitPlane* planes, int count,
                               std::uint32_t* sums) {
    const std::size_t stride = static_cast<std::size_t>(cells.groups) * kGroupColumns;
    const std::uint64_t* group_lanes = cells.bits;
    for (int group = 0; group < cells.groups; ++group, sums += kGroupColumns) {
        for (int plane = 0; plane < count; ++plane) {
            const DigitPlane& own = planes[plane];
            const std::uint64_t* lanes = group_lanes;
            __m512i total = _mm512_setzero_si512();
            for (int word = 0; word < cells.words; ++word) {
                for (int bit = 0; bit < cells.cell_bits; ++bit, lanes += kGroupColumns) {
                    const __m512i cell = _mm512_loadu_si512(lanes);
                    for (int digit_bit = 0; digit_bit < own.digit_bits; ++digit_bit) {
                        const __m512i driven = _mm512_set1_epi64(
                            static_cast<long long>(own.digits[digit_bit * cells.words + word]));
                        const __m512i ones = _mm512_popcnt_epi64(_mm512_and_si512(cell, driven));
                        total = _mm512_add_epi64(total,
                                                 _mm512_sll_epi64(ones, _mm_cvtsi32_si128(bit + digit_bit)));
                    }
                }
            }
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + static_cast<std::size_t>(plane) * stride),
                                _mm512_cvtepi64_epi32(total));
        }
        group_lanes += cells.words * cells.cell_bits * kGroupColumns;
    }
}

void column_sums(const mapping::CellArray& array, const DigitPlane* planes, int count, std::uint32_t* sums) {
    const CellBits cells = bits_of(array);
    switch (cells.words * 8 + cells.cell_bits) {
        case 1 * 8 + 1:
            return sums_of_shape<1, 1>(cells, planes, count, sums);
        case 1 * 8 + 2:
            return sums_of_shape<1, 2>(cells, planes, count, sums);
        case 1 * 8 + 3:
            return sums_of_shape<1, 3>(cells, planes, count, sums);
        case 1 * 8 + 4:
            return sums_of_shape<1, 4>(cells, planes, count, sums);
        case 2 * 8 + 1:
            return sums_of_shape<2, 1>(cells, planes, count, sums);
        case 2 * 8 + 2:
            return sums_of_shape<2, 2>(cells, planes, count, sums);
        case 2 * 8 + 3:
            return sums_of_shape<2, 3>(cells, planes, count, sums);
        case 2 * 8 + 4:
            return sums_of_shape<2, 4>(cells, planes, count, sums);
        case 4 * 8 + 1:
            return sums_of_shape<4, 1>(cells, planes, count, sums);
        case 4 * 8 + 2:
            return sums_of_shape<4, 2>(cells, planes, count, sums);
        default:
            return sums_of_any(cells, planes, count, sums);
    }
}

SLIVER_AVX512 inline __mmask16 first_lanes(int count) {
    return count >= 16 ? static_cast<__mmask16>(0xffff) : static_cast<__mmask16>((1U << count) - 1U);
}

SLIVER_AVX512 std::uint32_t convert(const std::uint32_t* sums, const std::uint32_t* limits, int count,
                                    const PlaneRows& rows, std::uint32_t* codes) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i cut = _mm512_setzero_si512();
    for (int i = 0; i < count; i += 16) {
        const __mmask16 lanes = first_lanes(count - i);
        const __m512i limit = _mm512_maskz_loadu_epi32(lanes, limits + i);
        std::size_t at = static_cast<std::size_t>(i);
        for (int plane = 0; plane < rows.count; ++plane, at += rows.stride) {
            const __m512i sum = _mm512_maskz_loadu_epi32(lanes, sums + at);
            cut = _mm512_mask_add_epi32(cut, _mm512_cmpgt_epu32_mask(sum, limit), cut, one);
            _mm512_mask_storeu_epi32(codes + at, lanes, _mm512_min_epu32(sum, limit));
        }
    }
    return static_cast<std::uint32_t>(_mm512_reduce_add_epi32(cut));
}

SLIVER_AVX512 std::uint32_t largest_sum(const std::uint32_t* sums, int count, const PlaneRows& rows) {
    if (rows.count == 0) return 0;  // where there may be no sums to point at
    __m512i largest = _mm512_setzero_si512();
    for (int i = 0; i < count; i += 16) {
        const __mmask16 lanes = first_lanes(count - i);
        const std::uint32_t* at = sums + i;
        for (int plane = 0; plane < rows.count; ++plane, at += rows.stride)
            largest = _mm512_max_epu32(largest, _mm512_maskz_loadu_epi32(lanes, at));
    }
    return _mm512_reduce_max_epu32(largest);
}

/// A weight is a power of two: to multiply by it is to shift, and gives the sign with it.
SLIVER_AVX512 void shift_add(const std::uint32_t* codes, int count, const PlaneRows& rows, int shift,
                             int sign, std::int32_t* accumulators) {
    const __m128i by = _mm_cvtsi32_si128(shift);
    const __m512i mask = _mm512_set1_epi32(sign < 0 ? -1 : 0);
    for (int i = 0; i < count; i += 16) {
        const __mmask16 lanes = first_lanes(count - i);
        __m512i total = _mm512_setzero_si512();
        const std::uint32_t* of_plane = codes + i;
        for (int plane = 0; plane < rows.count; ++plane, of_plane += rows.stride)
            total = _mm512_add_epi32(total, _mm512_mullo_epi32(_mm512_maskz_loadu_epi32(lanes, of_plane),
                                                               _mm512_set1_epi32(rows.planes[plane].weight)));
        total = _mm512_sll_epi32(total, by);
        const __m512i old = _mm512_maskz_loadu_epi32(lanes, accumulators + i);
        _mm512_mask_storeu_epi32(
            accumulators + i, lanes,
            _mm512_add_epi32(old, _mm512_sub_epi32(_mm512_xor_si512(total, mask), mask)));
    }
}

SLIVER_AVX512 std::uint32_t pack_digits(const std::int8_t* codes, int rows, int words, int shift, int bits,
                                        std::uint64_t* digits) {
    std::uint32_t driven = 0;
    for (int word = 0; word < words; ++word) {
        const int left = rows - word * 64;
        const __mmask64 lanes = left >= 64 ? ~std::uint64_t{0}
                                : left > 0 ? (std::uint64_t{1} << left) - 1U
                                           : 0U;
        const __m512i code = _mm512_maskz_loadu_epi8(lanes, codes + word * 64);
        std::uint64_t any = 0;
        for (int bit = 0; bit < bits; ++bit) {
            const __m512i probe = _mm512_set1_epi8(static_cast<char>(1U << (shift + bit) & 0xffU));
            const std::uint64_t packed = _mm512_test_epi8_mask(code, probe);
            digits[bit * words + word] = packed;
            any |= packed;
        }
        driven += static_cast<std::uint32_t>(__builtin_popcountll(any));
    }
    return driven;
}

}  // namespace

const Kernels kAvx512Kernels{
    InstructionSet::avx512, column_sums, convert, shift_add, pack_digits, largest_sum};

}  // namespace sliver::bitline
#endif
