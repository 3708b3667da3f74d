// Known bugs of reads, leases, transfers and leadership, by row (see raft_scenarios_test.cc).
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

Message Ack(const Sender& sender, LogIndex match) {
  Message reply = From(sender, MessageType::kAppendReply);
  reply.log.index = match;
  return reply;
}

std::vector<Message> OfType(const std::vector<Message>& messages, MessageType type) {
  std::vector<Message> found;
  std::copy_if(messages.begin(), messages.end(), std::back_inserter(found),
               [type](const Message& message) { return message.type == type; });
  return found;
}

// With leases a replica that has just started elects nobody, itself included, until it is so old.
constexpr uint64_t kFreeOfPromises = 11;

void LeadAndCommit(DrivenNode& node) {
  if (node->config().lease.enabled) {
    for (uint64_t tick = 0; tick < kFreeOfPromises; ++tick) node->Tick();
  }
  node.Lead();
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  ASSERT_EQ(node->commit_index(), LogIndex{1});
}

RawNodeConfig WithLease() {
  RawNodeConfig config = ConfigOfOne();
  config.lease = {.enabled = true, .clock_error_ticks = 2};
  return config;
}

// A round of heartbeats that replica 2 answers.
void Beat(DrivenNode& node) {
  node->Tick();
  node.Work();
  node.Take(From({.replica = 2, .term = node->term().value}, MessageType::kHeartbeatReply));
}

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
