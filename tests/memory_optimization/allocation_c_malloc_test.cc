// Built with the hook: C malloc and its kind are counted like operator new.
#include <gtest/gtest.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "memory_optimization/allocation_tracker.h"

namespace blixard::memory {
namespace {

// The compiler knows what malloc does and drops what nobody looks at.
void* volatile seen;

AllocationCounts CountsOf(const std::function<void()>& statements) {
  AllocationTracker tracker("test");
  statements();
  return tracker.Finish();
}

TEST(CMallocTest, EveryFormIsCountedOnceAndFreedOnce) {
  struct Case {
    const char* name;
    std::function<void*()> allocate;
    uint64_t bytes;
    uintptr_t alignment;
  };
  const uintptr_t page = 4096;
  for (const Case& c : std::vector<Case>{
           {"malloc", [] { return malloc(40); }, 40, 16},
           {"calloc", [] { return calloc(5, 8); }, 40, 16},
           {"realloc of nothing", [] { return realloc(nullptr, 40); }, 40, 16},
           {"reallocarray", [] { return reallocarray(nullptr, 5, 8); }, 40, 16},
           {"aligned_alloc", [] { return aligned_alloc(64, 128); }, 128, 64},
           {"memalign", [] { return memalign(256, 40); }, 40, 256},
           {"posix_memalign",
            [] {
              void* memory = nullptr;
              EXPECT_EQ(posix_memalign(&memory, 512, 40), 0);
              return memory;
            },
            40, 512},
           {"valloc", [] { return valloc(40); }, 40, page},
           {"pvalloc", [] { return pvalloc(40); }, page, page},
           {"strdup", [] { return static_cast<void*>(strdup("twelve chars")); }, 13, 1},
           {"strndup", [] { return static_cast<void*>(strndup("twelve chars", 5)); }, 6, 1}}) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(CountsOf([&] { seen = c.allocate(); }),
              (AllocationCounts{.allocations = 1, .bytes = c.bytes}));
    void* const memory = seen;
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % c.alignment, 0u);
    EXPECT_GE(malloc_usable_size(memory), c.bytes);
    EXPECT_EQ(CountsOf([&] { free(memory); }), (AllocationCounts{.frees = 1}));
  }
}

TEST(CMallocTest, CallocGivesZeros) {
  for (int i = 0; i < 100; ++i) {
    unsigned char* const dirty = static_cast<unsigned char*>(malloc(200));
    memset(dirty, 0xff, 200);
    free(dirty);
    unsigned char* const clean = static_cast<unsigned char*>(calloc(10, 20));
    for (int j = 0; j < 200; ++j) ASSERT_EQ(clean[j], 0) << j;
    free(clean);
  }
}

TEST(CMallocTest, MallocOfNothingIsAnAllocation) {
  EXPECT_EQ(CountsOf([] { seen = malloc(0); }), (AllocationCounts{.allocations = 1}));
  EXPECT_EQ(CountsOf([] { free(seen); }), (AllocationCounts{.frees = 1}));
  EXPECT_EQ(CountsOf([] { free(nullptr); }), AllocationCounts());
}

TEST(CMallocTest, ReallocIsOneFreeAndOneAllocationMovedOrNot) {
  seen = malloc(100);
  void* const before = seen;
  EXPECT_EQ(CountsOf([] { seen = realloc(seen, 90); }),
            (AllocationCounts{.allocations = 1, .frees = 1, .bytes = 90}));
  EXPECT_EQ(seen, before);
  EXPECT_EQ(CountsOf([] { seen = realloc(seen, 100'000); }),
            (AllocationCounts{.allocations = 1, .frees = 1, .bytes = 100'000}));
  EXPECT_NE(seen, before);
  free(seen);
}

TEST(CMallocTest, ReallocKeepsTheContents) {
  char* text = static_cast<char*>(malloc(6));
  strcpy(text, "hello");
  for (size_t size = 16; size < 100'000; size *= 3) {
    text = static_cast<char*>(realloc(text, size));
    ASSERT_STREQ(text, "hello") << size;
  }
  free(text);
}

TEST(CMallocTest, FailedCallsCountNothingAndLeaveTheBlockAlone) {
  volatile size_t too_much = SIZE_MAX / 2;
  const auto fails = [](const std::function<void*()>& allocate) {
    errno = 0;
    EXPECT_EQ(CountsOf([&] { seen = allocate(); }), AllocationCounts());
    EXPECT_EQ(seen, nullptr);
    EXPECT_EQ(errno, ENOMEM);
  };
  fails([&] { return malloc(too_much); });
  fails([&] { return calloc(too_much, 8); });
  fails([&] { return reallocarray(nullptr, too_much, 8); });
  fails([&] { return memalign(64, too_much); });
  fails([&] { return pvalloc(SIZE_MAX - 1); });
  char* const text = static_cast<char*>(malloc(6));
  strcpy(text, "hello");
  fails([&] { return realloc(text, too_much); });
  EXPECT_STREQ(text, "hello");
  free(text);
}

TEST(CMallocTest, BadAlignmentsAreRefused) {
  volatile size_t not_a_power_of_two = 3;
  errno = 0;
  seen = aligned_alloc(not_a_power_of_two, 30);
  EXPECT_EQ(seen, nullptr);
  EXPECT_EQ(errno, EINVAL);
  void* memory = nullptr;
  EXPECT_EQ(posix_memalign(&memory, 24, 10), EINVAL);
  EXPECT_EQ(posix_memalign(&memory, 2, 10), EINVAL);
  EXPECT_EQ(memory, nullptr);
}

TEST(CMallocTest, WhatTheCLibraryAllocatesIsCounted) {
  EXPECT_EQ(CountsOf([] { fclose(fopen("/dev/null", "r")); }).live(), 0);
  EXPECT_GE(CountsOf([] { fclose(fopen("/dev/null", "r")); }).allocations, 1u);
}

TEST(CMallocTest, TotalsBelowZeroAreSaidAsSuch) {
  // A stretch that frees what is older: a difference, not 2^64 - 1 blocks.
  seen = malloc(1);
  EXPECT_EQ(CountsOf([] { free(seen); }).live(), -1);
}

}  // namespace
}  // namespace blixard::memory
