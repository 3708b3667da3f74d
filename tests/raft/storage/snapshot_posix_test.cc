// The snapshot store on the system's own files.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/snapshot_format.h"
#include "raft/storage/snapshot_store.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

class SnapshotPosixTest : public ::testing::Test {
 protected:
  SnapshotPosixTest() {
    std::filesystem::remove_all(options_.directory);
    Reopen();
  }

  void Reopen() {
    store_.reset();
    absl::StatusOr<std::unique_ptr<SnapshotStore>> opened = SnapshotStore::Open(files_, options_);
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
  }

  PosixFileSystem files_;
  const SnapshotStoreOptions options_ = {
      .directory = absl::StrCat(::testing::TempDir(), "/snapshot_posix_test_",
                                ::testing::UnitTest::GetInstance()->current_test_info()->name()),
      .cluster = ClusterId{7}};
  std::unique_ptr<SnapshotStore> store_;
};

TEST_F(SnapshotPosixTest, SnapshotsOfSeveralChunksSurviveARestart) {
  for (const uint64_t index : {5, 9, 12}) {
    ASSERT_THAT(WriteSnapshot(*store_, MetaOf(index), StreamOf(index, 300'000)), IsOk());
  }
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(12));
  EXPECT_EQ(store_->fallback(), MetaOf(9).last);
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(12, 300'000));
}

TEST_F(SnapshotPosixTest, WhatAProcessLeftUnfinishedGoesAndWhatIsNotOursStays) {
  const std::filesystem::path directory = options_.directory;
  const std::string name = SnapshotFileName(MetaOf(5).last);
  std::ofstream(directory / absl::StrCat(name, ".1.unfinished")) << "half";
  std::ofstream(directory / "notes.txt") << "somebody's";
  Reopen();
  EXPECT_FALSE(std::filesystem::exists(directory / absl::StrCat(name, ".1.unfinished")));
  EXPECT_TRUE(std::filesystem::exists(directory / "notes.txt"));
  EXPECT_FALSE(store_->newest().has_value());
}

TEST_F(SnapshotPosixTest, ACutFileIsSetAside) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(5), StreamOf(5, 100'000)), IsOk());
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(9), StreamOf(9, 100'000)), IsOk());
  const std::filesystem::path newest =
      std::filesystem::path(options_.directory) / SnapshotFileName(MetaOf(9).last);
  std::filesystem::resize_file(newest, 50'000);
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(5));
  EXPECT_EQ(store_->damage().size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(newest.string() + ".damaged"));
}

TEST_F(SnapshotPosixTest, OneStoreAtATime) {
  EXPECT_EQ(SnapshotStore::Open(files_, options_).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace blixard::raft
