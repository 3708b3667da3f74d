// Everything that is set when a replica starts.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_CONFIG_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/types.h"
#include "raft/runtime/pool_budgets.h"

namespace blixard::raft {

// A block of BufferPool::Default(): batches are planned into one.
inline constexpr size_t kLargestBatchBytes = size_t{1} << 20;
// With a frame of smaller ones before it, a message must pass a gRPC server, which takes 4 MiB.
inline constexpr size_t kLargestAppendBytes = size_t{2} << 20;

struct ReplicaConfig {
  ClusterId cluster{0};
  ReplicaId id = kNoReplica;
  // How the group began: all its first voters, this replica included, the same at every start of
  // each of them. Empty on a replica that was added later, or that lost its disk and is to be added
  // anew: it waits for a leader.
  std::vector<ReplicaId> voters = {};
  uint64_t seed = 0;  // of the election timeouts; mixed with `id`, so it may be the same everywhere

  absl::Duration tick = absl::Milliseconds(50);
  uint32_t election_ticks = 10;  // without a leader for this to twice this long: campaign
  uint32_t heartbeat_ticks = 1;
  uint32_t priority = kHighestPriority;  // see RawNodeConfig
  LeaseConfig lease = {};                // reads without a round trip; the same on all replicas

  // Named bounds. What happens at each: proposals are refused with kResourceExhausted; messages are
  // dropped (their senders repeat them); planning and applying wait.
  size_t max_queued_proposals = kMaxQueuedProposals;
  size_t max_queued_reads = kMaxQueuedReads;
  size_t max_queued_messages = kMaxQueuedMessages;
  size_t max_request_bytes = 4096;                  // of one proposal
  size_t max_batch_bytes = 64 * 1024;               // payload of one entry; see kLargestBatchBytes
  size_t max_append_bytes = 256 * 1024;             // entries in one message; kLargestAppendBytes
  uint32_t max_inflight_messages = 64;              // appends to one peer without an answer
  size_t max_inflight_bytes = size_t{8} << 20;      // the same in bytes
  size_t max_uncommitted_bytes = size_t{16} << 20;  // appended by this leader and not committed
  size_t max_unapplied_bytes = size_t{4} << 20;     // committed and handed to the state machine
  size_t max_waiting_bytes = size_t{64} << 20;      // waiting for that; a follower takes no more

  // See RawNodeConfig: whoever is to vote is a learner first, and no more entries behind than this.
  uint64_t max_new_voter_lag = 1000;

  // Snapshots, where the replica has a store for them: taken after so many entries or bytes of the
  // log, whichever comes first; afterwards the log keeps what peers still need, up to
  // max_retained_bytes. So a follower, however slow, never makes this replica hold more than
  // snapshot_bytes and max_retained_bytes, and what comes while a snapshot is written.
  uint64_t snapshot_entries = 1'000'000;
  uint64_t snapshot_bytes = uint64_t{64} << 20;
  uint64_t max_retained_bytes = uint64_t{16} << 20;
  // Written and sent per tick, so that the log's syncs are not starved (consul #9623).
  uint64_t snapshot_bytes_per_tick = uint64_t{4} << 20;

  // InvalidArgument naming the field, what is wanted and what was given.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_CONFIG_H_
