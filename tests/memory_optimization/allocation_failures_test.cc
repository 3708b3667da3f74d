#include "memory_optimization/allocation_failures.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/allocation_report.h"
#include "memory_optimization/allocation_switch.h"
#include "memory_optimization/allocation_tracker.h"
#include "tests/memory_optimization/failure_walk.h"

namespace blixard::memory {
namespace {

void* volatile seen;

// Whether a single operator new fails.
bool NewFails() {
  seen = ::operator new(8, std::nothrow);
  const bool failed = seen == nullptr;
  ::operator delete(seen);
  return failed;
}

TEST(FailAllocationsTest, TheNthFailsAndNoOther) {
  FailAllocations failing({.nth = 3});
  std::array<bool, 5> failed = {};
  for (bool& one : failed) one = NewFails();
  const uint64_t seen_by_plan = failing.seen();
  EXPECT_EQ(failed, (std::array<bool, 5>{false, false, true, false, false}));
  EXPECT_EQ(seen_by_plan, 5u);
  EXPECT_EQ(failing.failed(), 1u);
}

TEST(FailAllocationsTest, MemoryMayStayExhausted) {
  FailAllocations failing({.nth = 2, .and_later = true});
  EXPECT_FALSE(NewFails());
  EXPECT_TRUE(NewFails());
  EXPECT_TRUE(NewFails());
}

TEST(FailAllocationsTest, OperatorNewThrowsBadAlloc) {
  FailAllocations failing({.nth = 1, .and_later = true});
  EXPECT_THROW(seen = ::operator new(8), std::bad_alloc);
  EXPECT_THROW(seen = ::operator new[](8), std::bad_alloc);
  EXPECT_THROW(seen = ::operator new (8, std::align_val_t{64}), std::bad_alloc);
  EXPECT_EQ(::operator new (8, std::align_val_t{64}, std::nothrow), nullptr);
}

TEST(FailAllocationsTest, TheNewHandlerCannotUndoAFailure) {
  static int asked = 0;
  const std::new_handler before = std::set_new_handler([] { ++asked; });
  FailAllocations failing({.nth = 1});
  EXPECT_TRUE(NewFails());
  EXPECT_EQ(asked, 0);
  std::set_new_handler(before);
}

TEST(FailAllocationsTest, TheNewHandlerIsAskedWhenMemoryIsReallyOut) {
  static int asked = 0;
  const std::new_handler before = std::set_new_handler([] {
    if (++asked == 2) throw std::bad_alloc();
  });
  volatile size_t too_much = static_cast<size_t>(-1) / 2;
  EXPECT_THROW(seen = ::operator new(too_much), std::bad_alloc);
  EXPECT_EQ(asked, 2);
  asked = 0;
  EXPECT_EQ(::operator new(too_much, std::nothrow), nullptr);
  EXPECT_EQ(asked, 2);
  std::set_new_handler(before);
}

TEST(FailAllocationsTest, CMallocFailsOnRequestOnly) {
  {
    FailAllocations failing({.nth = 1});
    seen = malloc(8);
    EXPECT_NE(seen, nullptr);
    EXPECT_EQ(failing.seen(), 0u);
    free(seen);
  }
  FailAllocations failing({.nth = 1, .and_later = true, .c_malloc = true});
  errno = 0;
  seen = malloc(8);
  EXPECT_EQ(seen, nullptr);
  EXPECT_EQ(errno, ENOMEM);
  seen = calloc(8, 8);
  EXPECT_EQ(seen, nullptr);
  void* memory = nullptr;
  EXPECT_EQ(posix_memalign(&memory, 64, 8), ENOMEM);
}

TEST(FailAllocationsTest, AReallocThatFailsKeepsTheBlock) {
  // Behind volatile pointers: the compiler thinks that realloc always frees.
  void* volatile block = malloc(8);
  {
    FailAllocations failing({.nth = 1, .c_malloc = true});
    seen = realloc(block, 1000);
    EXPECT_EQ(seen, nullptr);
  }
  seen = realloc(block, 1000);
  EXPECT_NE(seen, nullptr);
  free(seen);
}

TEST(FailAllocationsTest, FailedAllocationsAreNotCounted) {
  AllocationTracker tracker("failing");
  {
    FailAllocations failing({.nth = 1});
    EXPECT_TRUE(NewFails());
  }
  EXPECT_EQ(tracker.Finish(), AllocationCounts());
}

TEST(FailAllocationsTest, OtherThreadsAreNotTouched) {
  int failed = 0;
  {
    std::thread started([&failed] {
      for (int i = 0; i < 1000; ++i) failed += NewFails();
    });
    FailAllocations failing({.nth = 1, .and_later = true});
    EXPECT_TRUE(NewFails());
    started.join();
  }
  EXPECT_EQ(failed, 0);
  EXPECT_FALSE(NewFails());
}

TEST(FailAllocationsTest, PlansNestAndEndWithTheirScope) {
  FailAllocations outer({.nth = 2});
  {
    FailAllocations inner({.nth = 1});
    EXPECT_TRUE(NewFails());  // the inner one's; the outer one is not asked
    EXPECT_EQ(outer.seen(), 0u);
    EXPECT_FALSE(NewFails());
    EXPECT_TRUE(NewFails());  // the outer one's second
  }
  EXPECT_EQ(outer.failed(), 1u);
  EXPECT_FALSE(NewFails());
}

TEST(FailAllocationsTest, ASeedRepeatsItsFailures) {
  const auto draw = [](uint64_t seed) {
    std::vector<bool> failed(2000);
    FailAllocations failing({.probability = 0.1, .seed = seed});
    for (size_t i = 0; i < failed.size(); ++i) failed[i] = NewFails();
    // Ten standard deviations around the mean, and the seed is fixed.
    EXPECT_NEAR(static_cast<double>(failing.failed()), 200, 10 * std::sqrt(2000 * 0.1 * 0.9));
    return failed;
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
}

TEST(FailAllocationsTest, WorksInEveryMode) {
  for (const AllocationTracking mode :
       {AllocationTracking::kSampledSites, AllocationTracking::kAllSites,
        AllocationTracking::kCounts}) {
    ASSERT_TRUE(SetAllocationTracking(mode).ok());
    FailAllocations failing({.nth = 2});
    EXPECT_FALSE(NewFails());
    EXPECT_TRUE(NewFails());
    EXPECT_FALSE(NewFails());
  }
}

// The tracker itself, with memory failing around it.
TEST(FailAllocationsTest, TheTrackerIsFailureSafe) {
  struct Nothing {};
  EXPECT_FAILURE_SAFE((FailureWalk<Nothing>{.operation = [](Nothing&) {
    AllocationTracker tracker("walked");
    const DenyAllocations deny("walked", DenyAllocations::OnAllocation::kReport);
    const std::unique_ptr<int> some = std::make_unique<int>(1);
    std::string site = deny.FirstCallSite();
    return tracker.Finish().allocations > 0;
  }}));
}

TEST(FailAllocationsTest, ReportsAreFailureSafe) {
  struct Nothing {};
  ASSERT_TRUE(SetAllocationTracking(AllocationTracking::kAllSites, {.max_frames = 1}).ok());
  EXPECT_FAILURE_SAFE((FailureWalk<Nothing>{
      .operation = [](Nothing&) { return CollectAllocationReport().totals.allocations != 0; }}));
  ASSERT_TRUE(SetAllocationTracking(AllocationTracking::kCounts).ok());
}

}  // namespace
}  // namespace blixard::memory
