#include "bitline/analog_kernels.h"

#if SLIVER_X86
#define SLIVER_WIDE SLIVER_AVX2
#include "bitline/analog_sums_wide.h"

namespace sliver::bitline {

SLIVER_AVX2 void analog_sums_avx2(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                                  float* sums) {
    wide_sums<Avx2Floats>(array, digits, digit_bits, sums);
}

}  // namespace sliver::bitline
#endif
