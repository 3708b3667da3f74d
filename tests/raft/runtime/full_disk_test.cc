// A full disk under a running replica: it turns proposals away while there is still room for what
// is under way, stays readable, and goes on by itself when there is room again.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/runtime/replica.h"
#include "tests/raft/runtime/replica_group.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {
namespace {

// From now on so much is free.
void LeaveRoom(MemoryFileSystem& disk, uint64_t free_bytes) {
  disk.set_capacity_bytes(UINT64_MAX);
  const uint64_t used = UINT64_MAX - disk.FreeBytes("/").value();
  disk.set_capacity_bytes(used + free_bytes);
}

TEST(FullDiskTest, ProposalsAreRefusedAtTheReserveAndTakenWhenThereIsRoomAgain) {
  AnswerBox box;
  size_t accepted = 0;
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  const auto propose = [&] {
    const absl::Status taken = group.Propose(1, "x", box);
    accepted += taken.ok();
    return taken;
  };
  EXPECT_TRUE(propose().ok());
  LeaveRoom(group.disk(1), (64 << 20) - 1);
  ReplicaGroup::Await([&] { return absl::IsResourceExhausted(propose()); }, "a refusal");
  const ReplicaStatus status = group.replica(1).Status();
  EXPECT_TRUE(status.failure.ok());
  EXPECT_TRUE(status.space.low());
  EXPECT_GT(status.counters.proposals_refused, 0u);
  EXPECT_TRUE(AwaitReadable(group.replica(1)).ok());
  EXPECT_EQ(group.state_machine(1).journal().front(), "x");

  LeaveRoom(group.disk(1), 64 << 20);
  ReplicaGroup::Await([&] { return propose().ok(); }, "one is taken");
  for (const AnswerBox::Answer& answer : box.Await(accepted)) {
    EXPECT_EQ(answer.end, ProposalEnd::kCommitted);
  }
}

// Some file systems find room only when they write (copy on write, quotas of a server). What then
// became of the bytes nobody knows, so that there is nothing to wait for.
TEST(FullDiskTest, DiskThatIsFullUnderAWriteStopsTheReplica) {
  AnswerBox box;
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  ASSERT_TRUE(group.Propose(1, "x", box).ok());
  box.Await(1);
  const std::string segment = "/log/0000000000000001.wal";
  MemoryFileSystem& disk = group.disk(1);
  disk.SetContent(segment, disk.Content(segment).substr(0, 1));
  LeaveRoom(disk, 1);
  group.Propose(1, "y", box).IgnoreError();
  ReplicaGroup::Await([&] { return !group.replica(1).Status().failure.ok(); }, "the replica's end");
  const absl::Status failure = group.replica(1).Status().failure;
  EXPECT_EQ(failure.code(), absl::StatusCode::kInternal) << failure;
}

class DiskWithoutReserveTest : public ::testing::Test {
 protected:
  DiskWithoutReserveTest() : group_({.size = 1, .reserve_bytes = 0}) {
    group_.Start(1);
    group_.Elect();
    LeaveRoom(group_.disk(1), 0);
  }

  // More than the segments at hand take.
  size_t ProposeMuch(AnswerBox& box) {
    size_t accepted = 0;
    for (int i = 0; i < 8'000; ++i) {
      accepted += group_.Propose(1, std::string(1000, 'x'), box).ok();
    }
    return accepted;
  }

  // The writer waits: nothing is answered any more, though something is still open.
  void AwaitStandstill(AnswerBox& box, size_t accepted) {
    ReplicaGroup::Await(
        [&] {
          const size_t answered = box.size();
          absl::SleepFor(absl::Milliseconds(200));
          return box.size() == answered;
        },
        "a standstill");
    EXPECT_LT(box.size(), accepted) << "the disk was not full";
  }

  ReplicaGroup group_;
};

TEST_F(DiskWithoutReserveTest, WhatIsUnderWayWaitsForRoomAndIsAnswered) {
  AnswerBox box;
  const size_t accepted = ProposeMuch(box);
  AwaitStandstill(box, accepted);
  EXPECT_TRUE(group_.replica(1).Status().failure.ok());
  EXPECT_EQ(group_.replica(1).leader(), ReplicaId{1});
  EXPECT_TRUE(AwaitReadable(group_.replica(1)).ok()) << "it stays readable";
  group_.disk(1).set_capacity_bytes(UINT64_MAX);
  for (const AnswerBox::Answer& answer : box.Await(accepted)) {
    EXPECT_EQ(answer.end, ProposalEnd::kCommitted);
  }
  EXPECT_TRUE(ProposeAndWait(group_.replica(1), "after").ok());
}

TEST_F(DiskWithoutReserveTest, WhoWaitsForAnAnswerMayGiveUp) {
  AnswerBox box;
  const size_t accepted = ProposeMuch(box);
  AwaitStandstill(box, accepted);
  const absl::Status given_up =
      ProposeAndWait(group_.replica(1), "late", absl::Milliseconds(50)).status();
  EXPECT_TRUE(absl::IsUnknown(given_up)) << given_up;
  group_.disk(1).set_capacity_bytes(UINT64_MAX);
  EXPECT_TRUE(ProposeAndWait(group_.replica(1), "after", absl::Minutes(2)).ok());
  box.Await(accepted);
  const std::vector<std::string> journal = group_.state_machine(1).journal();
  ASSERT_GE(journal.size(), 2u);
  EXPECT_EQ(journal[journal.size() - 2], "late") << "it was answered when nobody waited any more";
}

TEST_F(DiskWithoutReserveTest, StopDoesNotWaitForRoom) {
  AnswerBox box;
  const size_t accepted = ProposeMuch(box);
  AwaitStandstill(box, accepted);
  group_.replica(1).Stop();
  size_t open = 0;
  for (const AnswerBox::Answer& answer : box.Await(accepted)) {
    open += answer.end != ProposalEnd::kCommitted;
  }
  EXPECT_GT(open, 0u);
  EXPECT_EQ(box.size(), accepted);
}

}  // namespace
}  // namespace blixard::raft
