// Snapshots on their way from one replica's store to another's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "raft/storage/snapshot_receiver.h"
#include "raft/storage/snapshot_sender.h"
#include "tests/raft/storage/lossy_link.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

constexpr ClusterId kCluster{7};
constexpr ReplicaId kFollower{9};
constexpr size_t kStreamBytes = 20'000;
const SnapshotTransferOptions kOptions = {.chunk_bytes = 1000,
                                          .window_bytes = 4000,
                                          .bytes_per_tick = 0,
                                          .retry_ticks = 5,
                                          .timeout_ticks = 60};

SnapshotStoreOptions StoreOptions(const std::string& directory) {
  return {.directory = directory,
          .cluster = kCluster,
          .writer = {.chunk_bytes = 512, .max_pending_bytes = 8192, .sync_every_bytes = 2048}};
}

// A replica with snapshots to send.
class Leader {
 public:
  Leader(uint64_t id, uint64_t term, std::vector<uint64_t> snapshots)
      : id_{id}, term_{term}, store_(SnapshotStore::Open(files_, StoreOptions("/leader")).value()) {
    for (const uint64_t index : snapshots) {
      EXPECT_THAT(WriteSnapshot(*store_, MetaOf(index), StreamOf(index, kStreamBytes)), IsOk());
    }
    if (!snapshots.empty()) Restart();
  }

  // Begins to send its newest snapshot (again).
  void Restart(const SnapshotTransferOptions& options = kOptions) {
    sender_.emplace(options, SnapshotRoute{.cluster = kCluster, .from = id_, .to = kFollower},
                    TransferId{.term = term_, .number = ++number_}, store_->OpenNewest().value());
  }

  SnapshotStore& store() { return *store_; }
  SnapshotSender& sender() { return *sender_; }
  ReplicaId id() const { return id_; }

 private:
  const ReplicaId id_;
  const Term term_;
  MemoryFileSystem files_;
  std::unique_ptr<SnapshotStore> store_;
  uint64_t number_ = 0;
  std::optional<SnapshotSender> sender_;
};

class Follower {
 public:
  explicit Follower(const SnapshotTransferOptions& options = kOptions) : options_(options) {
    Restart();
  }

  void Restart() {
    receiver_.reset();
    store_.reset();
    store_ = SnapshotStore::Open(files_, StoreOptions("/follower")).value();
    receiver_.emplace(options_, SnapshotReceiver::Self{.cluster = kCluster, .id = kFollower},
                      *store_);
  }

  SnapshotReceiver& receiver() { return *receiver_; }
  SnapshotStore& store() { return *store_; }
  MemoryFileSystem& files() { return files_; }

 private:
  const SnapshotTransferOptions options_;
  MemoryFileSystem files_;
  std::unique_ptr<SnapshotStore> store_;
  std::optional<SnapshotReceiver> receiver_;
};

// Carries the messages of leaders to a follower and back, tick by tick.
class Transfer {
 public:
  explicit Transfer(Follower& follower, uint64_t seed = 1, const LinkFaults& faults = {})
      : follower_(follower), chunks_(seed, faults), acks_(seed + 1000, faults) {}

  void Add(Leader& leader) { leaders_.push_back(&leader); }
  void Remove(Leader& leader) { std::erase(leaders_, &leader); }

  void Tick() {
    for (Leader* leader : leaders_) {
      leader->sender().Tick();
      SnapshotChunk chunk;
      while (leader->sender().NextChunk(chunk)) {
        sent_bytes_ += chunk.data.size();
        chunks_.Send(chunk);
      }
    }
    chunks_.Tick();
    acks_.Tick();
    for (const SnapshotChunk& chunk : chunks_.Receive()) {
      follower_.receiver().OnChunk(chunk);
      Answer();
    }
    follower_.receiver().Tick();
    Answer();
    for (const SnapshotAck& ack : acks_.Receive()) {
      for (Leader* leader : leaders_) {
        if (leader->id() == ack.route.to) leader->sender().OnAck(ack);
      }
    }
    if (const std::optional<SnapshotMeta> meta = follower_.receiver().TakeInstalled()) {
      installed_.push_back(*meta);
    }
    most_held_ = std::max(most_held_, follower_.receiver().held_bytes());
  }

