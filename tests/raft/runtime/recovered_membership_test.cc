// A survivor whose membership was recovered starts with that membership, however a crash had left
// its log and its newest snapshot.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/entry.h"
#include "raft/core/raw_node.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/runtime/restore_state.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "raft/storage/membership_recovery.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/memory_stream.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

class NoState : public StatelessMachine {
  void Apply(EntryId, absl::string_view, OutcomeSink&) override {}
};

class RecoveredMembershipTest : public ::testing::Test {
 protected:
  absl::StatusOr<OpenedWal> Open() {
    return Wal::Open(files_, memory::BufferPool::Default(),
                     {.directory = "/log",
                      .cluster = ClusterId{7},
                      .replica = ReplicaId{1},
                      .segment_bytes = 1 << 16});
  }

  // Entries 1 to `last` of term 2, of which `commit` were known to be committed.
  void WriteLog(uint64_t last, uint64_t commit) {
    absl::StatusOr<OpenedWal> log = Open();
    ASSERT_THAT(log, IsOk());
    std::vector<Entry> entries;
    for (uint64_t index = 1; index <= last; ++index) {
      Entry entry;
      entry.term = Term{2};
      entry.index = LogIndex{index};
      entries.push_back(entry);
    }
    const HardState state{.term = Term{2}, .vote = ReplicaId{2}, .commit = LogIndex{commit}};
    ASSERT_THAT(log->wal->Append(state, entries), IsOk());
    ASSERT_THAT(log->wal->Sync(), IsOk());
  }

  absl::StatusOr<MembershipRecovery> Recover(const SnapshotMeta& newest) {
    return RecoverMembership(files_, memory::BufferPool::Default(),
                             {.directory = "/log", .voters = {ReplicaId{1}}, .start = newest});
  }

  // What a replica that starts knows about the group once it has applied what is committed.
  Configuration AfterAStart(const SnapshotMeta& newest) {
    absl::StatusOr<OpenedWal> log = Open();
    EXPECT_THAT(log, IsOk());
    NoState machine;
    const absl::StatusOr<RestoredLog> restored = RestoreState(
        {.storage = *log->wal,
         .log = std::move(log->recovered),
         .snapshot = newest,
         .open_snapshot = [](EntryId) -> absl::StatusOr<std::unique_ptr<SnapshotSource>> {
           return std::make_unique<MemorySource>("");
         },
         .bootstrap = {}},
        machine);
    EXPECT_THAT(restored, IsOk());
    Configuration configuration = restored->snapshot.configuration;
    for (const Entry& entry : restored->entries) {
      EXPECT_LE(entry.index, restored->hard_state.commit);
      if (entry.type != EntryType::kConfiguration) continue;
      configuration =
          Apply(configuration, DecodeConfigurationChange(entry.payload.view()).value()).value();
    }
    return configuration;
  }

  MemoryFileSystem files_;
};

// The snapshot came as data and was durable; the leader died before its word that it stands for
// the log: just the moment in which a majority is lost.
TEST_F(RecoveredMembershipTest, SnapshotBeyondTheLog) {
  WriteLog(5, 5);
  const absl::StatusOr<MembershipRecovery> recovery = Recover(MetaOf(55, 3));
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->first, LogIndex{56});
  EXPECT_EQ(recovery->term, Term{4});
  EXPECT_EQ(recovery->made_committed, 0u);
  files_.Crash();
  EXPECT_EQ(AfterAStart(MetaOf(55, 3)).voters, std::vector<ReplicaId>{ReplicaId{1}});
}

TEST_F(RecoveredMembershipTest, SnapshotThatContradictsTheLogsTail) {
  WriteLog(9, 5);
  ASSERT_THAT(Recover(MetaOf(8, 3)), IsOk());
  files_.Crash();
  EXPECT_EQ(AfterAStart(MetaOf(8, 3)).voters, std::vector<ReplicaId>{ReplicaId{1}});
}

TEST_F(RecoveredMembershipTest, SnapshotThatTheLogGoesOnFrom) {
  WriteLog(9, 5);
  const absl::StatusOr<MembershipRecovery> recovery = Recover(MetaOf(8, 2));
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->first, LogIndex{10});
  EXPECT_EQ(recovery->made_committed, 1u) << "what the snapshot holds was committed";
  files_.Crash();
  EXPECT_EQ(AfterAStart(MetaOf(8, 2)).voters, std::vector<ReplicaId>{ReplicaId{1}});
}

}  // namespace
}  // namespace blixard::raft
