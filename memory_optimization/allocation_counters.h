// Where the allocation hook counts and the tracker reads. Nobody else's business.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_COUNTERS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_COUNTERS_H_

#include <cstdint>

namespace blixard::memory {

struct AllocationCounts {
  uint64_t allocations = 0;  // calls of operator new in all its forms
  uint64_t frees = 0;        // calls of operator delete, but for null pointers
  uint64_t bytes = 0;        // requested by the allocations

  bool operator==(const AllocationCounts&) const = default;
  friend AllocationCounts operator-(const AllocationCounts& later,
                                    const AllocationCounts& earlier) {
    return {.allocations = later.allocations - earlier.allocations,
            .frees = later.frees - earlier.frees,
            .bytes = later.bytes - earlier.bytes};
  }
};

namespace internal {

// Of the calling thread since it started. Constant-initialised and trivially destructible, so that
// it counts from the first instruction of a thread to its last; in static thread storage, so that
// reaching it never allocates.
[[gnu::tls_model(
    "initial-exec")]] extern constinit thread_local AllocationCounts this_thread_allocations;

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_COUNTERS_H_