  // Until the follower has received that much, or a thousand ticks.
  void RunUntilReceived(uint64_t bytes) {
    for (int tick = 0; tick < 1000 && follower_.receiver().received_bytes() < bytes; ++tick) {
      Tick();
    }
    ASSERT_GE(follower_.receiver().received_bytes(), bytes);
  }

  // Until every leader's transfer ended; how many ticks it took.
  int RunToEnd() {
    int ticks = 0;
    const auto is_sending = [](Leader* leader) {
      return leader->sender().state() == SnapshotSender::State::kSending;
    };
    while (std::any_of(leaders_.begin(), leaders_.end(), is_sending)) {
      Tick();
      if (++ticks == 10'000) {
        ADD_FAILURE() << "no end";
        break;
      }
    }
    return ticks;
  }

  const std::vector<SnapshotMeta>& installed() const { return installed_; }
  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t most_held() const { return most_held_; }

 private:
  void Answer() {
    SnapshotAck ack;
    while (follower_.receiver().NextAck(ack)) acks_.Send(ack);
  }

  Follower& follower_;
  std::vector<Leader*> leaders_;
  LossyLink<SnapshotChunk> chunks_;
  LossyLink<SnapshotAck> acks_;
  std::vector<SnapshotMeta> installed_;
  uint64_t sent_bytes_ = 0;
  uint64_t most_held_ = 0;
};

void ExpectInstalled(Follower& follower, const Transfer& transfer, uint64_t index) {
  ASSERT_EQ(transfer.installed(), std::vector<SnapshotMeta>{MetaOf(index)}) << "once";
  EXPECT_EQ(follower.store().newest(), MetaOf(index));
  EXPECT_EQ(ReadNewest(follower.store()).value(), StreamOf(index, kStreamBytes));
  EXPECT_EQ(follower.files().List("/follower")->size(), 1u) << "nothing unfinished stays";
}

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

TEST(SnapshotTransferTest, TheSenderKeepsToItsWindow) {
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

TEST(SnapshotTransferTest, TheSenderKeepsToItsRate) {
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
TEST(SnapshotTransferTest, TheReceiverKeepsToItsRate) {
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

TEST(SnapshotTransferTest, ASenderThatBeginsAgainGoesOnWhereItWas) {
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

TEST(SnapshotTransferTest, ASenderThatHasANewerSnapshotBeginsAnew) {
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

TEST(SnapshotTransferTest, AReceiverThatRestartsMidWayBeginsAnew) {
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

TEST(SnapshotTransferTest, ANewLeaderWithTheSameSnapshotGoesOnWhereTheOldOneWas) {
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
TEST(SnapshotTransferTest, ANewLeaderWithAnotherSnapshotReplacesTheOldOnes) {
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
TEST(SnapshotTransferTest, OfTwoLeadersAtOnceTheLaterTermWins) {
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

TEST(SnapshotTransferTest, AnOldLeaderIsRefused) {
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
  EXPECT_TRUE(transfer.installed().empty());
}

TEST(SnapshotTransferTest, ASilentReceiverIsGivenUp) {
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

TEST(SnapshotTransferTest, ASilentSenderIsGivenUpAndItsFileGoes) {
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

TEST(SnapshotTransferTest, AFullDiskRefusesAndALaterTransferWorks) {
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

TEST(SnapshotTransferTest, AFailedSyncInstallsNothingAndStays) {
  Leader leader(1, 3, {50});
  Follower follower;
  Transfer transfer(follower);
  transfer.Add(leader);
  transfer.RunUntilReceived(1);
  follower.files().FailSync(1);
  transfer.RunToEnd();
  EXPECT_EQ(leader.sender().state(), SnapshotSender::State::kFailed);
  EXPECT_TRUE(transfer.installed().empty());
  EXPECT_EQ(follower.store().status().code(), absl::StatusCode::kUnknown);
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
  EXPECT_FALSE(follower.receiver().TakeInstalled().has_value());
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
