#include "raft/storage/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

constexpr SegmentHeader kHeader = {.cluster = ClusterId{11},
                                   .replica = ReplicaId{22},
                                   .sequence = 7,
                                   .next_index = {33},
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
  for (const char* name : {"", "LOCK", "1.wal", "0000000000000000.wal", "0000000000000001.log",
                           "000000000000001a.wal", "-000000000000001.wal", "+000000000000001.wal",
                           " 000000000000001.wal", "0000000000000001.wal.unfinished"}) {
    EXPECT_FALSE(ParseSegmentName(name).has_value()) << name;
  }
  EXPECT_TRUE(IsUnfinishedSegmentName(UnfinishedSegmentName(1)));
  EXPECT_FALSE(IsUnfinishedSegmentName(SegmentName(1)));
}

TEST(SegmentTest, HeaderRoundTrips) {
  const absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(Encoded(kHeader), 7, Options());
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->cluster, kHeader.cluster);
  EXPECT_EQ(header->replica, kHeader.replica);
  EXPECT_EQ(header->sequence, kHeader.sequence);
  EXPECT_EQ(header->next_index, kHeader.next_index);
  EXPECT_EQ(header->previous_end, kHeader.previous_end);
}

TEST(SegmentTest, EveryFlippedByteOfTheHeaderIsDetected) {
  const std::string good = Encoded(kHeader);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x10;
    EXPECT_THAT(DecodeSegmentHeader(bad, 7, Options()),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not a segment")))
        << "byte " << i;
  }
}

TEST(SegmentTest, HeaderOfAnotherLogIsRefused) {
  WalOptions other_cluster = Options();
  other_cluster.cluster = ClusterId{12};
  WalOptions other_replica = Options();
  other_replica.replica = ReplicaId{23};
  EXPECT_THAT(DecodeSegmentHeader(Encoded(kHeader), 7, other_cluster),
              StatusIs(absl::StatusCode::kFailedPrecondition, "cluster id: want 12, got 11"));
  EXPECT_THAT(DecodeSegmentHeader(Encoded(kHeader), 7, other_replica),
              StatusIs(absl::StatusCode::kFailedPrecondition, "replica id: want 23, got 22"));
}

TEST(SegmentTest, HeaderOfAnotherSequenceIsRefused) {
  EXPECT_THAT(DecodeSegmentHeader(Encoded(kHeader), 8, Options()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want 8, got 7")));
}

TEST(SegmentTest, UnknownFormatVersionIsRefusedWhateverElseChanged) {
  // A later version may have a longer header; what it shares is the frame, magic and version.
  std::string payload = Encoded(kHeader).substr(kFrameHeaderBytes) + "more fields.....";
  StoreLittleEndian(uint32_t{2}, payload.data() + 8);
  std::string bytes(FrameBytes(payload.size()), '\0');
  EncodeFrame(
      {.payload_crc32c = PayloadCrc32c(payload), .type = FrameType::kSegmentHeader, .sequence = 7},
      payload, bytes.data());
  EXPECT_THAT(DecodeSegmentHeader(bytes, 7, Options()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "format version: want 1, got 2"));
}

TEST(SegmentTest, AnotherFrameIsNoHeader) {
  std::string bytes(kHardStateFrameBytes, '\0');
  EncodeHardStateFrame({}, {.sequence = 7}, bytes.data());
  EXPECT_THAT(DecodeSegmentHeader(bytes, 7, Options()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want a segment header")));
}

TEST(SegmentTest, CreatedSegmentIsDurableBeforeAnybodyUsesIt) {
  MemoryFileSystem files;
  ASSERT_THAT(files.MakeDirectory("/wal"), IsOk());
  ASSERT_THAT(files.SyncDirectory("/"), IsOk());
  const HardState state = {.term = {3}, .vote = ReplicaId{1}, .commit = {2}};
  const absl::StatusOr<NewSegment> segment = CreateSegment(files, Options(), kHeader, state);
  ASSERT_THAT(segment, IsOk());
  EXPECT_EQ(segment->end, kSegmentPreludeBytes);
  files.Crash();
  const std::string bytes = files.Content("/wal/0000000000000007.wal");
  EXPECT_EQ(bytes.size(), 4096u);
  EXPECT_THAT(DecodeSegmentHeader(bytes, 7, Options()), IsOk());
  EXPECT_EQ(bytes.find_first_not_of('\0', segment->end), std::string::npos);
}

TEST(SegmentTest, WithoutHardStateOnlyTheHeaderIsWritten) {
  MemoryFileSystem files;
  ASSERT_THAT(files.MakeDirectory("/wal"), IsOk());
  ASSERT_THAT(files.SyncDirectory("/"), IsOk());
  const absl::StatusOr<NewSegment> segment = CreateSegment(files, Options(), kHeader, {});
  ASSERT_THAT(segment, IsOk());
  EXPECT_EQ(segment->end, kSegmentHeaderBytes);
}

TEST(SegmentTest, CrashAtAnyPointLeavesTheWholeSegmentOrNone) {
  for (uint64_t step = 1; step < 12; ++step) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "step " << step << " seed " << seed);
      std::mt19937_64 random(seed);
      MemoryFileSystem files;
      ASSERT_THAT(files.MakeDirectory("/wal"), IsOk());
      ASSERT_THAT(files.SyncDirectory("/"), IsOk());
      files.DieAt(step);
      const bool created = CreateSegment(files, Options(), kHeader, {}).ok();
      files.Crash(&random);
      const auto names = files.List("/wal");
      ASSERT_THAT(names, IsOk());
      const bool there = names->size() == 1 && names->front() == SegmentName(7);
      EXPECT_TRUE(there || !created);
      if (!there) continue;
      const std::string bytes = files.Content("/wal/0000000000000007.wal");
      EXPECT_EQ(bytes.size(), 4096u);
      EXPECT_THAT(DecodeSegmentHeader(bytes, 7, Options()), IsOk());
    }
  }
}

TEST(SegmentTest, FullDiskIsReported) {
  MemoryFileSystem files;
  ASSERT_THAT(files.MakeDirectory("/wal"), IsOk());
  ASSERT_THAT(files.SyncDirectory("/"), IsOk());
  files.set_capacity_bytes(4095);
  EXPECT_THAT(CreateSegment(files, Options(), kHeader, {}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("/wal/0000000000000007")));
}

}  // namespace
}  // namespace blixard::raft
