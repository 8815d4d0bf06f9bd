// AVX-512 VBMI: VPERMB looks up 64 planes of one column at once, VPDPBUSD puts the planes of a window
// together.
#include "engine/engine_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

#include <algorithm>
#include <cstring>

namespace sliver::engine {
namespace {

/// Chunks whose table entries, at most 18 each, add up in a byte.
constexpr int kByteChunks = 255 / (kChunkRows * 3);
constexpr std::uint32_t kHighestByte = 255, kHighestWord = 65535;

/// What is done with the sums, as in the kernels that count bits: unit steps, unit steps and the largest sum
/// kept, coarser steps and the largest sum kept.
enum class Use { cut, cut_and_record, round };

/// A converter and what its losses weigh, in registers. Sums are bytes, or 16-bit words where they may not
/// fit.
struct Converter {
    __m512i limit;       ///< unit steps: largest sum that is not cut; coarser ones: CoarseSteps::top
    __m512i half, keep;  ///< coarser steps
};

/// Weights of the planes of each quad, once for columns that subtract their excess and once for those that
/// add it, and what takes back the half step that `lost` has too much of.
template <int kQuads>
struct Weighing {
    __m512i weights[2][kQuads], taken_back[2];
    __m512i slice_shift;
};

struct Noted {
    __m512i largest;
    std::uint64_t cut;
};

SLIVER_AVX512 inline __m512i table_of(const ChunkTables& tables, ColumnChunk chunk) {
    return _mm512_add_epi8(_mm512_load_si512(&tables.low[0][0] + low_table(chunk)),
                           _mm512_load_si512(&tables.high[0][0] + high_table(chunk)));
}

SLIVER_AVX512 inline __m512i looked_up(__m512i table, const std::uint8_t* patterns, std::size_t r) {
    return _mm512_permutexvar_epi8(_mm512_load_si512(patterns + r * kChunkTableBytes), table);
}

/// Sums in variables, not in an array: GCC 12 would copy each of them twice a chunk.
template <int kRegisters>
SLIVER_AVX512 inline void add_chunks(const ChunkTables& tables, const ColumnChunk* chunk,
                                     const ColumnChunk* end, const std::uint8_t* digits,
                                     __m512i (&sums)[kRegisters]) {
    static_assert(kRegisters == 1 || kRegisters == 2 || kRegisters == 4);
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (; chunk != end; ++chunk) {
        const __m512i table = table_of(tables, *chunk);
        const std::uint8_t* patterns = digits + chunk_number(*chunk) * kRegisters * kChunkTableBytes;
        a = _mm512_add_epi8(a, looked_up(table, patterns, 0));
        if constexpr (kRegisters > 1) b = _mm512_add_epi8(b, looked_up(table, patterns, 1));
        if constexpr (kRegisters > 2) {
            c = _mm512_add_epi8(c, looked_up(table, patterns, 2));
            d = _mm512_add_epi8(d, looked_up(table, patterns, 3));
        }
    }
    sums[0] = a;
    if constexpr (kRegisters > 1) sums[1] = b;
    if constexpr (kRegisters > 2) {
        sums[2] = c;
        sums[3] = d;
    }
}

/// Adds up the planes of 16 windows; `lost` are those of the quads.
template <int kQuads, Use kUse>
SLIVER_AVX512 inline void accumulate(const __m512i* lost, const Weighing<kQuads>& weighing, int adds,
                                     std::int32_t* place) {
    __m512i term = kUse == Use::round ? weighing.taken_back[adds] : _mm512_setzero_si512();
    if constexpr (kQuads == 2)
        term = _mm512_add_epi32(term, _mm512_slli_epi32(_mm512_dpbusd_epi32(_mm512_setzero_si512(), lost[1],
                                                                            weighing.weights[adds][1]),
                                                        kQuadPlanes));
    term = _mm512_dpbusd_epi32(term, lost[0], weighing.weights[adds][0]);
    _mm512_store_si512(
        place, _mm512_add_epi32(_mm512_load_si512(place), _mm512_sllv_epi32(term, weighing.slice_shift)));
}

/// A column whose sums, rounded up, fit a byte.
template <int kBlocks, int kQuads, Use kUse>
SLIVER_AVX512 inline void use_bytes(const ChunkTables& tables, const ColumnChunk* chunk,
                                    const ColumnChunk* end, const std::uint8_t* digits,
                                    const Converter& converter, const Weighing<kQuads>& weighing, int adds,
                                    std::int32_t* place, Noted& noted) {
    constexpr int kRegisters = kBlocks * kQuads;
    __m512i sums[kRegisters], lost[kRegisters];
    add_chunks<kRegisters>(tables, chunk, end, digits, sums);
    for (int r = 0; r < kRegisters; ++r) {
        if constexpr (kUse != Use::cut) noted.largest = _mm512_max_epu8(noted.largest, sums[r]);
        __mmask64 clips;
        if constexpr (kUse == Use::round) {
            // Half a step more than what is lost, so that it is never negative.
            const __m512i rounded = _mm512_add_epi8(sums[r], converter.half);
            clips = _mm512_cmpgt_epu8_mask(rounded, converter.limit);
            lost[r] = _mm512_sub_epi8(
                rounded, _mm512_and_si512(_mm512_min_epu8(rounded, converter.limit), converter.keep));
        } else {
            lost[r] = _mm512_subs_epu8(sums[r], converter.limit);
            clips = _mm512_test_epi8_mask(lost[r], lost[r]);
        }
        noted.cut += static_cast<std::uint64_t>(_mm_popcnt_u64(clips));
    }
    for (int block = 0; block < kBlocks; ++block)
        accumulate<kQuads, kUse>(lost + block * kQuads, weighing, adds, place + block * kLookUpWindows);
}

/// Any column; sums in 16-bit words, those of even planes apart from those of odd ones.
template <int kBlocks, int kQuads, Use kUse>
SLIVER_AVX512 void use_words(const ChunkTables& tables, const ColumnChunk* chunk, const ColumnChunk* end,
                             const std::uint8_t* digits, const Converter& converter,
                             const Weighing<kQuads>& weighing, int adds, std::int32_t* place, Noted& noted) {
    constexpr int kRegisters = kBlocks * kQuads;
    const __m512i low_byte = _mm512_set1_epi16(0xff);
    __m512i wide[kRegisters][2];
    for (auto& halves : wide) halves[0] = halves[1] = _mm512_setzero_si512();
    while (chunk != end) {
        const ColumnChunk* const stop = chunk + std::min<std::ptrdiff_t>(end - chunk, kByteChunks);
        __m512i sums[kRegisters];
        add_chunks<kRegisters>(tables, chunk, stop, digits, sums);
        chunk = stop;
        for (int r = 0; r < kRegisters; ++r) {
            wide[r][0] = _mm512_add_epi16(wide[r][0], _mm512_and_si512(sums[r], low_byte));
            wide[r][1] = _mm512_add_epi16(wide[r][1], _mm512_srli_epi16(sums[r], 8));
        }
    }
    __m512i low[kRegisters], high[kRegisters];  // bytes of what is lost, each in its plane's place
    for (int r = 0; r < kRegisters; ++r) {
        __m512i lost[2];
        for (int half = 0; half < 2; ++half) {
            const __m512i sum = wide[r][half];
            if constexpr (kUse != Use::cut) noted.largest = _mm512_max_epu16(noted.largest, sum);
            __mmask32 clips;
            if constexpr (kUse == Use::round) {
                const __m512i rounded = _mm512_add_epi16(sum, converter.half);
                clips = _mm512_cmpgt_epu16_mask(rounded, converter.limit);
                lost[half] = _mm512_sub_epi16(
                    rounded, _mm512_and_si512(_mm512_min_epu16(rounded, converter.limit), converter.keep));
            } else {
                lost[half] = _mm512_subs_epu16(sum, converter.limit);
                clips = _mm512_test_epi16_mask(lost[half], lost[half]);
            }
            noted.cut += static_cast<std::uint64_t>(_mm_popcnt_u32(clips));
        }
        low[r] = _mm512_or_si512(_mm512_and_si512(lost[0], low_byte), _mm512_slli_epi16(lost[1], 8));
        high[r] = _mm512_or_si512(_mm512_srli_epi16(lost[0], 8), _mm512_andnot_si512(low_byte, lost[1]));
    }
    Weighing<kQuads> of_high = weighing;
    of_high.slice_shift = _mm512_add_epi32(of_high.slice_shift, _mm512_set1_epi32(8));
    for (int block = 0; block < kBlocks; ++block) {
        std::int32_t* const windows = place + block * kLookUpWindows;
        accumulate<kQuads, kUse>(low + block * kQuads, weighing, adds, windows);
        accumulate<kQuads, Use::cut>(high + block * kQuads, of_high, adds, windows);
    }
}

SLIVER_AVX512 inline __m512i bytes_of(std::uint32_t value) {
    return _mm512_set1_epi8(static_cast<char>(value & 0xffU));
}
SLIVER_AVX512 inline __m512i words_of(std::uint32_t value) {
    return _mm512_set1_epi16(static_cast<short>(value & 0xffffU));
}

/// `limit` may be more than a byte or a word: no sum comes near it then.
template <Use kUse>
SLIVER_AVX512 void set_converters(const LookUpCall& call, Converter& bytes, Converter& words) {
    std::uint32_t limit = call.limit;
    if constexpr (kUse == Use::round) {
        const CoarseSteps steps(call.limit, call.drop);
        limit = steps.top;
        bytes.half = bytes_of(steps.half);
        bytes.keep = bytes_of(steps.keep);
        words.half = words_of(steps.half);
        words.keep = words_of(steps.keep);
    }
    bytes.limit = bytes_of(std::min(limit, kHighestByte));
    words.limit = words_of(std::min(limit, kHighestWord));
}

SLIVER_AVX512 std::uint32_t largest_word(__m512i words) {
    return _mm512_reduce_max_epu32(
        _mm512_max_epu32(_mm512_and_si512(words, _mm512_set1_epi32(0xffff)), _mm512_srli_epi32(words, 16)));
}
SLIVER_AVX512 std::uint32_t largest_byte(__m512i bytes) {
    return largest_word(
        _mm512_max_epu16(_mm512_and_si512(bytes, _mm512_set1_epi16(0xff)), _mm512_srli_epi16(bytes, 8)));
}

template <int kBlocks, int kQuads, Use kUse>
SLIVER_AVX512 void use_columns(const LookUpCall& call) {
    const ChunkTables& tables = chunk_tables(call.cell_bits);
    Converter bytes{}, words{};
    set_converters<kUse>(call, bytes, words);
    const std::uint32_t half = kUse == Use::round ? CoarseSteps(call.limit, call.drop).half : 0;
    const std::uint32_t byte_bound = kHighestByte - std::min(half, kHighestByte);
    Weighing<kQuads> weighing;
    std::int32_t all_planes = 0;
    for (int quad = 0; quad < kQuads; ++quad) {
        const PlaneQuad& planes = call.quads[quad];
        PlaneQuad opposite;
        for (std::size_t plane = 0; plane < kQuadPlanes; ++plane) {
            opposite[plane] = static_cast<std::int8_t>(-planes[plane]);
            all_planes += planes[plane] * (1 << (quad * kQuadPlanes));
        }
        std::int32_t adding, subtracting;
        std::memcpy(&adding, planes.data(), sizeof adding);
        std::memcpy(&subtracting, opposite.data(), sizeof subtracting);
        weighing.weights[0][quad] = _mm512_set1_epi32(subtracting);
        weighing.weights[1][quad] = _mm512_set1_epi32(adding);
    }
    const auto taken_back = static_cast<std::int32_t>(half) * all_planes;
    weighing.taken_back[0] = _mm512_set1_epi32(taken_back);
    weighing.taken_back[1] = _mm512_set1_epi32(-taken_back);
    weighing.slice_shift = _mm512_set1_epi32(call.slice_shift);
    Noted in_bytes{_mm512_setzero_si512(), 0}, in_words{_mm512_setzero_si512(), 0};
    for (int i = 0; i < call.column_count; ++i) {
        const ChunkedColumn& column = call.columns[i];
        if (column.bound <= call.harmless) continue;
        const bool adds = call.lane_signs != nullptr ? call.lane_signs[i] == 0 : call.sign == ExcessSign::add;
        const ColumnChunk* chunk = call.chunks + column.first;
        const ColumnChunk* const end = chunk + column.chunks;
        std::int32_t* const place = call.excess + static_cast<std::size_t>(i) * call.excess_stride;
        if (column.bound <= byte_bound)
            use_bytes<kBlocks, kQuads, kUse>(tables, chunk, end, call.digits, bytes, weighing, adds ? 1 : 0,
                                             place, in_bytes);
        else
            use_words<kBlocks, kQuads, kUse>(tables, chunk, end, call.digits, words, weighing, adds ? 1 : 0,
                                             place, in_words);
    }
    *call.cut += static_cast<std::uint32_t>(in_bytes.cut + in_words.cut);
    if (call.largest != nullptr)
        *call.largest =
            std::max({*call.largest, largest_byte(in_bytes.largest), largest_word(in_words.largest)});
}

template <Use kUse>
void use_tile(const LookUpCall& call) {
    if (call.quad_count == 1)
        call.window_blocks == 1 ? use_columns<1, 1, kUse>(call) : use_columns<2, 1, kUse>(call);
    else
        call.window_blocks == 1 ? use_columns<1, 2, kUse>(call) : use_columns<2, 2, kUse>(call);
}

}  // namespace

void look_up_avx512(const LookUpCall& call) {
    if (call.drop > 0)
        use_tile<Use::round>(call);
    else if (call.largest != nullptr)
        use_tile<Use::cut_and_record>(call);
    else
        use_tile<Use::cut>(call);
}

}  // namespace sliver::engine
#endif
