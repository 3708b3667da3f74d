// A test's way to say how often a piece of code may go to the heap.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_EXPECT_ALLOCATIONS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_EXPECT_ALLOCATIONS_H_

#include <gtest/gtest.h>

#include <cstdint>

#include "memory_optimization/allocation_tracker.h"

// Runs the statements once; fails unless they allocate exactly `expected` times on this thread.
// Fails too when nothing counts, so that no test passes because the hook was forgotten: build the
// test with allocation_test (allocation_test.bzl).
//
//   EXPECT_ALLOCATIONS(0, { pool.Acquire().Reset(); });
#define EXPECT_ALLOCATIONS(expected, ...) \
  BLIXARD_EXPECT_ALLOCATIONS(EXPECT_EQ, expected, __VA_ARGS__)

// The same for a budget: fails when the statements allocate more than `limit` times.
#define EXPECT_ALLOCATIONS_AT_MOST(limit, ...) \
  BLIXARD_EXPECT_ALLOCATIONS(EXPECT_LE, limit, __VA_ARGS__)

#define BLIXARD_EXPECT_ALLOCATIONS(compare, bound, ...)                                \
  do {                                                                                 \
    EXPECT_TRUE(::blixard::memory::AllocationTracker::Counting())                      \
        << "the allocation hook is not linked or off: nothing is counted";             \
    ::blixard::memory::AllocationTracker blixard_tracker(#__VA_ARGS__);                \
    { __VA_ARGS__; }                                                                   \
    const ::blixard::memory::TrackedCounts blixard_counts = blixard_tracker.Finish();  \
    compare(blixard_counts.allocations, static_cast<uint64_t>(bound))                  \
        << "allocations of " << blixard_counts.bytes << " bytes in: " << #__VA_ARGS__; \
  } while (false)

#endif  // BLIXARD_MEMORY_OPTIMIZATION_EXPECT_ALLOCATIONS_H_
