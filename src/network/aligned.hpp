// Buffers that begin on a cache line, so that no vector of 64 bytes straddles two.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace scrawl {

inline constexpr std::size_t cache_line = 64;

template <typename T>
struct CacheLineAllocator {
  using value_type = T;

  CacheLineAllocator() = default;
  template <typename U>
  CacheLineAllocator(const CacheLineAllocator<U>& /*other*/) {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(cache_line)));
  }
  void deallocate(T* pointer, std::size_t /*count*/) {
    ::operator delete(pointer, std::align_val_t(cache_line));
  }
  bool operator==(const CacheLineAllocator&) const = default;
};

template <typename T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace scrawl
