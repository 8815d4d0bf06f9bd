// Which functions of a file may use which instructions.
//
// An attribute on each function, not an option for the whole file: with an option, an inline function
// instantiated in that file (std::vector, say) may be the one copy the linker keeps, and an older processor
// would then stop at it. Used by the *_avx2.cpp and *_avx512.cpp files of bitline and device only.
#pragma once

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define SLIVER_X86 1
#define SLIVER_AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))
#define SLIVER_AVX512      \
    __attribute__((target( \
        "avx2,popcnt,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq,avx512vnni")))
#else
#define SLIVER_X86 0
#endif
