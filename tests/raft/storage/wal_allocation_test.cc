#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/expect_allocations.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

TEST(WalAllocationTest, AppendAndSyncWithinASegmentAllocateNothing) {
  PosixFileSystem files;
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = absl::StrCat(::testing::TempDir(), "allocations"),
                 .cluster = ClusterId{1},
                 .replica = ReplicaId{2},
                 .segment_bytes = 1 << 20});
  ASSERT_THAT(opened, IsOk());
  constexpr uint64_t kBatches = 50;
  constexpr uint64_t kPerBatch = 4;
  std::vector<Entry> entries;
  for (uint64_t i = 1; i <= kBatches * kPerBatch; ++i) {
    entries.push_back(MakeEntry({.term = {1}, .index = {i}}, std::string(512, 'x')));
  }
  bool good = true;
  EXPECT_ALLOCATIONS(0, {
    for (uint64_t i = 0; i < kBatches; ++i) {
      const HardState state{.term = {1}, .vote = ReplicaId{2}, .commit = {i * kPerBatch}};
      const auto batch = absl::MakeConstSpan(entries).subspan(i * kPerBatch, kPerBatch);
      good = good && opened->wal->Append(state, batch).ok() && opened->wal->Sync().ok();
    }
  });
  EXPECT_TRUE(good);
  EXPECT_EQ(opened->wal->stats().syncs, kBatches);
  EXPECT_EQ(opened->wal->stats().segments, 1u);
}

}  // namespace
}  // namespace blixard::raft
