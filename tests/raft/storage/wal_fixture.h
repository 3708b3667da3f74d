// A log on a disk in memory beside a model of it.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_WAL_FIXTURE_H_
#define BLIXARD_TESTS_RAFT_STORAGE_WAL_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {

class WalFixture : public ::testing::Test {
 protected:
  static constexpr uint64_t kSegmentBytes = 4096;

  absl::StatusOr<OpenedWal> Open() {
    return Wal::Open(files_, memory::BufferPool::Default(), options_);
  }

  // Opens anew, as a restarted process; what was recovered has to equal `want`.
  void ReopenExpecting(const LogModel& want) {
    wal_.reset();
    absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(ModelOf(opened->recovered), want);
    wal_ = std::move(opened->wal);
  }

  void Start() { ReopenExpecting(LogModel()); }

  void AppendSynced(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries) {
    ASSERT_THAT(wal_->Append(hard_state, entries), IsOk());
    model_.Append(hard_state, entries);
    ASSERT_THAT(wal_->Sync(), IsOk());
  }

  Entry Next(uint64_t term, absl::string_view payload) const {
    return MakeEntry({.term = {term}, .index = model_.last_index() + 1}, payload);
  }

  // `count` committed entries of term 1 and of a size such that three fill a segment.
  void Fill(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      const Entry entry = Next(1, std::string(1000, static_cast<char>('a' + i % 26)));
      AppendSynced(HardState{.term = {1}, .commit = entry.index}, {entry});
    }
  }

  void CompactThrough(uint64_t index) {
    const EntryId through = model_.IdAt({index});
    ASSERT_THAT(wal_->CompactThrough(through), IsOk());
    model_.CompactThrough(through);
    ASSERT_THAT(wal_->Sync(), IsOk());
  }

  void Prepare() {
    while (wal_->PrepareStep()) {
    }
  }

  // Names in the directory that end so.
  std::vector<std::string> Names(absl::string_view suffix) {
    std::vector<std::string> found;
    const std::vector<std::string> names = *files_.List(options_.directory);
    for (const std::string& name : names) {
      if (name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix) {
        found.push_back(name);
      }
    }
    return found;
  }

  std::string Path(uint64_t sequence) const { return SegmentPath(options_, sequence); }

  MemoryFileSystem files_;
  WalOptions options_ = {.directory = "/wal",
                         .cluster = ClusterId{1},
                         .replica = ReplicaId{2},
                         .segment_bytes = kSegmentBytes};
  std::unique_ptr<Wal> wal_;
  LogModel model_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_WAL_FIXTURE_H_
