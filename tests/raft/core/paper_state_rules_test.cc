// The rules of the paper and of the thesis that concern the state machine: snapshots (paper 7,
// thesis 5) and reads (thesis 6.4). The others are in paper_rules_test.cc.
#include <gtest/gtest.h>

#include <vector>

#include "raft/core/configuration.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

constexpr EntryId At(uint64_t term, uint64_t index) {
  return {.term = Term{term}, .index = LogIndex{index}};
}

Message SnapshotFrom(const Sender& sender, const EntryId& last, const Configuration& members) {
  Message message = From(sender, MessageType::kSnapshot);
  message.log = last;
  message.payload = BufferOf(Encode(members));
  return message;
}

// Leads with entries 2 to 6, which all have applied, and has dropped them.
DrivenNode CompactedLeader() {
  DrivenNode node(3);
  LeadAndCommit(node);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{6}));
  node->SetSnapshot({.last = At(1, 6), .configuration = Voters(3)});
  node->Compact(LogIndex{6});
  return node;
}

// Section 7: the consistency check needs the term and index of the entry before the log.
TEST(PaperRulesTest, P7_AppendBehindTheSnapshotIsCheckedAgainstItsLastEntry) {
  DrivenNode node = CompactedLeader();
  ASSERT_EQ(node->log().base(), At(1, 6));
  ASSERT_TRUE(node->Propose(BufferOf("b")).ok());
  const std::vector<Message> appends = OfType(node.Work(), MessageType::kAppend);
  ASSERT_FALSE(appends.empty());
  EXPECT_EQ(appends[0].to, ReplicaId{2});
  EXPECT_EQ(appends[0].log, At(1, 6));
}

TEST(PaperRulesTest, P7_FollowerThatNeedsWhatWasDroppedIsSentTheSnapshotOnceItAnswers) {
  DrivenNode node = CompactedLeader();
  const std::vector<Message> snapshots =
      OfType(node.Take(From({.replica = 3}, MessageType::kHeartbeatReply)), MessageType::kSnapshot);
  ASSERT_EQ(snapshots.size(), 1u);
  EXPECT_EQ(snapshots[0].to, ReplicaId{3});
  EXPECT_EQ(snapshots[0].log, At(1, 6));
  // "also includes the latest configuration in the log as of last included index"
  EXPECT_EQ(*DecodeConfiguration(snapshots[0].payload.view()), Voters(3));
}

// Figure 13, rule 7.
TEST(PaperRulesTest, P7_SnapshotOfWhatTheLogLacksDiscardsTheWholeLog) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{2}));
  node.Take(SnapshotFrom({.term = 3}, At(2, 6), Voters(3)));
  EXPECT_EQ(node->last_index(), LogIndex{6});
  EXPECT_EQ(node->log().base(), At(2, 6));
}

// Figure 13, rule 6.
TEST(PaperRulesTest, P7_EntriesBehindASnapshotOfWhatTheLogHoldsStay) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{2}));
  node.Take(SnapshotFrom({.term = 3}, At(1, 6), Voters(3)));
  EXPECT_EQ(node->last_index(), LogIndex{9});
  EXPECT_EQ(node->commit_index(), LogIndex{6});
}

// Figure 13, rule 1.
TEST(PaperRulesTest, P7_SnapshotOfALowerTermIsRefusedWithTheOwn) {
  DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{5}), {}));
  const std::vector<Message> sent = node.Take(SnapshotFrom({.term = 4}, At(4, 6), Voters(3)));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].reject);
  EXPECT_EQ(sent[0].term, Term{5});
  EXPECT_EQ(node->last_index(), LogIndex{0});
}

// Thesis 5.1: what is dropped was applied, and a snapshot stands for it.
TEST(PaperRulesTest, T5_1_OnlyWhatASnapshotCoversIsDropped) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  EXPECT_DEATH(node->Compact(LogIndex{1}), "no snapshot covers it");
  EXPECT_DEATH(node->SetSnapshot({.last = At(1, 2), .configuration = Voters(3)}),
               "what was not applied");
  node->SetSnapshot({.last = At(1, 1), .configuration = Voters(3)});
  node->Compact(LogIndex{1});
  EXPECT_EQ(node->log().first_index(), LogIndex{2});
}

// Thesis 6.4, step 1.
TEST(PaperRulesTest, T6_4_NoReadIndexBeforeSomethingOfTheTermIsCommitted) {
  DrivenNode node(3);
  node.Lead();
  ASSERT_TRUE(node->ReadIndex().ok());
  Beat(node);
  EXPECT_TRUE(node.reads().empty());
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  Beat(node);
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_EQ(node.reads()[0].index, LogIndex{1});
}

// Steps 2 and 3: the read index is the commit index when it was asked, and is given out once a
// majority has answered heartbeats sent since then.
TEST(PaperRulesTest, T6_4_ReadIndexIsTheCommitIndexAndNeedsAMajorityThatStillFollows) {
  DrivenNode node(5);
  node.Lead();
  for (const uint64_t peer : {2, 3}) node.Take(Ack({.replica = peer}, LogIndex{1}));
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  ASSERT_TRUE(node->ReadIndex().ok());
  node.Work();
  for (const uint64_t peer : {2, 3}) node.Take(Ack({.replica = peer}, LogIndex{2}));
  ASSERT_EQ(node->commit_index(), LogIndex{2});
  node.Take(From({.replica = 4}, MessageType::kHeartbeatReply));
  EXPECT_TRUE(node.reads().empty());  // two of five
  node.Take(From({.replica = 5}, MessageType::kHeartbeatReply));
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_EQ(node.reads()[0].index, LogIndex{1});
}

TEST(PaperRulesTest, T6_4_FollowerAsksItsLeaderForTheReadIndex) {
  DrivenNode node(3);
  node.Take(From({.replica = 2}, MessageType::kHeartbeat));
  ASSERT_TRUE(node->ReadIndex().ok());
  const std::vector<Message> asked = OfType(node.Work(), MessageType::kReadIndex);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].to, ReplicaId{2});
  Message answer = From({.replica = 2}, MessageType::kReadIndexReply);
  answer.context = asked[0].context;
  answer.log.index = LogIndex{7};
  node.Take(answer);
  ASSERT_EQ(node.reads().size(), 1u);
  EXPECT_EQ(node.reads()[0].index, LogIndex{7});
}

// Thesis 6.4.1: as if an election timeout, less what clocks may differ by, began with the round.
TEST(PaperRulesTest, T6_4_1_LeaseLastsLessThanAnElectionTimeoutFromTheRoundThatAMajorityAnswered) {
  DrivenNode node(WithLease(), 3);
  LeadAndCommit(node);
  Beat(node);
  const RawNodeConfig& config = node->config();
  for (uint32_t tick = 1; tick < config.election_ticks - config.lease.clock_error_ticks; ++tick) {
    EXPECT_TRUE(node->LeaseRead().has_value()) << tick;
    node->Tick();
  }
  node->Tick();
  EXPECT_FALSE(node->LeaseRead().has_value());
}

}  // namespace
}  // namespace blixard::raft
