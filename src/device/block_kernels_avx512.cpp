#include "device/block_kernels.h"

#if SLIVER_X86
#define SLIVER_WIDE SLIVER_AVX512
#include "device/multiply_add_wide.h"

namespace sliver::device {

SLIVER_AVX512 void multiply_add_avx512(const MultiplyAdd& call) {
    wide_multiply_add<Avx512Doubles, 8>(call);
}

}  // namespace sliver::device
#endif
