// bench_bitline: the kernels and the functional engine. docs/performance.md says how to run it and what it
// gave.
#include "bench_bitline.h"

#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    bench::register_kernels();
    bench::register_engine();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
