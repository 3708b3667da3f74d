// Known bugs of leadership and transfers, by row (see raft_scenarios_test.cc).
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

// hashicorp/raft #695: a higher term ends leadership, whatever brings it.
TEST(LeadershipScenariosTest, S6_HigherTermInAHeartbeatReplyEndsLeadership) {
  DrivenNode node(3);
  LeadAndCommit(node);
  node.Take(From({.replica = 2, .term = 9}, MessageType::kHeartbeatReply));
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_FALSE(node->Propose(BufferOf("a")).ok());
  EXPECT_EQ(node->term(), Term{9});
}

// hashicorp/raft #661, redpanda #14.
TEST(LeadershipScenariosTest, S7_VoteIsStoredWithItsTerm) {
  DrivenNode node(3);
  node.Take(From({.replica = 2, .term = 5}, MessageType::kVote));
  EXPECT_EQ(node.stored().term, Term{5});
  EXPECT_EQ(node.stored().vote, ReplicaId{2});
}

// redpanda PR #3003, zeebe #6346.
TEST(LeadershipScenariosTest, S11_AcknowledgementsOfAnEarlierTermAreNotCounted) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  Message late = Ack({.replica = 2, .term = 1}, LogIndex{2});
  late.context = node.SessionOf(2);
  node.Take(From({.replica = 3, .term = 4}, MessageType::kVoteReply));  // it steps down
  node.Lead();
  ASSERT_EQ(node->term(), Term{5});
  late.context = node.SessionOf(2);
  node.Take(late);
  EXPECT_EQ(node->GetStatus().peers[0].match, LogIndex{0});
}

// openraft #2080.
TEST(LeadershipScenariosTest, L4_LeaderWithoutAQuorumStepsDown) {
  DrivenNode node(5);
  node.Lead();
  int ticks = 0;
  while (node->role() == Role::kLeader && ticks < 25) {
    node->Tick(), ++ticks;
    node.Work();
    node.Take(From({.replica = 2}, MessageType::kHeartbeatReply));  // one bridge is no quorum
  }
  EXPECT_EQ(ticks, 10);  // election_ticks
}

// Whenever that was, and not at the end of a second one.
TEST(LeadershipScenariosTest, L4_LeaderStepsDownAnElectionTimeoutAfterItLastHeardAQuorum) {
  for (int heard = 1; heard <= 30; ++heard) {
    DrivenNode node(3);
    LeadAndCommit(node);
    for (int tick = 0; tick < heard; ++tick) Beat(node);
    int ticks = 0;
    while (node->role() == Role::kLeader && ticks < 25) node->Tick(), ++ticks;
    EXPECT_EQ(ticks, 10) << "heard for " << heard;
  }
}

TEST(LeadershipScenariosTest, FollowersThatAnswerSeemActiveAtEveryTick) {
  DrivenNode node(3);
  LeadAndCommit(node);
  for (int tick = 0; tick < 30; ++tick) {
    Beat(node);
    node->Tick();  // the answers to this one are on their way
    node.Work();
    ASSERT_TRUE(node->GetStatus().peers[0].recent_active) << tick;
  }
  EXPECT_FALSE(node->GetStatus().peers[1].recent_active);
}

// tikv #4045.
TEST(LeadershipScenariosTest, L13_ReplicaThatHasNotAppliedItsPromotionCampaignsOnceItHas) {
  RestoredLog restored = FirstOf(3);
  restored.snapshot.configuration.voters = {ReplicaId{2}, ReplicaId{3}};
  restored.snapshot.configuration.learners = {ReplicaId{1}};
  DrivenNode node(ConfigOfOne(), restored);
  const ConfigurationChange promote{.transition = Transition::kAuto,
                                    .changes = {{MemberChangeType::kAddVoter, ReplicaId{1}}}};
  Entry entry = Command({.term = Term{1}, .index = LogIndex{1}}, Encode(promote));
  entry.type = EntryType::kConfiguration;
  node.Take(AppendFrom({}, {}, {entry}, LogIndex{0}));
  Message now = From({}, MessageType::kTimeoutNow);
  now.log = entry.id();
  now.commit = entry.index;
  const std::vector<Message> sent = node.Take(now);
  EXPECT_EQ(node->role(), Role::kCandidate);
  EXPECT_EQ(OfType(sent, MessageType::kVote).size(), 2u);
  EXPECT_TRUE(OfType(sent, MessageType::kVote)[0].force);  // no pre-vote, past the stickiness
}

