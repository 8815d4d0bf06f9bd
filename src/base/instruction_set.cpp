#include "base/instruction_set.h"

#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/target.h"

namespace sliver {
namespace {

/// Processor and operating system: the built-in looks at XCR0 too, so registers that are not saved do not
/// count.
bool supported(InstructionSet set) {
#if SLIVER_X86
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
                      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (set == InstructionSet::avx2) return avx2;
    if (set == InstructionSet::avx512)
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vpopcntdq") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return set == InstructionSet::portable;
}

constexpr InstructionSet kSets[] = {InstructionSet::avx512, InstructionSet::avx2, InstructionSet::portable};

}  // namespace

const char* name_of(InstructionSet set) {
    switch (set) {
        case InstructionSet::portable:
            return "portable";
        case InstructionSet::avx2:
            return "avx2";
        case InstructionSet::avx512:
            return "avx512";
    }
    return "unknown";
}

std::vector<InstructionSet> available_instruction_sets() {
    std::vector<InstructionSet> sets;
    for (const InstructionSet set : kSets)
        if (supported(set)) sets.push_back(set);
    return sets;
}

InstructionSet best_instruction_set() {
    const char* wish = std::getenv("SLIVER_ISA");
    if (wish == nullptr || *wish == '\0') return available_instruction_sets().front();
    for (const InstructionSet set : kSets) {
        if (std::string(wish) != name_of(set)) continue;
        if (!supported(set)) refuse("SLIVER_ISA={}: this processor or its operating system lacks it", wish);
        return set;
    }
    refuse("SLIVER_ISA={}: no such instruction set; there are portable, avx2 and avx512", wish);
}

void require(InstructionSet set) {
    if (!supported(set))
        refuse("instruction set {}: this processor or its operating system lacks it", name_of(set));
}

}  // namespace sliver
