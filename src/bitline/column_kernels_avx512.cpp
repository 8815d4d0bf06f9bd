// AVX-512 with VPOPCNTDQ: one register holds the 64-row words of eight columns, so a word and cell bit of a
// column group costs one AND and one VPOPCNTQ.
#include "bitline/column_kernel_sets.h"

#if SLIVER_X86
#include <immintrin.h>

#include <cstring>

namespace sliver::bitline {
namespace {

/// Sums of one group of eight columns, 64-bit lanes; `cells` has words x cell_bits registers.
template <int kWords, int kCellBits>
SLIVER_AVX512 inline __m512i group_sums(const std::uint64_t* cells, const __m512i* driven) {
    __m512i total = _mm512_setzero_si512();
    for (int bit = kCellBits - 1; bit >= 0; --bit) {
        total = _mm512_add_epi64(total, total);
        for (int word = 0; word < kWords; ++word) {
            const __m512i cell = _mm512_loadu_si512(cells + (word * kCellBits + bit) * kGroupColumns);
            total = _mm512_add_epi64(total, _mm512_popcnt_epi64(_mm512_and_si512(cell, driven[word])));
        }
    }
    return total;
}

/// Low halves of the lanes of two groups, in column order.
SLIVER_AVX512 inline __m512i narrow(__m512i first, __m512i second) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_permutex2var_epi32(first, even, second);
}

/// Words and cell bits unrolled; kDigitBits = 0: any number of digit bits.
template <int kWords, int kCellBits, int kDigitBits>
SLIVER_AVX512 inline __m512i digit_sums(const std::uint64_t* cells, const __m512i (*driven)[kWords],
                                        int digit_bits) {
    if constexpr (kDigitBits == 1) return group_sums<kWords, kCellBits>(cells, driven[0]);
    __m512i total = _mm512_setzero_si512();
    for (int bit = digit_bits - 1; bit >= 0; --bit)
        total = _mm512_add_epi64(_mm512_add_epi64(total, total),
                                 group_sums<kWords, kCellBits>(cells, driven[bit]));
    return total;
}

constexpr int kMaxDigitBits = 4;

template <int kWords, int kCellBits, int kDigitBits>
SLIVER_AVX512 void unrolled_sums(const CellBits& cells, const std::uint64_t* digits, int digit_bits,
                                 std::uint32_t* sums) {
    constexpr int kStride = kWords * kCellBits * kGroupColumns;
    __m512i driven[kDigitBits == 0 ? kMaxDigitBits : kDigitBits][kWords];
    for (int bit = 0; bit < digit_bits; ++bit)
        for (int word = 0; word < kWords; ++word)
            driven[bit][word] = _mm512_set1_epi64(static_cast<long long>(digits[bit * kWords + word]));
    const auto of_group = [&](const std::uint64_t* group) SLIVER_AVX512 {
        return digit_sums<kWords, kCellBits, kDigitBits>(group, driven, digit_bits);
    };
    const std::uint64_t* group = cells.bits;
    int left = cells.groups;
    for (; left >= 2; left -= 2, group += 2 * kStride, sums += 2 * kGroupColumns)
        _mm512_storeu_si512(sums, narrow(of_group(group), of_group(group + kStride)));
    if (left != 0)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), _mm512_cvtepi64_epi32(of_group(group)));
}

template <int kWords, int kCellBits>
SLIVER_AVX512 void sums_of_shape(const CellBits& cells, const std::uint64_t* digits, int digit_bits,
                                 std::uint32_t* sums) {
    if (digit_bits == 1)
        unrolled_sums<kWords, kCellBits, 1>(cells, digits, 1, sums);
    else
        unrolled_sums<kWords, kCellBits, 0>(cells, digits, digit_bits, sums);
}

/// Any shape.
SLIVER_AVX512 void sums_of_digits(const CellBits& cells, const std::uint64_t* digits, int digit_bits,
                                  std::uint32_t* sums) {
    const std::uint64_t* lanes = cells.bits;
    for (int group = 0; group < cells.groups; ++group, sums += kGroupColumns) {
        __m512i total = _mm512_setzero_si512();
        for (int word = 0; word < cells.words; ++word) {
            for (int bit = 0; bit < cells.cell_bits; ++bit, lanes += kGroupColumns) {
                const __m512i cell = _mm512_loadu_si512(lanes);
                for (int digit_bit = 0; digit_bit < digit_bits; ++digit_bit) {
                    const __m512i driven =
                        _mm512_set1_epi64(static_cast<long long>(digits[digit_bit * cells.words + word]));
                    const __m512i count = _mm512_popcnt_epi64(_mm512_and_si512(cell, driven));
                    total =
                        _mm512_add_epi64(total, _mm512_sll_epi64(count, _mm_cvtsi32_si128(bit + digit_bit)));
                }
            }
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), _mm512_cvtepi64_epi32(total));
    }
}

