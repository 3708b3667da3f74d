#include "tests/raft/storage/memory_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>
#include <string>

#include "absl/types/span.h"
#include "raft/core/split_mix.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

class MemoryFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(files_.MakeDirectory("/d"), IsOk());
    ASSERT_THAT(files_.SyncDirectory("/"), IsOk());
    auto file = files_.Open("/d/f", OpenMode::kCreate);
    ASSERT_THAT(file, IsOk());
    file_ = *std::move(file);
  }

  MemoryFileSystem files_;
  std::unique_ptr<File> file_;
};

TEST_F(MemoryFileSystemTest, ReadsBackWhatWasWrittenAndZerosInGaps) {
  ASSERT_THAT(file_->Write(3, "abc"), IsOk());
  std::string got(10, 'x');
  EXPECT_EQ(*file_->Read(0, absl::MakeSpan(got)), 6u);
  EXPECT_EQ(got.substr(0, 6), std::string("\0\0\0abc", 6));
  EXPECT_EQ(*file_->Size(), 6u);
}

TEST_F(MemoryFileSystemTest, CrashLosesWhatWasNotSynced) {
  ASSERT_THAT(file_->Write(0, "durable"), IsOk());
  ASSERT_THAT(file_->SyncData(), IsOk());
  ASSERT_THAT(files_.SyncDirectory("/d"), IsOk());
  ASSERT_THAT(file_->Write(0, "cached!"), IsOk());
  files_.Crash();
  EXPECT_EQ(files_.Content("/d/f"), "durable");
  EXPECT_THAT(file_->Write(0, "x"), StatusIs(absl::StatusCode::kAborted, HasSubstr("/d/f")));
}

TEST_F(MemoryFileSystemTest, CrashLosesNamesThatWereNotSynced) {
  ASSERT_THAT(file_->SyncData(), IsOk());
  files_.Crash();
  EXPECT_THAT(files_.Open("/d/f", OpenMode::kExisting),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/d/f")));
}

TEST_F(MemoryFileSystemTest, CrashLosesADirectoryThatItsParentDoesNotHold) {
  ASSERT_THAT(files_.MakeDirectory("/new"), IsOk());
  ASSERT_THAT(files_.Open("/new/f", OpenMode::kCreate), IsOk());
  ASSERT_THAT(files_.SyncDirectory("/new"), IsOk());
  files_.Crash();
  EXPECT_THAT(files_.List("/new"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/new")));
}

TEST_F(MemoryFileSystemTest, RenameIsWholeOrNot) {
  ASSERT_THAT(files_.SyncDirectory("/d"), IsOk());
  ASSERT_THAT(files_.Rename({.from = "/d/f", .to = "/d/g"}), IsOk());
  files_.Crash();
  EXPECT_EQ(*files_.List("/d"), std::vector<std::string>{"f"});
  ASSERT_THAT(files_.Rename({.from = "/d/f", .to = "/d/g"}), IsOk());
  ASSERT_THAT(files_.SyncDirectory("/d"), IsOk());
  files_.Crash();
  EXPECT_EQ(*files_.List("/d"), std::vector<std::string>{"g"});
}

TEST_F(MemoryFileSystemTest, RandomSectorsSurviveACrash) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    MemoryFileSystem files;
    files.SetContent("/d/f", std::string(2 * MemoryFileSystem::kSectorBytes, '-'));
    auto file = files.Open("/d/f", OpenMode::kExisting);
    ASSERT_THAT((*file)->Write(0, std::string(2 * MemoryFileSystem::kSectorBytes, '+')), IsOk());
    files.Crash(&random);
    const std::string content = files.Content("/d/f");
    seen.insert({content[0], content[MemoryFileSystem::kSectorBytes]});
  }
  EXPECT_EQ(seen, (std::set<std::string>{"--", "-+", "+-", "++"}));
}

TEST_F(MemoryFileSystemTest, FailedSyncLosesItsDataThoughALaterOneSucceeds) {
  ASSERT_THAT(files_.SyncDirectory("/d"), IsOk());
  ASSERT_THAT(file_->Write(0, "lost"), IsOk());
  files_.FailSync(1);
  EXPECT_FALSE(file_->SyncData().ok());
  EXPECT_THAT(file_->SyncData(), IsOk());
  EXPECT_EQ(files_.Content("/d/f"), "lost");
  files_.Crash();
  EXPECT_EQ(files_.Content("/d/f").find("lost"), std::string::npos);
}

TEST_F(MemoryFileSystemTest, NamesThatWereNotSyncedMaySurvive) {
  std::set<bool> stays;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    MemoryFileSystem files;
    ASSERT_THAT(files.MakeDirectory("/d"), IsOk());
    ASSERT_THAT(files.SyncDirectory("/"), IsOk());
    ASSERT_THAT(files.Open("/d/g", OpenMode::kCreate), IsOk());
    files.Crash(&random);
    stays.insert(files.Open("/d/g", OpenMode::kExisting).ok());
  }
  EXPECT_EQ(stays, (std::set<bool>{false, true}));
}

