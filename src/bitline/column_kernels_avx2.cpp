// AVX2 has no population count for vectors: bits are counted four at a time with a table in a register
// (PSHUFB), the counts of all cell bits of a word are weighted and added as bytes, and PSADBW adds the eight
// bytes of a 64-bit lane (W. Mula, N. Kurz, D. Lemire, "Faster population counts using AVX2 instructions",
// 2016).
#include "bitline/column_kernel_sets.h"

#if SLIVER_X86
#include <immintrin.h>

#include <cstring>

namespace sliver::bitline {
namespace {

struct NibbleTable {
    __m256i low, nibble;
};
SLIVER_AVX2 inline NibbleTable nibble_table() {
    return {_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2,
                             3, 2, 3, 3, 4),
            _mm256_set1_epi8(0x0f)};
}

/// Number of ones in each byte.
SLIVER_AVX2 inline __m256i byte_counts(__m256i value, const NibbleTable& table) {
    const __m256i low = _mm256_shuffle_epi8(table.low, _mm256_and_si256(value, table.nibble));
    const __m256i high =
        _mm256_shuffle_epi8(table.low, _mm256_and_si256(_mm256_srli_epi16(value, 4), table.nibble));
    return _mm256_add_epi8(low, high);
}

/// Four columns: sum over the cell bits of (ones in cell AND driven) << bit, as 64-bit lanes. A byte reaches
/// 8 * 15 at most, so the bytes of one word cannot overflow.
SLIVER_AVX2 inline __m256i word_sums(const std::uint64_t* lanes, int cell_bits, __m256i driven,
                                     const NibbleTable& table) {
    __m256i bytes = _mm256_setzero_si256();
    for (int bit = cell_bits - 1; bit >= 0; --bit) {
        const __m256i cell =
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes + bit * kGroupColumns));
        bytes = _mm256_add_epi8(_mm256_add_epi8(bytes, bytes),
                                byte_counts(_mm256_and_si256(cell, driven), table));
    }
    return _mm256_sad_epu8(bytes, _mm256_setzero_si256());
}

/// Eight columns of one plane.
SLIVER_AVX2 inline __m256i group_sums(const CellBits& cells, const std::uint64_t* lanes,
                                      const DigitPlane& plane, const NibbleTable& table) {
    const __m256i even = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
    __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
    for (int word = 0; word < cells.words; ++word, lanes += cells.cell_bits * kGroupColumns) {
        for (int bit = 0; bit < plane.digit_bits; ++bit) {
            const std::uint64_t rows = plane.digits[bit * cells.words + word];
            if (rows == 0) continue;
            const __m256i driven = _mm256_set1_epi64x(static_cast<long long>(rows));
            const __m128i by = _mm_cvtsi32_si128(bit);
            low =
                _mm256_add_epi64(low, _mm256_sll_epi64(word_sums(lanes, cells.cell_bits, driven, table), by));
            high = _mm256_add_epi64(
                high, _mm256_sll_epi64(word_sums(lanes + 4, cells.cell_bits, driven, table), by));
        }
    }
    return _mm256_permute2x128_si256(_mm256_permutevar8x32_epi32(low, even),
                                     _mm256_permutevar8x32_epi32(high, even), 0x20);
}

SLIVER_AVX2 void column_sums(const mapping::CellArray& array, const DigitPlane* planes, int count,
                             std::uint32_t* sums) {
    const CellBits cells = bits_of(array);
    const std::size_t stride = static_cast<std::size_t>(cells.groups) * kGroupColumns;
    const NibbleTable table = nibble_table();
    const std::uint64_t* lanes = cells.bits;
    for (int group = 0; group < cells.groups; ++group, sums += kGroupColumns) {
        for (int plane = 0; plane < count; ++plane)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + static_cast<std::size_t>(plane) * stride),
                                group_sums(cells, lanes, planes[plane], table));
        lanes += cells.words * cells.cell_bits * kGroupColumns;
    }
}

