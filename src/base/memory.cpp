#include "base/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace sliver {
namespace {

bool is_limited(__rlimit_resource resource) {
    rlimit limit{};
    return getrlimit(resource, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace

void use_large_memory() {
    constexpr int kNever = 1 << 30, kMore = 64 << 20;
    constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
    mallopt(M_TRIM_THRESHOLD, kNever);
    mallopt(M_MMAP_THRESHOLD, kNever);
    mallopt(M_ARENA_MAX, 1);  // threads take theirs from this heap, too
    if (!is_limited(RLIMIT_AS) && !is_limited(RLIMIT_DATA)) {
        mallopt(M_TOP_PAD, kNever);
        const auto begin = reinterpret_cast<std::uintptr_t>(sbrk(0));
        void* volatile grown = malloc(static_cast<std::size_t>(kMore));  // volatile: not left out
        free(grown);
        const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
        const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage,
                             last = end / kHugePage * kHugePage;
        if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
    }
    mallopt(M_TOP_PAD, kMore);
}

void give_back_memory() {
    malloc_trim(0);
}

}  // namespace sliver
