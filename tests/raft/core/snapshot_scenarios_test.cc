// Known bugs around snapshots and lost data, by row (see raft_scenarios_test.cc).
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

Message SnapshotFrom(const Sender& sender, const EntryId& last, const Configuration& members) {
  Message message = From(sender, MessageType::kSnapshot);
  message.log = last;
  message.payload = BufferOf(Encode(members));
  return message;
}

constexpr EntryId At(uint64_t term, uint64_t index) {
  return {.term = Term{term}, .index = LogIndex{index}};
}

size_t CountOf(const std::vector<Message>& messages, MessageType type) {
  return static_cast<size_t>(std::count_if(messages.begin(), messages.end(),
                                           [type](const Message& m) { return m.type == type; }));
}

// A leader in term 2 whose log begins behind index 5 and ends with its own empty entry, 6.
DrivenNode CompactedLeader() {
  RestoredLog restored = FirstOf(3);
  restored.snapshot.last = At(1, 5);
  restored.applied = LogIndex{5};
  restored.hard_state = InTerm(Term{1}, LogIndex{5});
  DrivenNode node(ConfigOfOne(), restored);
  node.Lead();
  return node;
}

Message RefusalOf(const Sender& sender, uint64_t rejected, const EntryId& hint) {
  Message refusal = From(sender, MessageType::kAppendReply);
  refusal.reject = true;
  refusal.rejected_index = LogIndex{rejected};
  refusal.log = hint;
  return refusal;
}

// openraft #1808: uncommitted changes of membership in the replaced log are gone, too.
TEST(SnapshotScenariosTest, S3_SnapshotReplacesTheMembership) {
  DrivenNode node(3);
  Configuration members = Voters(5);
  node.Take(SnapshotFrom({.term = 3}, At(2, 9), members));
  EXPECT_EQ(node->configuration(), members);
  EXPECT_EQ(node->GetStatus().configuration_index, LogIndex{9});
}

// hashicorp/raft #697.
TEST(SnapshotScenariosTest, S20_ConflictingLogIsDiscardedWhole) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{2}));
  node.Take(SnapshotFrom({.term = 3}, At(2, 6), Voters(3)));
  EXPECT_EQ(node->log().base(), At(2, 6));
  EXPECT_EQ(node->last_index(), LogIndex{6});
  EXPECT_EQ(node->commit_index(), LogIndex{6});
}

TEST(SnapshotScenariosTest, S20_LogThatHoldsTheSnapshotsEndStays) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{2}));
  const std::vector<Message> sent = node.Take(SnapshotFrom({.term = 3}, At(1, 6), Voters(3)));
  EXPECT_EQ(node->last_index(), LogIndex{9});
  EXPECT_EQ(node->commit_index(), LogIndex{6});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].log.index, LogIndex{6});
}

// openraft ac3e5a8.
TEST(SnapshotScenariosTest, S20_SnapshotThatDeniesACommittedEntryStopsTheReplica) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{8}));
  EXPECT_DEATH(node.Take(SnapshotFrom({.term = 3}, At(2, 6), Voters(3))),
               "another entry at the committed index 6");
}

TEST(SnapshotScenariosTest, S20_OldSnapshotIsAnsweredWithWhatIsCommitted) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{9}), LogIndex{8}));
  const std::vector<Message> sent = node.Take(SnapshotFrom({}, At(1, 6), Voters(3)));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].log.index, LogIndex{8});
}

// scylla's regression tests, canonical/raft #250.
TEST(SnapshotScenariosTest, S21_SnapshotMustBeOfTheLogAndItsConfiguration) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{4}), LogIndex{3}));
  EXPECT_DEATH(node->SetSnapshot({.last = At(2, 3), .configuration = Voters(3)}), "term");
  EXPECT_DEATH(node->SetSnapshot({.last = At(1, 3), .configuration = Voters(4)}), "applied is");
  EXPECT_DEATH(node->SetSnapshot({.last = At(1, 4), .configuration = Voters(3)}), "not applied");
  node->SetSnapshot({.last = At(1, 3), .configuration = Voters(3)});
  EXPECT_DEATH(node->SetSnapshot({.last = At(1, 2), .configuration = Voters(3)}), "older");
  EXPECT_DEATH(node->Compact(LogIndex{4}), "no snapshot covers it");
  node->Compact(LogIndex{3});
  EXPECT_EQ(node->log().first_index(), LogIndex{4});
}

TEST(SnapshotScenariosTest, S21_SentSnapshotCarriesItsOwnTermAndConfiguration) {
  DrivenNode node = CompactedLeader();
  const std::vector<Message> sent = node.Take(RefusalOf({.replica = 2, .term = 2}, 5, At(1, 3)));
  ASSERT_EQ(CountOf(sent, MessageType::kSnapshot), 1u);
  for (const Message& message : sent) {
    if (message.type != MessageType::kSnapshot) continue;
    EXPECT_EQ(message.log, At(1, 5));
    EXPECT_EQ(*DecodeConfiguration(message.payload.view()), Voters(3));
  }
}

