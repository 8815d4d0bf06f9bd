// Registers of one width as a type, for kernels that differ between instruction sets by nothing else.
//
// Such a kernel is one header, included by one file for each instruction set, which says before what its
// functions may use:
//     #define SLIVER_WIDE SLIVER_AVX2
//     #include "bitline/analog_sums_wide.h"
// (An attribute cannot depend on a template's argument, and without it the compiler would take a 512-bit
// register apart.) Multiplication and addition are two roundings in every width: the same bytes. Used by
// bitline and device. Kernels that have another algorithm in each instruction set (column and engine kernels:
// AVX2 counts bits by tables, AVX-512 by VPOPCNT, and multiplies by VPDPWSSD) stay files of their own.
#pragma once

#include "base/target.h"

#if SLIVER_X86
#include <immintrin.h>

namespace sliver {

/// 16 registers of 8 floats.
struct Avx2Floats {
    using Register = __m256;
    static constexpr int kLanes = 8;
    SLIVER_AVX2 static Register all(float value) { return _mm256_set1_ps(value); }
    SLIVER_AVX2 static Register load(const float* place) { return _mm256_loadu_ps(place); }
    SLIVER_AVX2 static void store(float* place, Register value) { _mm256_storeu_ps(place, value); }
    SLIVER_AVX2 static Register add(Register a, Register b) { return _mm256_add_ps(a, b); }
    SLIVER_AVX2 static Register multiply(Register a, Register b) { return _mm256_mul_ps(a, b); }
};

/// 32 registers of 16 floats.
struct Avx512Floats {
    using Register = __m512;
    static constexpr int kLanes = 16;
    SLIVER_AVX512 static Register all(float value) { return _mm512_set1_ps(value); }
    SLIVER_AVX512 static Register load(const float* place) { return _mm512_loadu_ps(place); }
    SLIVER_AVX512 static void store(float* place, Register value) { _mm512_storeu_ps(place, value); }
    SLIVER_AVX512 static Register add(Register a, Register b) { return _mm512_add_ps(a, b); }
    SLIVER_AVX512 static Register multiply(Register a, Register b) { return _mm512_mul_ps(a, b); }
};

/// 16 registers of 4 doubles.
struct Avx2Doubles {
    using Register = __m256d;
    static constexpr int kLanes = 4;
    SLIVER_AVX2 static Register all(double value) { return _mm256_set1_pd(value); }
    SLIVER_AVX2 static Register load(const double* place) { return _mm256_loadu_pd(place); }
    SLIVER_AVX2 static void store(double* place, Register value) { _mm256_storeu_pd(place, value); }
    SLIVER_AVX2 static Register add(Register a, Register b) { return _mm256_add_pd(a, b); }
    SLIVER_AVX2 static Register multiply(Register a, Register b) { return _mm256_mul_pd(a, b); }
};

/// 32 registers of 8 doubles.
struct Avx512Doubles {
    using Register = __m512d;
    static constexpr int kLanes = 8;
    SLIVER_AVX512 static Register all(double value) { return _mm512_set1_pd(value); }
    SLIVER_AVX512 static Register load(const double* place) { return _mm512_loadu_pd(place); }
    SLIVER_AVX512 static void store(double* place, Register value) { _mm512_storeu_pd(place, value); }
    SLIVER_AVX512 static Register add(Register a, Register b) { return _mm512_add_pd(a, b); }
    SLIVER_AVX512 static Register multiply(Register a, Register b) { return _mm512_mul_pd(a, b); }
};

}  // namespace sliver
#endif
