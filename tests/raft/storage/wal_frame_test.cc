#include "raft/storage/wal_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "raft/core/checksum.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSequence = 7;
constexpr FrameSpot kStart = {.sequence = kSequence};

std::string EncodeEntry(absl::string_view payload) {
  std::string bytes(FrameBytes(payload.size()), 'x');
  EncodeFrame({.payload_crc32c = PayloadCrc32c(payload),
               .type = FrameType::kEntry,
               .entry_type = 1,
               .sequence = kSequence,
               .durable_offset = 96,
               .term = {3},
               .index = {4}},
              payload, bytes.data());
  return bytes;
}

TEST(WalFrameTest, RoundTripsEveryField) {
  const std::string bytes = EncodeEntry("hello");
  const absl::StatusOr<Frame> frame = DecodeFrame(bytes, kStart);
  ASSERT_THAT(frame, IsOk());
  EXPECT_EQ(frame->payload, "hello");
  EXPECT_EQ(frame->header.payload_bytes, 5u);
  EXPECT_EQ(frame->header.payload_crc32c, PayloadCrc32c("hello"));
  EXPECT_EQ(frame->header.type, FrameType::kEntry);
  EXPECT_EQ(frame->header.entry_type, 1);
  EXPECT_EQ(frame->header.sequence, kSequence);
  EXPECT_EQ(frame->header.durable_offset, 96u);
  EXPECT_EQ(frame->header.term, Term{3});
  EXPECT_EQ(frame->header.index, LogIndex{4});
}

TEST(WalFrameTest, LayoutIsLittleEndianAtFixedOffsets) {
  const std::string bytes = EncodeEntry("hello");
  ASSERT_EQ(bytes.size(), 56u);
  EXPECT_EQ(bytes.substr(4, 4), std::string("\5\0\0\0", 4));
  EXPECT_EQ(bytes.substr(12, 4), std::string("\3\1\0\0", 4));
  EXPECT_EQ(bytes.substr(16, 8), std::string("\7\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(24, 8), std::string("\x60\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(32, 8), std::string("\3\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(40, 8), std::string("\4\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(48), std::string("hello\0\0\0", 8));
}

TEST(WalFrameTest, SizeIsPaddedToEightBytes) {
  for (const auto& [payload, want] :
       {std::pair<uint64_t, uint64_t>{0, 48}, {1, 56}, {7, 56}, {8, 56}, {9, 64}}) {
    EXPECT_EQ(FrameBytes(payload), want) << "payload of " << payload;
  }
}

TEST(WalFrameTest, EveryFlippedByteIsDetectedOutsideThePadding) {
  const std::string good = EncodeEntry("hello");
  for (size_t i = 0; i < kFrameHeaderBytes + 5; ++i) {
    for (const char flip : {'\x01', '\x40', '\x80'}) {
      std::string bad = good;
      bad[i] ^= flip;
      EXPECT_EQ(DecodeFrame(bad, kStart).status().code(), absl::StatusCode::kDataLoss)
          << "byte " << i;
    }
  }
}

TEST(WalFrameTest, EveryTruncationIsDetected) {
  const std::string good = EncodeEntry("hello");
  for (size_t size = 0; size < kFrameHeaderBytes + 5; ++size) {
    EXPECT_EQ(DecodeFrame(good.substr(0, size), kStart).status().code(),
              absl::StatusCode::kDataLoss)
        << size << " bytes";
  }
  EXPECT_THAT(DecodeFrame(good.substr(0, kFrameHeaderBytes + 5), kStart), IsOk());
}

TEST(WalFrameTest, ErrorsSayWhatWasExpectedAndFound) {
  const std::string good = EncodeEntry("hello");
  std::string bad_payload = good;
  bad_payload[kFrameHeaderBytes] = 'j';
  std::string bad_header = good;
  bad_header[40] = 5;
  const struct {
    std::string bytes;
    uint64_t sequence;
    std::string want;
  } kCases[] = {
      {std::string(kFrameHeaderBytes, '\0'), kSequence, "want a frame, got zeros"},
      {good.substr(0, 20), kSequence, "want a frame header of 48 bytes, got end of file after 20"},
      {good.substr(0, 50), kSequence, "want a payload of 5 bytes, got end of file after 2"},
      {good, 8, "segment sequence of frame: want 8, got 7"},
      {bad_payload, kSequence, "payload checksum: want "},
      {bad_header, kSequence, "frame checksum: want "},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(DecodeFrame(c.bytes, {.sequence = c.sequence}),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(c.want)));
  }
}

TEST(WalFrameTest, WrongPayloadChecksumOfTheProposerShows) {
  std::string bytes(FrameBytes(5), '\0');
  EncodeFrame({.payload_crc32c = 1, .sequence = kSequence}, "hello", bytes.data());
  EXPECT_THAT(DecodeFrame(bytes, kStart),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("payload checksum")));
}

