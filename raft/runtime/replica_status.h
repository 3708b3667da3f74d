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
#include "raft/runtime/transport.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// Of snapshots, since the replica started.
struct SnapshotCounters {
  uint64_t taken = 0;     // own ones that became durable
  uint64_t failed = 0;    // that did not: no room, or the state machine could not write one
  uint64_t sent = 0;      // to peers, durable there
  uint64_t not_sent = 0;  // the peer fell silent or refused, or the file could not be read
  uint64_t received = 0;  // a leader's, which took the place of the log
};

// Since the replica started.
struct ReplicaCounters {
  uint64_t proposals = 0;          // planned into entries
  uint64_t proposals_refused = 0;  // the queue or the disk was full
  uint64_t entries_proposed = 0;
  uint64_t entries_applied = 0;
  uint64_t wal_syncs = 0;
  uint64_t wal_bytes = 0;
  uint64_t elections = 0;  // campaigns of this replica
  // The queue was full, or no leader confirmed the read.
  uint64_t reads_refused = 0;
  // Of peers, dropped as if the network had lost them:
  uint64_t messages_dropped_queue_full = 0;  // max_queued_messages waited
  uint64_t messages_dropped_no_memory = 0;   // kMaxLiveMessages or the buffers were in use
  SnapshotCounters snapshots = {};
  TransportCounters transport = {};
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
