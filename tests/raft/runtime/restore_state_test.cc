// From a disk as crashes leave it to a replica's start.
#include "raft/runtime/restore_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/runtime/snapshot_bytes.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/memory_stream.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TextMachine : public StateMachine {
 public:
  void Apply(EntryId, absl::string_view, OutcomeSink&) override {}
  std::unique_ptr<StateView> Freeze() override { return std::make_unique<EncodedView>(text); }
  absl::Status Restore(SnapshotSource& source) override {
    absl::StatusOr<std::string> read = ReadAll(source);
    if (read.ok()) text = *std::move(read);
    return read.status();
  }
  std::string text;
};

Entry EntryOf(uint64_t index, uint64_t term) {
  return {.term = Term{term},
          .index = LogIndex{index},
          .type = EntryType::kCommand,
          .payload_crc32c = PayloadCrc32c("x"),
          .payload = memory::BufferPool::Default().AcquireCopy("x").value()};
}

class RestoreStateTest : public ::testing::Test {
 protected:
  RestoreStateTest() { Open(); }

  void Open() {
    wal_.reset();
    auto opened = Wal::Open(files_, memory::BufferPool::Default(),
                            {.directory = "/log",
                             .cluster = ClusterId{7},
                             .replica = ReplicaId{1},
                             .segment_bytes = 1 << 16});
    ASSERT_THAT(opened, IsOk());
    wal_ = std::move(opened->wal);
    log_ = std::move(opened->recovered);
  }

  // Entries 1 to `last` of term 2, of which `commit` were known to be committed; then a crash.
  void WriteLog(uint64_t last, uint64_t commit) {
    std::vector<Entry> entries;
    for (uint64_t index = 1; index <= last; ++index) entries.push_back(EntryOf(index, 2));
    const HardState state{.term = Term{2}, .vote = ReplicaId{1}, .commit = LogIndex{commit}};
    ASSERT_THAT(wal_->Append(state, entries), IsOk());
    ASSERT_THAT(wal_->Sync(), IsOk());
    files_.Crash();
    Open();
  }

  // With the snapshot of entry `index` and `term`, if any, in the store.
  absl::StatusOr<RestoredLog> Restore(std::optional<EntryId> snapshot = std::nullopt) {
    DiskState disk{
        .storage = *wal_,
        .log = std::move(log_),
        .snapshot = std::nullopt,
        .open_snapshot = [this](EntryId) -> absl::StatusOr<std::unique_ptr<SnapshotSource>> {
          if (!readable_.ok()) return readable_;
          return std::make_unique<MemorySource>("state of the snapshot");
        },
        .bootstrap = {.voters = {ReplicaId{1}}}};
    if (snapshot) disk.snapshot = {.last = *snapshot, .configuration = MetaOf(1).configuration};
    return RestoreState(std::move(disk), machine_);
  }

  static EntryId At(uint64_t index, uint64_t term) {
    return {.term = Term{term}, .index = LogIndex{index}};
  }

  MemoryFileSystem files_;
  std::unique_ptr<Wal> wal_;
  RecoveredLog log_;
  TextMachine machine_;
  absl::Status readable_;
};

TEST_F(RestoreStateTest, NewDiskBeginsWithTheFirstMembers) {
  const absl::StatusOr<RestoredLog> restored = Restore();
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->snapshot.last, EntryId{});
  EXPECT_EQ(restored->snapshot.configuration.voters, std::vector<ReplicaId>{ReplicaId{1}});
  EXPECT_THAT(restored->entries, IsEmpty());
  EXPECT_EQ(restored->applied, LogIndex{0});
}

TEST_F(RestoreStateTest, LogBehindTheSnapshotIsKept) {
  WriteLog(10, 8);
  const absl::StatusOr<RestoredLog> restored = Restore(At(6, 2));
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(machine_.text, "state of the snapshot");
  EXPECT_EQ(restored->snapshot.configuration, MetaOf(1).configuration);
  ASSERT_EQ(restored->entries.size(), 4u);
  EXPECT_EQ(restored->entries[0].index, LogIndex{7});
  EXPECT_EQ(restored->applied, LogIndex{6});
  EXPECT_EQ(restored->hard_state.commit, LogIndex{8});
}