TEST(WalFrameTest, HeaderIsFoundWithoutItsPayload) {
  const std::string bytes = EncodeEntry("hello").substr(0, kFrameHeaderBytes);
  ASSERT_TRUE(FindFrameHeader(bytes, kStart).has_value());
  EXPECT_EQ(FindFrameHeader(bytes, kStart)->payload_bytes, 5u);
  EXPECT_FALSE(FindFrameHeader(bytes, {.sequence = kSequence + 1}).has_value());
}

// A disk may put a write somewhere else.
TEST(WalFrameTest, FrameIsOneOnlyAtTheOffsetItWasWrittenFor) {
  std::string segment(3 * FrameBytes(3), '\0');
  const uint64_t offset = FrameBytes(3);
  EncodeFrame({.payload_crc32c = PayloadCrc32c("one"), .sequence = kSequence, .offset = offset},
              "one", segment.data() + offset);
  std::string misdirected(segment.size(), '\0');
  misdirected.replace(2 * offset, offset, segment, offset, offset);
  const absl::StatusOr<Frame> frame =
      DecodeFrame(segment, {.sequence = kSequence, .offset = offset});
  ASSERT_THAT(frame, IsOk());
  EXPECT_EQ(frame->payload, "one");
  EXPECT_EQ(frame->header.offset, offset);
  const FrameSpot elsewhere = {.sequence = kSequence, .offset = 2 * offset};
  EXPECT_FALSE(FindFrameHeader(misdirected, elsewhere).has_value());
  EXPECT_THAT(DecodeFrame(misdirected, elsewhere),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("for these bytes at offset 112")));
}

TEST(WalFrameTest, SpotBehindTheEndHasNoFrame) {
  const std::string bytes = EncodeEntry("hello");
  EXPECT_THAT(DecodeFrame(bytes, {.sequence = kSequence, .offset = bytes.size() + 8}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("got end of file after 0")));
}

TEST(WalFrameTest, HardStateRoundTrips) {
  const HardState state = {.term = {9}, .vote = ReplicaId{2}, .commit = {1234567890123}};
  std::string bytes(kHardStateFrameBytes, 'x');
  EncodeHardStateFrame(state, {.sequence = kSequence, .durable_offset = 96}, bytes.data());
  const absl::StatusOr<Frame> frame = DecodeFrame(bytes, kStart);
  ASSERT_THAT(frame, IsOk());
  EXPECT_EQ(frame->header.type, FrameType::kHardState);
  EXPECT_EQ(frame->header.durable_offset, 96u);
  const absl::StatusOr<HardState> decoded = DecodeHardState(frame->payload);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(*decoded, state);
}

TEST(WalFrameTest, HardStateOfAnotherSizeIsRefused) {
  EXPECT_THAT(DecodeHardState(std::string(23, 'x')),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want 24 bytes, got 23")));
}

}  // namespace
}  // namespace blixard::raft
