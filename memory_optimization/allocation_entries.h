// The table that every call of the hook goes through. Nothing reachable from it allocates, locks,
// formats or reads the environment.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_ENTRIES_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_ENTRIES_H_

#include <atomic>
#include <cstddef>

#include "memory_optimization/allocation_tracking.h"

namespace blixard::memory::internal {

// One per way to ask for memory. Each is an atomic of its own: switching takes effect call by call.
// noexcept as part of the type lets a noexcept symbol end in a jump instead of a call.
struct AllocationEntries {
  std::atomic<void* (*)(size_t size)> operator_new;
  std::atomic<void* (*)(size_t size) noexcept> operator_new_nothrow;
  std::atomic<void* (*)(size_t size, size_t alignment)> operator_new_aligned;
  std::atomic<void* (*)(size_t size, size_t alignment) noexcept> operator_new_aligned_nothrow;
  std::atomic<void* (*)(size_t size) noexcept> c_malloc;
  std::atomic<void* (*)(size_t count, size_t size) noexcept> c_calloc;
  std::atomic<void* (*)(size_t alignment, size_t size) noexcept> c_memalign;
  std::atomic<void* (*)(void* memory, size_t size) noexcept> c_realloc;
  std::atomic<void (*)(void* memory) noexcept> free;
  std::atomic<size_t (*)(const void* memory) noexcept> usable_size;
};

// With the hook only.
extern AllocationEntries entries;

// Makes every entry lead to what `tracking` needs. One caller at a time. Weak: a program without
// the hook links, and finds null.
[[gnu::weak]] void SwitchAllocationEntries(AllocationTracking tracking);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_ENTRIES_H_
