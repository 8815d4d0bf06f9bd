// The program `sliver`. SystemC's library brings a main() that prints a banner and then calls sc_main(); this
// one takes its place, so that stderr holds nothing but what Sliver says.
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "cli/program.h"

namespace {

bool is_limited(__rlimit_resource resource) {
    rlimit limit{};
    return getrlimit(resource, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

/// Networks, cells and chips come in blocks of megabytes, many of them only for a moment. Given back to the
/// system each time, and fetched from it page by page, as glibc does by default, they cost half of a short
/// run's time. So freed memory is kept, and the first gigabyte of the heap, which takes nothing as long as it
/// is not touched, comes in huge pages where the system has them. Whatever fails here only costs time.
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

}  // namespace

int main(int argc, char** argv) {
    use_large_memory();
    return sliver::cli::run_program(argc, argv);
}

/// Wanted by SystemC's library at link time, never called.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) {
    return 1;
}
