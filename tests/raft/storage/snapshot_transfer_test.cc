// Snapshots on their way from one replica's store to another's.
#include "raft/storage/snapshot_transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "memory_optimization/buffer_pool.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/snapshot_transfer_run.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

TEST(SnapshotTransferTest, ASnapshotArrivesWholeAndIsToldOnce) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunToEnd();
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kInstalled);
  EXPECT_EQ(transfer.sent_bytes(), kStreamBytes) << "nothing is sent twice without need";
  ExpectInstalled(follower, transfer, 50);
}

TEST(SnapshotTransferTest, AnEmptyStateArrivesToo) {
  Leader leader(1, 3, {});
  ASSERT_THAT(WriteSnapshot(leader.store(), MetaOf(4), ""), IsOk());
  leader.Restart();
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunToEnd();
  EXPECT_EQ(follower.store().newest(), MetaOf(4));
}

TEST(SnapshotTransferTest, ABadNetworkCostsTimeOnly) {
  uint64_t sent_again = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    SnapshotTransferOptions options = kOptions;
    options.chunk_bytes = 1 + random() % 1500;
    options.window_bytes = options.chunk_bytes * (1 + random() % 6);
    options.bytes_per_tick = random() % 2 == 0 ? 0 : 700 + random() % 3000;
    options.timeout_ticks = 400;
    Leader leader(1, 3, {50});
    leader.Restart(options);
    Follower follower(options);
    Transfer transfer(follower, seed,
                      {.loss_percent = random() % 40,
                       .double_percent = random() % 40,
                       .max_delay_ticks = random() % 6});
    transfer.Add(leader);
    transfer.RunToEnd();
    ASSERT_EQ(leader.sender().state(), SnapshotSender::State::kInstalled)
        << leader.sender().status();
    ExpectInstalled(follower, transfer, 50);
    ASSERT_LE(transfer.most_held(), options.window_bytes + options.chunk_bytes + 1024);
    sent_again += leader.sender().sent_again_bytes();
    if (HasFailure()) return;
  }
  EXPECT_GT(sent_again, 0u) << "the network was too kind";
}

TEST(SnapshotTransferTest, WhatIsThereAlreadyIsNotWrittenAgain) {
  Leader leader(1, 3, {50});
  Follower follower;
  ASSERT_THAT(WriteSnapshot(follower.store(), MetaOf(55), "x"), IsOk());
  const uint64_t writes = follower.files().writes();
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunToEnd();
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kInstalled);
  EXPECT_EQ(follower.files().writes(), writes);
  EXPECT_EQ(transfer.installs(), 0u);
}

// S25, and damage on the way that a transport did not notice.
TEST(SnapshotTransferTest, ChunksForOthersOrDamagedOnesAreDropped) {
  Leader leader(1, 3, {50});
  Follower follower;
  SnapshotChunk good;
  ASSERT_TRUE(leader.sender().NextChunk(good));
  SnapshotChunk bad = good;
  bad.route.cluster = ClusterId{8};
  follower.receiver().OnChunk(bad);
  bad = good;
  bad.route.to = ReplicaId{10};
  follower.receiver().OnChunk(bad);
  bad = good;
  bad.data_crc32c ^= 1;
  follower.receiver().OnChunk(bad);
  bad = good;
  bad.offset = bad.stream_bytes - 1;
  follower.receiver().OnChunk(bad);
  bad = good;
  bad.configuration = memory::BufferPool::Default().AcquireCopy("no configuration").value();
  follower.receiver().OnChunk(bad);
  EXPECT_EQ(follower.receiver().chunks_dropped(), 5u);
  EXPECT_FALSE(follower.receiver().is_receiving());
  follower.receiver().OnChunk(good);
  EXPECT_TRUE(follower.receiver().is_receiving());
}

TEST(SnapshotTransferTest, AStreamThatIsNotWhatWasAnnouncedIsNotInstalled) {
  Leader leader(1, 3, {50});
  Follower follower;
  SnapshotAck ack;
  SnapshotChunk chunk;
  for (int round = 0; round < 100; ++round) {
    while (leader.sender().NextChunk(chunk)) {
      chunk.stream_crc32c ^= 1;
      follower.receiver().OnChunk(chunk);
      while (follower.receiver().NextAck(ack)) leader.sender().OnAck(ack);
    }
  }
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kFailed);
  EXPECT_FALSE(follower.store().newest().has_value());
}

TEST(SnapshotTransferTest, BadOptionsAreNamed) {
  SnapshotTransferOptions bad = kOptions;
  bad.window_bytes = 999;
  EXPECT_THAT(bad.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("window_bytes")));
  bad = kOptions;
  bad.chunk_bytes = 0;
  EXPECT_THAT(bad.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chunk_bytes")));
  bad = kOptions;
  bad.timeout_ticks = bad.retry_ticks;
  EXPECT_THAT(bad.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("timeout_ticks")));
  EXPECT_THAT(SnapshotTransferOptions().Validate(), IsOk());
}

}  // namespace
}  // namespace blixard::raft
