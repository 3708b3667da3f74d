#include "tests/simulation/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace blixard::raft {
namespace {

Places UpTo(size_t count) {
  Places places(count);
  std::iota(places.begin(), places.end(), 0);
  return places;
}

bool Has(const Places& places, size_t place) {
  return std::find(places.begin(), places.end(), place) != places.end();
}

TEST(ShrinkTest, KeepsExactlyWhatTheFailureNeeds) {
  const auto fails = [](const Places& places) { return Has(places, 3) && Has(places, 77); };
  EXPECT_EQ(Shrink(UpTo(100), fails, 1000), (Places{3, 77}));
}

TEST(ShrinkTest, AFailureThatNeedsNothingShrinksToNothing) {
  EXPECT_EQ(Shrink(
                UpTo(9), [](const Places&) { return true; }, 1000),
            Places{});
}

TEST(ShrinkTest, AFailureThatNeedsAllStaysWhole) {
  const auto fails = [](const Places& places) { return places.size() == 9; };
  EXPECT_EQ(Shrink(UpTo(9), fails, 1000), UpTo(9));
}

TEST(ShrinkTest, WhatIsReturnedFailsEvenWhenRunsAreShort) {
  for (size_t runs = 0; runs < 30; ++runs) {
    const auto fails = [](const Places& places) { return Has(places, 5) && Has(places, 6); };
    EXPECT_TRUE(fails(Shrink(UpTo(40), fails, runs))) << runs;
  }
}

}  // namespace
}  // namespace blixard::raft
