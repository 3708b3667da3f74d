#include "memory_optimization/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "memory_optimization/sanitizers.h"

namespace blixard::memory {
namespace {

std::string WriteFile(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

TEST(MappedFileTest, ShowsTheBytesOfTheFile) {
  const std::string content = std::string(100'000, 'a') + std::string("\0end", 4);
  const std::string path = WriteFile("mapped", content);
  for (const MappedAccess access :
       {MappedAccess::kNormal, MappedAccess::kRandom, MappedAccess::kSequential}) {
    const absl::StatusOr<MappedFile> file = MappedFile::Open(path, access);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->bytes(), content);
    EXPECT_EQ(file->size(), content.size());
    EXPECT_EQ(file->path(), path);
    EXPECT_TRUE(file->CheckSize().ok());
  }
}

TEST(MappedFileTest, EmptyFileMapsNothing) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(WriteFile("empty", ""));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->bytes().empty());
  EXPECT_TRUE(file->CheckSize().ok());
}

TEST(MappedFileTest, MissingFileIsNamedWithItsReason) {
  const absl::Status status = MappedFile::Open("/no/such/file").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "/no/such/file: open: No such file or directory");
}

TEST(MappedFileTest, WhatIsNotARegularFileIsRefused) {
  const absl::Status directory = MappedFile::Open(testing::TempDir()).status();
  EXPECT_EQ(directory.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(directory.message().find("want a regular one"), absl::string_view::npos) << directory;
  const std::string fifo = testing::TempDir() + "/fifo";
  std::remove(fifo.c_str());
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(MappedFile::Open(fifo).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MappedFileTest, MovesCarryTheMapping) {
  absl::StatusOr<MappedFile> first = MappedFile::Open(WriteFile("first", "first"));
  absl::StatusOr<MappedFile> second = MappedFile::Open(WriteFile("second", "second"));
  ASSERT_TRUE(first.ok() && second.ok());
  const std::string_view bytes = second->bytes();
  MappedFile taken = *std::move(first);
  taken = *std::move(second);
  EXPECT_EQ(taken.bytes(), "second");
  EXPECT_EQ(taken.bytes().data(), bytes.data());
  MappedFile& self = taken;
  taken = std::move(self);
  EXPECT_EQ(taken.bytes(), "second");
}

TEST(MappedFileTest, MappingSurvivesRemovalOfTheFile) {
  const std::string path = WriteFile("removed", "still here");
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  std::remove(path.c_str());
  EXPECT_EQ(file->bytes(), "still here");
}

TEST(MappedFileTest, ShrunkFileIsToldByCheckSize) {
  const std::string path = WriteFile("shrunk", std::string(10'000, 'x'));
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(truncate(path.c_str(), 100), 0);
  const absl::Status status = file->CheckSize();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(), path + ": size: want 10000 bytes as mapped, got 100");
}

// The documented hazard, so that nobody believes it away.
TEST(MappedFileDeathTest, TouchingPagesBeyondTheEndOfAShrunkFileIsABusError) {
#if defined(BLIXARD_ADDRESS_SANITIZER) || defined(BLIXARD_THREAD_SANITIZER)
  GTEST_SKIP() << "sanitizers report the signal their own way";
#endif
  const std::string path = WriteFile("hazard", std::string(100'000, 'x'));
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  EXPECT_EXIT(
      {
        if (truncate(path.c_str(), 100) != 0) std::_Exit(1);
        const volatile char byte = file->bytes()[99'999];
        static_cast<void>(byte);
      },
      testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace blixard::memory
