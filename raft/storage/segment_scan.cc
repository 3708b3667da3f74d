#include "raft/storage/segment_scan.h"

#include <algorithm>

namespace blixard::raft {
namespace {

// One past the last byte that is not zero.
uint64_t UsedBytes(absl::string_view bytes) {
  const size_t last = bytes.find_last_not_of('\0');
  return last == absl::string_view::npos ? 0 : last + 1;
}

// Where a frame behind the bad one at `end` may start. A header that is intact tells how long its
// payload is; whatever a payload holds, it is no witness.
uint64_t SearchStart(absl::string_view segment, uint64_t sequence, uint64_t end) {
  const std::optional<FrameHeader> header =
      FindFrameHeader(segment, {.sequence = sequence, .offset = end});
  return end + (header.has_value() ? FrameBytes(header->payload_bytes) : kFrameAlignment);
}

}  // namespace

absl::StatusOr<Frame> FrameCursor::Next() {
  absl::StatusOr<Frame> frame = DecodeFrame(segment_, {.sequence = sequence_, .offset = offset_});
  if (!frame.ok()) return frame;
  offset_ += FrameBytes(frame->header.payload_bytes);
  durable_offset_ = std::max(durable_offset_, frame->header.durable_offset);
  return frame;
}

SegmentTail InspectTail(absl::string_view segment, uint64_t sequence, uint64_t end) {
  SegmentTail tail;
  const uint64_t used = UsedBytes(segment);
  if (used <= end) return tail;
  tail.used_bytes = used - end;
  uint64_t at = SearchStart(segment, sequence, end);
  uint64_t own_end = at > end + kFrameAlignment ? at : end;
  while (at < used) {
    const std::optional<FrameHeader> header =
        FindFrameHeader(segment, {.sequence = sequence, .offset = at});
    if (!tail.witness.has_value() && header.has_value() && header->durable_offset > end &&
        header->durable_offset <= at) {
      tail.witness = at;
    }
    at += header.has_value() ? FrameBytes(header->payload_bytes) : kFrameAlignment;
    if (header.has_value()) own_end = at;
  }
  tail.own_bytes = std::min(own_end, used) - end;
  return tail;
}

}  // namespace blixard::raft
