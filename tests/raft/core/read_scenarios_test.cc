// Known bugs of reads, by row (see raft_scenarios_test.cc).
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

// etcd #7331, #12762.
TEST(LeadershipScenariosTest, S8_ReadWaitsForACommitInTheLeadersTerm) {
  DrivenNode node(3);
  node.Lead();
  ASSERT_TRUE(node->ReadIndex().ok());
  Beat(node);
  EXPECT_TRUE(node.reads().empty());
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  EXPECT_TRUE(node.reads().empty());  // a round begins now
  node.Take(From({.replica = 2}, MessageType::kHeartbeatReply));
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_EQ(node.reads()[0].index, LogIndex{1});
}

// etcd #20418: an answer to an earlier round says nothing about a later read.
TEST(LeadershipScenariosTest, S9_AnswersOfEarlierRoundsConfirmNothing) {
  DrivenNode node(3);
  LeadAndCommit(node);
  Beat(node);
  const uint64_t before = node.RoundOf(2);
  const ReadToken token = *node->ReadIndex();
  node.Work();
  Message late = From({.replica = 2}, MessageType::kHeartbeatReply);
  late.context = before;
  node.Take(late);
  late.from = ReplicaId{3};
  node.Take(late);
  EXPECT_TRUE(node.reads().empty());
  node.Take(From({.replica = 3}, MessageType::kHeartbeatReply));
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_EQ(node.reads()[0].token, token);
}

TEST(LeadershipScenariosTest, S9_TokensOfTwoLivesDiffer) {
  RawNodeConfig config = ConfigOfOne();
  std::vector<ReadToken> tokens;
  for (config.incarnation = 1; config.incarnation < 50; ++config.incarnation) {
    DrivenNode node(config, 3);
    node.Lead();
    for (int i = 0; i < 5; ++i) tokens.push_back(*node->ReadIndex());
  }
  std::sort(tokens.begin(), tokens.end());
  EXPECT_EQ(std::adjacent_find(tokens.begin(), tokens.end()), tokens.end());
}

TEST(LeadershipScenariosTest, S9_AnswerToAnotherLifeIsIgnored) {
  DrivenNode node(3);
  node.Take(From({}, MessageType::kHeartbeat));
  ASSERT_TRUE(node->ReadIndex().ok());
  Message stray = From({}, MessageType::kReadIndexReply);
  stray.context = 12345;
  node.Take(stray);
  EXPECT_TRUE(node.reads().empty());
}

TEST(LeadershipScenariosTest, ReadsOfOneBatchShareARound) {
  DrivenNode node(3);
  LeadAndCommit(node);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(node->ReadIndex().ok());
  EXPECT_EQ(OfType(node.Work(), MessageType::kHeartbeat).size(), 2u);
  node.Take(From({.replica = 3}, MessageType::kHeartbeatReply));
  EXPECT_EQ(node.reads().size(), 10u);
}

TEST(LeadershipScenariosTest, LoneVoterReadsAtOnce) {
  DrivenNode node(1);
  node.Lead();
  ASSERT_TRUE(node->ReadIndex().ok());
  node.Work();
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_FALSE(node.reads()[0].refused);
}

TEST(LeadershipScenariosTest, FollowerReadsThroughItsLeader) {
  DrivenNode node(3);
  EXPECT_EQ(node->ReadIndex().status().code(), absl::StatusCode::kUnavailable);
  node.Take(From({}, MessageType::kHeartbeat));
  const ReadToken token = *node->ReadIndex();
  const std::vector<Message> asked = OfType(node.Work(), MessageType::kReadIndex);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].to, ReplicaId{2});
  Message answer = From({}, MessageType::kReadIndexReply);
  answer.context = asked[0].context;
  answer.log.index = LogIndex{42};
  node.Take(answer);
  node.Take(answer);  // a duplicate answers nobody
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_EQ(node.reads()[0].token, token);
  EXPECT_EQ(node.reads()[0].index, LogIndex{42});
}

TEST(LeadershipScenariosTest, ReadsAreBounded) {
  RawNodeConfig config = ConfigOfOne();
  config.max_pending_reads = 2;
  DrivenNode node(config, 3);
  node.Lead();
  EXPECT_TRUE(node->ReadIndex().ok());
  EXPECT_TRUE(node->ReadIndex().ok());
  EXPECT_EQ(node->ReadIndex().status().code(), absl::StatusCode::kResourceExhausted);
}

// openraft 13df5b3.
TEST(LeadershipScenariosTest, L14_ReadsAreRefusedAtStepDown) {
  DrivenNode node(3);
  node.Lead();
  ASSERT_TRUE(node->ReadIndex().ok());
  Message remote = From({.replica = 3}, MessageType::kReadIndex);
  remote.context = 77;
  node.Take(remote);
  const std::vector<Message> sent =
      node.Take(From({.replica = 2, .term = 9}, MessageType::kHeartbeat));
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_TRUE(node.reads()[0].refused);
  const std::vector<Message> refusals = OfType(sent, MessageType::kReadIndexReply);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_TRUE(refusals[0].reject);
  EXPECT_EQ(refusals[0].context, 77u);
}

TEST(LeadershipScenariosTest, L14_FollowersReadIsRefusedWhenTheLeaderIsSilent) {
  DrivenNode node(3);
  node.Take(From({}, MessageType::kHeartbeat));
  ASSERT_TRUE(node->ReadIndex().ok());
  for (int tick = 0; tick < 25; ++tick) node->Tick();
  node.Work();
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_TRUE(node.reads()[0].refused);
}

}  // namespace
}  // namespace blixard::raft
