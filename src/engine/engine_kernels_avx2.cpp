// AVX2: PMADDWD for the product; column sums without a vector population count.
//
// A byte holds the cells of a chunk of rows of one column, four bits in all (4 rows of 1-bit cells, 2 rows of
// 2-bit cells, 1 row of 3 or 4 bits), 32 columns a register. For each pattern of driven rows of a chunk there
// is a table of 16 entries: what a chunk with those cells adds to its column. So one PSHUFB and one byte
// addition take a chunk of 32 columns, and chunks without a driven row are left out. That is about a third of
// the work of counting bits by nibbles.
#include "base/size.h"
#include "engine/engine_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::engine {
namespace {

constexpr int kGroup = 32;  ///< columns of one excess() call
constexpr int kPairLanes = 2 * kLaneOutputs;
constexpr int kMaxRows = 512;

// ---- product

template <int kWindows>
SLIVER_AVX2 void product_tile(const ProductCall& call, const std::int16_t* inputs,
                              const std::int16_t* weights, std::int32_t* accumulators) {
    __m256i sum[kWindows][2];
    auto* places = reinterpret_cast<__m256i*>(accumulators);
    for (int w = 0; w < kWindows; ++w)
        for (int half = 0; half < 2; ++half) sum[w][half] = _mm256_loadu_si256(places + 2 * w + half);
    for (int pair = 0; pair < call.pairs; ++pair) {
        const auto* weight = reinterpret_cast<const __m256i*>(weights + pair * kPairLanes);
        const __m256i low = _mm256_load_si256(weight), high = _mm256_load_si256(weight + 1);
        for (int w = 0; w < kWindows; ++w) {
            std::int32_t two;
            __builtin_memcpy(&two, inputs + size(w) * call.input_stride + 2 * pair, sizeof two);
            const __m256i input = _mm256_set1_epi32(two);
            sum[w][0] = _mm256_add_epi32(sum[w][0], _mm256_madd_epi16(input, low));
            sum[w][1] = _mm256_add_epi32(sum[w][1], _mm256_madd_epi16(input, high));
        }
    }
    for (int w = 0; w < kWindows; ++w)
        for (int half = 0; half < 2; ++half) _mm256_storeu_si256(places + 2 * w + half, sum[w][half]);
}

SLIVER_AVX2 void product(const ProductCall& call) {
    for (int group = 0; group < call.groups; ++group) {
        const std::int16_t* weights = call.weights + size(group) * call.weight_stride;
        std::int32_t* acc = call.accumulators + size(group) * call.accumulator_stride;
        const std::int16_t* inputs = call.inputs;
        int left = call.windows;
        for (; left >= 4; left -= 4, inputs += 4 * call.input_stride, acc += 4 * kLaneOutputs)
            product_tile<4>(call, inputs, weights, acc);
        for (; left >= 1; left -= 1, inputs += call.input_stride, acc += kLaneOutputs)
            product_tile<1>(call, inputs, weights, acc);
    }
}

// ---- packing

int rows_of_chunk(int cell_bits) {
    return cell_bits == 1 ? 4 : cell_bits == 2 ? 2 : 1;
}
int chunks(int rows, int cell_bits) {
    return (rows + rows_of_chunk(cell_bits) - 1) / rows_of_chunk(cell_bits);
}

std::size_t cell_bytes(int rows, int cell_bits) {
    return (size(chunks(rows, cell_bits)) * kGroup + 63) / 64 * 64;
}

void pack_cells(const std::uint8_t* levels, int rows, int cell_bits, void* out) {
    auto* packed = static_cast<std::uint8_t*>(out);
    const int per_chunk = rows_of_chunk(cell_bits);
    for (int row = 0; row < rows; ++row, levels += kGroup) {
        std::uint8_t* chunk = packed + row / per_chunk * kGroup;
        const int shift = row % per_chunk * cell_bits;
        for (int lane = 0; lane < kGroup; ++lane)
            chunk[lane] = static_cast<std::uint8_t>(chunk[lane] | levels[lane] << shift);
    }
}

// A packed plane: for each digit bit the number of chunks with driven rows, then one word a chunk: byte
// offset of its cells and, 16 bits higher, byte offset of its table.

std::size_t digit_places(int rows, int cell_bits, int digit_bits) {
    return size(digit_bits) * (1 + size(chunks(rows, cell_bits)));
}

SLIVER_AVX2 std::size_t pack_plane(const std::uint64_t* digits, int rows, int cell_bits, int digit_bits,
                                   std::uint32_t* out) {
    const int per_chunk = rows_of_chunk(cell_bits);
    const int words = (rows + 63) / 64;
    const std::uint64_t chunk_mask = (std::uint64_t{1} << per_chunk) - 1U;
    std::uint32_t* place = out;
    for (int bit = 0; bit < digit_bits; ++bit) {
        std::uint32_t* count = place++;
        for (int word = 0; word < words; ++word) {
            const std::uint64_t driven = digits[bit * words + word];
            for (std::uint64_t left = driven; left != 0;) {
                const int first = __builtin_ctzll(left) / per_chunk * per_chunk;
                const std::uint64_t pattern = driven >> first & chunk_mask;
                *place++ = static_cast<std::uint32_t>((word * 64 + first) / per_chunk * kGroup) |
                           static_cast<std::uint32_t>(pattern * kGroup) << 16;
                left &= ~(chunk_mask << first);
            }
        }
        *count = static_cast<std::uint32_t>(place - count - 1);
    }
    return static_cast<std::size_t>(place - out);
}

// ---- excess

/// kTables[cell bits][pattern][cells of the chunk], twice: PSHUFB looks up in 128-bit halves.
struct Tables {
    alignas(32) std::uint8_t value[5][16][kGroup];
};
constexpr Tables make_tables() {
    Tables tables{};
    for (int cell_bits = 1; cell_bits <= 4; ++cell_bits) {
        const int per_chunk = cell_bits == 1 ? 4 : cell_bits == 2 ? 2 : 1;
        for (int pattern = 0; pattern < 1 << per_chunk; ++pattern)
            for (int cells = 0; cells < 16; ++cells) {
                int sum = 0;
                for (int row = 0; row < per_chunk; ++row)
                    if ((pattern >> row & 1) != 0) sum += cells >> (row * cell_bits) & ((1 << cell_bits) - 1);
                tables.value[cell_bits][pattern][cells] = static_cast<std::uint8_t>(sum);
                tables.value[cell_bits][pattern][cells + 16] = static_cast<std::uint8_t>(sum);
            }
    }
    return tables;
}
constexpr Tables kTables = make_tables();

/// Chunks whose sum fits a byte: 255 / (rows of a chunk * highest level).
constexpr int kByteChunks[5] = {0, 63, 42, 36, 17};

struct Sums {
    __m256i low, high;  ///< 16-bit: columns 0..7 and 16..23, 8..15 and 24..31
};

SLIVER_AVX2 inline void add_bytes(Sums& sums, __m256i bytes) {
    const __m256i zero = _mm256_setzero_si256();
    sums.low = _mm256_add_epi16(sums.low, _mm256_unpacklo_epi8(bytes, zero));
    sums.high = _mm256_add_epi16(sums.high, _mm256_unpackhi_epi8(bytes, zero));
}

/// Sums of one digit bit. Two byte accumulators hide the latency and double what fits before they spill.
SLIVER_AVX2 inline Sums sums_of_chunks(const std::uint8_t* cells, const std::uint8_t* tables, int byte_chunks,
                                       const std::uint32_t* chunk, std::uint32_t count) {
    Sums sums{_mm256_setzero_si256(), _mm256_setzero_si256()};
    const auto look_up = [&](std::uint32_t entry) SLIVER_AVX2 {
        return _mm256_shuffle_epi8(
            _mm256_load_si256(reinterpret_cast<const __m256i*>(tables + (entry >> 16))),
            _mm256_load_si256(reinterpret_cast<const __m256i*>(cells + (entry & 0xffffU))));
    };
    const auto step = static_cast<std::uint32_t>(2 * byte_chunks);
    while (count > 0) {
        const std::uint32_t now = count < step ? count : step;
        count -= now;
        __m256i even = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
        const std::uint32_t* const pairs_end = chunk + (now & ~1U);
        for (; chunk != pairs_end; chunk += 2) {
            even = _mm256_add_epi8(even, look_up(chunk[0]));
            odd = _mm256_add_epi8(odd, look_up(chunk[1]));
        }
        if ((now & 1U) != 0) even = _mm256_add_epi8(even, look_up(*chunk++));
        add_bytes(sums, even);
        add_bytes(sums, odd);
    }
    return sums;
}

/// Sums of 32 columns, eight a register, in order.
struct WideSums {
    __m256i part[4];
};

SLIVER_AVX2 inline WideSums widen(const Sums& sums) {
    return {{_mm256_cvtepu16_epi32(_mm256_castsi256_si128(sums.low)),
             _mm256_cvtepu16_epi32(_mm256_castsi256_si128(sums.high)),
             _mm256_cvtepu16_epi32(_mm256_extracti128_si256(sums.low, 1)),
             _mm256_cvtepu16_epi32(_mm256_extracti128_si256(sums.high, 1))}};
}

/// The digit bits above the first, whose chunks lie behind those of the first.
SLIVER_AVX2 inline void add_higher_bits(const std::uint8_t* cells, const std::uint8_t* tables,
                                        int byte_chunks, int digit_bits, const std::uint32_t* chunk,
                                        WideSums& wide) {
    for (int bit = 1; bit < digit_bits; ++bit) {
        chunk += 1 + *chunk;
        const WideSums higher = widen(sums_of_chunks(cells, tables, byte_chunks, chunk + 1, *chunk));
        const __m128i by = _mm_cvtsi32_si128(bit);
        for (int part = 0; part < 4; ++part)
            wide.part[part] = _mm256_add_epi32(wide.part[part], _mm256_sll_epi32(higher.part[part], by));
    }
}

struct Sink {
    __m256i limit, largest;
    __m256i half, keep;             ///< coarser steps, where `limit` is CoarseSteps::top
    __m256i lane_signs[4], cut[4];  ///< eight columns each
};

/// Eight columns whose 32-bit sums the converter may change.
template <bool kCoarse>
SLIVER_AVX2 inline void put_excess(__m256i sums, int part, int shift, std::int32_t* place, Sink& sink) {
    __m256i lost, over;
    if constexpr (kCoarse) {
        const __m256i rounded = _mm256_add_epi32(sums, sink.half);
        over = _mm256_sub_epi32(_mm256_max_epu32(rounded, sink.limit), sink.limit);
        lost = _mm256_sub_epi32(sums, _mm256_and_si256(_mm256_min_epu32(rounded, sink.limit), sink.keep));
    } else {
        lost = _mm256_sub_epi32(_mm256_max_epu32(sums, sink.limit), sink.limit);
        over = lost;
    }
    sink.cut[part] = _mm256_sub_epi32(sink.cut[part], _mm256_cmpgt_epi32(over, _mm256_setzero_si256()));
    sink.largest = _mm256_max_epu32(sink.largest, sums);
    const __m256i term = _mm256_sll_epi32(lost, _mm_cvtsi32_si128(shift));
    const __m256i signs = sink.lane_signs[part];
    auto* acc = reinterpret_cast<__m256i*>(place);
    _mm256_storeu_si256(acc, _mm256_add_epi32(_mm256_loadu_si256(acc),
                                              _mm256_sub_epi32(_mm256_xor_si256(term, signs), signs)));
}

template <bool kCoarse>
SLIVER_AVX2 void excess_of_planes(const ExcessCall& call) {
    const auto* cells = static_cast<const std::uint8_t*>(call.cells);
    const std::uint8_t* tables = kTables.value[call.cell_bits][0];
    const int byte_chunks = kByteChunks[call.cell_bits];
    Sink sink;
    sink.limit = _mm256_set1_epi32(static_cast<int>(call.limit));
    sink.largest = _mm256_setzero_si256();
    if constexpr (kCoarse) {
        const CoarseSteps steps(call.limit, call.drop);
        sink.limit = _mm256_set1_epi32(static_cast<int>(steps.top));
        sink.half = _mm256_set1_epi32(static_cast<int>(steps.half));
        sink.keep = _mm256_set1_epi32(static_cast<int>(steps.keep));
    }
    auto* cut = reinterpret_cast<__m256i*>(call.cut);
    for (int part = 0; part < 4; ++part) {
        sink.cut[part] = _mm256_loadu_si256(cut + part);
        sink.lane_signs[part] =
            call.sign == ExcessSign::by_lane
                ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(call.lane_signs + 8 * part))
                : _mm256_set1_epi32(call.sign == ExcessSign::add ? 0 : -1);
    }
    // One-bit digits reach 512 * 15 at most, so the 16-bit sums tell whether any column passes the limit.
    const bool bits = !kCoarse && call.digit_bits == 1;
    const __m256i limit16 =
        _mm256_set1_epi16(static_cast<short>(call.limit < 0xffffU ? call.limit : std::uint32_t{0xffff}));
    __m256i largest16 = _mm256_setzero_si256();
    const __m256i zero = _mm256_setzero_si256();
    for (int i = 0; i < call.plane_count; ++i) {
        const DrivenPlane& plane = call.planes[i];
        const std::uint32_t* chunk = call.digits + plane.digits;
        const Sums sums = sums_of_chunks(cells, tables, byte_chunks, chunk + 1, *chunk);
        if (bits) {
            const __m256i top = _mm256_max_epu16(sums.low, sums.high);
            largest16 = _mm256_max_epu16(largest16, top);
            const __m256i over = _mm256_subs_epu16(top, limit16);
            if (_mm256_testz_si256(over, over) != 0) continue;
        }
        WideSums wide = widen(sums);
        add_higher_bits(cells, tables, byte_chunks, call.digit_bits, chunk, wide);
        const int shift = static_cast<int>(plane.shift) + call.slice_shift;
        std::int32_t* acc = call.accumulators + plane.accumulator;
        put_excess<kCoarse>(wide.part[0], 0, shift, acc, sink);
        put_excess<kCoarse>(wide.part[1], 1, shift, acc + 8, sink);
        put_excess<kCoarse>(wide.part[2], 2, shift, acc + call.accumulator_stride, sink);
        put_excess<kCoarse>(wide.part[3], 3, shift, acc + call.accumulator_stride + 8, sink);
    }
    for (int part = 0; part < 4; ++part) _mm256_storeu_si256(cut + part, sink.cut[part]);
    if (call.largest == nullptr) return;
    alignas(32) std::uint32_t largest[8];
    const __m256i wide16 =
        _mm256_max_epu32(_mm256_blend_epi16(largest16, zero, 0xaa), _mm256_srli_epi32(largest16, 16));
    _mm256_store_si256(reinterpret_cast<__m256i*>(largest), _mm256_max_epu32(sink.largest, wide16));
    for (const std::uint32_t sum : largest)
        if (sum > *call.largest) *call.largest = sum;
}

