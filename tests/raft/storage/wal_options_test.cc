#include "raft/storage/wal_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

WalOptions Valid() {
  return {.directory = "/wal", .cluster = ClusterId{1}, .replica = ReplicaId{2}};
}

TEST(WalOptionsTest, DefaultsWithDirectoryAndIdsAreValid) {
  EXPECT_THAT(Valid().Validate(), IsOk());
}

TEST(WalOptionsTest, EveryBadFieldIsNamed) {
  WalOptions no_directory = Valid();
  no_directory.directory.clear();
  WalOptions no_cluster = Valid();
  no_cluster.cluster = ClusterId{0};
  WalOptions no_replica = Valid();
  no_replica.replica = kNoReplica;
  EXPECT_THAT(no_directory.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("directory: want")));
  EXPECT_THAT(no_cluster.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cluster: want")));
  EXPECT_THAT(no_replica.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("replica: want")));
}

TEST(WalOptionsTest, FreeSegmentsAreBounded) {
  for (const size_t count : {size_t{1}, kMaxFreeSegments}) {
    WalOptions options = Valid();
    options.max_free_segments = count;
    EXPECT_THAT(options.Validate(), IsOk()) << count;
  }
  for (const size_t count : {size_t{0}, kMaxFreeSegments + 1}) {
    WalOptions options = Valid();
    options.max_free_segments = count;
    EXPECT_THAT(options.Validate(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_free_segments: want")));
  }
}

TEST(WalOptionsTest, SegmentBytesAreWholeBlocksWithinBounds) {
  for (const uint64_t good : {uint64_t{4096}, uint64_t{8192}, uint64_t{1} << 30}) {
    WalOptions options = Valid();
    options.segment_bytes = good;
    EXPECT_THAT(options.Validate(), IsOk()) << good;
  }
  for (const uint64_t bad :
       {uint64_t{0}, uint64_t{2048}, uint64_t{4097}, (uint64_t{1} << 30) + 4096}) {
    WalOptions options = Valid();
    options.segment_bytes = bad;
    EXPECT_THAT(options.Validate(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("segment_bytes: want")))
        << bad;
  }
}

}  // namespace
}  // namespace blixard::raft
