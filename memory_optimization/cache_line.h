// Keeping apart what different processors write: two variables in one cache line make every write
// of one a miss of the other ("false sharing").
#ifndef BLIXARD_MEMORY_OPTIMIZATION_CACHE_LINE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_CACHE_LINE_H_

#include <cstddef>
#include <utility>

namespace blixard::memory {

// Not std::hardware_destructive_interference_size: that changes with compiler flags, and layouts
// with it.
inline constexpr size_t kCacheLineBytes = 64;
// Processors of today fetch lines in aligned pairs, so neighbours disturb each other too.
inline constexpr size_t kCacheLinePairBytes = 2 * kCacheLineBytes;

// A value that shares its pair of lines with nothing.
template <class T>
struct alignas(kCacheLinePairBytes) CacheAligned {
  CacheAligned() = default;
  template <class... Arguments>
  explicit CacheAligned(std::in_place_t /*tag*/, Arguments&&... arguments)
      : value(std::forward<Arguments>(arguments)...) {}

  T& operator*() { return value; }
  const T& operator*() const { return value; }
  T* operator->() { return &value; }
  const T* operator->() const { return &value; }

  T value{};
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_CACHE_LINE_H_
