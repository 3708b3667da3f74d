// What a replica shows of itself to other threads.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_STATUS_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_STATUS_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "raft/core/node_status.h"
#include "raft/core/types.h"
#include "raft/runtime/latency_histogram.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// Since the replica started.
struct ReplicaCounters {
  uint64_t proposals = 0;          // planned into entries
  uint64_t proposals_refused = 0;  // the queue or the disk was full
  uint64_t entries_proposed = 0;
  uint64_t entries_applied = 0;
  uint64_t wal_syncs = 0;
  uint64_t wal_bytes = 0;
  uint64_t elections = 0;  // campaigns of this replica
};

struct ReplicaStatus {
  NodeStatus node = {};
  LogIndex applied;
  ReplicaCounters counters = {};
  // Summaries per stage; index = static_cast<size_t>(Stage).
  std::array<LatencySummary, kStages> latencies = {};
  LogStorageStats storage = {};
  LogSpace space = {};
  absl::Status failure = absl::OkStatus();  // OK while the replica runs
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_STATUS_H_
