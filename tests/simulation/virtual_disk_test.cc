#include "tests/simulation/virtual_disk.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "absl/types/span.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kSector = VirtualDisk::kSectorBytes;

std::unique_ptr<File> Open(VirtualDisk& disk, const std::string& path, OpenMode mode) {
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, mode);
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

// A disk whose directory /d and file /d/f with `content` are durable.
std::unique_ptr<File> MakeFile(VirtualDisk& disk, const std::string& content) {
  EXPECT_TRUE(disk.MakeDirectory("/d").ok());
  EXPECT_TRUE(disk.SyncDirectory("/").ok());
  std::unique_ptr<File> file = Open(disk, "/d/f", OpenMode::kCreate);
  EXPECT_TRUE(file->Write(0, content).ok());
  EXPECT_TRUE(file->SyncData().ok());
  EXPECT_TRUE(disk.SyncDirectory("/d").ok());
  return file;
}

std::string Read(File& file) {
  std::string bytes(1 << 14, '\0');
  const absl::StatusOr<size_t> got = file.Read(0, absl::MakeSpan(bytes));
  EXPECT_TRUE(got.ok()) << got.status();
  return bytes.substr(0, *got);
}

TEST(VirtualDiskTest, WhatWasSyncedSurvivesEveryCrash) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    VirtualDisk disk;
    MakeFile(disk, "kept");
    disk.Crash(random);
    EXPECT_EQ(disk.Content("/d/f"), "kept") << "seed " << seed;
  }
}

TEST(VirtualDiskTest, OfUnsyncedWritesAnySectorMayStayOrGo) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SplitMix random(seed);
    VirtualDisk disk;
    const std::unique_ptr<File> file = MakeFile(disk, std::string(2 * kSector, 'a'));
    ASSERT_TRUE(file->Write(0, std::string(2 * kSector, 'b')).ok());
    ASSERT_TRUE(file->Write(kSector, std::string(kSector, 'c')).ok());
    disk.Crash(random);
    const std::string content(disk.Content("/d/f"));
    ASSERT_EQ(content.size(), 2 * kSector);
    for (uint64_t sector = 0; sector < 2; ++sector) {  // a sector is never torn itself
      EXPECT_EQ(content.substr(sector * kSector, kSector),
                std::string(kSector, content[sector * kSector]));
    }
    seen.insert({content[0], content[kSector]});
  }
  EXPECT_EQ(seen, (std::set<std::string>{"aa", "ab", "ac", "ba", "bb", "bc"}));
}

TEST(VirtualDiskTest, GrowthThatWasNotSyncedMayBeGone) {
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    VirtualDisk disk;
    const std::unique_ptr<File> file = MakeFile(disk, "abc");
    ASSERT_TRUE(file->Write(3, "def").ok());
    disk.Crash(random);
    sizes.insert(disk.Content("/d/f").size());
  }
  EXPECT_EQ(sizes, (std::set<size_t>{3, 6}));
}

TEST(VirtualDiskTest, NamesNeedTheDirectorySync) {
  std::set<bool> stays;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    VirtualDisk disk;
    MakeFile(disk, "x");
    const std::unique_ptr<File> other = Open(disk, "/d/g", OpenMode::kCreate);
    ASSERT_TRUE(other->Write(0, "y").ok() && other->SyncData().ok());
    disk.Crash(random);
    stays.insert(disk.Open("/d/g", OpenMode::kExisting).ok());
  }
  EXPECT_EQ(stays, (std::set<bool>{false, true}));
}

TEST(VirtualDiskTest, WithoutPowerFailureTheCacheStays) {
  VirtualDisk disk;
  const std::unique_ptr<File> file = MakeFile(disk, "old");
  ASSERT_TRUE(file->Write(0, "new").ok());
  disk.EndProcess();
  EXPECT_FALSE(file->Write(0, "bad").ok()) << "an open file ends with its process";
  EXPECT_EQ(Read(*Open(disk, "/d/f", OpenMode::kExisting)), "new");
}

TEST(VirtualDiskTest, AFailedSyncLeavesDataThatACrashLoses) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    VirtualDisk disk;
    const std::unique_ptr<File> file = MakeFile(disk, "old");
    disk.FailSync(1);
    ASSERT_TRUE(file->Write(0, "new").ok());
    EXPECT_FALSE(file->SyncData().ok());
    EXPECT_TRUE(disk.sync_failed());
    EXPECT_EQ(Read(*file), "new");
    disk.Crash(random);
    EXPECT_FALSE(disk.sync_failed());
    seen.insert(std::string(disk.Content("/d/f")));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST(VirtualDiskTest, DiesInTheMiddleOfAWrite) {
  VirtualDisk disk;
  const std::unique_ptr<File> file = MakeFile(disk, "aaaa");
  disk.DieAt(2);
  EXPECT_TRUE(file->Write(0, "bbbb").ok());
  EXPECT_FALSE(disk.dead());
  EXPECT_FALSE(file->Write(0, "cccc").ok());
  EXPECT_TRUE(disk.dead());
  EXPECT_EQ(disk.Content("/d/f"), "ccbb");
  EXPECT_FALSE(disk.List("/d").ok());
  SplitMix random(1);
  disk.Crash(random);
  EXPECT_FALSE(disk.dead());
}

TEST(VirtualDiskTest, AFullDiskTakesChangesButNoGrowth) {
  VirtualDisk disk;
  const std::unique_ptr<File> file = MakeFile(disk, "1234");
  disk.set_capacity_bytes(6);
  EXPECT_TRUE(file->Write(0, "abcd").ok());
  EXPECT_TRUE(file->Write(4, "ef").ok());
  EXPECT_EQ(file->Write(6, "g").code(), absl::StatusCode::kResourceExhausted);
  disk.set_capacity_bytes(7);
  EXPECT_TRUE(file->Write(6, "g").ok());
}

TEST(VirtualDiskTest, HarmIsDoneWhereItIsAskedFor) {
  VirtualDisk disk;
  const std::unique_ptr<File> file =
      MakeFile(disk, std::string(kSector, 'a') + std::string(kSector, 'b'));
  disk.FlipBit({.path = "/d/f", .offset = 1}, 0);
  EXPECT_EQ(disk.Content("/d/f").substr(0, 3), "a`a");
  disk.Misdirect({.path = "/d/f", .offset = kSector}, 7);
  EXPECT_EQ(disk.Content("/d/f"), std::string(2 * kSector, 'b'));
}

TEST(VirtualDiskTest, OneProcessHoldsTheLock) {
  VirtualDisk disk;
  MakeFile(disk, "x");
  const absl::StatusOr<std::unique_ptr<DirectoryLock>> lock = disk.LockDirectory("/d");
  ASSERT_TRUE(lock.ok());
  EXPECT_FALSE(disk.LockDirectory("/d").ok());
  disk.EndProcess();
  EXPECT_TRUE(disk.LockDirectory("/d").ok());
}

}  // namespace
}  // namespace blixard::raft
