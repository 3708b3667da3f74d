// Builds the log anew from the frames of a write-ahead log, in the order they were written.
#ifndef BLIXARD_RAFT_STORAGE_LOG_REPLAY_H_
#define BLIXARD_RAFT_STORAGE_LOG_REPLAY_H_

#include <utility>

#include "absl/status/status.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/wal_frame.h"

namespace blixard::raft {

// Accepts only what LogStorage::Append can have written. Payloads are copied into `payloads`, which
// must outlive the log.
class LogReplay {
 public:
  explicit LogReplay(memory::BufferPool& payloads) : payloads_(payloads) {}

  // One intact frame behind the segment header. kDataLoss when it cannot follow what came before,
  // kFailedPrecondition when its type is unknown; the pool's error when it has no room.
  absl::Status Apply(const Frame& frame);

  LogIndex next_index() const { return LogIndex{log_.entries.size()} + 1; }

  RecoveredLog TakeLog() { return std::move(log_); }

 private:
  absl::Status ApplyHardState(const Frame& frame);
  absl::Status ApplyEntry(const Frame& frame);
  absl::Status CheckEntry(const FrameHeader& header) const;

  memory::BufferPool& payloads_;
  RecoveredLog log_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_LOG_REPLAY_H_
