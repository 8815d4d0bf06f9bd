#include "device/block_kernels.h"

#if SLIVER_X86
#define SLIVER_WIDE SLIVER_AVX2
#include "device/multiply_add_wide.h"

namespace sliver::device {

SLIVER_AVX2 void multiply_add_avx2(const MultiplyAdd& call) {
    wide_multiply_add<Avx2Doubles, 4>(call);
}

}  // namespace sliver::device
#endif