void column_sums(const mapping::CellArray& array, const std::uint64_t* digits, int digit_bits,
                 std::uint32_t* sums) {
    const CellBits cells = bits_of(array);
    if (!any_driven(digits, digit_bits * cells.words)) {
        std::memset(sums, 0, static_cast<std::size_t>(cells.groups * kGroupColumns) * sizeof(std::uint32_t));
        return;
    }
    if (digit_bits <= kMaxDigitBits) {
        switch (cells.words * 8 + cells.cell_bits) {
            case 1 * 8 + 1:
                return sums_of_shape<1, 1>(cells, digits, digit_bits, sums);
            case 1 * 8 + 2:
                return sums_of_shape<1, 2>(cells, digits, digit_bits, sums);
            case 1 * 8 + 3:
                return sums_of_shape<1, 3>(cells, digits, digit_bits, sums);
            case 1 * 8 + 4:
                return sums_of_shape<1, 4>(cells, digits, digit_bits, sums);
            case 2 * 8 + 1:
                return sums_of_shape<2, 1>(cells, digits, digit_bits, sums);
            case 2 * 8 + 2:
                return sums_of_shape<2, 2>(cells, digits, digit_bits, sums);
            case 2 * 8 + 3:
                return sums_of_shape<2, 3>(cells, digits, digit_bits, sums);
            case 2 * 8 + 4:
                return sums_of_shape<2, 4>(cells, digits, digit_bits, sums);
            case 4 * 8 + 1:
                return sums_of_shape<4, 1>(cells, digits, digit_bits, sums);
            case 4 * 8 + 2:
                return sums_of_shape<4, 2>(cells, digits, digit_bits, sums);
            default:
                break;
        }
    }
    sums_of_digits(cells, digits, digit_bits, sums);
}

SLIVER_AVX512 std::uint32_t convert(const std::uint32_t* sums, const std::uint32_t* limits, int count,
                                    std::uint32_t* codes) {
    unsigned cut = 0;
    int i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m512i sum = _mm512_loadu_si512(sums + i);
        const __m512i limit = _mm512_loadu_si512(limits + i);
        cut += static_cast<unsigned>(__builtin_popcount(_mm512_cmpgt_epu32_mask(sum, limit)));
        _mm512_storeu_si512(codes + i, _mm512_min_epu32(sum, limit));
    }
    if (i < count) {
        const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums + i));
        const __m256i limit = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(limits + i));
        cut += static_cast<unsigned>(__builtin_popcount(_mm256_cmpgt_epu32_mask(sum, limit)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes + i), _mm256_min_epu32(sum, limit));
    }
    return cut;
}

SLIVER_AVX512 void shift_add(const std::uint32_t* codes, int count, int shift, int sign,
                             std::int32_t* accumulators) {
    const __m128i by = _mm_cvtsi32_si128(shift);
    const __m512i mask = _mm512_set1_epi32(sign < 0 ? -1 : 0);
    for (int i = 0; i < count; i += 16) {
        const int left = count - i;
        const __mmask16 lanes =
            left >= 16 ? static_cast<__mmask16>(0xffff) : static_cast<__mmask16>((1U << left) - 1U);
        const __m512i term = _mm512_sll_epi32(_mm512_maskz_loadu_epi32(lanes, codes + i), by);
        const __m512i signed_term = _mm512_sub_epi32(_mm512_xor_si512(term, mask), mask);
        const __m512i old = _mm512_maskz_loadu_epi32(lanes, accumulators + i);
        _mm512_mask_storeu_epi32(accumulators + i, lanes, _mm512_add_epi32(old, signed_term));
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

const Kernels kAvx512Kernels{InstructionSet::avx512, column_sums, convert, shift_add, pack_digits};

}  // namespace sliver::bitline
#endif
