// Known bugs of leases, by row (see raft_scenarios_test.cc).
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

TEST(LeadershipScenariosTest, S10_LeasesAreOffByDefault) {
  DrivenNode node(3);
  LeadAndCommit(node);
  Beat(node);
  EXPECT_FALSE(node->LeaseRead().has_value());
}

// sofa-jraft #25, tikv #964.
TEST(LeadershipScenariosTest, S10_LeaseEndsBeforeAnybodyElseCanBeElected) {
  DrivenNode node(WithLease(), 3);
  LeadAndCommit(node);
  EXPECT_FALSE(node->LeaseRead().has_value());  // nobody has answered a heartbeat
  Beat(node);
  EXPECT_EQ(node->LeaseRead(), LogIndex{1});
  int ticks = 0;
  while (node->LeaseRead().has_value() && ticks < 100) node->Tick(), ++ticks;
  EXPECT_EQ(ticks, 7);  // election_ticks - clock_error_ticks - 2, and one to pass it
  Beat(node);
  EXPECT_TRUE(node->LeaseRead().has_value());
}

// Ticks that are not made up for have passed all the same.
TEST(LeadershipScenariosTest, S10_LeaseEndsWhileTheLeaderIsHeldUp) {
  DrivenNode node(WithLease(), 3);
  LeadAndCommit(node);
  Beat(node);
  const uint64_t now = kFreeOfPromises + 1;  // Beat ticks once
  node->ClockIsAt(now + 6);
  EXPECT_TRUE(node->LeaseRead().has_value());
  node->ClockIsAt(now + 7);  // election_ticks - clock_error_ticks - 2, and one to pass it
  EXPECT_FALSE(node->LeaseRead().has_value());
  node->ClockIsAt(now);  // never goes back
  EXPECT_FALSE(node->LeaseRead().has_value());
  Beat(node);
  EXPECT_TRUE(node->LeaseRead().has_value());
}

TEST(LeadershipScenariosTest, S10_AnswerToARoundFromBeforeAStallRenewsNothing) {
  DrivenNode node(WithLease(), 3);
  LeadAndCommit(node);
  Beat(node);
  node->Tick();
  node.Work();  // a round is out
  node->ClockIsAt(100);
  Message late = From({.replica = 2}, MessageType::kHeartbeatReply);
  late.context = node.RoundOf(2);
  node.Take(late);
  EXPECT_FALSE(node->LeaseRead().has_value());
}

// etcd #12704.
TEST(LeadershipScenariosTest, S10_LeaseDoesNotSurviveATransfer) {
  DrivenNode node(WithLease(), 3);
  LeadAndCommit(node);
  Beat(node);
  ASSERT_TRUE(node->LeaseRead().has_value());
  ASSERT_TRUE(node->TransferLeader(ReplicaId{2}).ok());
  ASSERT_TRUE(node->TransferLeader(ReplicaId{1}).ok());  // too late: it may campaign any time
  Beat(node);
  EXPECT_FALSE(node->LeaseRead().has_value());
}

TEST(LeadershipScenariosTest, S10_RestartedReplicaKeepsThePromiseItMayHaveMade) {
  DrivenNode node(WithLease(), LogOf(3, InTerm(Term{4}), {}));
  EXPECT_TRUE(node.Take(From({.term = 9}, MessageType::kVote)).empty());
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kFollower);
  for (int tick = 0; tick < 11; ++tick) node->Tick();
  EXPECT_FALSE(node.Take(From({.term = 9}, MessageType::kVote)).empty());
}

// The answer that confirms a lease leaves before the term is stored.
TEST(LeadershipScenariosTest, S10_ReplicaThatStoredNoTermMayHavePromised) {
  DrivenNode node(WithLease(), 3);
  EXPECT_TRUE(node.Take(From({.term = 2}, MessageType::kVote)).empty());
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kFollower);
  for (uint64_t tick = 0; tick < kFreeOfPromises; ++tick) node->Tick();
  const std::vector<Message> answers = node.Take(From({.term = 2}, MessageType::kVote));
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers.back().type, MessageType::kVoteReply);
  EXPECT_FALSE(answers.back().reject);
}

