// Built without the hook: nothing is counted, and nobody is told otherwise.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>

#include "memory_optimization/allocation_tracker.h"
#include "memory_optimization/expect_allocations.h"

namespace blixard::memory {
namespace {

TEST(AllocationTrackerWithoutHookTest, CountsNothingAndSaysSo) {
  if (AllocationTracker::Counting()) GTEST_SKIP() << "built with --config=allocation-tracking";
  AllocationTracker tracker("blind");
  const auto object = std::make_unique<int>(1);
  EXPECT_EQ(tracker.Finish(), AllocationCounts());
  std::ostringstream out;
  tracker.Finish().Print(out);
  EXPECT_EQ(
      out.str(),
      "blind: 0 allocations, 0 frees, 0 live, 0 bytes (not counted: allocation hook not linked "
      "or off)\n");
}

TEST(AllocationTrackerWithoutHookTest, AnExpectationOfZeroFails) {
  if (AllocationTracker::Counting()) GTEST_SKIP() << "built with --config=allocation-tracking";
  EXPECT_NONFATAL_FAILURE(EXPECT_ALLOCATIONS(0, {}), "the allocation hook is not linked or off");
}

}  // namespace
}  // namespace blixard::memory
