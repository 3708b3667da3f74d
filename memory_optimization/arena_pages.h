// Where an arena's blocks come from: the heap, or pages of 2 MiB straight from the system.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARENA_PAGES_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARENA_PAGES_H_

#include <cstddef>

namespace blixard::memory {

enum class ArenaPages {
  kHeap,  // operator new: the allocation tracker sees the blocks
  // Anonymous mappings aligned to 2 MiB with madvise(MADV_HUGEPAGE): one TLB entry per 2 MiB where
  // the kernel grants it (it may not: /sys/kernel/mm/transparent_hugepage/enabled says "never"; the
  // memory is then ordinary). For arenas of many MiB that are walked at random. Blocks are
  // multiples of 2 MiB and the allocation tracker does not see them.
  kHuge,
};

namespace internal {

// Blocks begin at multiples of this, on a cache line of their own.
inline constexpr size_t kArenaBlockAlignment = 64;
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

// A block size of these pages that holds `bytes`; saturates at SIZE_MAX, which no one can have.
size_t RoundUpToPages(ArenaPages pages, size_t bytes);
size_t RoundDownToPages(ArenaPages pages, size_t bytes);
// `bytes` is such a size. nullptr: there is no memory. Thread-safe.
void* TryTakePages(ArenaPages pages, size_t bytes);
void GiveBackPages(ArenaPages pages, void* block, size_t bytes);

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARENA_PAGES_H_
