#include "raft/storage/posix_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/storage/segment.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PosixFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(::testing::TempDir(),
                              ::testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_THAT(files_.MakeDirectory(directory_), IsOk());
  }

  std::string Path(absl::string_view name) const { return absl::StrCat(directory_, "/", name); }

  std::unique_ptr<File> Create(absl::string_view name) {
    auto file = files_.Open(Path(name), OpenMode::kCreate);
    EXPECT_THAT(file, IsOk());
    return *std::move(file);
  }

  PosixFileSystem files_;
  std::string directory_;
};

TEST_F(PosixFileTest, ReadsBackWhatWasWritten) {
  std::unique_ptr<File> file = Create("f");
  ASSERT_THAT(file->Write(4, "hello"), IsOk());
  ASSERT_THAT(file->SyncData(), IsOk());
  std::string got(20, 'x');
  EXPECT_EQ(*file->Read(2, absl::MakeSpan(got)), 7u) << "short at the end of file";
  EXPECT_EQ(got.substr(0, 7), std::string("\0\0hello", 7));
  EXPECT_EQ(*file->Read(100, absl::MakeSpan(got)), 0u);
}

// Direct and ordinary writes of one file see each other, whichever the file system can do.
TEST_F(PosixFileTest, SyncedWritesOfEveryAlignmentAreReadBack) {
  std::unique_ptr<File> file = Create("f");
  ASSERT_THAT(WriteZeros(*file, 0, 8 * kDirectBytes), IsOk());
  ASSERT_THAT(file->SyncData(), IsOk());
  std::string want(8 * kDirectBytes, '\0');
  alignas(kDirectBytes) static std::array<char, 2 * kDirectBytes + 1> memory;
  struct Case {
    uint64_t offset;
    size_t from;  // in memory
    size_t size;
  };
  char fill = 'a';
  for (const Case& c : std::vector<Case>{{0, 0, kDirectBytes},
                                         {kDirectBytes, 0, 2 * kDirectBytes},
                                         {2 * kDirectBytes, 1, kDirectBytes},
                                         {2 * kDirectBytes + 8, 0, kDirectBytes},
                                         {4 * kDirectBytes, 0, 100},
                                         {4 * kDirectBytes, 0, kDirectBytes}}) {
    memory.fill(fill++);
    const absl::string_view bytes(memory.data() + c.from, c.size);
    ASSERT_THAT(file->WriteSynced(c.offset, bytes), IsOk());
    want.replace(c.offset, c.size, bytes.data(), c.size);
    std::string got(want.size(), 'x');
    ASSERT_EQ(*file->Read(0, absl::MakeSpan(got)), got.size());
    EXPECT_EQ(got, want) << "offset " << c.offset << " size " << c.size;
  }
}

TEST_F(PosixFileTest, SyncedWriteFollowsItsFileOverARename) {
  std::unique_ptr<File> file = Create("before");
  ASSERT_THAT(WriteZeros(*file, 0, kDirectBytes), IsOk());
  ASSERT_THAT(files_.Rename({.from = Path("before"), .to = Path("after")}), IsOk());
  Create("before");
  alignas(kDirectBytes) static std::array<char, kDirectBytes> memory;
  memory.fill('r');
  ASSERT_THAT(file->WriteSynced(0, {memory.data(), memory.size()}), IsOk());
  std::string got(4, 'x');
  auto after = files_.Open(Path("after"), OpenMode::kReadOnly);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(*(*after)->Read(0, absl::MakeSpan(got)), 4u);
  EXPECT_EQ(got, "rrrr");
}

