// The hot loop of effective_conductance.h: products of small dense matrices. Private to device.
//
// Each element's terms are added one after the other, first inner index first, multiplied and added in two
// roundings: every instruction set gives the same bytes.
#pragma once

#include <cstddef>

#include "base/instruction_set.h"
#include "base/target.h"

namespace sliver::device {

/// Columns of c and b come in multiples of this; rows of c in any number.
constexpr int kBlockColumns = 16;

/// c[rows][columns] += a[rows][depth] * b[depth][columns]; b and c row-major, a either way.
struct MultiplyAdd {
    const double* a = nullptr;
    std::size_t a_row_stride = 0, a_depth_stride = 0;  ///< in doubles, as all strides
    const double* b = nullptr;
    std::size_t b_stride = 0;
    double* c = nullptr;
    std::size_t c_stride = 0;
    int rows = 0, depth = 0, columns = 0;
};
using MultiplyAddKernel = void (*)(const MultiplyAdd& call);

/// InputError when this processor cannot run `set`.
MultiplyAddKernel multiply_add_kernel(InstructionSet set);

void multiply_add_portable(const MultiplyAdd& call);
#if SLIVER_X86
void multiply_add_avx2(const MultiplyAdd& call);
void multiply_add_avx512(const MultiplyAdd& call);
#endif

}  // namespace sliver::device