TEST(LeadershipScenariosTest, L13_NothingIsProposedDuringATransferAndItEnds) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  EXPECT_TRUE(node->TransferLeader(ReplicaId{3}).ok());  // it is behind
  EXPECT_TRUE(OfType(node.Work(), MessageType::kTimeoutNow).empty());
  EXPECT_EQ(node->Propose(BufferOf("b")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(node->UncommittedBytesLeft(), 0u);
  EXPECT_EQ(OfType(node.Take(Ack({.replica = 3}, LogIndex{2})), MessageType::kTimeoutNow).size(),
            1u);
  for (int tick = 0; tick < 10; ++tick) Beat(node);
  EXPECT_EQ(node->GetStatus().transferee, kNoReplica);
  EXPECT_TRUE(node->Propose(BufferOf("b")).ok());
}

TEST(LeadershipScenariosTest, L13_LearnerIsNeverGivenTheLeadership) {
  RestoredLog restored = FirstOf(3);
  restored.snapshot.configuration.learners = {ReplicaId{4}};
  DrivenNode node(ConfigOfOne(), restored);
  node.Lead();
  EXPECT_EQ(node->TransferLeader(ReplicaId{4}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(node->TransferLeader(ReplicaId{9}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(LeadershipScenariosTest, ForcedVotePassesTheStickiness) {
  for (bool force : {false, true}) {
    DrivenNode node(3);
    node.Take(From({.replica = 2, .term = 4}, MessageType::kHeartbeat));
    Message vote = From({.replica = 3, .term = 5}, MessageType::kVote);
    vote.force = force;
    EXPECT_EQ(node.Take(vote).size(), force ? 1u : 0u);
  }
}

TEST(LeadershipScenariosTest, PriorityZeroNeverCampaignsByItself) {
  RawNodeConfig config = ConfigOfOne();
  config.priority = 0;
  DrivenNode node(config, 3);
  node.Take(From({.replica = 2, .term = 1}, MessageType::kHeartbeat));
  for (int tick = 0; tick < 200; ++tick) node->Tick();
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->leader(), kNoReplica);  // but it does not hold on to a silent leader
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kPreCandidate);
}

TEST(LeadershipScenariosTest, LowerPriorityWaitsLonger) {
  RawNodeConfig config = ConfigOfOne();
  config.priority = kHighestPriority - 4;
  DrivenNode node(config, 3);
  for (int tick = 0; tick < 29; ++tick) node->Tick();
  EXPECT_EQ(node->role(), Role::kFollower);
  for (int tick = 0; tick < 11; ++tick) node->Tick();
  EXPECT_EQ(node->role(), Role::kPreCandidate);
}

TEST(LeadershipScenariosTest, ForgottenLeaderMayBeReplacedAtOnce) {
  DrivenNode node(3);
  node.Take(From({.replica = 2, .term = 4}, MessageType::kHeartbeat));
  EXPECT_TRUE(node.Take(From({.replica = 3, .term = 5}, MessageType::kPreVote)).empty());
  node->ForgetLeader();
  EXPECT_EQ(node->leader(), kNoReplica);
  EXPECT_EQ(node.Take(From({.replica = 3, .term = 5}, MessageType::kPreVote)).size(), 1u);
}

// etcd 7a8ab37, 2e0653d.
TEST(LeadershipScenariosTest, S16_ApplyingIsBoundedAndForgetsNothing) {
  RawNodeConfig config = ConfigOfOne();
  config.async_storage_writes = true;
  config.max_applying_bytes = 1;
  auto node = *RawNode::Create(config, LogOf(1, InTerm(Term{1}, LogIndex{3}),
                                             CommandsOf(Term{1}, LogIndex{1}, LogIndex{3})));
  for (uint64_t index = 1; index <= 3; ++index) {
    ASSERT_TRUE(node->HasReady());
    const ReadyApply apply = node->Ready().apply;
    ASSERT_EQ(apply.committed.size(), 1u);
    EXPECT_EQ(apply.committed[0].index, LogIndex{index});
    node->Advance();
    EXPECT_FALSE(node->HasReady());  // until that is applied
    node->Completed(apply.done);
  }
}

// A follower whose state machine is slower than its group: the log that it holds is bounded, it is
// alive to its leader, and needs nobody to go on.
TEST(LeadershipScenariosTest, FollowerTakesNoMoreThanItMayHoldUnapplied) {
  RawNodeConfig config = ConfigOfOne();
  config.async_storage_writes = true;
  config.max_applying_bytes = 1;  // so one entry at a time is handed out
  config.max_waiting_bytes = 90;  // two entries are less, three are more
  auto node = *RawNode::Create(config, FirstOf(3));
  const auto take = [&node](Message message) {
    EXPECT_TRUE(node->Step(message).ok());
    std::vector<Message> answers;
    ApplyDone apply;
    while (node->HasReady()) {
      const ReadyBatch& ready = node->Ready();
      for (const Message& sent : ready.messages) answers.push_back(sent);
      for (const Message& sent : ready.append.messages) answers.push_back(sent);
      const AppendDone stored = ready.append.done;
      if (ready.apply.HasWork()) apply = ready.apply.done;
      node->Advance();
      if (stored.sequence != 0) node->Completed(stored);
    }
    return std::make_pair(answers, apply);
  };
  const auto append = [](uint64_t index) {
    const EntryId before{.term = {index > 1 ? 1u : 0u}, .index = {index - 1}};
    return AppendFrom({}, before, CommandsOf(Term{1}, LogIndex{index}, LogIndex{index}), {index});
  };
  ApplyDone applying = take(append(1)).second;
  for (uint64_t index = 2; index <= 4; ++index) {
    EXPECT_EQ(take(append(index)).first.size(), 1u) << "it is answered";
  }
  EXPECT_TRUE(take(append(5)).first.empty()) << "as if it had been lost";
  EXPECT_EQ(node->last_index(), LogIndex{4});
  EXPECT_EQ(take(append(4)).first.size(), 1u) << "what is here already is welcome";
  EXPECT_EQ(take(From({}, MessageType::kHeartbeat)).first.size(), 1u);
  node->Completed(applying);
  EXPECT_EQ(take(From({}, MessageType::kHeartbeat)).first.size(), 1u);
  EXPECT_EQ(take(append(5)).first.size(), 1u) << "the second was handed out, which made room";
  EXPECT_EQ(node->last_index(), LogIndex{5});
}

// They may wait for what makes room: an append that commits them, or takes their place.
TEST(LeadershipScenariosTest, EntriesThatAreNotCommittedDoNotCloseTheDoor) {
  RawNodeConfig config = ConfigOfOne();
  config.max_waiting_bytes = 100;
  DrivenNode node(config, 3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{0}));
  EXPECT_EQ(node->last_index(), LogIndex{9});
  node.Take(AppendFrom({}, {.term = Term{1}, .index = LogIndex{9}},
                       CommandsOf(Term{1}, LogIndex{10}, LogIndex{10}), LogIndex{9}));
  EXPECT_EQ(node->last_index(), LogIndex{10});
  EXPECT_EQ(node.applied().size(), 9u);
}

// Several writes at once, in asynchronous mode: etcd raft's aba_race.txt.
TEST(LeadershipScenariosTest, S14_CompletionOfAnOverwrittenAppendMakesNothingNewerStable) {
  RawNodeConfig config = ConfigOfOne();
  config.async_storage_writes = true;
  auto node = *RawNode::Create(config, FirstOf(3));
  const auto store = [&node](Message message) {
    EXPECT_TRUE(node->Step(message).ok());
    const AppendDone done = node->Ready().append.done;
    node->Advance();
    return done;
  };
  const EntryId first{.term = Term{1}, .index = LogIndex{1}};
  const AppendDone one =
      store(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{2}), LogIndex{0}));
  const AppendDone two =
      store(AppendFrom({.replica = 3, .term = 2}, first,
                       CommandsOf(Term{2}, LogIndex{2}, LogIndex{2}), LogIndex{0}));
  const AppendDone three =
      store(AppendFrom({.replica = 2, .term = 3}, first,
                       CommandsOf(Term{1}, LogIndex{2}, LogIndex{2}), LogIndex{0}));
  node->Completed(one);
  EXPECT_EQ(node->log().stable_index(), LogIndex{1});
  node->Completed(two);
  EXPECT_EQ(node->log().stable_index(), LogIndex{1});
  node->Completed(three);
  EXPECT_EQ(node->log().stable_index(), LogIndex{2});
}

}  // namespace
}  // namespace blixard::raft