// S23: the commit index is stored without a sync of its own; what a snapshot holds was committed.
TEST_F(RestoreStateTest, CommitIsNeverBehindWhatIsApplied) {
  WriteLog(10, 3);
  const absl::StatusOr<RestoredLog> restored = Restore(At(6, 2));
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->applied, LogIndex{6});
  EXPECT_EQ(restored->hard_state.commit, LogIndex{6});
  EXPECT_EQ(restored->hard_state.vote, ReplicaId{1});
}

// A crash between "the snapshot is durable" and "the log is emptied".
TEST_F(RestoreStateTest, SnapshotThatTheLogDoesNotReachReplacesItOnDiskToo) {
  WriteLog(10, 8);
  const absl::StatusOr<RestoredLog> restored = Restore(At(50, 4));
  ASSERT_THAT(restored, IsOk());
  EXPECT_THAT(restored->entries, IsEmpty());
  EXPECT_EQ(restored->applied, LogIndex{50});
  EXPECT_EQ(restored->hard_state.term, Term{4}) << "whoever made it had reached that";
  EXPECT_EQ(restored->hard_state.vote, kNoReplica) << "of another term";
  files_.Crash();
  Open();
  EXPECT_EQ(log_.base, At(50, 4));
  EXPECT_THAT(log_.entries, IsEmpty());
  EXPECT_EQ(log_.hard_state.commit, LogIndex{50});
}

// S20: the same index, another term; what stands behind it belongs to that other history.
TEST_F(RestoreStateTest, SnapshotThatContradictsTheLogReplacesAllOfIt) {
  WriteLog(10, 5);
  const absl::StatusOr<RestoredLog> restored = Restore(At(6, 3));
  ASSERT_THAT(restored, IsOk());
  EXPECT_THAT(restored->entries, IsEmpty());
  EXPECT_EQ(restored->applied, LogIndex{6});
  Open();
  EXPECT_EQ(log_.base, At(6, 3));
}

TEST_F(RestoreStateTest, ACrashDuringTheRepairIsRepairedTheNextTime) {
  for (uint64_t step = 1; step < 20; ++step) {
    SCOPED_TRACE(step);
    files_.Replace();
    Open();
    WriteLog(10, 5);
    files_.DieAt(step);
    const bool survived = Restore(At(50, 4)).ok();
    files_.Crash();
    Open();
    const absl::StatusOr<RestoredLog> restored = Restore(At(50, 4));
    ASSERT_THAT(restored, IsOk());
    EXPECT_EQ(restored->applied, LogIndex{50});
    if (survived) return;
  }
  FAIL() << "the repair never ended";
}

// dragonboat #45: a state machine that silently stays behind the log.
TEST_F(RestoreStateTest, LogThatBeginsBehindTheSnapshotIsALoss) {
  WriteLog(10, 8);
  ASSERT_THAT(wal_->CompactThrough(At(6, 2)), IsOk());
  ASSERT_THAT(wal_->Sync(), IsOk());
  Open();
  const absl::Status lost = Restore(At(5, 2)).status();
  EXPECT_EQ(lost.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(lost.message()), HasSubstr("the entries between are gone"));
  EXPECT_EQ(machine_.text, "") << "nothing was begun";
  Open();
  EXPECT_EQ(Restore().status().code(), absl::StatusCode::kDataLoss) << "nor without any";
  Open();
  EXPECT_THAT(Restore(At(6, 2)), IsOk()) << "just reached";
}

TEST_F(RestoreStateTest, SnapshotThatCannotBeReadEndsTheStart) {
  WriteLog(10, 8);
  readable_ = absl::DataLossError("chunk 3: checksum");
  EXPECT_EQ(Restore(At(50, 4)).status(), readable_);
  Open();
  EXPECT_EQ(log_.entries.size(), 10u) << "the log was not touched";
}

}  // namespace
}  // namespace blixard::raft
