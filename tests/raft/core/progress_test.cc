#include "raft/core/progress.h"

#include <gtest/gtest.h>

namespace blixard::raft {
namespace {

constexpr InflightLimits kLimits{.max_messages = 2, .max_bytes = 1000};

// Of a leader whose log ended at 10 when its term began.
Progress Probing() {
  Progress progress(kLimits, 100);
  progress.BeginTerm(LogIndex{10});
  return progress;
}

Progress Replicating(LogIndex match) {
  Progress progress = Probing();
  progress.OnAccepted(match, LogIndex{0});
  return progress;
}

TEST(ProgressTest, BeginsWithTheGuessThatThePeerHasAll) {
  const Progress progress = Probing();
  EXPECT_EQ(progress.state(), ProgressState::kProbe);
  EXPECT_EQ(progress.match(), LogIndex{0});
  EXPECT_EQ(progress.next(), LogIndex{11});
  EXPECT_EQ(progress.Paused(), PauseReason::kNone);
}

TEST(ProgressTest, ProbeWaitsForItsAnswer) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_NE(progress.Paused(), PauseReason::kNone);
  EXPECT_EQ(progress.next(), LogIndex{11});  // it may have to be sent again
  EXPECT_EQ(progress.inflights().count(), 0u);
  EXPECT_DEATH(progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3}), "probe_sent_");
}

TEST(ProgressTest, AcceptedProbeStartsReplication) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_TRUE(progress.OnAccepted(LogIndex{11}, LogIndex{0}));
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
  EXPECT_EQ(progress.match(), LogIndex{11});
  EXPECT_EQ(progress.next(), LogIndex{12});
  EXPECT_EQ(progress.Paused(), PauseReason::kNone);
}

TEST(ProgressTest, RefusedProbeGoesBackToTheHint) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_TRUE(progress.OnRefused(
      {.session = progress.session(), .rejected = LogIndex{10}, .hint = LogIndex{4}}));
  EXPECT_EQ(progress.next(), LogIndex{5});
  EXPECT_EQ(progress.Paused(), PauseReason::kNone);
}

TEST(ProgressTest, EveryRefusalGoesBackAtLeastOne) {
  Progress progress = Probing();
  EXPECT_TRUE(progress.OnRefused(
      {.session = progress.session(), .rejected = LogIndex{10}, .hint = LogIndex{10}}));
  EXPECT_EQ(progress.next(), LogIndex{10});
}

TEST(ProgressTest, RefusalOfAnOlderProbeIsIgnored) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  EXPECT_FALSE(progress.OnRefused(
      {.session = progress.session(), .rejected = LogIndex{7}, .hint = LogIndex{4}}));
  EXPECT_EQ(progress.next(), LogIndex{11});
  EXPECT_NE(progress.Paused(), PauseReason::kNone);
}

TEST(ProgressTest, ReplicationRunsAheadUntilTheWindowIsFull) {
  Progress progress = Replicating(LogIndex{10});
  progress.OnAppendSent(LogIndex{12}, 50, LogIndex{3});
  EXPECT_EQ(progress.next(), LogIndex{13});
  EXPECT_EQ(progress.Paused(), PauseReason::kNone);
  progress.OnAppendSent(LogIndex{13}, 50, LogIndex{3});
  EXPECT_NE(progress.Paused(), PauseReason::kNone);
  EXPECT_TRUE(progress.OnAccepted(LogIndex{12}, LogIndex{0}));
  EXPECT_EQ(progress.Paused(), PauseReason::kNone);
  EXPECT_FALSE(progress.OnAccepted(LogIndex{11}, LogIndex{0}));  // late
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
  EXPECT_TRUE(progress.OnRefused(
      {.session = progress.session(), .rejected = LogIndex{12}, .hint = LogIndex{11}}));
  EXPECT_EQ(progress.state(), ProgressState::kProbe);
  EXPECT_EQ(progress.next(), LogIndex{11});
  EXPECT_EQ(progress.match(), LogIndex{10});
  EXPECT_EQ(progress.inflights().count(), 0u);
  EXPECT_EQ(progress.sent_commit(), LogIndex{10});  // what it was told beyond is told again
}

