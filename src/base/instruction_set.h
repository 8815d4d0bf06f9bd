// The vector instruction sets that hot loops are written for, and the choice among them when the program
// runs.
//
// Results never depend on the choice (tested); only speed does. Called by bitline and device, which have one
// implementation a set.
#pragma once

#include <vector>

namespace sliver {

enum class InstructionSet { portable, avx2, avx512 };

/// What this processor can do, best first choice; SLIVER_ISA=portable|avx2|avx512 in the environment
/// overrides it (InputError when the processor lacks it or the name is unknown).
InstructionSet best_instruction_set();
const char* name_of(InstructionSet set);
/// All that this processor and its operating system can run, best first; the environment does not matter.
std::vector<InstructionSet> available_instruction_sets();
/// InputError when this processor or its operating system lacks `set`.
void require(InstructionSet set);

}  // namespace sliver
