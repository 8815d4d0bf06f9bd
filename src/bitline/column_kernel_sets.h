// The implementations behind column_kernels.h: raw pointers in, raw pointers out. Private to bitline.
#pragma once

#include <cstdint>

#include "base/target.h"
#include "bitline/column_kernels.h"

namespace sliver::bitline {

/// mapping::CellArray without its vectors.
struct CellBits {
    const std::uint64_t* bits = nullptr;
    int words = 0, groups = 0, cell_bits = 0;
};
inline CellBits bits_of(const mapping::CellArray& array) {
    return {array.bits.data(), array.words, array.groups, array.cell_bits};
}
inline constexpr int kGroupColumns = 8;

extern const Kernels kPortableKernels;
#if SLIVER_X86
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif

}  // namespace sliver::bitline