TEST(SnapshotScenariosTest, S21_SnapshotWithoutConfigurationIsRefused) {
  DrivenNode node(3);
  Message bare = From({.term = 3}, MessageType::kSnapshot);
  bare.log = At(2, 9);
  EXPECT_EQ(node->Step(bare).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(node->term(), Term{0});
}

// etcd #10864.
TEST(SnapshotScenariosTest, S22_SnapshotTurnsAVoterIntoALearnerAndNotTheReverse) {
  DrivenNode node(3);
  Configuration members;
  members.voters = {ReplicaId{2}, ReplicaId{3}};
  members.learners = {ReplicaId{1}};
  node.Take(SnapshotFrom({.term = 3}, At(2, 9), members));
  EXPECT_FALSE(node->configuration().HasVoter(ReplicaId{1}));
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kFollower);
}

// qdrant #1172, dragonboat #45.
TEST(SnapshotScenariosTest, S23_AppliedEntriesAreNotAppliedAgain) {
  RestoredLog restored =
      LogOf(3, InTerm(Term{1}, LogIndex{2}), CommandsOf(Term{1}, LogIndex{1}, LogIndex{5}));
  restored.applied = LogIndex{4};
  DrivenNode node(ConfigOfOne(), restored);
  node.Work();
  EXPECT_TRUE(node.applied().empty());
  EXPECT_EQ(node->commit_index(), LogIndex{4});  // what was applied was committed
}

TEST(SnapshotScenariosTest, S23_StateMachineBehindTheSnapshotOrAheadOfTheLogIsRefused) {
  RestoredLog restored = LogOf(3, InTerm(Term{2}), CommandsOf(Term{2}, LogIndex{6}, LogIndex{7}));
  restored.snapshot.last = At(1, 5);
  for (uint64_t applied : {4, 8}) {
    restored.applied = LogIndex{applied};
    EXPECT_EQ(RawNode::Create(ConfigOfOne(), restored).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  restored.applied = LogIndex{7};
  EXPECT_TRUE(RawNode::Create(ConfigOfOne(), restored).ok());
}

TEST(SnapshotScenariosTest, S12_AppendThatBeginsBelowTheCompactedLogIsNoConflict) {
  RestoredLog restored = LogOf(3, InTerm(Term{1}, LogIndex{5}), {});
  restored.snapshot.last = At(1, 5);
  restored.applied = LogIndex{5};
  DrivenNode node(ConfigOfOne(), restored);
  const std::vector<Message> sent = node.Take(
      AppendFrom({}, At(1, 2), CommandsOf(Term{1}, LogIndex{3}, LogIndex{7}), LogIndex{5}));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_FALSE(sent[0].reject);
  EXPECT_EQ(sent[0].log.index, LogIndex{5});
}

// etcd-io/raft 76f1249.
TEST(SnapshotScenariosTest, L9_ThrottledFollowerBehindTheCompactedLogIsSentASnapshot) {
  RawNodeConfig config = ConfigOfOne();
  config.max_inflight_messages = 1;
  DrivenNode node(config, 3);
  node.Lead();
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  node.Take(Ack({.replica = 3}, LogIndex{1}));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
    node.Work();
    node.Take(Ack({.replica = 3}, node->last_index()));
  }
  ASSERT_EQ(node->GetStatus().peers[0].paused, PauseReason::kInflightMessages);
  node->SetSnapshot({.last = At(1, 6), .configuration = Voters(3)});
  node->Compact(LogIndex{6});
  EXPECT_EQ(CountOf(node.Take(From({.replica = 2}, MessageType::kHeartbeatReply)),
                    MessageType::kSnapshot),
            1u);
  EXPECT_EQ(node->GetStatus().peers[0].state, ProgressState::kSnapshot);
  node.Take(Ack({.replica = 2}, LogIndex{6}));
  EXPECT_EQ(node->GetStatus().peers[0].state, ProgressState::kReplicate);
}

// NuRaft #657, braft b24858c.
TEST(SnapshotScenariosTest, L12_FailedSnapshotIsNotSentAgainAtOnceAndNeverTwiceAtATime) {
  DrivenNode node = CompactedLeader();
  node.Take(RefusalOf({.replica = 2, .term = 2}, 5, At(1, 3)));
  EXPECT_EQ(CountOf(node.Take(From({.replica = 2, .term = 2}, MessageType::kHeartbeatReply)),
                    MessageType::kSnapshot),
            0u);
  node->ReportSnapshot(ReplicaId{2}, /*delivered=*/false);
  EXPECT_EQ(CountOf(node.Work(), MessageType::kSnapshot), 0u);
  EXPECT_EQ(CountOf(node.Take(From({.replica = 2, .term = 2}, MessageType::kHeartbeatReply)),
                    MessageType::kSnapshot),
            1u);
}

TEST(SnapshotScenariosTest, L12_SilentFollowerIsSentNoSnapshot) {
  DrivenNode node = CompactedLeader();
  node.Take(RefusalOf({.replica = 2, .term = 2}, 5, At(1, 3)));
  node->ReportSnapshot(ReplicaId{2}, /*delivered=*/false);
  for (int tick = 0; tick < 9; ++tick) {
    node->Tick();
    EXPECT_EQ(CountOf(node.Work(), MessageType::kSnapshot), 0u);
  }
}

// etcd #10166.
TEST(SnapshotScenariosTest, L11_FollowerThatLostItsDiskIsToldAndNeitherVotesNorCampaigns) {
  DrivenNode leader(3);
  leader.Lead();
  leader.Take(Ack({.replica = 2}, LogIndex{1}));
  Message blank = RefusalOf({.replica = 2}, 1, {});
  blank.wants_snapshot = true;
  for (const Message& message : leader.Take(blank)) {
    if (message.to == ReplicaId{2}) blank.context = message.context;  // asked once more
  }
  EXPECT_FALSE(leader->GetStatus().peers[0].lost_data) << "it may have said so before it had it";
  leader.Take(blank);
  ASSERT_TRUE(leader->GetStatus().peers[0].lost_data);
  leader->Tick();
  bool told = false;
  for (const Message& message : leader.Work()) {
    told = told || (message.to == ReplicaId{2} && message.lost_data);
  }
  EXPECT_TRUE(told);

  DrivenNode follower(3);
  Message append = AppendFrom({.term = 4}, {}, {}, LogIndex{0});
  append.lost_data = true;
  EXPECT_TRUE(follower.Take(append)[0].lost_data);
  EXPECT_TRUE(follower->LostData());
  Message heartbeat = From({.term = 4}, MessageType::kHeartbeat);
  heartbeat.context = 7;
  const std::vector<Message> sent = follower.Take(heartbeat);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].context, 0u);  // nor does it confirm who leads
  follower->Campaign();
  EXPECT_EQ(follower->role(), Role::kFollower);
  Message vote = From({.replica = 3, .term = 9}, MessageType::kVote);
  vote.force = true;
  EXPECT_TRUE(follower.Take(vote)[0].reject);
}

