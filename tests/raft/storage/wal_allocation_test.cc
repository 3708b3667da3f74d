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

// What the preparer's thread does, for each segment: names and a file, nothing for its bytes.
constexpr uint64_t kPerSegment = 12;

TEST(WalAllocationTest, MakingASegmentAheadCostsAFewAllocationsHoweverLargeItIs) {
  PosixFileSystem files;
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = absl::StrCat(::testing::TempDir(), "preparing"),
                 .cluster = ClusterId{1},
                 .replica = ReplicaId{2},
                 .segment_bytes = 8 << 20});
  ASSERT_THAT(opened, IsOk());
  ASSERT_TRUE(opened->wal->WantsPrepare());
  uint64_t steps = 1;
  EXPECT_ALLOCATIONS_AT_MOST(kPerSegment, {
    while (opened->wal->PrepareStep()) ++steps;
  });
  EXPECT_EQ(steps, 8u);
  EXPECT_ALLOCATIONS(0, { opened->wal->PrepareStep(); });  // nothing is to do
}

TEST(WalAllocationTest, GivingASegmentBackCostsAFewAllocations) {
  PosixFileSystem files;
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = absl::StrCat(::testing::TempDir(), "recycling"),
                 .cluster = ClusterId{1},
                 .replica = ReplicaId{2},
                 .segment_bytes = 1 << 20});
  ASSERT_THAT(opened, IsOk());
  Wal& wal = *opened->wal;
  uint64_t index = 0;
  while (wal.stats().segments == 1) {
    ++index;
    const HardState state{.term = {1}, .vote = ReplicaId{2}, .commit = {index}};
    const Entry entry = MakeEntry({.term = {1}, .index = {index}}, std::string(32 << 10, 'x'));
    ASSERT_THAT(wal.Append(state, {entry}), IsOk());
    ASSERT_THAT(wal.Sync(), IsOk());
  }
  while (wal.PrepareStep()) continue;  // the next is ready
  ASSERT_FALSE(wal.WantsPrepare());
  ASSERT_THAT(wal.CompactThrough({.term = {1}, .index = {index - 1}}), IsOk());
  ASSERT_THAT(wal.Sync(), IsOk());
  ASSERT_TRUE(wal.WantsPrepare());
  EXPECT_ALLOCATIONS_AT_MOST(kPerSegment, { wal.PrepareStep(); });
  EXPECT_FALSE(wal.WantsPrepare());
}

}  // namespace
}  // namespace blixard::raft
