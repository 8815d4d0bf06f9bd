#include "device/block_kernels.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver::device {
namespace {

constexpr int kLanes = 8, kVectors = kBlockColumns / kLanes;

/// kRows x 16 elements of c stay in registers.
template <int kRows>
SLIVER_AVX512 inline void tile(const MultiplyAdd& call, int row, int column) {
    const double* a = call.a + static_cast<std::size_t>(row) * call.a_row_stride;
    const double* b = call.b + column;
    double* c = call.c + static_cast<std::size_t>(row) * call.c_stride + column;
    __m512d sum[kRows][kVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            sum[r][v] = _mm512_loadu_pd(c + static_cast<std::size_t>(r) * call.c_stride + v * kLanes);
    for (int k = 0; k < call.depth; ++k, a += call.a_depth_stride, b += call.b_stride) {
        const __m512d right[kVectors] = {_mm512_loadu_pd(b), _mm512_loadu_pd(b + kLanes)};
        for (int r = 0; r < kRows; ++r) {
            const __m512d left = _mm512_set1_pd(a[static_cast<std::size_t>(r) * call.a_row_stride]);
            for (int v = 0; v < kVectors; ++v)
                sum[r][v] = _mm512_add_pd(sum[r][v], _mm512_mul_pd(left, right[v]));
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            _mm512_storeu_pd(c + static_cast<std::size_t>(r) * call.c_stride + v * kLanes, sum[r][v]);
}

}  // namespace

SLIVER_AVX512 void multiply_add_avx512(const MultiplyAdd& call) {
    constexpr int kTileRows = 8;
    // Column by column: a strip of b, 16 columns wide, stays in the first cache over all rows.
    for (int column = 0; column < call.columns; column += kBlockColumns) {
        int row = 0;
        for (; row + kTileRows <= call.rows; row += kTileRows) tile<kTileRows>(call, row, column);
        for (; row + 4 <= call.rows; row += 4) tile<4>(call, row, column);
        for (; row < call.rows; ++row) tile<1>(call, row, column);
    }
}

}  // namespace sliver::device
#endif