// A replica that was removed and added again goes on with what comes for its predecessor.
TEST(SnapshotScenariosTest, L11_LossOfAnEarlierSessionOrOfAHeartbeatIsNotBelieved) {
  DrivenNode follower(3);
  Message heartbeat = From({.term = 4}, MessageType::kHeartbeat);
  heartbeat.lost_data = true;  // tells no session
  follower.Take(heartbeat);
  EXPECT_FALSE(follower->LostData());
  Message append = AppendFrom({.term = 4}, {}, {}, LogIndex{0});
  append.context = 7;
  follower.Take(append);
  Message late = append;
  late.context = 6;
  late.lost_data = true;
  EXPECT_FALSE(follower.Take(late)[0].lost_data);
  Message next_leader = AppendFrom({.replica = 3, .term = 5}, {}, {}, LogIndex{0});
  next_leader.context = 1;  // every leader counts its own
  next_leader.lost_data = true;
  EXPECT_TRUE(follower.Take(next_leader)[0].lost_data);
}

// What it lost it lost as the member that it is no more.
TEST(SnapshotScenariosTest, L11_LossIsOverForWhoWasAddedAnew) {
  DrivenNode follower(3);
  Message append = AppendFrom({.term = 4}, {}, {}, LogIndex{0});
  append.context = FirstSession(4) + 14;
  append.lost_data = true;
  EXPECT_TRUE(follower.Take(append)[0].lost_data);
  append.lost_data = false;
  append.context = FirstSession(4) + 15;
  EXPECT_TRUE(follower.Take(append)[0].lost_data) << "still the same member";
  append.context = FirstSession(5);
  EXPECT_FALSE(follower.Take(append)[0].lost_data);
  EXPECT_FALSE(follower->LostData());
}

TEST(SnapshotScenariosTest, L11_LossIsNotOverBecauseANewLeaderDoesNotKnow) {
  DrivenNode follower(3);
  Message append = AppendFrom({.term = 4}, {}, {}, LogIndex{0});
  append.context = FirstSession(4);
  append.lost_data = true;
  follower.Take(append);
  Message of_new_leader = AppendFrom({.replica = 3, .term = 5}, {}, {}, LogIndex{0});
  of_new_leader.context = FirstSession(5);
  EXPECT_TRUE(follower.Take(of_new_leader)[0].lost_data);
}

