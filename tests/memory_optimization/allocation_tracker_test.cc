// Built with the hook: every form of operator new and delete is counted, once, for its own thread.
#include "memory_optimization/allocation_tracker.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/expect_allocations.h"

namespace blixard::memory {
namespace {

AllocationCounts CountsOf(const std::function<void()>& statements) {
  AllocationTracker tracker("test");
  statements();
  return tracker.Finish();
}

TEST(AllocationTrackerTest, TheHookIsLinked) {
  EXPECT_TRUE(AllocationTracker::Counting());
  // Asking leaves no trace.
  EXPECT_EQ(CountsOf([] { AllocationTracker::Counting(); }), AllocationCounts());
}

TEST(AllocationTrackerTest, EveryFormIsCountedOnce) {
  static constexpr std::align_val_t kAlign{128};
  struct Case {
    const char* name;
    void* (*allocate)();
    void (*free)(void*);
  };
  for (const Case& c : std::vector<Case>{
           {"plain", [] { return ::operator new(40); }, [](void* p) { ::operator delete(p); }},
           {"array", [] { return ::operator new[](40); }, [](void* p) { ::operator delete[](p); }},
           {"nothrow", [] { return ::operator new(40, std::nothrow); },
            [](void* p) { ::operator delete(p, std::nothrow); }},
           {"nothrow array", [] { return ::operator new[](40, std::nothrow); },
            [](void* p) { ::operator delete[](p, std::nothrow); }},
           {"aligned", [] { return ::operator new(40, kAlign); },
            [](void* p) { ::operator delete(p, kAlign); }},
           {"aligned array", [] { return ::operator new[](40, kAlign); },
            [](void* p) { ::operator delete[](p, kAlign); }},
           {"aligned nothrow", [] { return ::operator new(40, kAlign, std::nothrow); },
            [](void* p) { ::operator delete(p, kAlign, std::nothrow); }},
           {"aligned nothrow array", [] { return ::operator new[](40, kAlign, std::nothrow); },
            [](void* p) { ::operator delete[](p, kAlign, std::nothrow); }},
#ifdef __cpp_sized_deallocation
           {"sized", [] { return ::operator new(40); }, [](void* p) { ::operator delete(p, 40); }},
           {"sized array", [] { return ::operator new[](40); },
            [](void* p) { ::operator delete[](p, 40); }},
           {"aligned sized", [] { return ::operator new(40, kAlign); },
            [](void* p) { ::operator delete(p, 40, kAlign); }},
           {"aligned sized array", [] { return ::operator new[](40, kAlign); },
            [](void* p) { ::operator delete[](p, 40, kAlign); }},
#endif
       }) {
    SCOPED_TRACE(c.name);
    void* memory = nullptr;
    EXPECT_EQ(CountsOf([&] { memory = c.allocate(); }),
              (AllocationCounts{.allocations = 1, .bytes = 40}));
    ASSERT_NE(memory, nullptr);
    if (std::string(c.name).starts_with("aligned")) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 128, 0u);
    }
    EXPECT_EQ(CountsOf([&] { c.free(memory); }), (AllocationCounts{.frees = 1}));
  }
}

TEST(AllocationTrackerTest, EdgesOfTheAllocatorAreCountedRight) {
  // Null is not freed, size 0 is an allocation, a failed allocation is none.
  EXPECT_EQ(CountsOf([] { ::operator delete(nullptr); }), AllocationCounts());
  EXPECT_EQ(CountsOf([] {
              void* memory = ::operator new(0);
              EXPECT_NE(memory, nullptr);
              ::operator delete(memory);
            }),
            (AllocationCounts{.allocations = 1, .frees = 1}));
  volatile size_t too_much = static_cast<size_t>(-1) / 2;
  EXPECT_EQ(CountsOf([&] { EXPECT_EQ(::operator new(too_much, std::nothrow), nullptr); }),
            AllocationCounts());
  EXPECT_EQ(CountsOf([&] {
              EXPECT_EQ(::operator new (too_much, std::align_val_t{64}, std::nothrow), nullptr);
            }),
            AllocationCounts());
}

TEST(AllocationTrackerTest, ScopesNest) {
  AllocationTracker outer("outer");
  const auto first = std::make_unique<int>(1);
  AllocationTracker inner("inner");
  const auto second = std::make_unique<int>(2);
  const AllocationCounts inside = inner.Finish();
  const auto third = std::make_unique<int>(3);
  EXPECT_EQ(inside.allocations, 1u);
  EXPECT_EQ(outer.Finish().allocations, 3u);
  EXPECT_EQ(inner.Finish(), inside);
}

TEST(AllocationTrackerTest, OtherThreadsAreNotCounted) {
  AllocationTracker tracker("mine");
  AllocationCounts theirs;
  std::thread other([&theirs] {
    theirs = CountsOf([] {
      std::vector<std::unique_ptr<int>> many;
      many.reserve(1000);
      for (int i = 0; i < 1000; ++i) many.push_back(std::make_unique<int>(i));
    });
  });
  other.join();
  EXPECT_EQ(theirs.allocations, 1001u);
  EXPECT_EQ(theirs.frees, 1001u);
  EXPECT_LE(tracker.Finish().allocations, 3u);  // the thread object itself
}

TEST(AllocationTrackerTest, ANoisySecondThreadAddsNothing) {
  std::atomic<uint64_t> noise = 0;
  std::atomic<bool> stop = false;
  std::thread other([&] {
    while (!stop) {
      ::operator delete(::operator new(16));
      ++noise;
    }
  });
  while (noise < 100) std::this_thread::yield();
  AllocationTracker tracker("quiet");
  const uint64_t before = noise;
  while (noise < before + 10'000) std::this_thread::yield();
  const AllocationCounts counts = tracker.Finish();
  stop = true;
  other.join();
  EXPECT_EQ(counts, AllocationCounts());
}

TEST(AllocationTrackerTest, PrintsOneLine) {
  AllocationTracker tracker("hot_path");
  ::operator delete(::operator new(24));
  std::ostringstream out;
  tracker.Finish().Print(out);
  EXPECT_EQ(out.str(), "hot_path: 1 allocations, 1 frees, 0 live, 24 bytes\n");
}

TEST(ExpectAllocationsTest, PassesOnTheExactCountOnly) {
  EXPECT_ALLOCATIONS(0, {
    int a = 1, b = 2;
    (void)(a + b);
  });
  EXPECT_ALLOCATIONS(1, { ::operator delete(::operator new(8)); });
  EXPECT_NONFATAL_FAILURE(EXPECT_ALLOCATIONS(0, { ::operator delete(::operator new(8)); }),
                          "allocations of 8 bytes in");
  EXPECT_NONFATAL_FAILURE(EXPECT_ALLOCATIONS(1, {}), "allocations of 0 bytes in");
}

TEST(ExpectAllocationsTest, ABudgetMayBeLeftButNotExceeded) {
  EXPECT_ALLOCATIONS_AT_MOST(1, {});
  EXPECT_ALLOCATIONS_AT_MOST(1, { ::operator delete(::operator new(8)); });
  EXPECT_NONFATAL_FAILURE(EXPECT_ALLOCATIONS_AT_MOST(0, { ::operator delete(::operator new(8)); }),
                          "allocations of 8 bytes in");
}

TEST(AllocationTrackerDeathTest, UseOnAnotherThreadIsFound) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  AllocationTracker tracker("mine");
  EXPECT_DEATH(std::thread([&] { tracker.Finish(); }).join(),
               "allocation tracker \"mine\" used on another thread");
}

}  // namespace
}  // namespace blixard::memory
