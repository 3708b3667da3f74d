#include "scheduler/replicated/checkpoint_ring.h"

#include <gtest/gtest.h>

#include <vector>

namespace blixard::scheduler {
namespace {

Checkpoint CheckpointAt(uint64_t index) {
  return {.index = {index}, .digest = {.high = 0, .low = index * 10}};
}

TEST(CheckpointRingTest, IsTheFirstCommandEntryAtOrBeyondAMultiple) {
  const CheckpointRing ring(10);
  struct Case {
    uint64_t before, index;
    bool checkpoint;
  };
  for (const Case& c : std::vector<Case>{{0, 9, false},
                                         {0, 10, true},
                                         {9, 10, true},
                                         {9, 11, true},  // 10 was no command entry
                                         {10, 11, false},
                                         {11, 35, true},  // a long gap is one checkpoint
                                         {35, 39, false}}) {
    EXPECT_EQ(ring.IsCheckpoint({.before = {c.before}, .index = {c.index}}), c.checkpoint)
        << c.before << " to " << c.index;
  }
}

TEST(CheckpointRingTest, KeepsTheLatestAndForgetsTheOldest) {
  CheckpointRing ring(1);
  EXPECT_FALSE(ring.latest().has_value());
  EXPECT_FALSE(ring.FindDigest({0}).has_value());
  for (uint64_t index = 1; index <= CheckpointRing::kKept + 2; ++index) {
    ring.Add(CheckpointAt(index));
    EXPECT_EQ(ring.latest(), CheckpointAt(index));
  }
  EXPECT_FALSE(ring.FindDigest({2}).has_value());
  EXPECT_EQ(ring.FindDigest({3}), CheckpointAt(3).digest);
  EXPECT_EQ(ring.FindDigest({CheckpointRing::kKept + 2}),
            CheckpointAt(CheckpointRing::kKept + 2).digest);
}

TEST(CheckpointRingDeathTest, MisuseStopsTheProcess) {
  EXPECT_DEATH(CheckpointRing(0), "interval > 0");
  CheckpointRing ring(1);
  ring.Add(CheckpointAt(2));
  EXPECT_DEATH(ring.Add(CheckpointAt(2)), "latest");
}

}  // namespace
}  // namespace blixard::scheduler
