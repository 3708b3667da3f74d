#include "tests/simulation/disk_harm.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/entry.h"
#include "raft/storage/wal.h"

namespace blixard::raft {
namespace {

const HarmedPlaces kPlaces{.log_directory = "/wal", .snapshot_directory = "/snapshots"};
const WalOptions kOptions{.directory = "/wal",
                          .cluster = ClusterId{7},
                          .replica = ReplicaId{1},
                          .segment_bytes = 8 * 1024,
                          .reserve_bytes = 0};

Entry EntryOf(uint64_t index) {
  Entry entry;
  entry.term = Term{1};
  entry.index = LogIndex{index};
  entry.payload = *memory::BufferPool::Default().AcquireCopy(std::string(100, 'x'));
  entry.payload_crc32c = PayloadCrc32c(entry.payload.view());
  return entry;
}

// Several segments, each entry synced by itself.
void WriteLog(MemoryFileSystem& disk) {
  absl::StatusOr<OpenedWal> log = Wal::Open(disk, memory::BufferPool::Default(), kOptions);
  ASSERT_TRUE(log.ok()) << log.status();
  for (uint64_t index = 1; index <= 120; ++index) {
    const std::vector<Entry> entries = {EntryOf(index)};
    ASSERT_TRUE(log->wal->Append(std::nullopt, entries).ok());
    ASSERT_TRUE(log->wal->Sync().ok());
  }
}

TEST(DiskHarmTest, AnEmptyDiskHasNothingToHarm) {
  MemoryFileSystem disk;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_FALSE(HarmDisk(disk, kPlaces, seed).has_value());
  }
}

// The promise that the simulator builds on: no log that was harmed here passes for a shorter one.
TEST(DiskHarmTest, AHarmedLogIsRefusedOrWholeAllTheSame) {
  std::set<std::string> kinds;
  size_t refused = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MemoryFileSystem disk;
    WriteLog(disk);
    const std::optional<std::string> harm = HarmDisk(disk, kPlaces, seed);
    if (!harm.has_value()) continue;  // a snapshot would have been chosen
    kinds.insert(harm->substr(0, 5));
    disk.EndProcess();
    const absl::StatusOr<OpenedWal> log = Wal::Open(disk, memory::BufferPool::Default(), kOptions);
    if (log.ok()) {  // bytes that say nothing, behind a frame
      EXPECT_EQ(log->recovered.entries.size(), 120u) << *harm;
    } else {
      EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss) << *harm << log.status();
      ++refused;
    }
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"a bit", "the s"}));
  EXPECT_GT(refused, 150u);
}

TEST(DiskHarmTest, HarmsSnapshotsAsWell) {
  size_t harmed = 0, alike = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MemoryFileSystem disk;
    const std::string content(3000, 's');  // sectors that differ in nothing
    disk.SetContent("/snapshots/5.snapshot", content);
    disk.SetContent("/snapshots/5.snapshot.damaged", content);
    const bool done = HarmDisk(disk, kPlaces, seed).has_value();
    EXPECT_EQ(disk.Content("/snapshots/5.snapshot") != content, done);
    EXPECT_EQ(disk.Content("/snapshots/5.snapshot.damaged"), content);
    ++(done ? harmed : alike);
  }
  EXPECT_GT(harmed, 5u);
  EXPECT_GT(alike, 5u);
}

}  // namespace
}  // namespace blixard::raft
