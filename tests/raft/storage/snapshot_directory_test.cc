#include "raft/storage/snapshot_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "raft/storage/snapshot_store.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SnapshotDirectoryTest : public ::testing::Test {
 protected:
  // As a replica leaves it that ended: without anybody's lock, and with a file it did not finish.
  void Write(const std::vector<SnapshotMeta>& metas) {
    const auto store =
        SnapshotStore::Open(files_, {.directory = "/snapshots", .cluster = ClusterId{7}});
    ASSERT_THAT(store, IsOk());
    for (const SnapshotMeta& meta : metas) {
      ASSERT_THAT(WriteSnapshot(**store, meta, StreamOf(meta.last.index.value, 500)), IsOk());
    }
    files_.SetContent("/snapshots/0000000000000099-0000000000000001.snapshot.1.unfinished", "half");
  }
  absl::StatusOr<std::optional<SnapshotMeta>> Newest(ClusterId cluster = ClusterId{7}) {
    return NewestWholeSnapshot({.files = files_, .path = "/snapshots", .cluster = cluster});
  }

  std::vector<std::string> Snapshots() const {
    std::vector<std::string> found;
    for (const std::string& path : files_.Paths()) {
      if (absl::EndsWith(path, ".snapshot")) found.push_back(path);
    }
    return found;
  }

  MemoryFileSystem files_;
};

TEST_F(SnapshotDirectoryTest, NewestIsFoundAndNothingIsTouched) {
  Write({MetaOf(10), MetaOf(20, 2)});
  const std::vector<std::string> before = files_.Paths();
  EXPECT_EQ(Newest().value(), MetaOf(20, 2));
  EXPECT_EQ(files_.Paths(), before);
}

TEST_F(SnapshotDirectoryTest, DamagedOneIsPassedOverAndLeftWhereItIs) {
  Write({MetaOf(10), MetaOf(20)});
  ASSERT_EQ(Snapshots().size(), 2u);
  files_.FlipBit(Snapshots()[1], 300, 1);  // in a chunk: only who reads all of it notices
  const std::vector<std::string> before = files_.Paths();
  EXPECT_EQ(Newest().value(), MetaOf(10));
  EXPECT_EQ(files_.Paths(), before);
}

TEST_F(SnapshotDirectoryTest, EmptyDirectoryHasNone) {
  Write({});
  EXPECT_EQ(Newest().value(), std::nullopt);
}

TEST_F(SnapshotDirectoryTest, DirectoryThatIsNotThereIsNotMade) {
  EXPECT_THAT(Newest().status(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/snapshots")));
  EXPECT_THAT(files_.Paths(), IsEmpty());
}

TEST_F(SnapshotDirectoryTest, SnapshotsOfAnotherClusterAreRefused) {
  Write({MetaOf(10)});
  EXPECT_THAT(Newest(ClusterId{8}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cluster: want 8, got 7")));
}

TEST(SnapshotsAmongTest, NewestFirstAndNothingElse) {
  EXPECT_THAT(SnapshotsAmong({"0000000000000009-0000000000000002.snapshot",
                              "000000000000000a-0000000000000001.snapshot",
                              "000000000000000a-0000000000000003.snapshot",
                              "000000000000000b-0000000000000003.snapshot.1.unfinished", "LOCK"}),
              ElementsAre(MetaOf(10, 3).last, MetaOf(10, 1).last, MetaOf(9, 2).last));
}

}  // namespace
}  // namespace blixard::raft
