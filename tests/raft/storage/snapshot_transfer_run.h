// Leaders, a follower and the messages of snapshot transfers between their stores, tick by tick.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_SNAPSHOT_TRANSFER_RUN_H_
#define BLIXARD_TESTS_RAFT_STORAGE_SNAPSHOT_TRANSFER_RUN_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/snapshot_receiver.h"
#include "raft/storage/snapshot_sender.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/snapshot_transfer.h"
#include "tests/raft/storage/lossy_link.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {

inline constexpr ClusterId kCluster{7};
inline constexpr ReplicaId kFollower{9};
inline constexpr size_t kStreamBytes = 20'000;
inline const SnapshotTransferOptions kOptions = {.chunk_bytes = 1000,
                                                 .window_bytes = 4000,
                                                 .bytes_per_tick = 0,
                                                 .retry_ticks = 5,
                                                 .timeout_ticks = 60};

inline SnapshotStoreOptions StoreOptions(const std::string& directory) {
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
                    TransferId{.term = term_, .number = ++number_}, OpenNewest(*store_).value());
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

// Counts how often something took a name: what is received does when it is whole.
class CountedRenames final : public FileSystem {
 public:
  explicit CountedRenames(FileSystem& files) : files_(files) {}
  size_t renames() const { return renames_; }

  absl::Status Rename(const RenamePaths& paths) override {
    ++renames_;
    return files_.Rename(paths);
  }
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override {
    return files_.Open(path, mode);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override {
    return files_.List(directory);
  }
  absl::Status Remove(const std::string& path) override { return files_.Remove(path); }
  absl::Status MakeDirectory(const std::string& path) override {
    return files_.MakeDirectory(path);
  }
  absl::Status SyncDirectory(const std::string& path) override {
    return files_.SyncDirectory(path);
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override {
    return files_.FreeBytes(directory);
  }
  absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(const std::string& path) override {
    return files_.LockDirectory(path);
  }

 private:
  FileSystem& files_;
  size_t renames_ = 0;
};

class Follower {
 public:
  explicit Follower(const SnapshotTransferOptions& options = kOptions) : options_(options) {
    Restart();
  }

  void Restart() {
    receiver_.reset();
    store_.reset();
    store_ = SnapshotStore::Open(counted_, StoreOptions("/follower")).value();
    receiver_.emplace(options_, SnapshotReceiver::Self{.cluster = kCluster, .id = kFollower},
                      *store_);
  }

  SnapshotReceiver& receiver() { return *receiver_; }
  SnapshotStore& store() { return *store_; }
  MemoryFileSystem& files() { return files_; }
  size_t installs() const { return counted_.renames(); }

 private:
  const SnapshotTransferOptions options_;
  MemoryFileSystem files_;
  CountedRenames counted_{files_};
  std::unique_ptr<SnapshotStore> store_;
  std::optional<SnapshotReceiver> receiver_;
};

// Carries the messages of leaders to a follower and back, tick by tick.
class Transfer {
 public:
  explicit Transfer(Follower& follower, uint64_t seed = 1, const LinkFaults& faults = {})
      : follower_(follower),
        installed_before_(follower.installs()),
        chunks_(seed, faults),
        acks_(seed + 1000, faults) {}

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

  size_t installs() const { return follower_.installs() - installed_before_; }
  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t most_held() const { return most_held_; }

 private:
  void Answer() {
    SnapshotAck ack;
    while (follower_.receiver().NextAck(ack)) acks_.Send(ack);
  }

  Follower& follower_;
  const size_t installed_before_;
  std::vector<Leader*> leaders_;
  LossyLink<SnapshotChunk> chunks_;
  LossyLink<SnapshotAck> acks_;
  uint64_t sent_bytes_ = 0;
  uint64_t most_held_ = 0;
};

inline void ExpectInstalled(Follower& follower, const Transfer& transfer, uint64_t index) {
  ASSERT_EQ(transfer.installs(), 1u);
  EXPECT_EQ(follower.store().newest(), MetaOf(index));
  EXPECT_EQ(ReadNewest(follower.store()).value(), StreamOf(index, kStreamBytes));
  EXPECT_EQ(follower.files().List("/follower")->size(), 1u) << "nothing unfinished stays";
}

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_SNAPSHOT_TRANSFER_RUN_H_
