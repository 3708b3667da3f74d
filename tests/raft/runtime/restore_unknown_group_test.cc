// What a start does with entries when nothing tells whose group they belong to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "raft/runtime/restore_state.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

class DeafMachine final : public StatelessMachine {
 public:
  void Apply(EntryId, absl::string_view, OutcomeSink&) override {}
};

class RestoreUnknownGroupTest : public testing::Test {
 protected:
  RestoreUnknownGroupTest() {
    absl::StatusOr<OpenedWal> opened =
        Wal::Open(files_, memory::BufferPool::Default(),
                  {.directory = "/wal", .cluster = ClusterId{7}, .replica = ReplicaId{1}});
    EXPECT_TRUE(opened.ok()) << opened.status();
    wal_ = std::move(opened->wal);
  }

  static RecoveredLog LogWith(uint64_t entries) {
    RecoveredLog log;
    log.hard_state.term = Term{1};
    for (uint64_t index = 1; index <= entries; ++index) {
      Entry& entry = log.entries.emplace_back();
      entry.term = Term{1};
      entry.index = LogIndex{index};
    }
    return log;
  }

  absl::StatusOr<RestoredLog> Restore(RecoveredLog log, const Configuration& bootstrap) {
    DeafMachine machine;
    return RestoreState({.storage = *wal_,
                         .log = std::move(log),
                         .snapshot = std::nullopt,
                         .open_snapshot = nullptr,
                         .bootstrap = bootstrap},
                        machine);
  }

  MemoryFileSystem files_;
  std::unique_ptr<LogStorage> wal_;
};

TEST_F(RestoreUnknownGroupTest, WithoutASnapshotTheLogGoesOnFromHowTheGroupBegan) {
  const Configuration bootstrap{.voters = {ReplicaId{1}, ReplicaId{2}}};
  const absl::StatusOr<RestoredLog> restored = Restore(LogWith(3), bootstrap);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->snapshot.configuration, bootstrap);
  EXPECT_EQ(restored->entries.size(), 3u);
}

TEST_F(RestoreUnknownGroupTest, AReplicaThatNobodyAddedYetMayHaveATermButNoEntries) {
  const absl::StatusOr<RestoredLog> restored = Restore(LogWith(0), {});
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_TRUE(restored->snapshot.configuration.IsEmpty());
}

// Its only snapshot, that of the beginning, was damaged and set aside.
TEST_F(RestoreUnknownGroupTest, ALogWhoseGroupIsNotKnownIsRefused) {
  const absl::StatusOr<RestoredLog> restored = Restore(LogWith(3), {});
  EXPECT_EQ(restored.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(restored.status().message()), HasSubstr("configuration"));
}

}  // namespace
}  // namespace blixard::raft
