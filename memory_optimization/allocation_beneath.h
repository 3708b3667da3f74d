// The allocator beneath the hook: mimalloc, which is the process allocator of the project's
// binaries, so that a hooked program behaves in time and space like the one that ships. Its malloc
// symbols are overridden by the hook's; these are its own names.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_BENEATH_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_BENEATH_H_

#include <mimalloc.h>

#include <cstddef>

namespace blixard::memory::internal {

// `alignment` 0: that of malloc.
[[gnu::always_inline]] inline void* BeneathAllocate(size_t size, size_t alignment) {
  return alignment == 0 ? mi_malloc(size) : mi_malloc_aligned(size, alignment);
}

[[gnu::always_inline]] inline void* BeneathAllocateZeroed(size_t size, size_t alignment) {
  return alignment == 0 ? mi_zalloc(size) : mi_zalloc_aligned(size, alignment);
}

[[gnu::always_inline]] inline void BeneathFree(void* memory) { mi_free(memory); }

// operator new asks the new-handler until it gives up; null then. What the handler throws passes.
void* AllocateOrAskHandler(size_t size, size_t alignment);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_BENEATH_H_
