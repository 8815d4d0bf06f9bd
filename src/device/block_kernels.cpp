#include "device/block_kernels.h"

namespace sliver::device {

MultiplyAddKernel multiply_add_kernel(InstructionSet set) {
    require(set);
#if SLIVER_X86
    if (set == InstructionSet::avx512) return multiply_add_avx512;
    if (set == InstructionSet::avx2) return multiply_add_avx2;
#endif
    return multiply_add_portable;
}

void multiply_add_portable(const MultiplyAdd& call) {
    for (int row = 0; row < call.rows; ++row) {
        const double* a = call.a + static_cast<std::size_t>(row) * call.a_row_stride;
        double* c_row = call.c + static_cast<std::size_t>(row) * call.c_stride;
        for (int first = 0; first < call.columns; first += kBlockColumns) {
            double sum[kBlockColumns];
            for (int i = 0; i < kBlockColumns; ++i) sum[i] = c_row[first + i];
            const double* b = call.b + first;
            for (int k = 0; k < call.depth; ++k, b += call.b_stride) {
                const double left = a[static_cast<std::size_t>(k) * call.a_depth_stride];
                for (int i = 0; i < kBlockColumns; ++i) sum[i] += left * b[i];
            }
            for (int i = 0; i < kBlockColumns; ++i) c_row[first + i] = sum[i];
        }
    }
}

}  // namespace sliver::device
