// Small fields on a stream of snapshot bytes: gathered into blocks on the way out, handed out whole
// on the way in.
#ifndef BLIXARD_SCHEDULER_REPLICATED_SNAPSHOT_BUFFERING_H_
#define BLIXARD_SCHEDULER_REPLICATED_SNAPSHOT_BUFFERING_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/snapshot_stream.h"

namespace blixard::scheduler {

inline constexpr size_t kSnapshotBlockBytes = size_t{64} << 10;

// Not thread-safe. What was appended since the last full block is lost unless Finish succeeds.
class BufferedSink {
 public:
  explicit BufferedSink(raft::SnapshotSink& sink);

  // At most kSnapshotBlockBytes (CHECKed). The first error of the sink stays.
  absl::Status Append(absl::string_view bytes);
  absl::Status Finish();

 private:
  raft::SnapshotSink& sink_;
  memory::Buffer block_;
  absl::Status status_;
};

// Not thread-safe.
class BufferedSource {
 public:
  explicit BufferedSource(raft::SnapshotSource& source);

  // The next `bytes` bytes, valid until the next call; at most kSnapshotBlockBytes (CHECKed).
  // kDataLoss when the stream ends before, saying after how many bytes; else the source's error.
  absl::StatusOr<absl::string_view> Take(size_t bytes);

  // kDataLoss unless the stream ends here.
  absl::Status ExpectEnd();

 private:
  absl::Status FillTo(size_t bytes);

  raft::SnapshotSource& source_;
  memory::Buffer block_;
  size_t begin_ = 0;  // of what was read and not taken: up to block_.size()
  uint64_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_SNAPSHOT_BUFFERING_H_
