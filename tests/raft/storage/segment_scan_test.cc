#include "raft/storage/segment_scan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "raft/core/checksum.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kSequence = 3;

// Frames one behind the other, then zeros.
class SegmentBytes {
 public:
  // Returns the offset of the new frame.
  uint64_t Add(absl::string_view payload, FramePlace place) {
    const uint64_t at = bytes_.size();
    bytes_.resize(at + FrameBytes(payload.size()));
    EncodeFrame({.payload_crc32c = PayloadCrc32c(payload),
                 .sequence = place.sequence,
                 .offset = at,
                 .durable_offset = place.durable_offset},
                payload, bytes_.data() + at);
    return at;
  }
  std::string WithZeros() const { return bytes_ + std::string(256, '\0'); }
  uint64_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

TEST(SegmentScanTest, CursorGivesFramesAndStopsAtZeros) {
  SegmentBytes segment;
  segment.Add("one", {.sequence = kSequence});
  segment.Add("two", {.sequence = kSequence, .durable_offset = 56});
  const std::string bytes = segment.WithZeros();
  FrameCursor cursor(bytes, kSequence);
  EXPECT_EQ(cursor.Next()->payload, "one");
  EXPECT_EQ(cursor.offset(), 56u);
  EXPECT_EQ(cursor.Next()->payload, "two");
  EXPECT_EQ(cursor.durable_offset(), 56u);
  EXPECT_EQ(cursor.Next().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(cursor.offset(), segment.size());
}

TEST(SegmentScanTest, FrameOfAnotherSequenceEndsTheSegment) {
  SegmentBytes segment;
  segment.Add("mine", {.sequence = kSequence});
  segment.Add("stale", {.sequence = kSequence - 1});
  FrameCursor cursor(segment.bytes(), kSequence);
  EXPECT_THAT(cursor.Next(), IsOk());
  EXPECT_EQ(cursor.Next().status().code(), absl::StatusCode::kDataLoss);
}

TEST(SegmentScanTest, FileCutInThePaddingKeepsItsLastFrame) {
  SegmentBytes segment;
  segment.Add("odd", {.sequence = kSequence});
  const std::string bytes = segment.bytes().substr(0, segment.size() - 2);
  FrameCursor cursor(bytes, kSequence);
  EXPECT_THAT(cursor.Next(), IsOk());
  EXPECT_GT(cursor.offset(), bytes.size());
  EXPECT_EQ(cursor.Next().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(InspectTail(bytes, kSequence, cursor.offset()).used_bytes, 0u);
}

TEST(SegmentScanTest, CleanTailHasNothing) {
  SegmentBytes segment;
  segment.Add("one", {.sequence = kSequence});
  const SegmentTail tail = InspectTail(segment.WithZeros(), kSequence, segment.size());
  EXPECT_EQ(tail.used_bytes, 0u);
  EXPECT_FALSE(tail.witness.has_value());
}

// A bad frame and then one more; `place` is that of the later one.
SegmentTail TailWithLaterFrame(FramePlace place, absl::string_view bad_payload, size_t flip_at) {
  SegmentBytes segment;
  segment.Add("one", {.sequence = kSequence});
  const uint64_t bad = segment.Add(bad_payload, {.sequence = kSequence, .durable_offset = 56});
  segment.Add("later", place);
  std::string bytes = segment.WithZeros();
  bytes[bad + flip_at] ^= 1;
  return InspectTail(bytes, kSequence, bad);
}

TEST(SegmentScanTest, LaterFrameOfTheSameBatchIsNoWitness) {
  const SegmentTail tail =
      TailWithLaterFrame({.sequence = kSequence, .durable_offset = 56}, "two", 0);
  EXPECT_GT(tail.used_bytes, 0u);
  EXPECT_FALSE(tail.witness.has_value());
}

TEST(SegmentScanTest, LaterFrameWrittenAfterASyncIsAWitness) {
  for (const size_t flip_at : {0, 40, 48}) {
    const SegmentTail tail =
        TailWithLaterFrame({.sequence = kSequence, .durable_offset = 112}, "two", flip_at);
    EXPECT_EQ(tail.witness, 112u) << "flip at " << flip_at;
  }
}

TEST(SegmentScanTest, OwnBytesEndWithTheLastFrameOfThisSequence) {
  SegmentBytes segment;
  segment.Add("one", {.sequence = kSequence});
  const uint64_t bad = segment.Add("two", {.sequence = kSequence, .durable_offset = 56});
  segment.Add("later", {.sequence = kSequence, .durable_offset = 56});
  const uint64_t own_end = segment.size();
  segment.Add("stale", {.sequence = kSequence - 1});
  std::string bytes = segment.WithZeros();
  bytes[bad] ^= 1;
  const SegmentTail tail = InspectTail(bytes, kSequence, bad);
  EXPECT_EQ(tail.own_bytes, own_end - bad);
  EXPECT_GT(tail.used_bytes, tail.own_bytes);
}

TEST(SegmentScanTest, StaleFramesAloneAreNoOwnBytes) {
  SegmentBytes segment;
  segment.Add("one", {.sequence = kSequence});
  const uint64_t end = segment.size();
  segment.Add("stale", {.sequence = kSequence - 1});
  const SegmentTail tail = InspectTail(segment.WithZeros(), kSequence, end);
  EXPECT_EQ(tail.own_bytes, 0u);
  EXPECT_GT(tail.used_bytes, 0u);
}

TEST(SegmentScanTest, FrameOfARecycledSegmentIsNoWitness) {
  const SegmentTail tail =
      TailWithLaterFrame({.sequence = kSequence - 1, .durable_offset = 112}, "two", 0);
  EXPECT_FALSE(tail.witness.has_value());
}

TEST(SegmentScanTest, FrameThatClaimsMoreThanItsOwnOffsetIsNoWitness) {
  const SegmentTail tail =
      TailWithLaterFrame({.sequence = kSequence, .durable_offset = 1 << 20}, "two", 0);
  EXPECT_FALSE(tail.witness.has_value());
}

// A sector that went to the wrong place brings frames of this very sequence along. They must not
// hide a witness that stands where one of them would go on.
TEST(SegmentScanTest, FrameFromElsewhereHidesNoWitness) {
  SegmentBytes segment;
  const std::string long_one(100, '1');
  segment.Add(long_one, {.sequence = kSequence});
  const uint64_t bad = segment.Add("two", {.sequence = kSequence, .durable_offset = 152});
  const uint64_t lost = segment.Add("three", {.sequence = kSequence, .durable_offset = 152});
  const uint64_t witness = segment.Add("four", {.sequence = kSequence, .durable_offset = lost});
  std::string bytes = segment.WithZeros();
  bytes[bad] ^= 1;
  bytes.replace(lost, kFrameHeaderBytes, bytes.substr(0, kFrameHeaderBytes));
  EXPECT_EQ(InspectTail(bytes, kSequence, bad).witness, witness);
}

TEST(SegmentScanTest, FrameFromElsewhereEndsTheFrames) {
  SegmentBytes segment;
  segment.Add("one", {.sequence = kSequence});
  const std::string twice = segment.bytes() + segment.bytes();
  FrameCursor cursor(twice, kSequence);
  EXPECT_THAT(cursor.Next(), IsOk());
  EXPECT_EQ(cursor.Next().status().code(), absl::StatusCode::kDataLoss);
}

TEST(SegmentScanTest, FrameInsideAPayloadIsNoWitness) {
  std::string forged(FrameBytes(0), '\0');
  const uint64_t offset = FrameBytes(3) + kFrameHeaderBytes;  // behind "one", in the bad payload
  EncodeFrame({.sequence = kSequence, .offset = offset, .durable_offset = 64}, "", forged.data());
  const SegmentTail tail = TailWithLaterFrame({.sequence = kSequence, .durable_offset = 56},
                                              forged + "bad", kFrameHeaderBytes + FrameBytes(0));
  EXPECT_GT(tail.used_bytes, 0u);
  EXPECT_FALSE(tail.witness.has_value());
}

}  // namespace
}  // namespace blixard::raft
