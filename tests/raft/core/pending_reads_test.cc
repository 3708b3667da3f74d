#include "raft/core/pending_reads.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace blixard::raft {
namespace {

constexpr ReplicaId kAsker{2};

TEST(LeaderReadsTest, ReadWaitsForARoundThatBeginsAfterIt) {
  LeaderReads reads(8);
  EXPECT_FALSE(reads.HasUnstarted());
  reads.Add(kAsker, ReadToken{5});
  EXPECT_TRUE(reads.HasUnstarted());
  EXPECT_EQ(reads.CountConfirmed(100), 0u);
  reads.Start(3, LogIndex{7});
  EXPECT_FALSE(reads.HasUnstarted());
  ASSERT_EQ(reads.reads().size(), 1u);
  EXPECT_EQ(reads.reads()[0].from, kAsker);
  EXPECT_EQ(reads.reads()[0].token, ReadToken{5});
  EXPECT_EQ(reads.reads()[0].index, LogIndex{7});
  EXPECT_EQ(reads.CountConfirmed(2), 0u);
  EXPECT_EQ(reads.CountConfirmed(3), 1u);
}

TEST(LeaderReadsTest, LaterRoundConfirmsEarlierReadsButNotTheReverse) {
  LeaderReads reads(8);
  reads.Add(kAsker, ReadToken{1});
  reads.Add(kAsker, ReadToken{2});
  reads.Start(3, LogIndex{7});
  reads.Add(kAsker, ReadToken{3});
  reads.Start(5, LogIndex{9});
  reads.Add(kAsker, ReadToken{4});
  EXPECT_EQ(reads.CountConfirmed(4), 2u);
  EXPECT_EQ(reads.CountConfirmed(5), 3u);
  EXPECT_EQ(reads.CountConfirmed(99), 3u);
  EXPECT_EQ(reads.reads()[1].index, LogIndex{7});  // not moved by the later round
  EXPECT_EQ(reads.reads()[2].index, LogIndex{9});
}

TEST(LeaderReadsTest, WhatIsDroppedIsStartedAndTheRestKeepsWaiting) {
  LeaderReads reads(8);
  for (uint64_t token = 1; token <= 2; ++token) reads.Add(kAsker, ReadToken{token});
  reads.Start(1, LogIndex{1});
  reads.Add(kAsker, ReadToken{3});
  reads.DropFront(2);
  ASSERT_EQ(reads.reads().size(), 1u);
  EXPECT_EQ(reads.reads()[0].token, ReadToken{3});
  EXPECT_TRUE(reads.HasUnstarted());
  EXPECT_DEATH(reads.DropFront(1), "started_");
}

TEST(LeaderReadsTest, ClearForgetsAllOfThem) {
  LeaderReads reads(8);
  reads.Add(kAsker, ReadToken{1});
  reads.Start(1, LogIndex{1});
  reads.Add(kAsker, ReadToken{2});
  reads.Clear();
  EXPECT_TRUE(reads.reads().empty());
  EXPECT_FALSE(reads.HasUnstarted());
  reads.Add(kAsker, ReadToken{3});
  EXPECT_TRUE(reads.HasUnstarted());
}

TEST(LeaderReadsTest, AreBounded) {
  LeaderReads reads(1);
  EXPECT_FALSE(reads.full());
  reads.Add(kAsker, ReadToken{1});
  EXPECT_TRUE(reads.full());
  EXPECT_DEATH(reads.Add(kAsker, ReadToken{2}), "1 reads wait already");
}

TEST(LeaderReadsTest, RoundsNeverGoBack) {
  LeaderReads reads(8);
  reads.Add(kAsker, ReadToken{1});
  reads.Start(5, LogIndex{1});
  reads.Add(kAsker, ReadToken{2});
  EXPECT_DEATH(reads.Start(4, LogIndex{1}), "round");
  reads.Start(5, LogIndex{1});
  EXPECT_EQ(reads.CountConfirmed(5), 2u);
}

TEST(ForwardedReadsTest, AnswerFindsItsReadOnce) {
  ForwardedReads reads(8);
  for (uint64_t token = 1; token <= 3; ++token) reads.Add(ReadToken{token}, 10);
  EXPECT_FALSE(reads.Take(ReadToken{9}));
  EXPECT_TRUE(reads.Take(ReadToken{2}));
  EXPECT_FALSE(reads.Take(ReadToken{2}));
  EXPECT_TRUE(reads.Take(ReadToken{1}));
  EXPECT_TRUE(reads.Take(ReadToken{3}));
  EXPECT_TRUE(reads.empty());
}

TEST(ForwardedReadsTest, OnlyWhatIsOldEnoughIsGivenUpOldestFirst) {
  ForwardedReads reads(8);
  EXPECT_EQ(reads.TakeAddedBy(100), std::nullopt);
  reads.Add(ReadToken{1}, 10);
  reads.Add(ReadToken{2}, 11);
  EXPECT_EQ(reads.TakeAddedBy(9), std::nullopt);
  EXPECT_EQ(reads.TakeAddedBy(10), ReadToken{1});
  EXPECT_EQ(reads.TakeAddedBy(10), std::nullopt);
  EXPECT_EQ(reads.TakeAddedBy(11), ReadToken{2});
  EXPECT_TRUE(reads.empty());
}

TEST(ForwardedReadsTest, AreBounded) {
  ForwardedReads reads(1);
  reads.Add(ReadToken{1}, 10);
  EXPECT_TRUE(reads.full());
  EXPECT_DEATH(reads.Add(ReadToken{2}, 10), "1 reads wait already");
  ASSERT_TRUE(reads.Take(ReadToken{1}));
  EXPECT_FALSE(reads.full());
}

TEST(ForwardedReadsTest, TimeNeverGoesBack) {
  ForwardedReads reads(8);
  reads.Add(ReadToken{1}, 10);
  reads.Add(ReadToken{2}, 10);
  EXPECT_DEATH(reads.Add(ReadToken{3}, 9), "now");
}

}  // namespace
}  // namespace blixard::raft
