// Bugs that real implementations shipped, each put to the test under its name. S = safety,
// L = liveness; the references are the public issues where the story is told.
#include <gtest/gtest.h>

#include <vector>

#include "raft/core/ready_batch.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

// Paper, figure 8; logcabin #44.
TEST(RaftScenariosTest, S1_EntryOfEarlierTermIsNotCommittedByCounting) {
  DrivenNode node(ConfigOfOne(),
                  LogOf(3, InTerm(Term{1}), CommandsOf(Term{1}, LogIndex{1}, LogIndex{2})));
  node.Lead();
  ASSERT_EQ(node->term(), Term{2});
  ASSERT_EQ(node->last_index(), LogIndex{3});
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{2}));
  node.Take(Ack({.replica = 3, .term = 2}, LogIndex{2}));
  EXPECT_EQ(node->commit_index(), LogIndex{0});  // on all three replicas, and still not
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{3}));
  EXPECT_EQ(node->commit_index(), LogIndex{3});
}

// openraft #1802: two of five are no quorum, whatever the order of the answers.
TEST(RaftScenariosTest, S2_TwoOfFiveDoNotCommit) {
  for (uint64_t voter : {2, 3, 4, 5}) {
    SCOPED_TRACE(voter);
    DrivenNode node(5);
    node.Lead();
    node.Take(Ack({.replica = voter}, LogIndex{1}));
    EXPECT_EQ(node->commit_index(), LogIndex{0});
    node.Take(Ack({.replica = voter}, LogIndex{1}));  // said twice is heard once
    EXPECT_EQ(node->commit_index(), LogIndex{0});
    node.Take(Ack({.replica = voter == 5 ? 2 : voter + 1}, LogIndex{1}));
    EXPECT_EQ(node->commit_index(), LogIndex{1});
  }
}

// hashicorp/raft PR #113, openraft #511.
TEST(RaftScenariosTest, S12_OvertakenAppendDoesNotTruncateWhatFollows) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{5}), LogIndex{0}));
  const std::vector<Message> sent =
      node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{3}), LogIndex{0}));
  EXPECT_EQ(node->last_index(), LogIndex{5});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].log.index,
            LogIndex{3});  // only what this append has shown to match (CCF #5674)
}

TEST(RaftScenariosTest, S12_ConflictingAppendTruncates) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{5}), LogIndex{1}));
  node.Take(AppendFrom({.replica = 3, .term = 2}, {.term = Term{1}, .index = LogIndex{2}},
                       CommandsOf(Term{2}, LogIndex{3}, LogIndex{3}), LogIndex{1}));
  EXPECT_EQ(node->last_index(), LogIndex{3});
  EXPECT_EQ(node->log().TermAt(LogIndex{3}), Term{2});
}

TEST(RaftScenariosTest, S12_CommittedEntryIsNeverTruncated) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{5}), LogIndex{3}));
  EXPECT_DEATH(
      node.Take(AppendFrom({.replica = 3, .term = 2}, {.term = Term{1}, .index = LogIndex{2}},
                           CommandsOf(Term{2}, LogIndex{3}, LogIndex{3}), LogIndex{3})),
      "a committed entry would be lost");
}

// NuRaft #57.
TEST(RaftScenariosTest, S13_EmptyAppendDoesNotCommitAStaleTail) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{3}), LogIndex{0}));
  // The leader of term 2 has another entry 3, committed; this append vouches for the first two
  // only.
  node.Take(AppendFrom({.replica = 3, .term = 2}, {.term = Term{1}, .index = LogIndex{2}}, {},
                       LogIndex{3}));
  EXPECT_EQ(node->commit_index(), LogIndex{2});
}

// CCF #5674: what the append did not carry is the leader's only if the leader says so.
TEST(RaftScenariosTest, S13_StaleTailIsNotAcknowledged) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{3}), LogIndex{0}));
  const std::vector<Message> sent = node.Take(AppendFrom(
      {.replica = 3, .term = 2}, {.term = Term{1}, .index = LogIndex{1}}, {}, LogIndex{0}));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_FALSE(sent[0].reject);
  EXPECT_EQ(sent[0].log.index, LogIndex{1});
}

