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
#define EXPECT_ALLOCATIONS(expected, ...)                                                \
  do {                                                                                   \
    EXPECT_TRUE(::blixard::memory::AllocationTracker::HookLinked())                      \
        << "the allocation hook is not linked: nothing is counted";                      \
    ::blixard::memory::AllocationTracker blixard_tracker(#__VA_ARGS__);                  \
    { __VA_ARGS__; }                                                                     \
    const ::blixard::memory::AllocationCounts blixard_counts = blixard_tracker.Finish(); \
    EXPECT_EQ(blixard_counts.allocations, static_cast<uint64_t>(expected))               \
        << "allocations of " << blixard_counts.bytes << " bytes in: " << #__VA_ARGS__;   \
  } while (false)

#endif  // BLIXARD_MEMORY_OPTIMIZATION_EXPECT_ALLOCATIONS_H_
