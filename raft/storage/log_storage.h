// The durable log as the runtime sees it.
#ifndef BLIXARD_RAFT_STORAGE_LOG_STORAGE_H_
#define BLIXARD_RAFT_STORAGE_LOG_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"

namespace blixard::raft {

// What a replica finds on its disk when it starts. Everything in it is durable.
struct RecoveredLog {
  HardState hard_state;        // all zero on a new disk
  std::vector<Entry> entries;  // contiguous, from index 1
  uint64_t torn_bytes = 0;     // cut from the end: written before a crash, never synced
  std::string note;            // one line for the operator about what was cut; else empty
};

struct LogStorageStats {
  uint64_t syncs = 0;     // Sync calls that reached the disk
  uint64_t bytes = 0;     // appended, with all framing
  uint64_t segments = 0;  // files the log stands in
};

// Used by one thread at a time, except stats(). The first error is final: every later call returns
// that same error and touches the disk no more (a repeated fsync may claim success for data that is
// gone; CockroachDB #37102), so the replica has to stop.
class LogStorage {
 public:
  virtual ~LogStorage() = default;

  // Takes a copy; nothing is durable, and as a rule nothing is written, before Sync.
  // `entries` are contiguous; the first may be the one after the last of the log, or an older one
  // above the hard state's commit: then it replaces that entry and cuts all that follow it. Term
  // and commit never go back, a vote never changes within a term, commit is within the log:
  // CHECKed. If the machine dies before Sync has returned, a restart finds some prefix of these
  // steps: term and vote, then each entry in order, then commit. kInvalidArgument, with nothing
  // taken and the log still usable, when an entry is too large.
  virtual absl::Status Append(const std::optional<HardState>& hard_state,
                              absl::Span<const Entry> entries) = 0;

  // Makes everything appended so far durable with one write and one sync; does nothing when nothing
  // waits.
  virtual absl::Status Sync() = 0;

  // From any thread.
  virtual LogStorageStats stats() const = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_LOG_STORAGE_H_