TEST(RaftScenariosTest, S13_HeartbeatDoesNotCommitAStaleTail) {
  DrivenNode node(ConfigOfOne(),
                  LogOf(3, InTerm(Term{2}), CommandsOf(Term{1}, LogIndex{1}, LogIndex{3})));
  Message heartbeat = From({.replica = 3, .term = 2}, MessageType::kHeartbeat);
  heartbeat.commit = LogIndex{3};
  const std::vector<Message> sent = node.Take(heartbeat);
  EXPECT_EQ(node->commit_index(), LogIndex{0});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].reject);  // it asks for an append instead
  node.Take(AppendFrom({.replica = 3, .term = 2}, {.term = Term{1}, .index = LogIndex{3}}, {},
                       LogIndex{3}));
  EXPECT_EQ(node->commit_index(), LogIndex{3});
}

// etcd raft's rawnode.go, openraft cecb5de: the end of an old write says nothing of a newer one.
TEST(RaftScenariosTest, S14_OverwrittenAppendDoesNotMakeItsSuccessorStable) {
  DrivenNode node(3);
  Message first = AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{2}), LogIndex{0});
  ASSERT_TRUE(node->Step(first).ok());
  ASSERT_EQ(node->Ready().append.entries.size(), 2u);
  // While that is being written, entry 2 is replaced, and then replaced by its like.
  Message second = AppendFrom({.replica = 3, .term = 2}, {.term = Term{1}, .index = LogIndex{1}},
                              CommandsOf(Term{2}, LogIndex{2}, LogIndex{2}), LogIndex{0});
  ASSERT_TRUE(node->Step(second).ok());
  Message third = AppendFrom({.replica = 2, .term = 3}, {.term = Term{1}, .index = LogIndex{1}},
                             CommandsOf(Term{1}, LogIndex{2}, LogIndex{2}), LogIndex{0});
  ASSERT_TRUE(node->Step(third).ok());
  node->Advance();
  EXPECT_EQ(node->log().stable_index(), LogIndex{1});
  const ReadyBatch& batch = node->Ready();
  ASSERT_EQ(batch.append.entries.size(), 1u);
  EXPECT_EQ(batch.append.entries[0].id(), (EntryId{.term = Term{1}, .index = LogIndex{2}}));
}

// etcd #14370.
TEST(RaftScenariosTest, S15_LoneVoterAppliesOnlyWhatIsStable) {
  DrivenNode node(1);
  node.Lead();
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  const ReadyBatch& batch = node->Ready();
  EXPECT_EQ(batch.append.entries.size(), 1u);
  EXPECT_TRUE(batch.append.must_sync);
  EXPECT_TRUE(batch.apply.committed.empty());
  EXPECT_EQ(node->commit_index(), LogIndex{1});
  node->Advance();
  EXPECT_EQ(node->commit_index(), LogIndex{2});
  EXPECT_EQ(node->Ready().apply.committed.size(), 1u);
}

TEST(RaftScenariosTest, S15_FollowerAppliesOnlyWhatIsStable) {
  DrivenNode node(3);
  Message append = AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{2}), LogIndex{2});
  ASSERT_TRUE(node->Step(append).ok());
  const ReadyBatch& batch = node->Ready();
  EXPECT_EQ(node->commit_index(), LogIndex{2});
  EXPECT_TRUE(batch.apply.committed.empty());
  // A torn write must not leave a commit index without its entries.
  ASSERT_TRUE(batch.append.hard_state.has_value());
  EXPECT_EQ(batch.append.hard_state->commit, LogIndex{0});
  node->Advance();
  EXPECT_EQ(node->Ready().apply.committed.size(), 2u);
}

// etcd 7a8ab37.
TEST(RaftScenariosTest, S16_PagesOfCommittedEntriesForgetNothing) {
  RawNodeConfig config = ConfigOfOne();
  config.max_committed_bytes_per_ready = 1;
  DrivenNode node(config, LogOf(1, InTerm(Term{1}, LogIndex{5}),
                                CommandsOf(Term{1}, LogIndex{1}, LogIndex{5})));
  for (uint64_t index = 1; index <= 5; ++index) {
    ASSERT_TRUE(node->HasReady());
    const ReadyBatch& batch = node->Ready();
    ASSERT_EQ(batch.apply.committed.size(), 1u);
    EXPECT_EQ(batch.apply.committed[0].index, LogIndex{index});
    EXPECT_FALSE(
        batch.append.hard_state.has_value());  // commit stays 5 although less was handed out
    node->Advance();
  }
  EXPECT_FALSE(node->HasReady());
}

