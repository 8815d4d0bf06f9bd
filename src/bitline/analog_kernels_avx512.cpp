#include "bitline/analog_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::bitline {
namespace {

/// kVectors x 16 columns stay in registers over all rows.
template <int kVectors>
SLIVER_AVX512 void add_rows(const float* levels, std::size_t stride, const std::uint16_t* rows, int count,
                            float* sums) {
    __m512 sum[kVectors];
    for (__m512& register_sum : sum) register_sum = _mm512_setzero_ps();
    for (int i = 0; i < count; ++i) {
        const float* row = levels + rows[i] * stride;
        for (int v = 0; v < kVectors; ++v) sum[v] = _mm512_add_ps(sum[v], _mm512_load_ps(row + v * 16));
    }
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(sums + v * 16, sum[v]);
}

template <int kVectors>
SLIVER_AVX512 void add_scaled_rows(const float* levels, std::size_t stride, const std::uint16_t* rows,
                                   const float* digits, int count, float* sums) {
    __m512 sum[kVectors];
    for (__m512& register_sum : sum) register_sum = _mm512_setzero_ps();
    for (int i = 0; i < count; ++i) {
        const float* row = levels + rows[i] * stride;
        const __m512 digit = _mm512_set1_ps(digits[i]);
        for (int v = 0; v < kVectors; ++v)
            sum[v] = _mm512_add_ps(sum[v], _mm512_mul_ps(digit, _mm512_load_ps(row + v * 16)));
    }
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(sums + v * 16, sum[v]);
}

}  // namespace

SLIVER_AVX512 void analog_sums_avx512(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                                      float* sums) {
    std::uint16_t rows[kMostAnalogRows];
    float factors[kMostAnalogRows];
    int count = 0;
    for_driven_rows(array, digits, digit_bits, [&](int row, int digit) {
        rows[count] = static_cast<std::uint16_t>(row);
        factors[count++] = static_cast<float>(digit);
    });
    const auto stride = static_cast<std::size_t>(array.stride);
    int column = 0;
    for (; column + 128 <= array.stride; column += 128) {
        if (digit_bits == 1)
            add_rows<8>(array.levels.data() + column, stride, rows, count, sums + column);
        else
            add_scaled_rows<8>(array.levels.data() + column, stride, rows, factors, count, sums + column);
    }
    for (; column < array.stride; column += 16) {
        if (digit_bits == 1)
            add_rows<1>(array.levels.data() + column, stride, rows, count, sums + column);
        else
            add_scaled_rows<1>(array.levels.data() + column, stride, rows, factors, count, sums + column);
    }
}

}  // namespace sliver::bitline
#endif
