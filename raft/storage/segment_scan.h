// Reads the bytes of one segment: the frames from the start, and what stands behind the last one.
#ifndef BLIXARD_RAFT_STORAGE_SEGMENT_SCAN_H_
#define BLIXARD_RAFT_STORAGE_SEGMENT_SCAN_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/storage/wal_frame.h"

namespace blixard::raft {

// Walks over intact frames. The bytes must outlive the cursor and the frames it gives.
class FrameCursor {
 public:
  FrameCursor(absl::string_view segment, uint64_t sequence)
      : segment_(segment), sequence_(sequence) {}

  // The frame at offset(); moves on. At the first that is not intact: kDataLoss saying why, and
  // offset() stays there.
  absl::StatusOr<Frame> Next();

  // Where the next frame starts. May lie behind the end of a file that was cut in its padding.
  uint64_t offset() const { return offset_; }

  // Everything before this offset was synced, as frames read so far tell.
  uint64_t durable_offset() const { return durable_offset_; }

 private:
  const absl::string_view segment_;
  const uint64_t sequence_;
  uint64_t offset_ = 0;
  uint64_t durable_offset_ = 0;
};

struct SegmentTail {
  // Bytes from the end of the frames to the last one that is not zero.
  uint64_t used_bytes = 0;
  // Of those, up to the end of the last piece of a frame of this sequence. What else stands there
  // in a recycled segment is what the older one left; in a fresh one all of it was meant for this
  // one.
  uint64_t own_bytes = 0;
  // Offset of a later frame that was written when the spot behind the frames was already durable:
  // what is missing there was lost, not torn.
  std::optional<uint64_t> witness;
};

// Looks at everything from `end` on, the offset of the first frame that is not intact. O(bytes).
SegmentTail InspectTail(absl::string_view segment, uint64_t sequence, uint64_t end);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SEGMENT_SCAN_H_
