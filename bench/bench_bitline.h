// What bench_bitline measures; registered by its main(), since what there is depends on the processor and on
// files.
#pragma once

namespace bench {

void register_kernels();
void register_engine();

}  // namespace bench
