// AVX-512: VPDPWSSD for the product, VPOPCNTD for the column sums (16 columns and 32 rows a register).
//
// Not one source with AVX2: VGG-11 behind 4-bit converters takes 10.5 ms an image so and 36 ms by AVX2's
// tables, of which registers twice as wide could save half (docs/performance.md, "Beside other tools").
#include "engine/engine_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::engine {
namespace {

constexpr int kPairLanes = 2 * kLaneOutputs;  ///< int16 in a register: 16 outputs, two rows

/// kGroups x kWindows accumulators stay in registers over all pairs.
template <int kGroups, int kWindows>
SLIVER_AVX512 void product_tile(const ProductCall& call, const std::int16_t* inputs,
                                const std::int16_t* weights, std::int32_t* accumulators) {
    __m512i sum[kGroups][kWindows];
    for (int g = 0; g < kGroups; ++g)
        for (int w = 0; w < kWindows; ++w)
            sum[g][w] = _mm512_loadu_si512(
                accumulators + static_cast<std::size_t>(g) * call.accumulator_stride + w * kLaneOutputs);
    for (int pair = 0; pair < call.pairs; ++pair) {
        __m512i weight[kGroups];
        for (int g = 0; g < kGroups; ++g) {
            const std::int16_t* line =
                weights + static_cast<std::size_t>(g) * call.weight_stride + pair * kPairLanes;
            weight[g] = _mm512_load_si512(line);
            if constexpr (kWindows <= 4)
                _mm_prefetch(reinterpret_cast<const char*>(line) + 2048, _MM_HINT_T0);
        }
        for (int w = 0; w < kWindows; ++w) {
            std::int32_t two;
            __builtin_memcpy(&two, inputs + static_cast<std::size_t>(w) * call.input_stride + 2 * pair,
                             sizeof two);
            const __m512i input = _mm512_set1_epi32(two);
            for (int g = 0; g < kGroups; ++g) sum[g][w] = _mm512_dpwssd_epi32(sum[g][w], input, weight[g]);
        }
    }
    for (int g = 0; g < kGroups; ++g)
        for (int w = 0; w < kWindows; ++w)
            _mm512_storeu_si512(
                accumulators + static_cast<std::size_t>(g) * call.accumulator_stride + w * kLaneOutputs,
                sum[g][w]);
}

/// Windows of one register tile: sixteen accumulators, or what is left.
template <int kGroups>
SLIVER_AVX512 void product_groups(const ProductCall& call, int group) {
    const std::int16_t* weights = call.weights + static_cast<std::size_t>(group) * call.weight_stride;
    std::int32_t* acc = call.accumulators + static_cast<std::size_t>(group) * call.accumulator_stride;
    const std::int16_t* inputs = call.inputs;
    for (int left = call.windows; left > 0;) {
        int done = 1;
        if (kGroups <= 2 && left >= 8) {
            done = 8;
            if constexpr (kGroups <= 2) product_tile<kGroups, 8>(call, inputs, weights, acc);
        } else if (left >= 4) {
            done = 4;
            product_tile<kGroups, 4>(call, inputs, weights, acc);
        } else {
            product_tile<kGroups, 1>(call, inputs, weights, acc);
        }
        left -= done;
        inputs += static_cast<std::size_t>(done) * call.input_stride;
        acc += done * kLaneOutputs;
    }
}

SLIVER_AVX512 void product(const ProductCall& call) {
    int group = 0;
    if (call.windows < 8) {
        for (; group + 4 <= call.groups; group += 4) product_groups<4>(call, group);
    }
    for (; group + 2 <= call.groups; group += 2) product_groups<2>(call, group);
    for (; group < call.groups; ++group) product_groups<1>(call, group);
}

/// kShifts[s] = s: a shift that a broadcast load can fetch, slice and plane added by addressing alone.
struct ShiftTable {
    std::int32_t value[64];
};
constexpr ShiftTable make_shifts() {
    ShiftTable table{};
    for (int shift = 0; shift < 64; ++shift) table.value[shift] = shift;
    return table;
}
constexpr ShiftTable kShifts = make_shifts();

/// What is done with the column sums of a plane.
enum class Use {
    cut,             ///< unit steps: the excess over the limit
    cut_and_record,  ///< that, and the largest sum is kept
    round,           ///< coarser steps, and the largest sum is kept
    hand_out         ///< stored, and the largest of each column is kept
};

/// The loops over planes work on a copy: held in registers, since a store to the accumulators might otherwise
/// change it.
struct Sink {
    __m512i limit, lane_signs, largest, cut;
    __m512i half, keep;  ///< coarser steps, where `limit` is CoarseSteps::top
    const std::int32_t* shifts;
    std::int32_t* accumulators;
    std::uint32_t* sums;
    /// Takes over from the copy what a loop changes.
    SLIVER_AVX512 void finish(const Sink& copy) {
        largest = copy.largest;
        cut = copy.cut;
    }
};

/// Uses one plane's column sums.
template <Use kUse, ExcessSign kSign>
SLIVER_AVX512 inline void put(const DrivenPlane& plane, __m512i sums, Sink& sink) {
    if constexpr (kUse != Use::cut) sink.largest = _mm512_max_epu32(sink.largest, sums);
    if constexpr (kUse == Use::hand_out) {
        _mm512_storeu_si512(sink.sums, sums);
        sink.sums += kLaneOutputs;
        return;
    }
    __m512i lost;
    __mmask16 clips;
    if constexpr (kUse == Use::round) {
        const __m512i rounded = _mm512_add_epi32(sums, sink.half);
        clips = _mm512_cmpgt_epu32_mask(rounded, sink.limit);
        lost = _mm512_sub_epi32(sums, _mm512_and_si512(_mm512_min_epu32(rounded, sink.limit), sink.keep));
    } else {
        lost = _mm512_sub_epi32(_mm512_max_epu32(sums, sink.limit), sink.limit);
        clips = _mm512_test_epi32_mask(lost, lost);
    }
    sink.cut = _mm512_mask_add_epi32(sink.cut, clips, sink.cut, _mm512_set1_epi32(1));
    __m512i term = _mm512_sllv_epi32(lost, _mm512_set1_epi32(sink.shifts[plane.shift]));
    std::int32_t* place = sink.accumulators + plane.accumulator;
    const __m512i old = _mm512_loadu_si512(place);
    if constexpr (kSign == ExcessSign::subtract) {
        _mm512_storeu_si512(place, _mm512_sub_epi32(old, term));
    } else if constexpr (kSign == ExcessSign::add) {
        _mm512_storeu_si512(place, _mm512_add_epi32(old, term));
    } else {
        term = _mm512_sub_epi32(_mm512_xor_si512(term, sink.lane_signs), sink.lane_signs);
        _mm512_storeu_si512(place, _mm512_add_epi32(old, term));
    }
}

SLIVER_AVX512 inline __m512i ones(const std::uint32_t* digits, __m512i cells) {
    return _mm512_popcnt_epi32(_mm512_and_si512(_mm512_set1_epi32(static_cast<int>(*digits)), cells));
}

/// Groups are read in the order in which they lie in memory. Where few windows share them they come from L3
/// or beyond, and are gone after some ten planes: without fetching ahead a third of the time is waiting.
/// Behind the last group the address may be anything; a prefetch does not fault.
constexpr int kPrefetchBytes = 4096;

/// One-bit digits, the group's cells in registers over all planes.
template <int kWords, int kCellBits, Use kUse, ExcessSign kSign>
SLIVER_AVX512 void use_bits(const PlanesCall& call, Sink& result) {
    Sink sink = result;
    const auto* packed = static_cast<const std::uint32_t*>(call.cells);
    __m512i cells[kWords][kCellBits];
    for (int word = 0; word < kWords; ++word) {
        for (int bit = 0; bit < kCellBits; ++bit) {
            const std::uint32_t* line = packed + (word * kCellBits + bit) * kLaneOutputs;
            cells[word][bit] = _mm512_load_si512(line);
            _mm_prefetch(reinterpret_cast<const char*>(line) + kPrefetchBytes, _MM_HINT_T0);
        }
    }
    const std::uint32_t* const all_digits = call.digits;
    const DrivenPlane* const end = call.planes + call.plane_count;
    for (const DrivenPlane* plane = call.planes; plane != end; ++plane) {
        const std::uint32_t* digits = all_digits + plane->digits;
        __m512i total = _mm512_setzero_si512();
        for (int bit = kCellBits - 1; bit >= 0; --bit) {
            __m512i counts = ones(digits, cells[0][bit]);
            for (int word = 1; word < kWords; ++word)
                counts = _mm512_add_epi32(counts, ones(digits + word, cells[word][bit]));
            total = bit == kCellBits - 1 ? counts : _mm512_add_epi32(_mm512_add_epi32(total, total), counts);
        }
        put<kUse, kSign>(*plane, total, sink);
    }
    result.finish(sink);
}

/// Any number of words and digit bits, cells from memory.
template <int kCellBits, Use kUse, ExcessSign kSign>
SLIVER_AVX512 void use_digits(const PlanesCall& call, Sink& result) {
    Sink sink = result;
    const int words = planes::words(call.rows);
    const auto* packed = static_cast<const std::uint32_t*>(call.cells);
    for (int i = 0; i < call.plane_count; ++i) {
        const DrivenPlane& plane = call.planes[i];
        __m512i total = _mm512_setzero_si512();
        for (int digit_bit = call.digit_bits - 1; digit_bit >= 0; --digit_bit) {
            const std::uint32_t* digits = call.digits + plane.digits + digit_bit * words;
            __m512i counts[kCellBits];
            for (__m512i& count : counts) count = _mm512_setzero_si512();
            for (int word = 0; word < words; ++word)
                for (int bit = 0; bit < kCellBits; ++bit)
                    counts[bit] = _mm512_add_epi32(
                        counts[bit], ones(digits + word, _mm512_load_si512(packed + (word * kCellBits + bit) *
                                                                                        kLaneOutputs)));
            for (int bit = kCellBits - 2; bit >= 0; --bit)
                counts[bit] =
                    _mm512_add_epi32(counts[bit], _mm512_add_epi32(counts[bit + 1], counts[bit + 1]));
            total = _mm512_add_epi32(_mm512_add_epi32(total, total), counts[0]);
        }
        put<kUse, kSign>(plane, total, sink);
    }
    result.finish(sink);
}

template <Use kUse, ExcessSign kSign>
SLIVER_AVX512 void use_planes(const PlanesCall& call, Sink& sink) {
    if (call.digit_bits == 1) {
        switch (planes::words(call.rows) * 8 + call.cell_bits) {
            case 1 * 8 + 1:
                return use_bits<1, 1, kUse, kSign>(call, sink);
            case 1 * 8 + 2:
                return use_bits<1, 2, kUse, kSign>(call, sink);
            case 1 * 8 + 4:
                return use_bits<1, 4, kUse, kSign>(call, sink);
            case 2 * 8 + 1:
                return use_bits<2, 1, kUse, kSign>(call, sink);
            case 2 * 8 + 2:
                return use_bits<2, 2, kUse, kSign>(call, sink);
            case 2 * 8 + 4:
                return use_bits<2, 4, kUse, kSign>(call, sink);
            case 3 * 8 + 2:
                return use_bits<3, 2, kUse, kSign>(call, sink);
            case 4 * 8 + 1:
                return use_bits<4, 1, kUse, kSign>(call, sink);
            case 4 * 8 + 2:
                return use_bits<4, 2, kUse, kSign>(call, sink);
            case 4 * 8 + 3:
                return use_bits<4, 3, kUse, kSign>(call, sink);
            case 4 * 8 + 4:
                return use_bits<4, 4, kUse, kSign>(call, sink);
            case 8 * 8 + 1:
                return use_bits<8, 1, kUse, kSign>(call, sink);
            case 8 * 8 + 2:
                return use_bits<8, 2, kUse, kSign>(call, sink);
            default:
                break;
        }
    }
    switch (call.cell_bits) {
        case 1:
            return use_digits<1, kUse, kSign>(call, sink);
        case 2:
            return use_digits<2, kUse, kSign>(call, sink);
        case 3:
            return use_digits<3, kUse, kSign>(call, sink);
        default:
            return use_digits<4, kUse, kSign>(call, sink);
    }
}

SLIVER_AVX512 void excess(const ExcessCall& call) {
    Sink sink{};
    sink.limit = _mm512_set1_epi32(static_cast<int>(call.limit));
    sink.cut = _mm512_loadu_si512(call.cut);
    sink.lane_signs = call.sign == ExcessSign::by_lane
                          ? _mm512_loadu_si512(call.lane_signs)
                          : _mm512_set1_epi32(call.sign == ExcessSign::add ? 0 : -1);
    sink.shifts = kShifts.value + call.slice_shift;
    sink.accumulators = call.accumulators;
    if (call.drop > 0) {
        const CoarseSteps steps(call.limit, call.drop);
        sink.limit = _mm512_set1_epi32(static_cast<int>(steps.top));
        sink.half = _mm512_set1_epi32(static_cast<int>(steps.half));
        sink.keep = _mm512_set1_epi32(static_cast<int>(steps.keep));
        use_planes<Use::round, ExcessSign::by_lane>(call, sink);
    } else if (call.largest != nullptr) {
        use_planes<Use::cut_and_record, ExcessSign::by_lane>(call, sink);
    } else if (call.sign == ExcessSign::subtract) {
        use_planes<Use::cut, ExcessSign::subtract>(call, sink);
    } else if (call.sign == ExcessSign::add) {
        use_planes<Use::cut, ExcessSign::add>(call, sink);
    } else {
        use_planes<Use::cut, ExcessSign::by_lane>(call, sink);
    }
    _mm512_storeu_si512(call.cut, sink.cut);
    if (call.largest == nullptr) return;
    const std::uint32_t largest = _mm512_reduce_max_epu32(sink.largest);
    if (largest > *call.largest) *call.largest = largest;
}

SLIVER_AVX512 void sums(const SumsCall& call) {
    Sink sink{};
    sink.largest = _mm512_loadu_si512(call.largest);
    sink.sums = call.sums;
    use_planes<Use::hand_out, ExcessSign::subtract>(call, sink);
    _mm512_storeu_si512(call.largest, sink.largest);
}

}  // namespace

const EngineKernels kAvx512Engine{
    kLaneOutputs, product, planes::cell_bytes, planes::pack_cells, planes::digit_places, planes::pack_plane,
    excess,       sums,    look_up_avx512};

}  // namespace sliver::engine
#endif
