// Transfers that begin again, and transfers that take the place of others.
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

TEST(SnapshotTransferTakeoverTest, ASenderThatBeginsAgainGoesOnWhereItWas) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunUntilReceived(kStreamBytes / 2);
  leader.Restart();
  transfer.RunToEnd();
  EXPECT_LE(transfer.sent_bytes(), kStreamBytes + 2 * kOptions.window_bytes);
  ExpectInstalled(follower, transfer, 50);
}

TEST(SnapshotTransferTakeoverTest, ASenderThatHasANewerSnapshotBeginsAnew) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunUntilReceived(kStreamBytes / 2);
  ASSERT_THAT(WriteSnapshot(leader.store(), MetaOf(60), StreamOf(60, kStreamBytes)), IsOk());
  leader.Restart();
  transfer.RunToEnd();
  ExpectInstalled(follower, transfer, 60);
}

TEST(SnapshotTransferTakeoverTest, AReceiverThatRestartsMidWayBeginsAnew) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunUntilReceived(kStreamBytes / 2);
  follower.Restart();
  transfer.RunToEnd();
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kInstalled);
  ExpectInstalled(follower, transfer, 50);
}

TEST(SnapshotTransferTakeoverTest, ANewLeaderWithTheSameSnapshotGoesOnWhereTheOldOneWas) {
  Leader old_leader(1, 3, {50});
  Leader new_leader(2, 4, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(old_leader);
  transfer.RunUntilReceived(kStreamBytes / 2);
  transfer.Remove(old_leader);
  transfer.Add(new_leader);
  transfer.RunToEnd();
  EXPECT_LE(transfer.sent_bytes(), kStreamBytes + 2 * kOptions.window_bytes);
  ExpectInstalled(follower, transfer, 50);
}

// Whichever of the two snapshots is the newer one.
TEST(SnapshotTransferTakeoverTest, ANewLeaderWithAnotherSnapshotReplacesTheOldOnes) {
  for (const uint64_t index : {40, 60}) {
    SCOPED_TRACE(index);
    Leader old_leader(1, 3, {50});
    Leader new_leader(2, 4, {index});
    Follower follower;
    Transfer transfer(follower);
    transfer.Add(old_leader);
    transfer.RunUntilReceived(kStreamBytes / 2);
    transfer.Remove(old_leader);
    transfer.Add(new_leader);
    transfer.RunToEnd();
    ExpectInstalled(follower, transfer, index);
  }
}

// L12: two installs at once must neither mix nor keep each other from ending.
TEST(SnapshotTransferTakeoverTest, OfTwoLeadersAtOnceTheLaterTermWins) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Leader old_leader(1, 3, {50});
    Leader new_leader(2, 4, {60});
    Follower follower;
    Transfer transfer(follower, seed,
                      {.loss_percent = 10, .double_percent = 10, .max_delay_ticks = 3});
    transfer.Add(old_leader);
    transfer.Add(new_leader);
    transfer.RunToEnd();
    EXPECT_EQ(new_leader.sender().state(), SnapshotSender::State::kInstalled);
    ExpectInstalled(follower, transfer, 60);
  }
}

TEST(SnapshotTransferTakeoverTest, AnOldLeaderIsRefused) {
  Leader old_leader(1, 3, {50});
  Leader new_leader(2, 4, {60});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(new_leader);
  transfer.RunUntilReceived(1);
  transfer.Add(old_leader);
  transfer.Tick();
  EXPECT_EQ(old_leader.sender().state(), SnapshotSender::State::kFailed);
  EXPECT_THAT(old_leader.sender().status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("replica 9 refused")));
  transfer.RunToEnd();
  ExpectInstalled(follower, transfer, 60);
}

}  // namespace
}  // namespace blixard::raft
