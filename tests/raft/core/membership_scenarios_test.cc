// Known bugs of membership changes, by row (see raft_scenarios_test.cc), and the rules of the
// thesis, section 4.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "raft/core/configuration_change.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"
#include "tests/raft/core/membership_changes.h"

namespace blixard::raft {
namespace {

// raft-dev 2015, redpanda PR #17675.
TEST(MembershipScenariosTest, S4_NoChangeBeforeTheLeadersOwnEntryIsCommitted) {
  DrivenNode node(3);
  node.Lead();
  const ConfigurationChange change = One(MemberChangeType::kAddLearner, 4);
  EXPECT_EQ(node->ProposeConfigurationChange(change).status().code(),
            absl::StatusCode::kUnavailable);
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  EXPECT_TRUE(node->ProposeConfigurationChange(change).ok());
}

TEST(MembershipScenariosTest, S4_NoSecondChangeBeforeTheFirstIsApplied) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 4)).ok());
  node.Work();
  EXPECT_EQ(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 5)).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(node->configuration(), Voters(3));  // not before it is applied
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  EXPECT_EQ(node->configuration(), Voters(4));
  EXPECT_EQ(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 5)).status().code(),
            absl::StatusCode::kUnavailable);  // nor before three of the four have confirmed it
  node.Take(Ack({.replica = 2}, LogIndex{3}));
  node.Take(Ack({.replica = 4}, LogIndex{3}));
  EXPECT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 5)).ok());
}

// NuRaft #67: a new leader does not know yet whether its predecessor's change is committed.
TEST(MembershipScenariosTest, S4_NewLeaderWaitsForTheChangeItInherited) {
  DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{1}),
                                       {ChangeEntry({.term = Term{1}, .index = LogIndex{1}},
                                                    One(MemberChangeType::kAddVoter, 4))}));
  node.Lead();
  EXPECT_FALSE(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 5)).ok());
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{2}));
  ASSERT_EQ(node->configuration(), Voters(4));
  for (uint64_t id : {2, 3}) node.Take(Ack({.replica = id, .term = 2}, LogIndex{3}));
  EXPECT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 5)).ok());
}

// etcd-io/raft #234.
TEST(MembershipScenariosTest, S4_NoCampaignWithACommittedChangeNotApplied) {
  RawNodeConfig config = ConfigOfOne();
  config.async_storage_writes = true;
  RestoredLog restored = LogOf(
      3, InTerm(Term{1}, LogIndex{1}),
      {ChangeEntry({.term = Term{1}, .index = LogIndex{1}}, One(MemberChangeType::kAddVoter, 4))});
  auto node = *RawNode::Create(config, restored);
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kFollower);
  const ReadyApply apply = node->Ready().apply;
  ASSERT_EQ(apply.committed.size(), 1u);
  node->ApplyConfigurationChange(apply.committed[0]);
  node->Advance();
  node->Completed(apply.done);
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kPreCandidate);
}

// camunda #60086.
TEST(MembershipScenariosTest, S5_RecoveredJointIsNotLeftBeforeSomethingIsCommitted) {
  RestoredLog restored = FirstOf(3);
  restored.snapshot = {.last = {.term = Term{1}, .index = LogIndex{5}},
                       .configuration = *Apply(Voters(3), Swap(4, 3))};
  restored.applied = LogIndex{5};
  restored.hard_state = InTerm(Term{1}, LogIndex{5});
  ASSERT_TRUE(restored.snapshot.configuration.IsJoint());
  DrivenNode node(ConfigOfOne(), restored);
  node.Lead();
  for (int tick = 0; tick < 3; ++tick) node->Tick();
  node.Work();
  EXPECT_EQ(node->last_index(), LogIndex{6});  // its empty entry
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{6}));
  node.Take(Ack({.replica = 4, .term = 2}, LogIndex{6}));
  // etcd #12136 (L5): then this leader, who did not begin it, proposes leaving.
  EXPECT_EQ(node->last_index(), LogIndex{7});
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{7}));
  node.Take(Ack({.replica = 4, .term = 2}, LogIndex{7}));
  EXPECT_EQ(ToString(node->configuration()), "voters=(1 2 4)");
}

