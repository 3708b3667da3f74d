// Transfers whose other side falls silent or whose disk fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "raft/storage/snapshot_transfer.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/snapshot_transfer_run.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

TEST(SnapshotTransferFailureTest, ASilentReceiverIsGivenUp) {
  Leader leader(1, 3, {50});
  for (uint32_t tick = 0; tick <= kOptions.timeout_ticks; ++tick) {
    SnapshotChunk chunk;
    while (leader.sender().NextChunk(chunk)) {
    }
    leader.sender().Tick();
  }
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kFailed);
  EXPECT_THAT(leader.sender().status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("replica 9 was silent")));
}

TEST(SnapshotTransferFailureTest, ASilentSenderIsGivenUpAndItsFileGoes) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunUntilReceived(kStreamBytes / 2);
  transfer.Remove(leader);
  for (uint32_t tick = 0; tick <= kOptions.timeout_ticks; ++tick) transfer.Tick();
  EXPECT_FALSE(follower.receiver().is_receiving());
  EXPECT_TRUE(follower.files().List("/follower")->empty());
}

TEST(SnapshotTransferFailureTest, AFullDiskRefusesAndALaterTransferWorks) {
  Leader leader(1, 3, {50});
  Follower follower;
  follower.files().set_capacity_bytes(kStreamBytes / 2);
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunToEnd();
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kFailed);
  EXPECT_THAT(follower.store().status(), IsOk());
  EXPECT_TRUE(follower.files().List("/follower")->empty()) << "the room is given back";
  follower.files().set_capacity_bytes(UINT64_MAX);
  leader.Restart();
  transfer.RunToEnd();
  ExpectInstalled(follower, transfer, 50);
}

TEST(SnapshotTransferFailureTest, AFailedSyncInstallsNothingAndStays) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunUntilReceived(1);
  follower.files().FailSync(1);
  transfer.RunToEnd();
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kFailed);
  EXPECT_EQ(transfer.installs(), 0u);
  EXPECT_EQ(follower.store().status().code(), absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace blixard::raft
