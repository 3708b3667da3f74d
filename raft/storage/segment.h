// One file of the write-ahead log: its names and what stands at its start.
#ifndef BLIXARD_RAFT_STORAGE_SEGMENT_H_
#define BLIXARD_RAFT_STORAGE_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/wal_frame.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {

inline constexpr uint32_t kWalFormatVersion = 3;

enum class SegmentOrigin : uint32_t {
  kFresh = 0,     // filled with zeros before use
  kRecycled = 1,  // frames of an older sequence may stand behind its own
};

// First frame of every segment. It holds all that the segments before have said about the log,
// except the entries, so that those can be given up.
struct SegmentHeader {
  ClusterId cluster{0};
  ReplicaId replica = kNoReplica;
  uint64_t sequence = 0;  // 1, 2, 3, ...; also the name of the file
  SegmentOrigin origin = SegmentOrigin::kFresh;
  EntryId base = {};          // as the log was when the segment was begun
  EntryId last = {};          // likewise: its last entry, `base` if it had none
  HardState hard_state = {};  // likewise
  uint64_t previous_end = 0;  // where the frames of the segment before end; 0 in the first

  bool operator==(const SegmentHeader&) const = default;
};

inline constexpr size_t kSegmentHeaderPayloadBytes = 96;
inline constexpr uint64_t kSegmentHeaderBytes = FrameBytes(kSegmentHeaderPayloadBytes);

// "0000000000000007.wal", and back; nullopt for every other name.
std::string SegmentName(uint64_t sequence);
std::optional<uint64_t> ParseSegmentName(absl::string_view name);
// "0000000000000003.free": a file of a segment's size, durably filled with anything, that no log
// stands in. Numbered on their own.
std::string FreeSegmentName(uint64_t number);
std::optional<uint64_t> ParseFreeSegmentName(absl::string_view name);
// "0000000000000003.unfinished": on its way to become a free one.
std::string UnfinishedSegmentName(uint64_t number);
bool IsUnfinishedSegmentName(absl::string_view name);

std::string SegmentPath(const WalOptions& options, uint64_t sequence);

// Writes kSegmentHeaderBytes bytes at `to`.
void EncodeSegmentHeader(const SegmentHeader& header, char* to);

// The first frame of the segment `sequence`, at the start of `bytes`. kDataLoss when it is not a
// whole segment header, kFailedPrecondition when it is one of another format version (version 1
// could not be compacted, in version 2 a frame did not know its offset; neither is read any more).
// Messages do not name the file.
absl::StatusOr<SegmentHeader> DecodeSegmentHeader(absl::string_view bytes, uint64_t sequence);

// kFailedPrecondition when the segment belongs to another cluster or replica than the options say.
absl::Status CheckOwner(const SegmentHeader& header, const WalOptions& options);

// Writes zeros to [begin, end) of `file`.
absl::Status WriteZeros(File& file, uint64_t begin, uint64_t end);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SEGMENT_H_
