// A vector whose storage starts on a cache line: a 64-byte register then never straddles two lines, which
// would halve the load rate of the kernels.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace sliver {

constexpr std::size_t kCacheLine = 64;

template <typename T>
struct CacheLineAllocator {
    using value_type = T;
    CacheLineAllocator() = default;
    template <typename U>
    CacheLineAllocator(const CacheLineAllocator<U>&) {}
    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(kCacheLine)));
    }
    void deallocate(T* memory, std::size_t) { ::operator delete(memory, std::align_val_t(kCacheLine)); }
    template <typename U>
    friend bool operator==(const CacheLineAllocator&, const CacheLineAllocator<U>&) {
        return true;
    }
    template <typename U>
    friend bool operator!=(const CacheLineAllocator&, const CacheLineAllocator<U>&) {
        return false;
    }
};

template <typename T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace sliver
