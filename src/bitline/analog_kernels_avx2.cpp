#include "bitline/analog_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::bitline {
namespace {

/// kVectors x 8 columns stay in registers over all rows.
template <int kVectors>
SLIVER_AVX2 void add_rows(const float* levels, std::size_t stride, const std::uint16_t* rows, int count,
                          float* sums) {
    __m256 sum[kVectors];
    for (__m256& register_sum : sum) register_sum = _mm256_setzero_ps();
    for (int i = 0; i < count; ++i) {
        const float* row = levels + rows[i] * stride;
        for (int v = 0; v < kVectors; ++v) sum[v] = _mm256_add_ps(sum[v], _mm256_load_ps(row + v * 8));
    }
    for (int v = 0; v < kVectors; ++v) _mm256_storeu_ps(sums + v * 8, sum[v]);
}

template <int kVectors>
SLIVER_AVX2 void add_scaled_rows(const float* levels, std::size_t stride, const std::uint16_t* rows,
                                 const float* digits, int count, float* sums) {
    __m256 sum[kVectors];
    for (__m256& register_sum : sum) register_sum = _mm256_setzero_ps();
    for (int i = 0; i < count; ++i) {
        const float* row = levels + rows[i] * stride;
        const __m256 digit = _mm256_set1_ps(digits[i]);
        for (int v = 0; v < kVectors; ++v)
            sum[v] = _mm256_add_ps(sum[v], _mm256_mul_ps(digit, _mm256_load_ps(row + v * 8)));
    }
    for (int v = 0; v < kVectors; ++v) _mm256_storeu_ps(sums + v * 8, sum[v]);
}

}  // namespace

SLIVER_AVX2 void analog_sums_avx2(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
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
    for (; column + 64 <= array.stride; column += 64) {
        if (digit_bits == 1)
            add_rows<8>(array.levels.data() + column, stride, rows, count, sums + column);
        else
            add_scaled_rows<8>(array.levels.data() + column, stride, rows, factors, count, sums + column);
    }
    for (; column < array.stride; column += 8) {
        if (digit_bits == 1)
            add_rows<1>(array.levels.data() + column, stride, rows, count, sums + column);
        else
            add_scaled_rows<1>(array.levels.data() + column, stride, rows, factors, count, sums + column);
    }
}

}  // namespace sliver::bitline
#endif
