// Power failures during every step of writing a snapshot: what stands afterwards is the old one or
// the new one, whole.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "raft/core/split_mix.h"
#include "raft/storage/snapshot_store.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

const SnapshotStoreOptions kOptions = {
    .directory = "/snapshots",
    .cluster = ClusterId{7},
    .writer = {.chunk_bytes = 256, .max_pending_bytes = 4096, .sync_every_bytes = 600}};

// The store opens without complaint; the stream of its newest snapshot is whole. Returns its index.
uint64_t NewestAfterRestart(MemoryFileSystem& files) {
  absl::StatusOr<std::unique_ptr<SnapshotStore>> store = SnapshotStore::Open(files, kOptions);
  EXPECT_THAT(store, IsOk());
  if (!store.ok()) return 0;
  EXPECT_TRUE((*store)->damage().empty()) << (*store)->damage().front();
  const std::optional<SnapshotMeta> newest = (*store)->newest();
  if (!newest) return 0;
  const uint64_t index = newest->last.index.value;
  EXPECT_EQ(*newest, MetaOf(index));
  EXPECT_EQ(ReadNewest(**store).value(), StreamOf(index, 1500));
  return index;
}

// Whether the machine lived to commit three snapshots; `committed` becomes the latest one it did.
bool WriteThree(MemoryFileSystem& files, uint64_t* committed) {
  absl::StatusOr<std::unique_ptr<SnapshotStore>> store = SnapshotStore::Open(files, kOptions);
  if (!store.ok()) return false;
  for (const uint64_t index : {5, 9, 12}) {
    if (!WriteSnapshot(**store, MetaOf(index), StreamOf(index, 1500)).ok()) return false;
    *committed = index;
  }
  return true;
}

TEST(SnapshotCrashTest, ADeathAtEveryStepLeavesTheOldOrTheNewOne) {
  uint64_t steps = 0;
  for (uint64_t step = 1;; ++step) {
    // Nothing unsynced survives, or a random part of it does.
    bool alive = false;
    for (uint64_t seed = 0; seed <= 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "step " << step << " seed " << seed);
      MemoryFileSystem files;
      uint64_t committed = 0;
      files.DieAt(step);
      alive = WriteThree(files, &committed);
      SplitMix random(seed);
      files.Crash(seed == 0 ? nullptr : &random);
      const uint64_t newest = NewestAfterRestart(files);
      ASSERT_GE(newest, committed) << "a committed snapshot is lost";
      ASSERT_LE(newest, committed == 0 ? 5u : committed == 5 ? 9u : 12u);
      ASSERT_EQ(files.List("/snapshots")->size(), newest == 0   ? 0u
                                                  : newest == 5 ? 1u
                                                                : 2u)
          << "something unfinished stays";
      if (alive) break;
    }
    if (alive) break;
    steps = step;
  }
  EXPECT_GT(steps, 30u) << "the deaths did not cover the work";
}

// S17: a sync that failed may have lost what it should have written, though it reads back.
TEST(SnapshotCrashTest, AFailureAtEverySyncOrWriteKeepsWhatWasCommitted) {
  for (const bool sync : {false, true}) {
    for (uint64_t call = 1; call < 40; ++call) {
      SCOPED_TRACE(testing::Message() << (sync ? "sync " : "write ") << call);
      MemoryFileSystem files;
      uint64_t committed = 0;
      sync ? files.FailSync(call) : files.FailWrite(call);
      WriteThree(files, &committed);
      files.Crash();
      const uint64_t newest = NewestAfterRestart(files);
      ASSERT_GE(newest, committed);
    }
  }
}

// What a start takes for durable, the log is emptied behind: it must not vanish later. Only a sync
// of the directory that fails leaves a name that is there and not durable.
TEST(SnapshotCrashTest, WhatAStartFoundSurvivesThePowerFailureAfterIt) {
  for (uint64_t call = 1; call < 40; ++call) {
    SCOPED_TRACE(testing::Message() << "sync " << call);
    MemoryFileSystem files;
    uint64_t committed = 0;
    files.FailSync(call);
    WriteThree(files, &committed);
    files.FailSync(0);
    files.EndProcess();
    const uint64_t found = NewestAfterRestart(files);
    ASSERT_GE(found, committed);
    files.Crash();
    ASSERT_EQ(NewestAfterRestart(files), found);
  }
}

}  // namespace
}  // namespace blixard::raft
