// Looks at a write-ahead log without touching it: for people and their tools, also while a replica
// runs on it.
#ifndef BLIXARD_RAFT_STORAGE_WAL_INSPECTION_H_
#define BLIXARD_RAFT_STORAGE_WAL_INSPECTION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal_frame.h"

namespace blixard::raft {

struct InspectedFrame {
  absl::string_view path;  // of its segment
  uint64_t offset = 0;
  FrameHeader header;
  std::optional<HardState> hard_state;  // of kHardState and kSnapshot frames
  absl::string_view payload;            // valid during the call only
};

struct InspectedSegment {
  std::string path;
  SegmentHeader header;
  uint64_t size_bytes = 0;  // of the file
  uint64_t end = 0;         // of its frames
  uint64_t frames = 0;      // behind the header
  uint64_t entries = 0;     // of those
  LogIndex first = {};      // lowest and highest index among its entries; 0 without entries
  LogIndex last = {};
  uint64_t torn_bytes = 0;  // behind the frames
};

struct InspectedWal {
  std::string directory;
  ClusterId cluster{0};
  ReplicaId replica = kNoReplica;
  std::vector<InspectedSegment> segments;  // as far as they are sound
  std::vector<std::string> free_segments;  // names of files that wait for their next use
  std::vector<std::string> unfinished;     // names of files that a start would remove
  std::vector<std::string> leftover;       // names of segments that a start would give up
  HardState hard_state;
  EntryId base;           // the log holds the entries behind this one...
  EntryId last;           // ...to this one
  std::string torn_note;  // what a start would cut from the end; empty when nothing
  absl::Status damage;    // kDataLoss or kFailedPrecondition with file and offset; OK when sound

  bool sound() const { return damage.ok(); }
};

// Opens every file for reading only and takes no lock. While a replica writes, the end may look
// torn (a write was under way) and files may go: then it looks again, a few times. `on_frame` may
// be null; payloads live in `payloads` meanwhile. kNotFound when the directory holds no log; what
// the disk answers.
absl::StatusOr<InspectedWal> InspectWal(FileSystem& files, memory::BufferPool& payloads,
                                        const std::string& directory,
                                        const std::function<void(const InspectedFrame&)>& on_frame);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_INSPECTION_H_