TEST_F(MemoryFileSystemTest, WithoutPowerFailureTheCacheStays) {
  ASSERT_THAT(file_->Write(0, "cached"), IsOk());
  SplitMix random(1);
  files_.EndProcess(&random);
  EXPECT_FALSE(file_->Write(0, "x").ok()) << "an open file ends with its process";
  EXPECT_EQ(files_.Content("/d/f"), "cached");
}

TEST_F(MemoryFileSystemTest, OnlyAFailedSyncLetsTheNextProcessSeeLess) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SplitMix random(seed);
    MemoryFileSystem files;
    files.SetContent("/d/f", "old");
    auto file = files.Open("/d/f", OpenMode::kExisting);
    ASSERT_THAT((*file)->Write(0, "new"), IsOk());
    files.FailSync(1);
    EXPECT_FALSE((*file)->SyncData().ok());
    EXPECT_EQ(files.failures(), 1u);
    files.EndProcess(&random);
    seen.insert(files.Content("/d/f"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"new", "old"}));
}

TEST_F(MemoryFileSystemTest, AReplacedDiskIsEmpty) {
  ASSERT_THAT(files_.SyncDirectory("/d"), IsOk());
  files_.Replace();
  EXPECT_FALSE(files_.List("/d").ok());
  EXPECT_EQ(files_.Paths(), std::vector<std::string>());
  EXPECT_FALSE(file_->Write(0, "x").ok());
}

TEST_F(MemoryFileSystemTest, HarmIsDoneWhereItIsAskedFor) {
  constexpr uint64_t kSector = MemoryFileSystem::kSectorBytes;
  files_.SetContent("/d/f", std::string(kSector, 'a') + std::string(kSector, 'b'));
  files_.FlipBit("/d/f", 1, 0);
  EXPECT_EQ(files_.Content("/d/f").substr(0, 3), "a`a");
  files_.Misdirect("/d/f", kSector, 7);
  EXPECT_EQ(files_.Content("/d/f"), std::string(2 * kSector, 'b'));
}

TEST_F(MemoryFileSystemTest, NthWriteFailsAloneAndHalf) {
  files_.FailWrite(2);
  EXPECT_THAT(file_->Write(0, "abcd"), IsOk());
  EXPECT_FALSE(file_->Write(0, "WXYZ").ok());
  EXPECT_EQ(files_.Content("/d/f"), "WXcd");
  EXPECT_THAT(file_->Write(0, "1"), IsOk());
}

TEST_F(MemoryFileSystemTest, DeadMachineRefusesEverythingUntilTheCrash) {
  files_.DieAt(1);
  EXPECT_FALSE(file_->Write(0, "abcd").ok());
  EXPECT_FALSE(file_->SyncData().ok());
  EXPECT_FALSE(files_.List("/d").ok());
  EXPECT_TRUE(files_.dead());
  files_.Crash();
  EXPECT_FALSE(files_.dead());
  EXPECT_THAT(files_.List("/d"), IsOk());
}

TEST_F(MemoryFileSystemTest, FullDiskRefusesGrowthOnly) {
  ASSERT_THAT(file_->Allocate(100), IsOk());
  files_.set_capacity_bytes(100);
  EXPECT_THAT(file_->Write(0, std::string(100, 'x')), IsOk());
  EXPECT_THAT(file_->Write(100, "x"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space left")));
}

TEST_F(MemoryFileSystemTest, FullDiskLeavesWhatThereIsRoomFor) {
  ASSERT_THAT(file_->Write(0, "abc"), IsOk());
  EXPECT_EQ(files_.used_bytes(), 3u);
  files_.set_capacity_bytes(5);
  EXPECT_THAT(file_->Write(2, "xyz123"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space")));
  EXPECT_EQ(files_.used_bytes(), 5u);
  EXPECT_THAT(file_->Write(7, "beyond"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space")));
  std::array<char, 16> read;
  const absl::StatusOr<size_t> size = file_->Read(0, absl::MakeSpan(read));
  ASSERT_THAT(size, IsOk());
  EXPECT_EQ(*size, 5u);
  EXPECT_EQ(std::string(read.data(), 5), "abxyz");
}

TEST_F(MemoryFileSystemTest, LockIsExclusiveUntilReleasedOrCrash) {
  auto lock = files_.LockDirectory("/d");
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(files_.LockDirectory("/d"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/d")));
  lock->reset();
  lock = files_.LockDirectory("/d");
  ASSERT_THAT(lock, IsOk());
  files_.Crash();
  const auto next = files_.LockDirectory("/d");
  EXPECT_THAT(next, IsOk());
  lock->reset();
  EXPECT_FALSE(files_.LockDirectory("/d").ok()) << "a lock of before the crash released a new one";
}

}  // namespace
}  // namespace blixard::raft