TEST_F(PosixFileTest, FileOpenedForReadingTakesNoWrites) {
  Create("f");
  auto file = files_.Open(Path("f"), OpenMode::kReadOnly);
  ASSERT_THAT(file, IsOk());
  EXPECT_FALSE((*file)->Write(0, "x").ok());
  EXPECT_FALSE((*file)->Truncate(5).ok());
  EXPECT_EQ(*(*file)->Size(), 0u);
  EXPECT_THAT(files_.Open(Path("none"), OpenMode::kReadOnly).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(PosixFileTest, FreeBytesOfADirectoryAreTold) {
  const absl::StatusOr<uint64_t> free = files_.FreeBytes(directory_);
  ASSERT_THAT(free, IsOk());
  EXPECT_GT(*free, 0u);
  EXPECT_THAT(files_.FreeBytes(Path("none")).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(PosixFileTest, AllocateGrowsAndNeverShrinks) {
  std::unique_ptr<File> file = Create("f");
  ASSERT_THAT(file->Allocate(8192), IsOk());
  EXPECT_EQ(*file->Size(), 8192u);
  ASSERT_THAT(file->Allocate(4096), IsOk());
  EXPECT_EQ(*file->Size(), 8192u);
  ASSERT_THAT(file->Truncate(10), IsOk());
  EXPECT_EQ(*file->Size(), 10u);
}

TEST_F(PosixFileTest, CreateEmptiesAndExistingKeeps) {
  ASSERT_THAT(Create("f")->Write(0, "hello"), IsOk());
  auto kept = files_.Open(Path("f"), OpenMode::kExisting);
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(*(*kept)->Size(), 5u);
  EXPECT_EQ(*Create("f")->Size(), 0u);
}

TEST_F(PosixFileTest, ErrorsNamePathOperationAndReason) {
  EXPECT_THAT(
      files_.Open(Path("none"), OpenMode::kExisting),
      StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr(Path("none")), HasSubstr("open"),
                                                  HasSubstr("No such file or directory"))));
  EXPECT_THAT(files_.Remove(Path("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("remove")));
  EXPECT_THAT(files_.Rename({.from = Path("none"), .to = Path("other")}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("other"))));
  EXPECT_FALSE(files_.List(Path("none")).ok());
  EXPECT_FALSE(files_.SyncDirectory(Path("none")).ok());
  EXPECT_FALSE(files_.LockDirectory(Path("none")).ok());
  EXPECT_FALSE(files_.MakeDirectory(Path("none/inner")).ok());
}

TEST_F(PosixFileTest, FullDiskIsResourceExhausted) {
  auto full = files_.Open("/dev/full", OpenMode::kExisting);
  if (!full.ok()) GTEST_SKIP() << "no /dev/full here: " << full.status();
  EXPECT_THAT((*full)->Write(0, "x"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("/dev/full: write")));
}

// absl::ErrnoToStatus calls it kResourceExhausted too, which says here that the disk is full.
TEST_F(PosixFileTest, NoDescriptorLeftIsNoFullDisk) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const absl::Status opened = files_.Open(Path("f"), OpenMode::kCreate).status();
  const absl::Status synced = files_.SyncDirectory(directory_);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kInternal,
                               AllOf(HasSubstr(Path("f")), HasSubstr("Too many open files"))));
  EXPECT_THAT(synced, StatusIs(absl::StatusCode::kInternal, HasSubstr("Too many open files")));
}

TEST_F(PosixFileTest, ListsNamesSorted) {
  Create("b");
  Create("a");
  ASSERT_THAT(files_.Rename({.from = Path("b"), .to = Path("c")}), IsOk());
  ASSERT_THAT(files_.SyncDirectory(directory_), IsOk());
  EXPECT_THAT(*files_.List(directory_), ElementsAre("a", "c"));
  ASSERT_THAT(files_.Remove(Path("a")), IsOk());
  EXPECT_THAT(*files_.List(directory_), ElementsAre("c"));
}

TEST_F(PosixFileTest, MakingAnExistingDirectoryIsFineUnlessItIsAFile) {
  EXPECT_THAT(files_.MakeDirectory(directory_), IsOk());
  Create("f");
  EXPECT_THAT(files_.MakeDirectory(Path("f")),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("make directory")));
}

TEST_F(PosixFileTest, LockExcludesThisProcessAndOthers) {
  auto lock = files_.LockDirectory(directory_);
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(files_.LockDirectory(directory_),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(directory_), HasSubstr("another process holds"))));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Its own open of the LOCK file conflicts, although it inherited the descriptor that holds it.
    PosixFileSystem files;
    _exit(files.LockDirectory(directory_).ok() ? 1 : 0);
  }
  int result = -1;
  ASSERT_EQ(waitpid(child, &result, 0), child);
  EXPECT_EQ(result, 0) << "another process took the lock";
  lock->reset();
  EXPECT_THAT(files_.LockDirectory(directory_), IsOk());
}

TEST_F(PosixFileTest, DescriptorsDoNotSurviveExec) {
  std::unique_ptr<File> file = Create("f");
  auto lock = files_.LockDirectory(directory_);
  ASSERT_THAT(lock, IsOk());
  int checked = 0;
  for (int fd = 3; fd < 256; ++fd) {
    char target[4096];
    const ssize_t size =
        readlink(absl::StrCat("/proc/self/fd/", fd).c_str(), target, sizeof(target));
    if (size <= 0) continue;
    if (absl::string_view(target, static_cast<size_t>(size)).find(directory_) ==
        absl::string_view::npos) {
      continue;
    }
    EXPECT_EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC) << "descriptor " << fd;
    ++checked;
  }
  EXPECT_EQ(checked, 2);
}

}  // namespace
}  // namespace blixard::raft
