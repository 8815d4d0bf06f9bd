#include "bitline/column_kernels.h"

#include "bitline/column_kernel_sets.h"

namespace sliver::bitline {
const Kernels& kernels(InstructionSet set) {
    require(set);
#if SLIVER_X86
    if (set == InstructionSet::avx512) return kAvx512Kernels;
    if (set == InstructionSet::avx2) return kAvx2Kernels;
#endif
    return kPortableKernels;
}

}  // namespace sliver::bitline
