// What opening a write-ahead log does with what it finds: read, judge, cut the torn tail.
#ifndef BLIXARD_RAFT_STORAGE_WAL_RECOVERY_H_
#define BLIXARD_RAFT_STORAGE_WAL_RECOVERY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/retained_segments.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {

struct WalRecovery {
  RecoveredLog log;
  EntryId last;                          // of the log
  uint64_t sequence = 0;                 // of the last segment; 0 when the directory holds none
  std::unique_ptr<File> file = nullptr;  // the last segment; null when there is none
  uint64_t end = 0;                      // offset in it where the next frame goes
  std::vector<uint64_t> leftover = {};   // older segments that a crash kept from being given back
  RetainedSegments retained = {};        // those before the last that the log stands in
};

// The caller holds the directory's lock; `names` are what the directory holds. Errors as those of
// Wal::Open. On success everything in the result is durable and only zeros stand behind `end`.
absl::StatusOr<WalRecovery> RecoverWal(FileSystem& files, memory::BufferPool& payloads,
                                       const WalOptions& options,
                                       const std::vector<std::string>& names);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_RECOVERY_H_
