#include "raft/runtime/tick_grid.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace blixard::raft {
namespace {

using std::chrono::nanoseconds;
using TimePoint = TickGrid::TimePoint;

constexpr nanoseconds kTick{80};

TimePoint At(int64_t time) { return TimePoint(nanoseconds(time)); }

TEST(TickGridTest, MomentsAreOneTickApart) {
  for (uint64_t id = 1; id <= 9; ++id) {
    const TickGrid grid(ReplicaId{id}, kTick);
    const TimePoint first = grid.AtOrAfter(At(1'000'003));
    EXPECT_EQ(grid.AtOrAfter(first), first);
    EXPECT_EQ(grid.AtOrAfter(first + nanoseconds(1)), first + kTick);
    EXPECT_EQ(grid.AtOrAfter(first - nanoseconds(1)), first);
    EXPECT_EQ(grid.AtOrAfter(first - kTick), first - kTick);
  }
}

TEST(TickGridTest, NeverBeforeNorATickLater) {
  const TickGrid grid(ReplicaId{5}, kTick);
  for (int64_t time = 0; time < 400; ++time) {
    const TimePoint moment = grid.AtOrAfter(At(time));
    EXPECT_GE(moment, At(time));
    EXPECT_LT(moment, At(time) + kTick);
  }
}

TEST(TickGridTest, GroupsOfOneReplicaIdShareThemAndOthersDoNot) {
  std::set<TimePoint> moments;
  for (uint64_t id = 1; id <= 3; ++id) {
    const TimePoint moment = TickGrid(ReplicaId{id}, kTick).AtOrAfter(At(800));
    EXPECT_EQ(TickGrid(ReplicaId{id}, kTick).AtOrAfter(At(800)), moment);
    EXPECT_TRUE(moments.insert(moment).second) << "replica " << id;
  }
}

}  // namespace
}  // namespace blixard::raft
