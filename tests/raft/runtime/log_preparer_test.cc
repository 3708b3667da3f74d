#include "raft/runtime/log_preparer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/entry.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"

namespace blixard::raft {
namespace {

Entry MakeEntry(uint64_t index, size_t bytes) {
  const std::string payload(bytes, 'x');
  Entry entry{.term = {1},
              .index = {index},
              .type = EntryType::kCommand,
              .payload_crc32c = PayloadCrc32c(payload),
              .payload = {}};
  entry.payload = *memory::BufferPool::Default().AcquireCopy(payload);
  return entry;
}

void WaitUntilPrepared(Wal& wal) {
  while (wal.WantsPrepare()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(LogPreparerTest, AppendsFindTheNextSegmentReady) {
  PosixFileSystem files;
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = absl::StrCat(::testing::TempDir(), "log_preparer"),
                 .cluster = ClusterId{1},
                 .replica = ReplicaId{1},
                 .segment_bytes = 64 << 10});
  ASSERT_TRUE(opened.ok()) << opened.status();
  Wal& wal = *opened->wal;
  const uint64_t inline_at_open = wal.stats().segments_inline;
  LogPreparer preparer(wal);
  for (uint64_t i = 1; i <= 100; ++i) {
    WaitUntilPrepared(wal);
    const HardState state{.term = {1}, .vote = ReplicaId{1}, .commit = {i}};
    ASSERT_TRUE(wal.Append(state, {MakeEntry(i, 4000)}).ok());
    ASSERT_TRUE(wal.Sync().ok());
    if (i % 20 == 0) {
      ASSERT_TRUE(wal.CompactThrough({.term = {1}, .index = {i}}).ok());
    }
    preparer.WakeIfWanted();
  }
  EXPECT_EQ(wal.stats().segments_inline, inline_at_open);
  EXPECT_GT(wal.stats().segments_recycled, 0u);
}

TEST(LogPreparerTest, StopsWhileThereIsWork) {
  PosixFileSystem files;
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = absl::StrCat(::testing::TempDir(), "log_preparer_stop"),
                 .cluster = ClusterId{1},
                 .replica = ReplicaId{1},
                 .segment_bytes = 8 << 20});
  ASSERT_TRUE(opened.ok()) << opened.status();
  for (int i = 0; i < 3; ++i) LogPreparer preparer(*opened->wal);
  while (opened->wal->PrepareStep()) {
  }
  EXPECT_FALSE(opened->wal->WantsPrepare());
}

}  // namespace
}  // namespace blixard::raft