TEST(MembershipScenariosTest, L5_NewLeaderLeavesAJointConfigurationOfItsPredecessor) {
  DrivenNode node(ConfigOfOne(),
                  LogOf(3, InTerm(Term{1}, LogIndex{1}),
                        {ChangeEntry({.term = Term{1}, .index = LogIndex{1}}, Swap(4, 3))}));
  node.Work();  // applies it
  ASSERT_TRUE(node->configuration().IsJoint());
  node.Lead();
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{2}));
  node.Take(Ack({.replica = 4, .term = 2}, LogIndex{2}));
  EXPECT_EQ(node->log().At(node->last_index()).type, EntryType::kConfiguration);
}

TEST(MembershipScenariosTest, JointNeedsBothMajorities) {
  DrivenNode node(3);
  LeadAndCommit(node);
  const ConfigurationChange change{.transition = Transition::kJointExplicit,
                                   .changes = {{MemberChangeType::kAddVoter, ReplicaId{4}},
                                               {MemberChangeType::kAddVoter, ReplicaId{5}}}};
  ASSERT_TRUE(node->ProposeConfigurationChange(change).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  ASSERT_TRUE(node->configuration().IsJoint());
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  node.Take(Ack({.replica = 4}, LogIndex{3}));
  node.Take(Ack({.replica = 5}, LogIndex{3}));
  EXPECT_EQ(node->commit_index(), LogIndex{2});  // three of five, but one of the old three
  node.Take(Ack({.replica = 3}, LogIndex{3}));
  EXPECT_EQ(node->commit_index(), LogIndex{3});
}

TEST(MembershipScenariosTest, LearnersCountInNoMajority) {
  RestoredLog restored = FirstOf(3);
  restored.snapshot.configuration.learners = {ReplicaId{4}, ReplicaId{5}};
  DrivenNode node(ConfigOfOne(), restored);
  node.Lead();
  node.Take(Ack({.replica = 4}, LogIndex{1}));
  node.Take(Ack({.replica = 5}, LogIndex{1}));
  EXPECT_EQ(node->commit_index(), LogIndex{0});
  node.Take(Ack({.replica = 3}, LogIndex{1}));
  EXPECT_EQ(node->commit_index(), LogIndex{1});
}

TEST(MembershipScenariosTest, LearnerDoesNotCampaignButVotes) {
  RestoredLog restored = FirstOf(3);
  restored.snapshot.configuration.voters = {ReplicaId{2}, ReplicaId{3}};
  restored.snapshot.configuration.learners = {ReplicaId{1}};
  DrivenNode node(ConfigOfOne(), restored);
  for (int tick = 0; tick < 100; ++tick) node->Tick();
  node->Campaign();
  EXPECT_EQ(node->GetStatus().campaigns, 0u);
  // It may have been promoted without knowing it yet (thesis 4.2).
  const std::vector<Message> sent = node.Take(From({.replica = 2, .term = 5}, MessageType::kVote));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_FALSE(sent[0].reject);
}

// openraft #2091.
TEST(MembershipScenariosTest, L6_RemovedLeaderLeadsUntilItsRemovalIsConfirmedAndThenHandsOver) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kRemove, 1)).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  EXPECT_EQ(ToString(node->configuration()), "voters=(2 3)");
  node.Take(Ack({.replica = 2}, LogIndex{3}));
  EXPECT_EQ(node->role(), Role::kLeader);  // its own disk does not count any more
  EXPECT_EQ(node->confirmed_change(), LogIndex{0});
  node.Take(Ack({.replica = 3}, LogIndex{2}));
  const std::vector<Message> sent = node.Take(Ack({.replica = 3}, LogIndex{3}));
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->confirmed_change(), LogIndex{2});
  EXPECT_EQ(node->leader(), kNoReplica);
  const auto hands_over = [](const Message& message) {
    return message.type == MessageType::kTimeoutNow && message.to == ReplicaId{2};
  };
  EXPECT_EQ(std::count_if(sent.begin(), sent.end(), hands_over), 1);
  for (int tick = 0; tick < 100; ++tick) node->Tick();  // and it never comes back
  EXPECT_EQ(node->role(), Role::kFollower);
}

