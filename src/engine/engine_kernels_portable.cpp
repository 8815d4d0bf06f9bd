// Plain loops over the 16 lanes of a group; the compiler may use what vectors there are.
#include <algorithm>

#include "engine/engine_kernels.h"

namespace sliver::engine {
namespace {

using Lanes = std::uint32_t[kLaneOutputs];

void product(const ProductCall& call) {
    for (int group = 0; group < call.groups; ++group) {
        const std::int16_t* weights = call.weights + static_cast<std::size_t>(group) * call.weight_stride;
        std::int32_t* acc = call.accumulators + static_cast<std::size_t>(group) * call.accumulator_stride;
        for (int window = 0; window < call.windows; ++window, acc += kLaneOutputs) {
            const std::int16_t* input = call.inputs + static_cast<std::size_t>(window) * call.input_stride;
            const std::int16_t* weight = weights;
            std::int32_t sum[kLaneOutputs];
            std::copy(acc, acc + kLaneOutputs, sum);
            for (int pair = 0; pair < call.pairs; ++pair, input += 2, weight += 2 * kLaneOutputs) {
                const std::int32_t first = input[0], second = input[1];
                if ((first | second) == 0) continue;
                for (int lane = 0; lane < kLaneOutputs; ++lane)
                    sum[lane] += first * weight[2 * lane] + second * weight[2 * lane + 1];
            }
            std::copy(sum, sum + kLaneOutputs, acc);
        }
    }
}

/// Adds weight * (number of ones in a byte) to each byte of `bytes`; a word adds at most 8 * weight.
inline void add_byte_counts(const std::uint32_t* cells, std::uint32_t driven, int bit, Lanes& bytes) {
    for (int lane = 0; lane < kLaneOutputs; ++lane) {
        std::uint32_t word = cells[lane] & driven;
        word -= word >> 1 & 0x55555555U;
        word = (word & 0x33333333U) + (word >> 2 & 0x33333333U);
        bytes[lane] += ((word + (word >> 4)) & 0x0f0f0f0fU) << bit;
    }
}

inline void add_bytes(Lanes& bytes, int shift, Lanes& sums) {
    for (int lane = 0; lane < kLaneOutputs; ++lane) {
        const std::uint32_t halves = (bytes[lane] & 0x00ff00ffU) + (bytes[lane] >> 8 & 0x00ff00ffU);
        sums[lane] += ((halves + (halves >> 16)) & 0xffffU) << shift;
        bytes[lane] = 0;
    }
}

void column_sums(const PlanesCall& call, const std::uint32_t* digits, Lanes& sums) {
    const auto* cells = static_cast<const std::uint32_t*>(call.cells);
    const int words = planes::words(call.rows);
    const int word_weight = 8 * ((1 << call.cell_bits) - 1);  // the most one word adds to a byte
    std::fill(sums, sums + kLaneOutputs, 0U);
    for (int digit_bit = 0; digit_bit < call.digit_bits; ++digit_bit) {
        Lanes bytes = {};
        int held = 0;
        for (int word = 0; word < words; ++word) {
            const std::uint32_t driven = digits[digit_bit * words + word];
            if (driven == 0) continue;
            if (held + word_weight > 255) {
                add_bytes(bytes, digit_bit, sums);
                held = 0;
            }
            held += word_weight;
            for (int bit = 0; bit < call.cell_bits; ++bit)
                add_byte_counts(cells + (word * call.cell_bits + bit) * kLaneOutputs, driven, bit, bytes);
        }
        add_bytes(bytes, digit_bit, sums);
    }
}

/// Modulo 2^32: while some excess is still to come, the accumulator may be out of its range.
inline void take(const ExcessCall& call, int lane, std::uint32_t lost, std::int32_t& accumulator) {
    const bool subtract =
        call.sign == ExcessSign::by_lane ? call.lane_signs[lane] != 0 : call.sign == ExcessSign::subtract;
    const auto old = static_cast<std::uint32_t>(accumulator);
    accumulator = static_cast<std::int32_t>(subtract ? old - lost : old + lost);
}

void excess(const ExcessCall& call) {
    for (int i = 0; i < call.plane_count; ++i) {
        const DrivenPlane& plane = call.planes[i];
        Lanes sums;
        column_sums(call, call.digits + plane.digits, sums);
        std::uint32_t largest = 0;
        for (const std::uint32_t sum : sums) largest = std::max(largest, sum);
        if (call.largest != nullptr) *call.largest = std::max(*call.largest, largest);
        std::int32_t* acc = call.accumulators + plane.accumulator;
        const unsigned shift = plane.shift + static_cast<unsigned>(call.slice_shift);
        if (call.drop > 0) {
            const CoarseSteps steps(call.limit, call.drop);
            for (int lane = 0; lane < kLaneOutputs; ++lane) {
                const std::uint32_t rounded = sums[lane] + steps.half;
                if (rounded > steps.top) ++call.cut[lane];
                take(call, lane, (sums[lane] - (std::min(rounded, steps.top) & steps.keep)) << shift,
                     acc[lane]);
            }
            continue;
        }
        if (largest <= call.limit) continue;
        for (int lane = 0; lane < kLaneOutputs; ++lane) {
            if (sums[lane] <= call.limit) continue;
            ++call.cut[lane];
            take(call, lane, (sums[lane] - call.limit) << shift, acc[lane]);
        }
    }
}

void sums(const SumsCall& call) {
    std::uint32_t* out = call.sums;
    for (int i = 0; i < call.plane_count; ++i, out += kLaneOutputs) {
        Lanes sums;
        column_sums(call, call.digits + call.planes[i].digits, sums);
        for (int lane = 0; lane < kLaneOutputs; ++lane) {
            out[lane] = sums[lane];
            call.largest[lane] = std::max(call.largest[lane], sums[lane]);
        }
    }
}

}  // namespace

const EngineKernels kPortableEngine{kLaneOutputs,
                                    product,
                                    planes::cell_bytes,
                                    planes::pack_cells,
                                    planes::digit_places,
                                    planes::pack_plane,
                                    excess,
                                    sums,
                                    nullptr};

}  // namespace sliver::engine
