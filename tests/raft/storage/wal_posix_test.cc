// The log on the real file system.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class WalPosixTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.directory = absl::StrCat(
        ::testing::TempDir(), "/", ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }

  absl::StatusOr<OpenedWal> Open() {
    return Wal::Open(files_, memory::BufferPool::Default(), options_);
  }

  // Fills about two segments; returns what the log holds.
  LogModel Fill() {
    LogModel model;
    absl::StatusOr<OpenedWal> opened = Open();
    EXPECT_THAT(opened, IsOk());
    for (uint64_t i = 1; i <= 70; ++i) {
      const HardState state = {.term = {1}, .vote = ReplicaId{2}, .commit = {i}};
      const std::vector<Entry> entries = {
          MakeEntry({.term = {1}, .index = {i}}, std::string(i, 'x'))};
      EXPECT_THAT(opened->wal->Append(state, entries), IsOk());
      model.Append(state, entries);
      if (i % 10 == 0) {
        EXPECT_THAT(opened->wal->Sync(), IsOk());
      }
    }
    EXPECT_GT(opened->wal->stats().segments, 1u);
    return model;
  }

  PosixFileSystem files_;
  WalOptions options_ = {
      .directory = "", .cluster = ClusterId{1}, .replica = ReplicaId{2}, .segment_bytes = 8192};
};

TEST_F(WalPosixTest, SyncedLogIsReadBack) {
  const LogModel model = Fill();
  for (int restart = 0; restart < 3; ++restart) {
    const absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(ModelOf(opened->recovered), model);
    EXPECT_EQ(opened->recovered.torn_bytes, 0u);
  }
}

TEST_F(WalPosixTest, SegmentsHaveTheirFullSizeFromTheStart) {
  Fill();
  auto file = files_.Open(SegmentPath(options_, 1), OpenMode::kExisting);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(*(*file)->Size(), options_.segment_bytes);
}

TEST_F(WalPosixTest, LastSegmentCutShortIsAPrefixAndGetsItsSizeBack) {
  const LogModel model = Fill();
  auto file = files_.Open(SegmentPath(options_, 2), OpenMode::kExisting);
  ASSERT_THAT(file, IsOk());
  std::string bytes(options_.segment_bytes, '\0');
  ASSERT_EQ(*(*file)->Read(0, absl::MakeSpan(bytes)), bytes.size());
  uint64_t size = bytes.find_last_not_of('\0') + 1;
  for (size_t kept = model.entries.size(); size > 1000; size -= 53) {
    SCOPED_TRACE(absl::StrCat("cut to ", size));
    ASSERT_THAT((*file)->Truncate(size), IsOk());
    const absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    const LogModel got = ModelOf(opened->recovered);
    ASSERT_LE(got.entries.size(), kept);
    kept = got.entries.size();
    EXPECT_TRUE(std::equal(got.entries.begin(), got.entries.end(), model.entries.begin()));
    EXPECT_EQ(*(*file)->Size(), options_.segment_bytes);
  }
}

TEST_F(WalPosixTest, SegmentThatIsTooLargeToBeOneIsRefused) {
  Fill();
  auto file = files_.Open(SegmentPath(options_, 2), OpenMode::kExisting);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Truncate(kMaxSegmentBytes + 1), IsOk());
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(SegmentPath(options_, 2)), HasSubstr("size of segment"))));
}

TEST_F(WalPosixTest, SecondOpenerIsRefused) {
  const absl::StatusOr<OpenedWal> first = Open();
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(options_.directory), HasSubstr("another process"))));
}

TEST_F(WalPosixTest, DirectoryThatCannotBeMadeIsReported) {
  options_.directory = absl::StrCat(options_.directory, "/none/inner");
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(options_.directory)));
}

TEST_F(WalPosixTest, UnwritableDirectoryIsReported) {
  options_.directory = "/proc/self";  // not even root may create files here
  const absl::Status status = Open().status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("/proc/self/LOCK"));
}

TEST_F(WalPosixTest, DirectoryThatIsAFileIsReported) {
  ASSERT_THAT(files_.Open(options_.directory, OpenMode::kCreate), IsOk());
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(options_.directory)));
}

}  // namespace
}  // namespace blixard::raft