void excess(const ExcessCall& call) {
    if (call.drop > 0)
        excess_of_planes<true>(call);
    else
        excess_of_planes<false>(call);
}

SLIVER_AVX2 void sums(const SumsCall& call) {
    const auto* cells = static_cast<const std::uint8_t*>(call.cells);
    const std::uint8_t* tables = kTables.value[call.cell_bits][0];
    const int byte_chunks = kByteChunks[call.cell_bits];
    auto* out = reinterpret_cast<__m256i*>(call.sums);
    auto* place = reinterpret_cast<__m256i*>(call.largest);
    __m256i largest[4];
    for (int part = 0; part < 4; ++part) largest[part] = _mm256_loadu_si256(place + part);
    for (int i = 0; i < call.plane_count; ++i) {
        const std::uint32_t* chunk = call.digits + call.planes[i].digits;
        WideSums wide = widen(sums_of_chunks(cells, tables, byte_chunks, chunk + 1, *chunk));
        add_higher_bits(cells, tables, byte_chunks, call.digit_bits, chunk, wide);
        for (int part = 0; part < 4; ++part) {
            _mm256_storeu_si256(out++, wide.part[part]);
            largest[part] = _mm256_max_epu32(largest[part], wide.part[part]);
        }
    }
    for (int part = 0; part < 4; ++part) _mm256_storeu_si256(place + part, largest[part]);
}

static_assert(kMaxRows * kGroup <= 1 << 16, "the offset of a chunk's cells has 16 bits");

}  // namespace

const EngineKernels kAvx2Engine{kGroup,     product, cell_bytes, pack_cells, digit_places,
                                pack_plane, excess,  sums,       nullptr};

}  // namespace sliver::engine
#endif
