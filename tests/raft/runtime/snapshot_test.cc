// Snapshots of real replicas: taken, compacted behind, restarted from.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "raft/runtime/replica.h"
#include "tests/raft/runtime/replica_group.h"

namespace blixard::raft {
namespace {

ReplicaGroupOptions Options(size_t size) {
  return {
      .size = size, .first_voters = 0, .snapshots = true, .configure = [](ReplicaConfig& config) {
        config.snapshot_entries = 50;
        config.max_retained_bytes = 2000;
      }};
}

void ProposeMany(ReplicaGroup& group, uint64_t leader, size_t count, AnswerBox& box) {
  const size_t before = box.size();
  for (size_t i = 1; i <= count; ++i) {
    ASSERT_TRUE(group.Propose(leader, absl::StrCat("request ", i), box).ok());
    box.Await(before + i);
  }
}

TEST(SnapshotTest, LogIsCompactedBehindThemAndARestartBeginsWithTheNewest) {
  ReplicaGroup group(Options(1));
  group.Start(1);
  ASSERT_EQ(group.Elect(), 1u);
  AnswerBox box;
  ProposeMany(group, 1, 400, box);
  group.Await([&] { return group.snapshots(1).newest().has_value(); }, "a snapshot");
  group.Await([&] { return group.replica(1).Status().node.first_index > LogIndex{100}; },
              "the log is compacted");
  const std::vector<std::string> journal = group.state_machine(1).journal();
  group.Stop(1);
  group.Start(1);
  const ReplicaStatus status = group.replica(1).Status();
  EXPECT_GT(status.node.snapshot_index, LogIndex{100});
  EXPECT_LT(status.counters.entries_applied, 300u) << "the whole log was replayed";
  group.AwaitLeader();
  ProposeMany(group, 1, 1, box);
  EXPECT_EQ(group.state_machine(1).journal().size(), journal.size() + 1);
}

TEST(SnapshotTest, OneIsTakenWhenAskedFor) {
  ReplicaGroup group(Options(1));
  group.Start(1);
  group.Elect();
  AnswerBox box;
  ProposeMany(group, 1, 3, box);
  EXPECT_TRUE(group.Request(1, {.kind = ReplicaRequest::Kind::kTakeSnapshot}).ok());
  group.Await([&] { return group.snapshots(1).newest().has_value(); }, "a snapshot");
  EXPECT_EQ(group.snapshots(1).newest()->configuration.voters,
            std::vector<ReplicaId>{ReplicaId{1}});
}

// Nothing would compact the log any more, and nothing could be received.
TEST(SnapshotTest, FailedDiskOfTheSnapshotsStopsTheReplicaAndSaysWhy) {
  ReplicaGroup group(Options(1));
  group.Start(1);
  group.Elect();
  AnswerBox box;
  ProposeMany(group, 1, 3, box);
  group.snapshot_disk(1).FailSync(1);
  EXPECT_TRUE(group.Request(1, {.kind = ReplicaRequest::Kind::kTakeSnapshot}).ok());
  group.Await([&] { return !group.replica(1).Status().failure.ok(); }, "it stops");
  EXPECT_EQ(group.replica(1).Status().failure, [&] {
    const absl::Status store = group.snapshots(1).status();
    return absl::Status(store.code(), absl::StrCat("snapshots: ", store.message()));
  }());
  EXPECT_FALSE(group.Propose(1, "late", box).ok());
  EXPECT_EQ(box.size(), 3u);
}

TEST(SnapshotTest, FullDiskOfTheSnapshotsPutsThemOff) {
  ReplicaGroup group(Options(1));
  group.Start(1);
  group.Elect();
  AnswerBox box;
  group.snapshot_disk(1).set_capacity_bytes(0);
  ProposeMany(group, 1, 200, box);  // four would have been taken
  EXPECT_FALSE(group.snapshots(1).newest().has_value());
  EXPECT_TRUE(group.replica(1).Status().failure.ok());
  group.snapshot_disk(1).set_capacity_bytes(UINT64_MAX);
  ProposeMany(group, 1, 100, box);
  group.Await([&] { return group.snapshots(1).newest().has_value(); }, "a snapshot");
}

// L16: the pace of a snapshot is the clock's, and the clock stands still.
TEST(SnapshotTest, LogIsSyncedHoweverLongASnapshotTakes) {
  constexpr uint64_t kBytesPerTick = 64 << 10;
  ReplicaGroupOptions options = Options(1);
  options.configure = [](ReplicaConfig& config) {
    config.tick = absl::Hours(1);
    config.snapshot_bytes_per_tick = kBytesPerTick;
  };
  ReplicaGroup group(options);
  group.Start(1);
  ASSERT_EQ(group.Elect(), 1u);
  AnswerBox box;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(group.Propose(1, std::string(1000, 'x'), box).ok());
  }
  box.Await(1000);
  EXPECT_TRUE(group.Request(1, {.kind = ReplicaRequest::Kind::kTakeSnapshot}).ok());
  group.Await([&] { return group.snapshot_disk(1).writes() > 0; }, "the snapshot is begun");
  const uint64_t syncs = group.disk(1).syncs();
  ProposeMany(group, 1, 200, box);
  EXPECT_GE(group.disk(1).syncs(), syncs + 200) << "each was synced alone";
  EXPECT_FALSE(group.snapshots(1).newest().has_value());
  EXPECT_GE(group.snapshot_disk(1).FreeBytes("/snapshots").value(), UINT64_MAX - kBytesPerTick)
      << "no more than one tick's share is written";
  group.Stop(1);  // does not wait for the rest either
}

TEST(SnapshotTest, WithoutAStoreNoneIsTaken) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  EXPECT_EQ(group.Request(1, {.kind = ReplicaRequest::Kind::kTakeSnapshot}).code(),
            absl::StatusCode::kFailedPrecondition);
}

