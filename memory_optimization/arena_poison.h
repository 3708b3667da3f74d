// Tells AddressSanitizer which bytes of an arena belong to nobody. Without the sanitizer all of it
// compiles to nothing.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARENA_POISON_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARENA_POISON_H_

#include <cstddef>
#include <cstdint>

#include "memory_optimization/sanitizers.h"

#ifdef BLIXARD_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace blixard::memory::internal {

#ifdef BLIXARD_ADDRESS_SANITIZER
inline constexpr bool kPoisonsArenas = true;
inline void PoisonArena(const void* begin, size_t bytes) {
  __asan_poison_memory_region(begin, bytes);
}
inline void UnpoisonArena(const void* begin, size_t bytes) {
  __asan_unpoison_memory_region(begin, bytes);
}
#else
inline constexpr bool kPoisonsArenas = false;
inline void PoisonArena(const void*, size_t) {}
inline void UnpoisonArena(const void*, size_t) {}
#endif

// The sanitizer marks memory in grains of 8 bytes.
inline constexpr size_t kPoisonGrain = 8;

// What an allocation of `bytes` takes up: at least one byte, so that no two share an address; under
// the sanitizer whole grains and one more that stays poisoned, so that running over the end is
// seen. Saturates.
constexpr size_t ArenaFootprint(size_t bytes) {
  if constexpr (!kPoisonsArenas) return bytes + static_cast<size_t>(bytes == 0);
  if (bytes > SIZE_MAX - 2 * kPoisonGrain) return SIZE_MAX;
  return (bytes + 2 * kPoisonGrain - 1) / kPoisonGrain * kPoisonGrain;
}
constexpr size_t ArenaAlignment(size_t alignment) {
  return kPoisonsArenas && alignment < kPoisonGrain ? kPoisonGrain : alignment;
}

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARENA_POISON_H_
