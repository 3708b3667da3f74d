#include "tests/memory_optimization/schedules/stress.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/protocol.h"

namespace blixard::memory::schedules {
namespace {

// Fails at the seeds from `first` on.
Explorer FailsFrom(uint64_t first) {
  return [first](const ExploreOptions& options) {
    ExploreResult result = {.schedules = options.schedules, .steps = 3 * options.schedules};
    const uint64_t end = options.seed + options.schedules;
    if (end <= first) return result;
    result.failed = true;
    result.seed = options.seed > first ? options.seed : first;
    return result;
  };
}
constexpr uint64_t kNever = UINT64_MAX;

Protocol Sound(std::string name) {
  return {.name = name, .claim = "holds", .explore = FailsFrom(kNever), .bugs = {}};
}

TEST(StressTest, RunsAtLeastAsManySchedulesAsAskedForEvenlySpread) {
  const auto results = RunStress({Sound("a"), Sound("b")}, {.schedules = 100'001, .jobs = 2});
  ASSERT_EQ(results.size(), 2u);
  for (const StressResult& result : results) {
    EXPECT_TRUE(result.passed());
    EXPECT_EQ(result.schedules, 50'001u);
    EXPECT_EQ(result.steps, 150'003u);
  }
}

TEST(StressTest, AFailureIsReportedWithTheLowestSeed) {
  Protocol broken = Sound("broken");
  broken.explore = FailsFrom(30'123);
  for (const int jobs : {1, 3}) {
    const auto results = RunStress({broken}, {.schedules = 100'000, .jobs = jobs});
    EXPECT_FALSE(results[0].passed());
    EXPECT_EQ(results[0].failure.seed, 30'123u);
  }
}

TEST(StressTest, AMissedBugFailsTheProtocol) {
  Protocol protocol = Sound("protocol");
  protocol.bugs = {{.name = "found", .explore = FailsFrom(1)},
                   {.name = "missed", .explore = FailsFrom(kNever)}};
  const auto results = RunStress({protocol}, {.schedules = 10, .jobs = 2});
  EXPECT_FALSE(results[0].passed());
  EXPECT_EQ(results[0].bugs, 2u);
  EXPECT_EQ(results[0].missed, std::vector<std::string>{"missed"});
}

TEST(StressTest, ProgressEndsAtAll) {
  uint64_t last = 0;
  uint64_t of = 0;
  StressOptions options = {.schedules = 50'000};
  options.progress = [&](uint64_t done, uint64_t all) {
    last = done;
    of = all;
  };
  RunStress({Sound("a")}, options);
  EXPECT_EQ(last, 50'000u);
  EXPECT_EQ(of, 50'000u);
}

}  // namespace
}  // namespace blixard::memory::schedules
