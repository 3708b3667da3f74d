#include "raft/core/heartbeat_rounds.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace blixard::raft {
namespace {

// As many as HeartbeatRounds remembers.
constexpr uint64_t kRemembered = 64;

TEST(HeartbeatRoundsTest, CountsFromOneAndNeverTwice) {
  HeartbeatRounds rounds;
  EXPECT_EQ(rounds.last(), 0u);
  EXPECT_EQ(rounds.Begin(10), 1u);
  EXPECT_EQ(rounds.Begin(10), 2u);
  EXPECT_EQ(rounds.last(), 2u);
}

TEST(HeartbeatRoundsTest, KnowsWhenARoundWasSent) {
  HeartbeatRounds rounds;
  rounds.Begin(10);
  rounds.Begin(13);
  EXPECT_EQ(rounds.SentAt(1), 10u);
  EXPECT_EQ(rounds.SentAt(2), 13u);
}

TEST(HeartbeatRoundsTest, RoundThatNeverBeganWasSentLongAgo) {
  HeartbeatRounds rounds;
  EXPECT_EQ(rounds.SentAt(0), 0u);
  EXPECT_EQ(rounds.SentAt(1), 0u);
  rounds.Begin(10);
  EXPECT_EQ(rounds.SentAt(0), 0u);
  EXPECT_EQ(rounds.SentAt(2), 0u);
  EXPECT_EQ(rounds.SentAt(UINT64_MAX), 0u);
}

// A lease measured from a forgotten round must look too old, never too fresh.
TEST(HeartbeatRoundsTest, ForgottenRoundIsNotTakenForTheOneInItsPlace) {
  HeartbeatRounds rounds;
  const uint64_t first = rounds.Begin(100);
  for (uint64_t i = 1; i < kRemembered; ++i) rounds.Begin(100 + i);
  EXPECT_EQ(rounds.SentAt(first), 100u);
  rounds.Begin(200);
  EXPECT_EQ(rounds.SentAt(first), 0u);
  EXPECT_EQ(rounds.SentAt(first + 1), 101u);
  EXPECT_EQ(rounds.SentAt(rounds.last()), 200u);
}

}  // namespace
}  // namespace blixard::raft