Progress::Refusal Refused(const Progress& progress, uint64_t rejected, uint64_t hint) {
  return {.session = progress.session(), .rejected = LogIndex{rejected}, .hint = LogIndex{hint}};
}

TEST(ProgressTest, PeerThatDeniesItsMatchTwiceHasLostData) {
  Progress progress = Replicating(LogIndex{10});
  EXPECT_TRUE(progress.OnRefused(Refused(progress, 10, 3)));
  EXPECT_FALSE(progress.lost_data());  // that refusal may have been on its way since before
  EXPECT_EQ(progress.match(), LogIndex{10});
  EXPECT_EQ(progress.next(), LogIndex{11});
  progress.OnAppendSent(LogIndex{10}, 0, LogIndex{3});
  EXPECT_TRUE(progress.OnRefused(Refused(progress, 10, 3)));
  EXPECT_TRUE(progress.lost_data());
  EXPECT_EQ(progress.match(), LogIndex{0});
  EXPECT_EQ(progress.next(), LogIndex{4});
  EXPECT_TRUE(progress.OnAccepted(LogIndex{11}, LogIndex{0}));
  EXPECT_EQ(progress.match(), LogIndex{11});
  EXPECT_TRUE(progress.lost_data());  // what it forgot besides the log stays forgotten
}

TEST(ProgressTest, RefusalOfAnEarlierSessionProvesNothing) {
  Progress progress = Replicating(LogIndex{10});
  const Progress::Refusal late = Refused(progress, 10, 3);
  EXPECT_TRUE(progress.OnRefused(late));
  EXPECT_FALSE(progress.OnRefused(late));
  EXPECT_FALSE(progress.lost_data());
  EXPECT_EQ(progress.match(), LogIndex{10});
}

TEST(ProgressTest, KnowsItsOwnSessionsOnly) {
  Progress progress = Probing();
  EXPECT_FALSE(progress.Knows(99));
  EXPECT_TRUE(progress.Knows(100));
  EXPECT_TRUE(progress.Knows(progress.session()));
  EXPECT_FALSE(progress.Knows(progress.session() + 1));
}

TEST(ProgressTest, SnapshotStopsEverythingUntilItIsAcknowledged) {
  Progress progress = Probing();
  progress.OnSnapshotSent(LogIndex{50});
  EXPECT_EQ(progress.state(), ProgressState::kSnapshot);
  EXPECT_EQ(progress.Paused(), PauseReason::kSnapshotPending);
  EXPECT_FALSE(progress.OnRefused(Refused(progress, 10, 3)));
  progress.OnHeartbeatAnswered();
  progress.ProbeAgain();
  progress.OnUnreachable();
  EXPECT_EQ(progress.Paused(), PauseReason::kSnapshotPending);
  progress.OnAccepted(LogIndex{7}, LogIndex{20});  // an answer to an old append
  EXPECT_EQ(progress.state(), ProgressState::kSnapshot);
  EXPECT_TRUE(progress.OnAccepted(LogIndex{50}, LogIndex{20}));
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
  EXPECT_EQ(progress.next(), LogIndex{51});
}

TEST(ProgressTest, SnapshotIsNotNeededBehindTheLeadersBase) {
  Progress progress = Probing();
  progress.OnSnapshotSent(LogIndex{50});
  EXPECT_TRUE(progress.OnAccepted(LogIndex{20}, LogIndex{20}));
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
  EXPECT_EQ(progress.next(), LogIndex{21});
}

