#include "raft/core/progress.h"

#include <gtest/gtest.h>

namespace blixard::raft {
namespace {

constexpr InflightLimits kLimits{.max_messages = 2, .max_bytes = 1000};

// Of a leader whose log ended at 10 when its term began.
Progress Probing() {
  Progress progress(kLimits);
  progress.BeginTerm(LogIndex{10});
  return progress;
}

Progress Replicating(LogIndex match) {
  Progress progress = Probing();
  progress.OnAccepted(match);
  return progress;
}

TEST(ProgressTest, BeginsWithTheGuessThatThePeerHasAll) {
  const Progress progress = Probing();
  EXPECT_EQ(progress.state(), ProgressState::kProbe);
  EXPECT_EQ(progress.match(), LogIndex{0});
  EXPECT_EQ(progress.next(), LogIndex{11});
  EXPECT_FALSE(progress.Paused());
}

TEST(ProgressTest, ProbeWaitsForItsAnswer) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_TRUE(progress.Paused());
  EXPECT_EQ(progress.next(), LogIndex{11});  // it may have to be sent again
  EXPECT_EQ(progress.inflights().count(), 0u);
  EXPECT_DEATH(progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3}), "probe_sent_");
}

TEST(ProgressTest, AcceptedProbeStartsReplication) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_TRUE(progress.OnAccepted(LogIndex{11}));
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
  EXPECT_EQ(progress.match(), LogIndex{11});
  EXPECT_EQ(progress.next(), LogIndex{12});
  EXPECT_FALSE(progress.Paused());
}

TEST(ProgressTest, RefusedProbeGoesBackToTheHint) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_TRUE(progress.OnRejected({.rejected = LogIndex{10}, .hint = LogIndex{4}}));
  EXPECT_EQ(progress.next(), LogIndex{5});
  EXPECT_FALSE(progress.Paused());
}

TEST(ProgressTest, EveryRefusalGoesBackAtLeastOne) {
  Progress progress = Probing();
  EXPECT_TRUE(progress.OnRejected({.rejected = LogIndex{10}, .hint = LogIndex{10}}));
  EXPECT_EQ(progress.next(), LogIndex{10});
}

TEST(ProgressTest, RefusalOfAnOlderProbeIsIgnored) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_FALSE(progress.OnRejected({.rejected = LogIndex{7}, .hint = LogIndex{4}}));
  EXPECT_EQ(progress.next(), LogIndex{11});
  EXPECT_TRUE(progress.Paused());
}

TEST(ProgressTest, ReplicationRunsAheadUntilTheWindowIsFull) {
  Progress progress = Replicating(LogIndex{10});
  progress.OnAppendSent(LogIndex{12}, 50, LogIndex{3});
  EXPECT_EQ(progress.next(), LogIndex{13});
  EXPECT_FALSE(progress.Paused());
  progress.OnAppendSent(LogIndex{13}, 50, LogIndex{3});
  EXPECT_TRUE(progress.Paused());
  EXPECT_TRUE(progress.OnAccepted(LogIndex{12}));
  EXPECT_FALSE(progress.Paused());
  EXPECT_FALSE(progress.OnAccepted(LogIndex{11}));  // late
  EXPECT_EQ(progress.match(), LogIndex{12});
}

TEST(ProgressTest, EmptyAppendTakesNoPlaceInTheWindow) {
  Progress progress = Replicating(LogIndex{10});
  progress.OnAppendSent(LogIndex{10}, 0, LogIndex{9});
  EXPECT_EQ(progress.inflights().count(), 0u);
  EXPECT_EQ(progress.sent_commit(), LogIndex{9});
}

TEST(ProgressTest, ToldCommitIsNoMoreThanWhatTheAppendReaches) {
  Progress progress = Replicating(LogIndex{4});
  progress.OnAppendSent(LogIndex{6}, 50, LogIndex{9});
  EXPECT_EQ(progress.sent_commit(), LogIndex{6});
}

TEST(ProgressTest, RefusedReplicationProbesBehindTheMatch) {
  Progress progress = Replicating(LogIndex{10});
  progress.OnAppendSent(LogIndex{12}, 50, LogIndex{12});
  EXPECT_TRUE(progress.OnRejected({.rejected = LogIndex{12}, .hint = LogIndex{11}}));
  EXPECT_EQ(progress.state(), ProgressState::kProbe);
  EXPECT_EQ(progress.next(), LogIndex{11});
  EXPECT_EQ(progress.match(), LogIndex{10});
  EXPECT_EQ(progress.inflights().count(), 0u);
  EXPECT_EQ(progress.sent_commit(), LogIndex{10});  // what it was told beyond is told again
}

TEST(ProgressTest, PeerBehindItsMatchIsNotBelievedAnyMore) {
  Progress progress = Replicating(LogIndex{10});
  EXPECT_TRUE(progress.OnRejected({.rejected = LogIndex{10}, .hint = LogIndex{3}}));
  EXPECT_EQ(progress.match(), LogIndex{0});
  EXPECT_EQ(progress.next(), LogIndex{4});
  EXPECT_TRUE(progress.OnAccepted(LogIndex{11}));
  EXPECT_EQ(progress.match(), LogIndex{11});
}

TEST(ProgressTest, AnsweredHeartbeatWakesAProbe) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  progress.OnHeartbeatAnswered();
  EXPECT_FALSE(progress.Paused());
}

TEST(ProgressTest, AnsweredHeartbeatAsksAfterWhatIsOutstanding) {
  Progress progress = Replicating(LogIndex{10});
  progress.OnHeartbeatAnswered();
  EXPECT_FALSE(progress.MustAsk());
  progress.OnAppendSent(LogIndex{12}, 50, LogIndex{3});
  progress.OnHeartbeatAnswered();
  EXPECT_TRUE(progress.MustAsk());
  progress.OnAppendSent(LogIndex{12}, 0, LogIndex{3});
  EXPECT_FALSE(progress.MustAsk());
}

TEST(ProgressTest, UnreachablePeerIsProbedOnce) {
  Progress progress = Replicating(LogIndex{10});
  progress.OnAppendSent(LogIndex{12}, 50, LogIndex{3});
  progress.OnUnreachable();
  EXPECT_EQ(progress.state(), ProgressState::kProbe);
  EXPECT_EQ(progress.next(), LogIndex{11});
  progress.OnAppendSent(LogIndex{12}, 50, LogIndex{3});
  progress.OnUnreachable();
  EXPECT_TRUE(progress.Paused());
}

}  // namespace
}  // namespace blixard::raft
