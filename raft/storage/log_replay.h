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

// Where a replay begins: what the first segment's header says. Of the log that it describes only
// base and last entry are known; the entries between them may have been given up since, and then a
// later frame says so.
struct ReplayStart {
  EntryId base;
  EntryId last;
  HardState hard_state;
};

// Accepts only what LogStorage can have written. Payloads are copied into `payloads`, which must
// outlive the log.
class LogReplay {
 public:
  explicit LogReplay(memory::BufferPool& payloads) : payloads_(payloads) {}

  void Begin(const ReplayStart& start);

  // One intact frame behind the segment header. kDataLoss when it cannot follow what came before,
  // kFailedPrecondition when its type is unknown; the pool's error when it has no room.
  absl::Status Apply(const Frame& frame);

  EntryId base() const { return log_.base; }
  EntryId last() const { return log_.entries.empty() ? before_ : log_.entries.back().id(); }
  const HardState& hard_state() const { return log_.hard_state; }

  // kDataLoss when entries behind the base stood in segments that are not there.
  absl::Status CheckWhole() const;

  RecoveredLog TakeLog() { return std::move(log_); }

 private:
  LogIndex next_index() const { return last().index + 1; }
  absl::Status ApplyHardState(const Frame& frame);
  absl::Status ApplyEntry(const Frame& frame);
  absl::Status ApplyBase(const Frame& frame);
  absl::Status ApplySnapshot(const Frame& frame);
  absl::Status CheckEntry(const FrameHeader& header) const;
  Term TermBefore(LogIndex index) const;
  void CutFrom(LogIndex index);

  memory::BufferPool& payloads_;
  RecoveredLog log_;
  EntryId before_;  // the entry before log_.entries; behind the base while entries are missing
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_LOG_REPLAY_H_
