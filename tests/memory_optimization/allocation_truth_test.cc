// The tracker against a counter that shares nothing with it, on the same seeded load.
#include <gtest/gtest.h>

#include <string>

#include "tests/memory_optimization/program_output.h"

namespace blixard::memory {
namespace {

constexpr char kHooked[] = "tests/memory_optimization/truth_load_hooked ";
constexpr char kPlain[] =
    "LD_PRELOAD=$PWD/tests/memory_optimization/independent_counter.so "
    "tests/memory_optimization/truth_load_plain ";

void ExpectTheSame(const std::string& arguments, const std::string& environment) {
  const ProgramOutput tracked = RunProgram(environment + " " + kHooked + arguments);
  const ProgramOutput counted = RunProgram(kPlain + arguments);
  ASSERT_EQ(tracked.status, 0);
  ASSERT_EQ(counted.status, 0);
  if (counted.text == "0 0 0\n") GTEST_SKIP() << "built with --config=allocation-tracking";
  EXPECT_EQ(tracked.text, counted.text) << "truth_load " << arguments;
  EXPECT_GT(counted.text.size(), 10u);
}

TEST(AllocationTruthTest, CountsAndBytesEqualAnIndependentCounter) {
  for (const char* seed : {"1", "2", "3"}) {
    ExpectTheSame(std::string(seed) + " 1", "");
    ExpectTheSame(std::string(seed) + " 4", "");
  }
}

TEST(AllocationTruthTest, TrackingSitesDoesNotChangeTheCounts) {
  ExpectTheSame("4 3", "BLIXARD_TRACK_ALLOCATION_SITES=all");
  ExpectTheSame("5 3", "BLIXARD_TRACK_ALLOCATION_SITES=sampled:1000");
}

TEST(AllocationTruthTest, OffCountsNothing) {
  EXPECT_EQ(RunProgram(std::string("BLIXARD_TRACK_ALLOCATION_SITES=off ") + kHooked + "1 2").text,
            "0 0 0\n");
}

}  // namespace
}  // namespace blixard::memory
