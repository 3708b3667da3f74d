#include "raft/storage/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

constexpr SegmentHeader kHeader = {
    .cluster = ClusterId{11},
    .replica = ReplicaId{22},
    .sequence = 7,
    .origin = SegmentOrigin::kRecycled,
    .base = {.term = {4}, .index = {20}},
    .last = {.term = {5}, .index = {33}},
    .hard_state = {.term = {6}, .vote = ReplicaId{22}, .commit = {30}},
    .previous_end = 4000};

WalOptions Options() {
  return {.directory = "/wal",
          .cluster = ClusterId{11},
          .replica = ReplicaId{22},
          .segment_bytes = 4096};
}

std::string Encoded(const SegmentHeader& header) {
  std::string bytes(kSegmentHeaderBytes, 'x');
  EncodeSegmentHeader(header, bytes.data());
  return bytes;
}

TEST(SegmentTest, NamesRoundTripAndSortBySequence) {
  EXPECT_EQ(SegmentName(1), "0000000000000001.wal");
  EXPECT_EQ(ParseSegmentName(SegmentName(1)), 1u);
  EXPECT_EQ(ParseSegmentName(SegmentName(123456)), 123456u);
  EXPECT_LT(SegmentName(9), SegmentName(10));
}

TEST(SegmentTest, OtherNamesAreNoSegments) {
  for (const char* name :
       {"", "LOCK", "1.wal", "0000000000000000.wal", "0000000000000001.log", "000000000000001a.wal",
        "-000000000000001.wal", "+000000000000001.wal", " 000000000000001.wal",
        "0000000000000001.unfinished", "0000000000000001.free"}) {
    EXPECT_FALSE(ParseSegmentName(name).has_value()) << name;
  }
  EXPECT_TRUE(IsUnfinishedSegmentName(UnfinishedSegmentName(1)));
  EXPECT_FALSE(IsUnfinishedSegmentName(SegmentName(1)));
  EXPECT_EQ(ParseFreeSegmentName(FreeSegmentName(12)), 12u);
  EXPECT_FALSE(ParseFreeSegmentName(SegmentName(12)).has_value());
}

TEST(SegmentTest, HeaderRoundTrips) {
  const absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(Encoded(kHeader), 7);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(*header, kHeader);
}

TEST(SegmentTest, EveryFlippedByteOfTheHeaderIsDetected) {
  const std::string good = Encoded(kHeader);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x10;
    EXPECT_THAT(DecodeSegmentHeader(bad, 7),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not a segment")))
        << "byte " << i;
  }
}

TEST(SegmentTest, HeaderOfAnotherLogIsRefused) {
  WalOptions other_cluster = Options();
  other_cluster.cluster = ClusterId{12};
  WalOptions other_replica = Options();
  other_replica.replica = ReplicaId{23};
  EXPECT_THAT(CheckOwner(kHeader, Options()), IsOk());
  EXPECT_THAT(CheckOwner(kHeader, other_cluster),
              StatusIs(absl::StatusCode::kFailedPrecondition, "cluster id: want 12, got 11"));
  EXPECT_THAT(CheckOwner(kHeader, other_replica),
              StatusIs(absl::StatusCode::kFailedPrecondition, "replica id: want 23, got 22"));
}

TEST(SegmentTest, HeaderOfAnotherSequenceIsRefused) {
  EXPECT_THAT(DecodeSegmentHeader(Encoded(kHeader), 8),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want 8, got 7")));
}

// Version 1 had a shorter header; a later one may have a longer. What all share is the frame, magic
// and version.
TEST(SegmentTest, OtherFormatVersionsAreRefusedWhateverElseTheyHold) {
  const std::string now = Encoded(kHeader).substr(kFrameHeaderBytes);
  for (const uint32_t version : {1, 2, 4}) {
    std::string payload = version == 1 ? now.substr(0, 48) : now + "more fields.....";
    StoreLittleEndian(version, payload.data() + 8);
    std::string bytes(FrameBytes(payload.size()), '\0');
    EncodeFrame({.payload_crc32c = PayloadCrc32c(payload),
                 .type = FrameType::kSegmentHeader,
                 .sequence = 7},
                payload, bytes.data());
    EXPECT_THAT(DecodeSegmentHeader(bytes, 7),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("format version: want 3, got ", version)));
  }
}

TEST(SegmentTest, AnotherFrameIsNoHeader) {
  std::string bytes(kHardStateFrameBytes, '\0');
  EncodeHardStateFrame({}, {.sequence = 7}, bytes.data());
  EXPECT_THAT(DecodeSegmentHeader(bytes, 7),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want a segment header")));
}

TEST(SegmentTest, HeaderThatContradictsItselfIsRefused) {
  SegmentHeader commit_behind_last = kHeader;
  commit_behind_last.hard_state.commit = {34};
  SegmentHeader base_behind_commit = kHeader;
  base_behind_commit.base.index = {31};
  for (const SegmentHeader& bad : {commit_behind_last, base_behind_commit}) {
    EXPECT_THAT(DecodeSegmentHeader(Encoded(bad), 7),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want base <= commit <= last")));
  }
}

TEST(SegmentTest, HeaderWhoseTermsGoBackIsRefused) {
  SegmentHeader goes_back = kHeader;
  goes_back.base.term = {6};
  SegmentHeader same_entry = kHeader;
  same_entry.base.index = same_entry.hard_state.commit = same_entry.last.index;
  for (const SegmentHeader& bad : {goes_back, same_entry}) {
    EXPECT_THAT(DecodeSegmentHeader(Encoded(bad), 7),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("terms of base and last")));
  }
  same_entry.base.term = same_entry.last.term;
  EXPECT_THAT(DecodeSegmentHeader(Encoded(same_entry), 7), IsOk());
}

TEST(SegmentTest, OriginOfALaterVersionIsRefused) {
  SegmentHeader bad = kHeader;
  bad.origin = SegmentOrigin{2};
  EXPECT_THAT(DecodeSegmentHeader(Encoded(bad), 7),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("origin of segment")));
}

TEST(SegmentTest, FullDiskIsReportedByWriteZeros) {
  MemoryFileSystem files;
  ASSERT_THAT(files.MakeDirectory("/wal"), IsOk());
  files.set_capacity_bytes(4095);
  const auto file = files.Open("/wal/file", OpenMode::kCreate);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(WriteZeros(**file, 0, 4096),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("/wal/file")));
  EXPECT_THAT(WriteZeros(**file, 0, 4095), IsOk());
}

}  // namespace
}  // namespace blixard::raft