// hashicorp/raft #524.
TEST(MembershipScenariosTest, L7_RemovedReplicaDoesNotDisturb) {
  DrivenNode node(3);
  node.Take(From({.replica = 2, .term = 4}, MessageType::kHeartbeat));
  for (MessageType type : {MessageType::kPreVote, MessageType::kVote}) {
    Message request = From({.replica = 9, .term = 50}, type);
    request.log = {.term = Term{4}, .index = LogIndex{100}};
    EXPECT_TRUE(node.Take(request).empty());
    EXPECT_EQ(node->term(), Term{4});
    EXPECT_EQ(node->leader(), ReplicaId{2});
  }
}

// etcd-io/raft #80: a refused change must not stand in the way of the next.
TEST(MembershipScenariosTest, L8_RefusedChangeLeavesTheWayFree) {
  DrivenNode node(3);
  LeadAndCommit(node);
  EXPECT_EQ(node->ProposeConfigurationChange({}).status().code(),  // there is nothing to leave
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(node->last_index(), LogIndex{1});
  EXPECT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddLearner, 4)).ok());
}

TEST(MembershipScenariosTest, ChangeThatCannotBeAppliedChangesNothing) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {},
                       {ChangeEntry({.term = Term{1}, .index = LogIndex{1}}, {}),
                        Command({.term = Term{1}, .index = LogIndex{2}}, "x")},
                       LogIndex{2}));
  EXPECT_EQ(node.applied().size(), 2u);
  EXPECT_EQ(node->configuration(), Voters(3));
}

TEST(MembershipScenariosTest, UnappliedChangeStopsTheOwner) {
  DrivenNode node(3);
  Message append = AppendFrom(
      {}, {},
      {ChangeEntry({.term = Term{1}, .index = LogIndex{1}}, One(MemberChangeType::kAddLearner, 4))},
      LogIndex{1});
  ASSERT_TRUE(node->Step(append).ok());
  node->Ready();
  node->Advance();
  ASSERT_EQ(node->Ready().apply.committed.size(), 1u);
  EXPECT_DEATH(node->Advance(), "was not applied");
}

// Found by random groups: 1 alone is the group now and holds the entry that says so, but does not
// know that it is committed; so it asks the removed 2, whose log is longer.
TEST(MembershipScenariosTest, RefusedVoteTellsOfTheCommitThatMakesItUnneeded) {
  DrivenNode node(ConfigOfOne(), LogOf(2, InTerm(Term{1}),
                                       {ChangeEntry({.term = Term{1}, .index = LogIndex{1}},
                                                    One(MemberChangeType::kRemove, 2))}));
  node->Campaign();
  node.Work();
  ASSERT_EQ(node->role(), Role::kPreCandidate);
  Message refusal = From({.replica = 2}, MessageType::kPreVoteReply);
  refusal.reject = true;
  refusal.log = {.term = Term{1}, .index = LogIndex{1}};
  node.Take(refusal);
  EXPECT_EQ(node->configuration(), Voters(1));
  node->Campaign();
  node.Work();
  EXPECT_EQ(node->role(), Role::kLeader);

  DrivenNode removed(ConfigOfOne(), LogOf(2, InTerm(Term{1}, LogIndex{2}),
                                          CommandsOf(Term{1}, LogIndex{1}, LogIndex{5})));
  for (MessageType type : {MessageType::kPreVote, MessageType::kVote}) {
    const std::vector<Message> sent = removed.Take(From({.replica = 2, .term = 2}, type));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].reject);
    EXPECT_EQ(sent[0].log, (EntryId{.term = Term{1}, .index = LogIndex{2}}));
  }
}

// It has stored that its leaving is committed, so it never campaigns; who comes next does not know.
TEST(MembershipScenariosTest, L6_LeaderThatLeftAndStartsAgainVotesAndTellsOfTheCommit) {
  RestoredLog restored = LogOf(1, InTerm(Term{1}, LogIndex{3}),
                               {Empty({.term = Term{1}, .index = LogIndex{1}}),
                                ChangeEntry({.term = Term{1}, .index = LogIndex{2}}, Swap(2, 1)),
                                ChangeEntry({.term = Term{1}, .index = LogIndex{3}}, {})});
  DrivenNode node(ConfigOfOne(), restored);
  node.Work();
  ASSERT_EQ(ToString(node->configuration()), "voters=(2)");
  for (int tick = 0; tick < 100; ++tick) node->Tick();
  EXPECT_EQ(node->GetStatus().campaigns, 0u);
  Message request = From({.replica = 2, .term = 2}, MessageType::kPreVote);
  request.log = {.term = Term{1}, .index = LogIndex{3}};
  const std::vector<Message> sent = node.Take(request);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_FALSE(sent[0].reject);
  EXPECT_EQ(sent[0].log, (EntryId{.term = Term{1}, .index = LogIndex{3}}));
}