SLIVER_AVX2 std::uint32_t convert(const std::uint32_t* sums, const std::uint32_t* limits, int count,
                                  const PlaneRows& rows, std::uint32_t* codes) {
    unsigned kept = 0;
    for (int i = 0; i < count; i += 8) {
        const __m256i limit = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(limits + i));
        std::size_t at = static_cast<std::size_t>(i);
        for (int plane = 0; plane < rows.count; ++plane, at += rows.stride) {
            const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums + at));
            const __m256i code = _mm256_min_epu32(sum, limit);
            const __m256i same = _mm256_cmpeq_epi32(code, sum);
            kept += static_cast<unsigned>(
                __builtin_popcount(static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(same)))));
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes + at), code);
        }
    }
    return static_cast<std::uint32_t>(count * rows.count) - kept;
}

SLIVER_AVX2 std::uint32_t largest_sum(const std::uint32_t* sums, int count, const PlaneRows& rows) {
    __m256i largest = _mm256_setzero_si256();
    std::uint32_t rest = 0;
    const int whole = count / 8 * 8;
    for (int plane = 0; plane < rows.count; ++plane, sums += rows.stride) {
        for (int i = 0; i < whole; i += 8)
            largest =
                _mm256_max_epu32(largest, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums + i)));
        for (int i = whole; i < count; ++i) rest = std::max(rest, sums[i]);
    }
    alignas(32) std::array<std::uint32_t, 8> lanes{};
    _mm256_store_si256(reinterpret_cast<__m256i*>(lanes.data()), largest);
    for (const std::uint32_t lane : lanes) rest = lane > rest ? lane : rest;
    return rest;
}

/// A weight is a power of two: to multiply by it is to shift, and gives the sign with it.
SLIVER_AVX2 void shift_add(const std::uint32_t* codes, int count, const PlaneRows& rows, int shift, int sign,
                           std::int32_t* accumulators) {
    const __m128i by = _mm_cvtsi32_si128(shift);
    const __m256i mask = _mm256_set1_epi32(sign < 0 ? -1 : 0);
    int i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i total = _mm256_setzero_si256();
        const std::uint32_t* of_plane = codes + i;
        for (int plane = 0; plane < rows.count; ++plane, of_plane += rows.stride)
            total = _mm256_add_epi32(
                total, _mm256_mullo_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(of_plane)),
                                          _mm256_set1_epi32(rows.planes[plane].weight)));
        total = _mm256_sll_epi32(total, by);
        __m256i* place = reinterpret_cast<__m256i*>(accumulators + i);
        _mm256_storeu_si256(place, _mm256_add_epi32(_mm256_loadu_si256(place),
                                                    _mm256_sub_epi32(_mm256_xor_si256(total, mask), mask)));
    }
    for (; i < count; ++i) {
        std::uint32_t total = 0;
        const std::uint32_t* code = codes + i;
        for (int plane = 0; plane < rows.count; ++plane, code += rows.stride)
            total += *code * static_cast<std::uint32_t>(rows.planes[plane].weight);
        total <<= shift;
        accumulators[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(accumulators[i]) +
                                                    (sign < 0 ? -total : total));
    }
}

SLIVER_AVX2 inline std::uint32_t top_bits(__m256i codes, __m128i left) {
    // A 16-bit shift moves bits across bytes, but only into places below the top bit that is read.
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_sll_epi16(codes, left)));
}

SLIVER_AVX2 std::uint32_t pack_digits(const std::int8_t* codes, int rows, int words, int shift, int bits,
                                      std::uint64_t* digits) {
    std::uint32_t driven = 0;
    alignas(32) std::int8_t tail[64];
    for (int word = 0; word < words; ++word) {
        const int left = rows - word * 64;
        const std::int8_t* source = codes + word * 64;
        if (left < 64) {
            std::memset(tail, 0, sizeof tail);
            if (left > 0) std::memcpy(tail, source, static_cast<std::size_t>(left));
            source = tail;
        }
        const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(source));
        const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(source + 32));
        std::uint64_t any = 0;
        for (int bit = 0; bit < bits; ++bit) {
            const __m128i by = _mm_cvtsi32_si128(7 - shift - bit);
            const std::uint64_t packed = top_bits(low, by) | static_cast<std::uint64_t>(top_bits(high, by))
                                                                 << 32;
            digits[bit * words + word] = packed;
            any |= packed;
        }
        driven += static_cast<std::uint32_t>(__builtin_popcountll(any));
    }
    return driven;
}

}  // namespace

const Kernels kAvx2Kernels{InstructionSet::avx2, column_sums, convert, shift_add, pack_digits, largest_sum};

}  // namespace sliver::bitline
#endif
