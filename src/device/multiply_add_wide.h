// multiply_add() in registers of any width (base/wide_registers.h). Private to block_kernels_*.cpp.
#pragma once

#include "base/wide_registers.h"
#include "device/block_kernels.h"

namespace sliver::device {
namespace {

constexpr int kVectors = 2;

/// kRows x kVectors registers of c stay there.
template <typename Wide, int kRows>
SLIVER_WIDE inline void tile(const MultiplyAdd& call, int row, int column) {
    const double* a = call.a + static_cast<std::size_t>(row) * call.a_row_stride;
    const double* b = call.b + column;
    double* c = call.c + static_cast<std::size_t>(row) * call.c_stride + column;
    typename Wide::Register sum[kRows][kVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            sum[r][v] = Wide::load(c + static_cast<std::size_t>(r) * call.c_stride + v * Wide::kLanes);
    for (int k = 0; k < call.depth; ++k, a += call.a_depth_stride, b += call.b_stride) {
        const typename Wide::Register right[kVectors] = {Wide::load(b), Wide::load(b + Wide::kLanes)};
        for (int r = 0; r < kRows; ++r) {
            const auto left = Wide::all(a[static_cast<std::size_t>(r) * call.a_row_stride]);
            for (int v = 0; v < kVectors; ++v)
                sum[r][v] = Wide::add(sum[r][v], Wide::multiply(left, right[v]));
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            Wide::store(c + static_cast<std::size_t>(r) * call.c_stride + v * Wide::kLanes, sum[r][v]);
}

/// kTileRows: with kVectors, half of the registers that the instruction set has.
template <typename Wide, int kTileRows>
SLIVER_WIDE void wide_multiply_add(const MultiplyAdd& call) {
    constexpr int kTileColumns = kVectors * Wide::kLanes;
    static_assert(kBlockColumns % kTileColumns == 0);
    // Column by column: a strip of b, a tile wide, stays in the first cache over all rows.
    for (int column = 0; column < call.columns; column += kTileColumns) {
        int row = 0;
        for (; row + kTileRows <= call.rows; row += kTileRows) tile<Wide, kTileRows>(call, row, column);
        if constexpr (kTileRows > 4)
            for (; row + 4 <= call.rows; row += 4) tile<Wide, 4>(call, row, column);
        for (; row < call.rows; ++row) tile<Wide, 1>(call, row, column);
    }
}

}  // namespace
}  // namespace sliver::device