// L15, L16: a follower that is away costs the leader no more memory than it is configured to spend.
TEST(SnapshotTest, AbsentFollowerDoesNotMakeTheLeaderHoldItsLog) {
  ReplicaGroup group(Options(3));
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  group.Isolate(leader % 3 + 1, true);
  AnswerBox box;
  ProposeMany(group, leader, 500, box);
  group.Await(
      [&] {
        const NodeStatus node = group.replica(leader).Status().node;
        return node.first_index > LogIndex{300};
      },
      "the log is compacted although a follower needs it");
  group.Isolate(leader % 3 + 1, false);
  group.AwaitApplied(500);
  EXPECT_EQ(group.state_machine(leader % 3 + 1).journal(), group.state_machine(leader).journal());
  EXPECT_GT(group.replica(leader % 3 + 1).Status().node.snapshot_index, LogIndex{300});
}

// At the start, with each change that is applied, and with a snapshot that is installed.
TEST(SnapshotTest, TransportsAreToldWhoBelongsToTheGroupAndWhere) {
  ReplicaGroupOptions options = Options(2);
  options.first_voters = 1;
  ReplicaGroup group(options);
  for (uint64_t id : {1, 2}) group.Start(id);
  EXPECT_EQ(group.members_told(2), std::vector<Configuration>{{}});  // a member of nothing yet
  group.Await([&] { return group.replica(1).leader() == ReplicaId{1}; }, "the first leads");
  ReplicaRequest request{.kind = ReplicaRequest::Kind::kChangeMembers};
  request.change.changes = {
      {.type = MemberChangeType::kAddLearner, .id = ReplicaId{2}, .address = "here:2"}};
  ASSERT_TRUE(group.Request(1, request).ok());
  const Configuration with_learner{.voters = {ReplicaId{1}},
                                   .learners = {ReplicaId{2}},
                                   .addresses = {{ReplicaId{2}, "here:2"}}};
  EXPECT_EQ(group.members_told(1),
            (std::vector<Configuration>{{.voters = {ReplicaId{1}}}, with_learner}));
  group.Await([&] { return group.members_told(2).back() == with_learner; }, "the learner knows");
  request.change.changes[0].address = "there:2";
  ASSERT_TRUE(group.Request(1, request).ok());
  EXPECT_EQ(group.members_told(1).back().AddressOf(ReplicaId{2}), "there:2");
  EXPECT_EQ(group.Request(1, request).code(), absl::StatusCode::kAlreadyExists);
}

TEST(SnapshotTest, WhoLacksTheLogIsNotMadeAVoter) {
  ReplicaGroupOptions options = Options(2);
  options.first_voters = 1;
  ReplicaGroup group(options);
  group.Start(1);
  group.Await([&] { return group.replica(1).leader() == ReplicaId{1}; }, "the first leads");
  ReplicaRequest request{.kind = ReplicaRequest::Kind::kChangeMembers};
  for (MemberChangeType type :
       {MemberChangeType::kAddVoter, MemberChangeType::kAddLearner, MemberChangeType::kAddVoter}) {
    request.change.changes = {{.type = type, .id = ReplicaId{2}}};
    const absl::Status ended = group.Request(1, request);
    EXPECT_EQ(ended.ok(), type == MemberChangeType::kAddLearner) << ended;  // nobody runs there
  }
  AnswerBox box;
  ASSERT_TRUE(group.Propose(1, "still", box).ok());
  EXPECT_EQ(box.Await(1).back().outcome, "1:still");
}

// A group grows from one replica to three and shrinks again, while its log is compacted.
TEST(SnapshotTest, LearnersCatchUpArePromotedAndTheOldReplicaRemoved) {
  ReplicaGroupOptions options = Options(3);
  options.first_voters = 1;
  ReplicaGroup group(options);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  group.Await([&] { return group.replica(1).leader() == ReplicaId{1}; }, "the first leads");
  AnswerBox box;
  ProposeMany(group, 1, 200, box);
  const auto change = [&](MemberChangeType type, uint64_t id) {
    ReplicaRequest request{.kind = ReplicaRequest::Kind::kChangeMembers};
    request.change.changes = {{.type = type, .id = ReplicaId{id}}};
    return group.Request(1, std::move(request));
  };
  for (uint64_t id : {2, 3}) {
    ASSERT_TRUE(change(MemberChangeType::kAddLearner, id).ok());
    group.Await([&] { return group.state_machine(id).journal().size() == 200; }, "it catches up");
    ASSERT_TRUE(change(MemberChangeType::kAddVoter, id).ok());
  }
  EXPECT_EQ(group.replica(1).Status().node.configuration.voters.size(), 3u);
  ASSERT_TRUE(group.replica(1).HandOver(absl::Seconds(20)));
  group.Await([&] { return group.replica(2).leader() != ReplicaId{1}; }, "another leads");
  const uint64_t second = group.AwaitLeader();
  ReplicaRequest removal{.kind = ReplicaRequest::Kind::kChangeMembers};
  removal.change.changes = {{.type = MemberChangeType::kRemove, .id = ReplicaId{1}}};
  ASSERT_TRUE(group.Request(second, removal).ok());
  group.Stop(1);
  ASSERT_TRUE(group.Propose(second, "after", box).ok());
  EXPECT_EQ(box.Await(201).back().outcome, "201:after");
  // Who was added later knows the group after a restart too.
  group.Stop(3);
  group.Start(3);
  group.AwaitApplied(201);
  EXPECT_EQ(group.replica(3).Status().node.configuration.voters.size(), 2u);
}

}  // namespace
}  // namespace blixard::raft
