#include "raft/core/fixed_ring.h"

#include <gtest/gtest.h>

#include <memory>

namespace blixard::raft {
namespace {

TEST(FixedRingTest, GivesBackInTheOrderOfArrival) {
  FixedRing<int, 3> ring;
  EXPECT_TRUE(ring.empty());
  for (int i = 1; i <= 3; ++i) ring.push_back(i);
  EXPECT_EQ(ring.size(), 3u);
  EXPECT_EQ(ring.front(), 1);
  EXPECT_EQ(ring[2], 3);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(ring.pop_front(), i);
  EXPECT_TRUE(ring.empty());
}

TEST(FixedRingTest, GoesRoundManyTimes) {
  FixedRing<int, 3> ring;
  ring.push_back(0);
  for (int i = 1; i < 20; ++i) {
    ring.push_back(i);
    EXPECT_EQ(ring[0], i - 1);
    EXPECT_EQ(ring[1], i);
    EXPECT_EQ(ring.pop_front(), i - 1);
  }
  EXPECT_EQ(ring.size(), 1u);
}

TEST(FixedRingTest, ElementsMayBeChangedInPlace) {
  FixedRing<int, 2> ring;
  ring.push_back(1);
  ring.push_back(2);
  ring[1] = 5;
  ring.front() = 4;
  EXPECT_EQ(ring.pop_front(), 4);
  EXPECT_EQ(ring.pop_front(), 5);
}

TEST(FixedRingTest, TakesWhatCanOnlyBeMoved) {
  FixedRing<std::unique_ptr<int>, 1> ring;
  ring.push_back(std::make_unique<int>(7));
  EXPECT_EQ(*ring.pop_front(), 7);
}

TEST(FixedRingTest, NoMoreThanFitsIsTaken) {
  FixedRing<int, 2> ring;
  ring.push_back(1);
  EXPECT_FALSE(ring.full());
  ring.push_back(2);
  EXPECT_TRUE(ring.full());
  EXPECT_DEATH(ring.push_back(3), "full");
}

TEST(FixedRingTest, WhatIsNotThereCannotBeReached) {
  FixedRing<int, 2> ring;
  EXPECT_DEATH(ring.front(), "position");
  EXPECT_DEATH(ring.pop_front(), "position");
  ring.push_back(1);
  EXPECT_EQ(ring[0], 1);
  EXPECT_DEATH(ring[1], "position");
}

}  // namespace
}  // namespace blixard::raft
