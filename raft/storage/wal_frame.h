// One frame of the write-ahead log, the unit that is there as a whole or not at all:
//
//   offset  0  u32 checksum of the header, below        24  u64 durable offset
//           4  u32 payload length                       32  u64 term of the entry
//           8  u32 payload checksum (CRC32C)            40  u64 index of the entry
//          12  u8  frame type                           48  payload
//          13  u8  entry type                               zeros up to a multiple of 8
//          14  u16 zero
//          16  u64 sequence of the segment
//
// The checksum is the CRC32C of bytes 4..47, exclusive-or the offset at which the frame starts in
// its segment: a frame that the disk put somewhere else is no frame there. All integers
// little-endian. A frame of zeros is none either (its checksum would not be zero).
#ifndef BLIXARD_RAFT_STORAGE_WAL_FRAME_H_
#define BLIXARD_RAFT_STORAGE_WAL_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"

namespace blixard::raft {

enum class FrameType : uint8_t {
  kSegmentHeader = 1,
  kHardState = 2,
  kEntry = 3,
  kBase = 4,      // entries up to this term and index are not needed any more; no payload
  kSnapshot = 5,  // the log is empty behind this term and index; payload as kHardState
};

// The durable offset is the offset in the segment up to which everything was known to be synced
// when the frame was written. A frame at or behind it proves that a bad frame before it was once
// good: damage, not a torn write.
struct FrameHeader {
  uint32_t payload_bytes = 0;
  uint32_t payload_crc32c = 0;
  FrameType type = FrameType::kEntry;
  uint8_t entry_type = 0;
  uint64_t sequence = 0;
  uint64_t offset = 0;  // not stored but in the checksum; below 2^32
  uint64_t durable_offset = 0;
  Term term = {};
  LogIndex index = {};
};

struct Frame {
  FrameHeader header;
  absl::string_view payload;
};

inline constexpr size_t kFrameHeaderBytes = 48;
inline constexpr size_t kFrameAlignment = 8;

// On disk, with padding.
constexpr uint64_t FrameBytes(uint64_t payload_bytes) {
  return (kFrameHeaderBytes + payload_bytes + kFrameAlignment - 1) / kFrameAlignment *
         kFrameAlignment;
}

inline constexpr size_t kHardStatePayloadBytes = 24;
inline constexpr uint64_t kHardStateFrameBytes = FrameBytes(kHardStatePayloadBytes);

// Writes FrameBytes(payload.size()) bytes at `to`; the length is taken from `payload`. The payload
// checksum is taken as given: whoever made the payload has computed it, and recovery checks it.
void EncodeFrame(const FrameHeader& header, absl::string_view payload, char* to);

// Where a frame is read.
struct FrameSpot {
  uint64_t sequence = 0;
  uint64_t offset = 0;
};

// The header in the bytes of a segment, if there is one that was written for this spot: checksum
// and sequence are right. Its payload may be anything.
std::optional<FrameHeader> FindFrameHeader(absl::string_view segment, FrameSpot spot);

// The frame at a spot in the bytes of a segment; the payload points into them.
// kDataLoss, saying what was expected and what is there, unless header and payload are intact.
absl::StatusOr<Frame> DecodeFrame(absl::string_view segment, FrameSpot spot);

// Where, and when, a frame is written.
struct FramePlace {
  uint64_t sequence = 0;
  uint64_t offset = 0;
  uint64_t durable_offset = 0;
};

// Writes kHardStateFrameBytes bytes at `to`.
void EncodeHardStateFrame(const HardState& state, FramePlace place, char* to);

// As the payload of such a frame and as part of others: kHardStatePayloadBytes at `to`.
void StoreHardState(const HardState& state, char* to);
HardState LoadHardState(const char* from);

// The payload of such a frame. kDataLoss when it has another size.
absl::StatusOr<HardState> DecodeHardState(absl::string_view payload);

// Writes FrameBytes(0) bytes at `to`: a kBase frame.
void EncodeBaseFrame(EntryId base, FramePlace place, char* to);

// Writes kHardStateFrameBytes bytes at `to`: a kSnapshot frame.
void EncodeSnapshotFrame(EntryId last, const HardState& state, FramePlace place, char* to);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_FRAME_H_