TEST(ProgressTest, ReportedSnapshotIsFollowedByAProbeThatWaits) {
  for (bool delivered : {false, true}) {
    SCOPED_TRACE(delivered);
    Progress progress = Probing();
    progress.OnSnapshotReported(delivered);  // none is on its way
    EXPECT_EQ(progress.next(), LogIndex{11});
    progress.OnSnapshotSent(LogIndex{50});
    progress.OnSnapshotReported(delivered);
    EXPECT_EQ(progress.state(), ProgressState::kProbe);
    EXPECT_EQ(progress.next(), LogIndex{delivered ? 51u : 1u});
    EXPECT_EQ(progress.Paused(), PauseReason::kProbeUnanswered);
    progress.OnHeartbeatAnswered();
    EXPECT_EQ(progress.Paused(), PauseReason::kNone);
  }
}

TEST(ProgressTest, PeerWithoutConfigurationWantsASnapshot) {
  Progress progress = Probing();
  Progress::Refusal refusal = Refused(progress, 10, 0);
  refusal.wants_snapshot = true;
  EXPECT_TRUE(progress.OnRefused(refusal));
  EXPECT_TRUE(progress.WantsSnapshot());
  EXPECT_FALSE(progress.lost_data());
  progress.OnSnapshotSent(LogIndex{0});
  EXPECT_FALSE(progress.WantsSnapshot());
  progress.OnAccepted(LogIndex{0}, LogIndex{0});
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
}

TEST(ProgressTest, PeerWithoutConfigurationThatDeniesItsMatchTwiceHasLostData) {
  Progress progress = Replicating(LogIndex{10});
  Progress::Refusal refusal = Refused(progress, 10, 0);
  refusal.wants_snapshot = true;
  EXPECT_TRUE(progress.OnRefused(refusal));
  EXPECT_FALSE(progress.lost_data());  // that refusal may be older than the acknowledgement
  EXPECT_EQ(progress.match(), LogIndex{10});
  EXPECT_TRUE(progress.MustAsk());
  EXPECT_FALSE(progress.OnRefused(refusal)) << "and so may this one";
  progress.OnAppendSent(LogIndex{10}, 0, LogIndex{3});
  refusal.session = progress.session();
  EXPECT_TRUE(progress.OnRefused(refusal));
  EXPECT_TRUE(progress.lost_data());
  EXPECT_EQ(progress.match(), LogIndex{0});
}

// Simulated: an append overtook the message that tells how the group began, was refused, and the
// refusal was overtaken by the acknowledgement of its repetition.
TEST(ProgressTest, ARefusalThatAnAcknowledgementOvertookIsNoLoss) {
  Progress progress = Probing();
  progress.OnSnapshotSent(LogIndex{0});
  progress.OnSnapshotReported(/*delivered=*/true);
  Progress::Refusal late = Refused(progress, 0, 0);
  late.wants_snapshot = true;
  progress.OnHeartbeatAnswered();
  progress.OnAppendSent(LogIndex{9}, 50, LogIndex{3});
  EXPECT_TRUE(progress.OnAccepted(LogIndex{9}, LogIndex{0}));
  progress.OnRefused(late);
  EXPECT_FALSE(progress.lost_data());
  EXPECT_EQ(progress.match(), LogIndex{9});
  progress.OnAccepted(LogIndex{9}, LogIndex{0});
  EXPECT_EQ(progress.state(), ProgressState::kReplicate);
}

// A refusal may take longer than a heartbeat interval.
TEST(ProgressTest, HeartbeatsDoNotMakeARefusalStale) {
  Progress progress = Replicating(LogIndex{10});
  progress.ProbeAgain();
  progress.OnAppendSent(LogIndex{10}, 0, LogIndex{3});
  const Progress::Refusal refusal = Refused(progress, 10, 3);
  progress.ProbeAgain();
  EXPECT_TRUE(progress.OnRefused(refusal));
}

TEST(ProgressTest, AnsweredHeartbeatWakesAProbe) {
  Progress progress = Probing();
  progress.OnAppendSent(LogIndex{11}, 50, LogIndex{3});
  progress.OnHeartbeatAnswered();
  EXPECT_EQ(progress.Paused(), PauseReason::kNone);
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
  EXPECT_NE(progress.Paused(), PauseReason::kNone);
}

}  // namespace
}  // namespace blixard::raft