// NuRaft #531.
TEST(RaftScenariosTest, S26_SecondLeaderOfATermStopsTheFollower) {
  DrivenNode node(3);
  node.Take(From({.replica = 2, .term = 4}, MessageType::kHeartbeat));
  EXPECT_DEATH(node.Take(From({.replica = 3, .term = 4}, MessageType::kHeartbeat)),
               "term 4 has two leaders: 2 and 3");
  node.Take(From({.replica = 3, .term = 5}, MessageType::kHeartbeat));  // a later term is fine
}

TEST(RaftScenariosTest, S26_SecondLeaderOfATermStopsTheLeader) {
  DrivenNode node(3);
  node.Lead();
  EXPECT_DEATH(node.Take(From({.replica = 3, .term = 1}, MessageType::kHeartbeat)),
               "term 1 has two leaders: 1 and 3");
}

TEST(RaftScenariosTest, S26_LeaderThatSteppedDownStillKnowsItsTerm) {
  DrivenNode node(3);
  node.Lead();
  for (int tick = 0; tick < 20; ++tick) node->Tick();
  ASSERT_NE(node->role(), Role::kLeader);
  EXPECT_DEATH(node.Take(From({.replica = 3, .term = 1}, MessageType::kHeartbeat)),
               "term 1 has two leaders");
}

// etcd #8243, canonical/raft #279.
TEST(RaftScenariosTest, L1_RefusalsCarryTheHigherTerm) {
  for (MessageType type :
       {MessageType::kPreVote, MessageType::kVote, MessageType::kAppend, MessageType::kHeartbeat}) {
    SCOPED_TRACE(static_cast<int>(type));
    DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{9}), {}));
    const std::vector<Message> sent = node.Take(From({.replica = 2, .term = 3}, type));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].term, Term{9});
    EXPECT_EQ(sent[0].to, ReplicaId{2});
    EXPECT_EQ(node->term(), Term{9});
    EXPECT_EQ(node->leader(), kNoReplica);
  }
}

TEST(RaftScenariosTest, L1_RefusedPreCandidateAdoptsTheHigherTerm) {
  DrivenNode node(3);
  node->Campaign();
  node.Work();
  Message refusal = From({.replica = 2, .term = 9}, MessageType::kPreVoteReply);
  refusal.reject = true;
  node.Take(refusal);
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->term(), Term{9});
}

// A refusal from a replica with a lower term must count too, or the asker waits for nothing.
TEST(RaftScenariosTest, L1_RefusalOfALowerTermIsCounted) {
  DrivenNode refuser(ConfigOfOne(),
                     LogOf(3, InTerm(Term{3}), CommandsOf(Term{3}, LogIndex{1}, LogIndex{1})));
  const std::vector<Message> sent =
      refuser.Take(From({.replica = 2, .term = 9}, MessageType::kPreVote));  // its log is empty
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].reject);
  EXPECT_EQ(sent[0].term, Term{8});     // the asker's present term
  EXPECT_EQ(refuser->term(), Term{3});  // which nobody adopts for being asked
}

// redpanda #30817.
TEST(RaftScenariosTest, L3_RefusedAppendsKeepTheFollowerQuiet) {
  DrivenNode node(3);
  for (int i = 0; i < 20; ++i) {
    for (int tick = 0; tick < 9; ++tick) node->Tick();
    const std::vector<Message> sent =
        node.Take(AppendFrom({}, {.term = Term{1}, .index = LogIndex{50}}, {}, LogIndex{0}));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].reject);
  }
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->GetStatus().campaigns, 0u);
}

TEST(RaftScenariosTest, L3_SilenceDoesNot) {
  DrivenNode node(3);
  for (int tick = 0; tick < 20; ++tick) node->Tick();
  EXPECT_EQ(node->GetStatus().campaigns, 1u);
}