// The snapshot that began its new life was meant for the member before, and came twice.
TEST(SnapshotScenariosTest, L11_SnapshotForTheMemberBeforeTellsNobodyOfALoss) {
  for (const bool heard_before : {true, false}) {
    DrivenNode node(ConfigOfOne(), RestoredLog{});
    Message append = AppendFrom({.term = 3}, {}, {}, LogIndex{0});
    append.context = FirstSession(5);
    if (heard_before) node.Take(append);
    Message snapshot = SnapshotFrom({.term = 3}, {.term = {2}, .index = {9}}, Voters(3));
    snapshot.context = FirstSession(4) + 3;
    snapshot.lost_data = true;
    node.Take(snapshot);
    node.Take(snapshot);
    EXPECT_NE(node->LostData(), heard_before) << "only the later session says that it is another";
    node.Take(append);
    EXPECT_FALSE(node->LostData());
  }
}

TEST(SnapshotScenariosTest, L11_AcknowledgementsOfWhoLostDataDoNotCount) {
  DrivenNode leader(3);
  leader.Lead();
  Message told = Ack({.replica = 2}, LogIndex{1});
  told.lost_data = true;  // an earlier leader found out
  leader.Take(told);
  EXPECT_EQ(leader->commit_index(), LogIndex{0});
  EXPECT_TRUE(leader->GetStatus().peers[0].lost_data);
  leader.Take(Ack({.replica = 3}, LogIndex{1}));
  EXPECT_EQ(leader->commit_index(), LogIndex{1});
}

// Found in simulation: with an older one it is for a while the voter again that it was.
TEST(SnapshotScenariosTest, L11_VoterAddedAnewIsFedWithASnapshotOfAfterItsRemoval) {
  RawNodeConfig config = ConfigOfOne();
  config.max_new_voter_lag = 10;
  RestoredLog restored = LogOf(2, InTerm(Term{1}, LogIndex{3}), {});
  for (uint64_t index = 1;
       const MemberChangeType type :
       {MemberChangeType::kAddVoter, MemberChangeType::kRemove, MemberChangeType::kAddLearner}) {
    const ConfigurationChange change{.changes = {{.type = type, .id = ReplicaId{3}}}};
    Entry entry = Command({.term = Term{1}, .index = LogIndex{index++}}, Encode(change));
    entry.type = EntryType::kConfiguration;
    restored.entries.push_back(std::move(entry));
  }
  DrivenNode leader(config, std::move(restored));
  leader.Work();
  leader.Lead();
  leader.Take(Ack({.replica = 2, .term = 2}, LogIndex{4}));
  ASSERT_EQ(ToString(leader->configuration()), "voters=(1 2) learners=(3)");
  const auto sends_snapshot = [&leader] {
    Message answer = From({.replica = 3, .term = 2}, MessageType::kHeartbeatReply);
    answer.wants_snapshot = true;
    leader->Tick();
    leader.Work();
    leader.Take(answer);
    Message blank = RefusalOf({.replica = 3, .term = 2}, leader->last_index().value, {});
    blank.wants_snapshot = true;
    const std::vector<Message> sent = leader.Take(blank);
    return std::any_of(sent.begin(), sent.end(), [](const Message& message) {
      return message.type == MessageType::kSnapshot;
    });
  };
  EXPECT_FALSE(leader->WantsNewerSnapshot());
  EXPECT_FALSE(sends_snapshot());
  EXPECT_TRUE(leader->WantsNewerSnapshot());
  EXPECT_FALSE(sends_snapshot());
  leader->SetSnapshot(
      {.last = {.term = Term{2}, .index = LogIndex{4}}, .configuration = leader->configuration()});
  EXPECT_FALSE(leader->WantsNewerSnapshot());  // though nothing was heard of it meanwhile
  EXPECT_TRUE(sends_snapshot());
}

TEST(SnapshotScenariosTest, L11_ReplicaWithoutConfigurationVotesForNobodyAndAsksForASnapshot) {
  DrivenNode node(ConfigOfOne(), RestoredLog{});
  for (int tick = 0; tick < 100; ++tick) node->Tick();
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_TRUE(node.Take(From({.term = 3}, MessageType::kVote))[0].reject);
  const std::vector<Message> sent = node.Take(
      AppendFrom({.term = 3}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{2}), LogIndex{2}));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].reject);
  EXPECT_TRUE(sent[0].wants_snapshot);
  EXPECT_EQ(node->last_index(), LogIndex{0});
  node.Take(SnapshotFrom({.term = 3}, {}, Voters(3)));  // the group's beginning
  EXPECT_EQ(node->configuration(), Voters(3));
}

}  // namespace
}  // namespace blixard::raft
