// What is counted about the heap. One meaning everywhere:
// - an allocation is a successful call of operator new in any form or of C malloc, calloc, realloc,
//   aligned_alloc, memalign, posix_memalign, valloc, pvalloc, reallocarray (strdup and its kind
//   call malloc); one of 0 bytes counts, a failed one does not;
// - a free is a call of operator delete or free with a pointer that is not null;
// - a successful realloc of a block is one free and one allocation of the new size, moved or not,
// and
//   a failed one is nothing: the block is still there;
// - bytes are those asked for, not those the allocator rounds up to.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_COUNTS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_COUNTS_H_

#include <cstdint>

namespace blixard::memory {

struct AllocationCounts {
  uint64_t allocations = 0;
  uint64_t frees = 0;
  uint64_t bytes = 0;  // asked for by the allocations

  // Blocks that came minus blocks that went. Below zero where a stretch frees what was allocated
  // before it: a difference, so it is signed.
  int64_t live() const { return static_cast<int64_t>(allocations - frees); }

  bool operator==(const AllocationCounts&) const = default;
  friend AllocationCounts operator-(const AllocationCounts& later,
                                    const AllocationCounts& earlier) {
    return {.allocations = later.allocations - earlier.allocations,
            .frees = later.frees - earlier.frees,
            .bytes = later.bytes - earlier.bytes};
  }
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_COUNTS_H_
