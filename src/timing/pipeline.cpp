#include "timing/pipeline.h"

#include "base/error.h"
#include "timing/femtoseconds.h"

namespace sliver::timing {

Pipeline pipeline_of(const config::ChipConfig& chip) {
    constexpr int kShortest = kLoadCycles + kAdcCycles + kTileCycles;
    if (chip.pipeline.overhead_cycles < kShortest)
        refuse("pipeline.overhead_cycles: {}; load, ADC, activation and eDRAM write alone take {}",
               chip.pipeline.overhead_cycles, kShortest);
    return {femtoseconds(chip.array.cycle_s), chip.pipeline.overhead_cycles - kShortest};
}

}  // namespace sliver::timing
