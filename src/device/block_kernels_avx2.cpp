#include "device/block_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::device {
namespace {

constexpr int kLanes = 4, kTileColumns = 8, kVectors = kTileColumns / kLanes;

/// kRows x 8 elements of c stay in registers.
template <int kRows>
SLIVER_AVX2 inline void tile(const MultiplyAdd& call, int row, int column) {
    const double* a = call.a + static_cast<std::size_t>(row) * call.a_row_stride;
    const double* b = call.b + column;
    double* c = call.c + static_cast<std::size_t>(row) * call.c_stride + column;
    __m256d sum[kRows][kVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            sum[r][v] = _mm256_loadu_pd(c + static_cast<std::size_t>(r) * call.c_stride + v * kLanes);
    for (int k = 0; k < call.depth; ++k, a += call.a_depth_stride, b += call.b_stride) {
        const __m256d right[kVectors] = {_mm256_loadu_pd(b), _mm256_loadu_pd(b + kLanes)};
        for (int r = 0; r < kRows; ++r) {
            const __m256d left = _mm256_broadcast_sd(a + static_cast<std::size_t>(r) * call.a_row_stride);
            for (int v = 0; v < kVectors; ++v)
                sum[r][v] = _mm256_add_pd(sum[r][v], _mm256_mul_pd(left, right[v]));
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            _mm256_storeu_pd(c + static_cast<std::size_t>(r) * call.c_stride + v * kLanes, sum[r][v]);
}

}  // namespace

SLIVER_AVX2 void multiply_add_avx2(const MultiplyAdd& call) {
    for (int column = 0; column < call.columns; column += kTileColumns) {
        int row = 0;
        for (; row + 4 <= call.rows; row += 4) tile<4>(call, row, column);
        for (; row < call.rows; ++row) tile<1>(call, row, column);
    }
}

}  // namespace sliver::device
#endif
