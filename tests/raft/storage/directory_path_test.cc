#include "raft/storage/directory_path.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "raft/storage/posix_file.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

TEST(ParentOfTest, SlashesAtTheEndDoNotCount) {
  EXPECT_EQ(ParentOf("/data/1/wal"), "/data/1");
  EXPECT_EQ(ParentOf("/data/1/wal/"), "/data/1");
  EXPECT_EQ(ParentOf("/data//1//"), "/data");
  EXPECT_EQ(ParentOf("data/1"), "data");
  EXPECT_EQ(ParentOf("/data"), "/");
  EXPECT_EQ(ParentOf("/data/"), "/");
  EXPECT_EQ(ParentOf("/"), "/");
  EXPECT_EQ(ParentOf("data"), ".");
  EXPECT_EQ(ParentOf("data/"), ".");
  EXPECT_EQ(ParentOf("."), ".");
  EXPECT_EQ(ParentOf(""), ".");
}

TEST(MakeDirectoriesTest, EveryNewNameSurvivesAPowerFailure) {
  MemoryFileSystem files;
  ASSERT_THAT(MakeDirectories(files, "/var/lib/blixard/1"), IsOk());
  files.Crash();
  for (const char* made : {"/var", "/var/lib", "/var/lib/blixard", "/var/lib/blixard/1"}) {
    EXPECT_THAT(files.List(made), IsOk()) << made;
  }
}

// The process before ended between making and syncing it.
TEST(MakeDirectoriesTest, OneThatStandsSurvivesToo) {
  MemoryFileSystem files;
  ASSERT_THAT(files.MakeDirectory("/data"), IsOk());
  ASSERT_THAT(MakeDirectories(files, "/data"), IsOk());
  files.Crash();
  EXPECT_THAT(files.List("/data"), IsOk());
}

TEST(MakeDirectoriesTest, WhatCannotBeMadeOrSyncedIsAnError) {
  MemoryFileSystem files;
  files.FailSync(1);
  EXPECT_EQ(MakeDirectories(files, "/data/1").code(), absl::StatusCode::kUnknown);
  PosixFileSystem disk;
  const std::string file = absl::StrCat(::testing::TempDir(), "file");
  ASSERT_THAT(disk.Open(file, OpenMode::kCreate), IsOk());
  EXPECT_FALSE(MakeDirectories(disk, file).ok());
  EXPECT_FALSE(MakeDirectories(disk, absl::StrCat(file, "/1")).ok());
}

TEST(MakeDirectoriesTest, MakesThemOnTheRealDisk) {
  PosixFileSystem disk;
  const std::string data = absl::StrCat(::testing::TempDir(), "above/data/1");
  ASSERT_THAT(MakeDirectories(disk, data), IsOk());
  EXPECT_THAT(disk.List(data), IsOk());
  ASSERT_THAT(MakeDirectories(disk, data), IsOk()) << "again";
}

}  // namespace
}  // namespace blixard::raft
