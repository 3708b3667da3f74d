// Transfers of snapshots keep to their window and their rates.
#include <gtest/gtest.h>

#include <cstdint>

#include "raft/storage/snapshot_transfer.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/snapshot_transfer_run.h"

namespace blixard::raft {
namespace {

TEST(SnapshotTransferPaceTest, TheSenderKeepsToItsWindow) {
  Leader leader(1, 3, {50});
  SnapshotChunk chunk;
  uint64_t sent = 0;
  while (leader.sender().NextChunk(chunk)) sent += chunk.data.size();
  EXPECT_EQ(sent, kOptions.window_bytes);
  leader.sender().OnAck({.route = {.cluster = kCluster, .from = kFollower, .to = leader.id()},
                         .transfer = leader.sender().transfer(),
                         .received = 1500});
  while (leader.sender().NextChunk(chunk)) sent += chunk.data.size();
  EXPECT_EQ(sent, 1000 * ((1500 + kOptions.window_bytes) / 1000));
}

TEST(SnapshotTransferPaceTest, TheSenderKeepsToItsRate) {
  SnapshotTransferOptions options = kOptions;
  options.bytes_per_tick = 1500;
  Leader leader(1, 3, {50});
  leader.Restart(options);
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  for (uint64_t tick = 1; leader.sender().state() == SnapshotSender::State::kSending; ++tick) {
    transfer.Tick();
    ASSERT_LE(transfer.sent_bytes(), tick * options.bytes_per_tick);
  }
  ExpectInstalled(follower, transfer, 50);
}

// L16: the disk is not flooded, whatever the network brings.
TEST(SnapshotTransferPaceTest, TheReceiverKeepsToItsRate) {
  SnapshotTransferOptions options = kOptions;
  options.bytes_per_tick = 700;
  Leader leader(1, 3, {50});
  Follower follower(options);
  Transfer transfer(follower);
  transfer.Add(leader);
  uint64_t ticks = 0;
  while (leader.sender().state() == SnapshotSender::State::kSending) {
    transfer.Tick();
    ++ticks;
    const uint64_t taken = follower.receiver().received_bytes();
    ASSERT_LE(taken, ticks * options.bytes_per_tick + kOptions.window_bytes + 1024);
  }
  EXPECT_GE(ticks * options.bytes_per_tick, kStreamBytes);
  ExpectInstalled(follower, transfer, 50);
}

}  // namespace
}  // namespace blixard::raft
