// How a state machine's whole state leaves it and comes back: as one stream of bytes whose layout
// is the state machine's own. What lies between (files, checksums, the network, limits of speed) is
// raft's.
#ifndef BLIXARD_RAFT_RUNTIME_SNAPSHOT_STREAM_H_
#define BLIXARD_RAFT_RUNTIME_SNAPSHOT_STREAM_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace blixard::raft {

// Takes the stream. Used by one thread at a time.
class SnapshotSink {
 public:
  virtual ~SnapshotSink() = default;
  // Appends; may block while the disk is given to others. After an error (a full disk, a replica
  // that stops) the writer gives up and returns it.
  virtual absl::Status Write(absl::string_view bytes) = 0;
};

// Gives the stream back, in pieces of any size. Used by one thread at a time.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  // Fills the front of `into`, which is not empty, and returns how many bytes: at least 1, or 0 at
  // the end of the stream. kDataLoss when what is stored is damaged.
  virtual absl::StatusOr<size_t> Read(absl::Span<char> into) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SNAPSHOT_STREAM_H_
