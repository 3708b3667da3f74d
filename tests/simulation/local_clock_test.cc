#include "tests/simulation/local_clock.h"

#include <gtest/gtest.h>

#include "tests/simulation/event_queue.h"

namespace blixard::raft {
namespace {

TEST(LocalClockTest, GoesWithTheWorldFromATimeOfItsOwn) {
  const LocalClock clock(7);
  EXPECT_EQ(clock.At(0), 7);
  EXPECT_EQ(clock.At(kSecond), kSecond + 7);
  EXPECT_EQ(clock.WhenItShows(kSecond + 7), kSecond);
  EXPECT_TRUE(clock.is_right());
}

TEST(LocalClockTest, ItsPaceChangesFromThenOnAndItNeverJumps) {
  LocalClock clock(0);
  clock.SetPace(kSecond, 2000);  // half as fast
  EXPECT_FALSE(clock.is_right());
  EXPECT_EQ(clock.At(kSecond), kSecond);
  EXPECT_EQ(clock.At(3 * kSecond), 2 * kSecond);
  clock.SetPace(3 * kSecond, 500);  // twice as fast
  EXPECT_EQ(clock.At(3 * kSecond), 2 * kSecond);
  EXPECT_EQ(clock.At(4 * kSecond), 4 * kSecond);
  EXPECT_EQ(clock.WhenItShows(4 * kSecond), 4 * kSecond);
}

TEST(LocalClockTest, ShowsATimeNotBeforeItIsSaidTo) {
  for (int64_t permille : {400, 930, 1070, 2500, 333}) {
    LocalClock clock(3);
    clock.SetPace(11, permille);
    for (VirtualTime local = 15; local < 2000; ++local) {
      const VirtualTime when = clock.WhenItShows(local);
      EXPECT_GE(clock.At(when), local) << permille;
      EXPECT_LT(clock.At(when - 1), local) << permille;
    }
  }
}

}  // namespace
}  // namespace blixard::raft