// etcd #14633: a window that filled up while everything was lost must open again.
TEST(RaftScenariosTest, L10_FullWindowOpensAgainAfterTotalLoss) {
  RawNodeConfig config = ConfigOfOne();
  config.max_inflight_messages = 1;
  DrivenNode node(config, 2);
  node.Lead();
  node.Take(Ack({}, LogIndex{1}));
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();  // lost
  ASSERT_EQ(node->GetStatus().peers[0].paused, PauseReason::kInflightMessages);
  const std::vector<Message> asked = node.Take(From({}, MessageType::kHeartbeatReply));
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].entries.empty());
  Message refusal = From({}, MessageType::kAppendReply);
  refusal.reject = true;
  refusal.rejected_index = asked[0].log.index;
  refusal.log = {.term = Term{1}, .index = LogIndex{1}};
  const std::vector<Message> again = node.Take(refusal);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].entries.size(), 1u);
}

// Bytes that became committed by word of another replica are counted no longer: else nothing may
// be proposed for the rest of the term.
TEST(RaftScenariosTest, L10_LateRefusalThatTellsACommitGivesTheUncommittedBytesBack) {
  RawNodeConfig config = ConfigOfOne();
  config.max_uncommitted_bytes = 8;
  DrivenNode node(config, LogOf(3, InTerm(Term{1}), {Command({Term{1}, LogIndex{1}}, "seven b")}));
  node.Lead();
  ASSERT_EQ(node->UncommittedBytesLeft(), 1u);
  Message refusal = From({.replica = 3, .term = 2}, MessageType::kVoteReply);
  refusal.reject = true;
  refusal.log = {.term = Term{1}, .index = LogIndex{1}};
  node.Take(refusal);
  EXPECT_EQ(node->commit_index(), LogIndex{1});
  EXPECT_EQ(node->UncommittedBytesLeft(), 8u);
  EXPECT_TRUE(node->Propose(BufferOf("eight by")).ok());
}

// etcd #10166: a follower that lost its log is fed again; neither side stops.
TEST(RaftScenariosTest, L11_LeaderSurvivesAFollowerThatLostItsLog) {
  DrivenNode node(3);
  node.Lead();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{5}));
  ASSERT_EQ(node->commit_index(), LogIndex{5});
  Message refusal = From({.replica = 2}, MessageType::kAppendReply);
  refusal.reject = true;
  refusal.rejected_index = LogIndex{5};
  const std::vector<Message> probe = node.Take(refusal);
  ASSERT_EQ(probe.size(), 1u);
  EXPECT_EQ(probe[0].log.index, LogIndex{5});  // one refusal may have been on its way for long
  const std::vector<Message> sent = node.Take(refusal);
  EXPECT_EQ(node->commit_index(), LogIndex{5});
  EXPECT_TRUE(node->GetStatus().peers[0].lost_data);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].log.index, LogIndex{0});
  EXPECT_EQ(sent[0].entries.size(), 5u);
  node.Take(Ack({.replica = 2}, LogIndex{5}));
  EXPECT_EQ(node->GetStatus().peers[0].state, ProgressState::kReplicate);
}

TEST(RaftScenariosTest, L11_FollowerThatLostItsLogSurvivesTheHeartbeat) {
  DrivenNode node(3);
  Message heartbeat = From({.replica = 2, .term = 4}, MessageType::kHeartbeat);
  heartbeat.commit = LogIndex{100};
  const std::vector<Message> sent = node.Take(heartbeat);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].reject);
  EXPECT_EQ(node->commit_index(), LogIndex{0});
}

// etcd #17081.
TEST(RaftScenariosTest, S25_MisroutedMessageChangesNothing) {
  DrivenNode node(3);
  Message stray =
      AppendFrom({.term = 7}, {}, CommandsOf(Term{7}, LogIndex{1}, LogIndex{1}), LogIndex{1});
  stray.cluster = ClusterId{2};
  EXPECT_EQ(node->Step(stray).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(stray.entries.size(), 1u);
  EXPECT_EQ(node->term(), Term{0});
  EXPECT_FALSE(node->HasReady());
}

}  // namespace
}  // namespace blixard::raft
