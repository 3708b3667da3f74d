// One file of the write-ahead log: its name, what stands at its start, and how it comes to be.
#ifndef BLIXARD_RAFT_STORAGE_SEGMENT_H_
#define BLIXARD_RAFT_STORAGE_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
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

inline constexpr uint32_t kWalFormatVersion = 1;

// First frame of every segment.
struct SegmentHeader {
  ClusterId cluster{0};
  ReplicaId replica = kNoReplica;
  uint64_t sequence = 0;      // 1, 2, 3, ...; also the name of the file
  LogIndex next_index = {};   // one past the last entry of the log when the segment was made
  uint64_t previous_end = 0;  // where the frames of the segment before end; 0 in the first
};

inline constexpr size_t kSegmentHeaderPayloadBytes = 48;
inline constexpr uint64_t kSegmentHeaderBytes = FrameBytes(kSegmentHeaderPayloadBytes);
// What the start of a segment takes at most: the header and the repeated hard state.
inline constexpr uint64_t kSegmentPreludeBytes = kSegmentHeaderBytes + kHardStateFrameBytes;

// "0000000000000007.wal", and back; nullopt for every other name.
std::string SegmentName(uint64_t sequence);
std::optional<uint64_t> ParseSegmentName(absl::string_view name);
// A segment has this name until it is complete, so that a crash leaves a whole segment or one
// that is plainly unfinished.
std::string UnfinishedSegmentName(uint64_t sequence);
bool IsUnfinishedSegmentName(absl::string_view name);

std::string SegmentPath(const WalOptions& options, uint64_t sequence);

// Writes kSegmentHeaderBytes bytes at `to`.
void EncodeSegmentHeader(const SegmentHeader& header, char* to);

// Checks the first frame of the segment `sequence` of the log that `options` describe. `bytes` are
// the content of the file. kDataLoss when it is not a whole segment header, kFailedPrecondition
// when it belongs to another cluster, replica or format version. Messages do not name the file.
absl::StatusOr<SegmentHeader> DecodeSegmentHeader(absl::string_view bytes, uint64_t sequence,
                                                  const WalOptions& options);

struct NewSegment {
  std::unique_ptr<File> file;
  uint64_t end = 0;  // offset behind the prelude, where the next frame goes
};

// Makes the segment that `header` describes: zeros, header and hard state (if any), durable under
// its final name when this returns.
absl::StatusOr<NewSegment> CreateSegment(FileSystem& files, const WalOptions& options,
                                         const SegmentHeader& header,
                                         const std::optional<HardState>& hard_state);

// Writes zeros to [begin, end) of `file`.
absl::Status WriteZeros(File& file, uint64_t begin, uint64_t end);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SEGMENT_H_