// Replica 1, which has confirmed a round of leader 2 in term 1 right now.
DrivenNode Promised() {
  DrivenNode node(WithLease(), 3);
  for (uint64_t tick = 0; tick < kFreeOfPromises; ++tick) node->Tick();
  Message heartbeat = From({.replica = 2, .term = 1}, MessageType::kHeartbeat);
  heartbeat.context = 1;
  EXPECT_EQ(node.Take(std::move(heartbeat)).back().context, 1u);
  return node;
}

bool VotesFor(DrivenNode& node, const Sender& candidate, MessageType type, bool force) {
  Message request = From(candidate, type);
  request.force = force;
  const std::vector<Message> answers = node.Take(request);
  return !answers.empty() && !answers.back().reject;
}

// The leader of term 1 reads by its lease whatever others say meanwhile.
TEST(LeadershipScenariosTest, S10_PromiseOutlivesAHigherTerm) {
  for (MessageType type : {MessageType::kPreVoteReply, MessageType::kVoteReply,
                           MessageType::kAppendReply, MessageType::kHeartbeatReply}) {
    DrivenNode node = Promised();
    Message higher = From({.replica = 3, .term = 2}, type);
    higher.reject = true;
    node.Take(higher);
    ASSERT_EQ(node->term(), Term{2});
    ASSERT_EQ(node->leader(), kNoReplica);
    for (int tick = 0; tick < 9; ++tick) node->Tick();
    EXPECT_FALSE(VotesFor(node, {.replica = 3, .term = 2}, MessageType::kVote, false));
    EXPECT_FALSE(VotesFor(node, {.replica = 3, .term = 3}, MessageType::kPreVote, false));
    EXPECT_FALSE(VotesFor(node, {.replica = 3, .term = 3}, MessageType::kVote, false));
    node->Campaign();
    EXPECT_EQ(node->role(), Role::kFollower);
    node->Tick();
    EXPECT_TRUE(VotesFor(node, {.replica = 3, .term = 2}, MessageType::kVote, false));
  }
}

// The leader that asked for it has given up its lease.
TEST(LeadershipScenariosTest, S10_PromiseGivesWayToATransfer) {
  DrivenNode node = Promised();
  EXPECT_TRUE(VotesFor(node, {.replica = 3, .term = 2}, MessageType::kVote, true));
}

// Who does not confirm has promised nothing; and without leases nobody has.
TEST(LeadershipScenariosTest, S10_OnlyAConfirmedRoundIsAPromise) {
  DrivenNode node(3);
  Message heartbeat = From({.replica = 2, .term = 1}, MessageType::kHeartbeat);
  heartbeat.context = 1;
  node.Take(heartbeat);
  Message higher = From({.replica = 3, .term = 2}, MessageType::kPreVoteReply);
  higher.reject = true;
  node.Take(higher);
  EXPECT_TRUE(VotesFor(node, {.replica = 3, .term = 2}, MessageType::kVote, false));
}

// More rounds than are remembered may be out at once.
TEST(LeadershipScenariosTest, S10_AnswerToAForgottenRoundTakesNothingBack) {
  DrivenNode node(WithLease(), 3);
  LeadAndCommit(node);
  node->Tick();
  node.Work();
  for (int read = 0; read < 100; ++read) {
    ASSERT_TRUE(node->ReadIndex().ok());
    node.Work();
  }
  Message answer = From({.replica = 2}, MessageType::kHeartbeatReply);
  answer.context = node.RoundOf(2) - 63;
  node.Take(answer);
  ASSERT_TRUE(node->LeaseRead().has_value());
  for (int read = 0; read < 10; ++read) {
    ASSERT_TRUE(node->ReadIndex().ok());
    node.Work();
  }
  answer.context += 1;  // forgotten meanwhile
  node.Take(answer);
  EXPECT_TRUE(node->LeaseRead().has_value());
}

}  // namespace
}  // namespace blixard::raft