// It has the longest log, so that nobody else can win, and takes itself for a learner.
TEST(MembershipScenariosTest, L13_VoteRequestTellsAVoterThatItIsOne) {
  for (MessageType type : {MessageType::kPreVote, MessageType::kVote}) {
    RestoredLog restored = LogOf(
        3, InTerm(Term{2}),
        {Empty({.term = Term{1}, .index = LogIndex{1}}),
         ChangeEntry({.term = Term{1}, .index = LogIndex{2}}, One(MemberChangeType::kAddVoter, 1)),
         Empty({.term = Term{2}, .index = LogIndex{3}})});
    restored.snapshot.configuration = {.voters = {ReplicaId{2}, ReplicaId{3}, ReplicaId{4}},
                                       .learners = {ReplicaId{1}}};
    DrivenNode node(ConfigOfOne(), restored);
    Message request = From({.replica = 2, .term = 3}, type);
    request.log = {.term = Term{1}, .index = LogIndex{2}};
    request.commit = LogIndex{2};
    request.context = 7;  // another entry there: says nothing of its log
    EXPECT_TRUE(node.Take(request).front().reject);
    EXPECT_EQ(node->commit_index(), LogIndex{0});
    request.context = 1;
    EXPECT_TRUE(node.Take(request).front().reject);
    EXPECT_EQ(ToString(node->configuration()), "voters=(1 2 3 4)");
    node->Campaign();
    node.Work();
    EXPECT_EQ(node->role(), Role::kPreCandidate);
  }
}

TEST(MembershipScenariosTest, RequestsForVotesTellWhatIsCommitted) {
  for (const bool pre_vote : {true, false}) {
    RawNodeConfig config = ConfigOfOne();
    config.pre_vote = pre_vote;
    DrivenNode node(config, LogOf(3, InTerm(Term{1}, LogIndex{2}),
                                  CommandsOf(Term{1}, LogIndex{1}, LogIndex{5})));
    node->Campaign();
    const std::vector<Message> sent = node.Work();
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].type, pre_vote ? MessageType::kPreVote : MessageType::kVote);
    EXPECT_EQ(sent[0].commit, LogIndex{2});
    EXPECT_EQ(sent[0].context, 1u);
  }
}

// A replica that was removed and added again is not taken for who it was.
TEST(MembershipScenariosTest, AcknowledgementOfAnEarlierMemberIsNotCounted) {
  DrivenNode node(3);
  LeadAndCommit(node);
  node.Take(Ack({.replica = 3}, LogIndex{1}));
  Message late = Ack({.replica = 3}, LogIndex{1});
  late.context = node.SessionOf(3);
  for (MemberChangeType type : {MemberChangeType::kRemove, MemberChangeType::kAddVoter}) {
    ASSERT_TRUE(node->ProposeConfigurationChange(One(type, 3)).ok());
    node.Work();
    node.Take(Ack({.replica = 2}, node->last_index()));
    node.Take(Ack({.replica = 2}, node->last_index()));
  }
  ASSERT_EQ(node->configuration(), Voters(3));
  node.Take(late);
  EXPECT_EQ(node->GetStatus().peers[1].match, LogIndex{0});
}

TEST(MembershipScenariosTest, ChangeThatWouldChangeNothingIsNotProposed) {
  DrivenNode node(3);
  LeadAndCommit(node);
  EXPECT_EQ(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 2)).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(node->ProposeConfigurationChange(One(MemberChangeType::kRemove, 4)).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(node->last_index(), LogIndex{1});
  ConfigurationChange moved = One(MemberChangeType::kAddVoter, 2);
  moved.changes[0].address = "elsewhere:7002";
  EXPECT_TRUE(node->ProposeConfigurationChange(moved).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  EXPECT_EQ(node->configuration().AddressOf(ReplicaId{2}), "elsewhere:7002");
  EXPECT_EQ(node->configuration().voters, Voters(3).voters);
}

}  // namespace
}  // namespace blixard::raft
