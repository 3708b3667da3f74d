// Everything that is set when a replica starts.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_CONFIG_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "raft/core/types.h"
#include "raft/runtime/pool_budgets.h"

namespace blixard::raft {

struct ReplicaConfig {
  ClusterId cluster{0};
  ReplicaId id = kNoReplica;
  std::vector<ReplicaId> voters = {};  // all replicas of the group, this one included
  uint64_t seed = 0;                   // of the election timeouts; must differ between replicas

  absl::Duration tick = absl::Milliseconds(50);
  uint32_t election_ticks = 10;  // without a leader for this to twice this long: campaign
  uint32_t heartbeat_ticks = 1;

  // Named bounds. What happens at each: proposals are refused with kResourceExhausted; messages are
  // dropped (their senders repeat them); planning and applying wait.
  size_t max_queued_proposals = kMaxQueuedProposals;
  size_t max_queued_reads = kMaxQueuedReads;
  size_t max_queued_messages = kMaxQueuedMessages;
  size_t max_request_bytes = 4096;                  // of one proposal
  size_t max_batch_bytes = 64 * 1024;               // payload of one entry
  size_t max_append_bytes = 256 * 1024;             // entries in one message
  uint32_t max_inflight_messages = 64;              // appends to one peer without an answer
  size_t max_inflight_bytes = size_t{8} << 20;      // the same in bytes
  size_t max_uncommitted_bytes = size_t{16} << 20;  // appended by this leader and not committed
  size_t max_unapplied_bytes = size_t{4} << 20;     // committed and handed to the state machine

  // InvalidArgument naming the field, what is wanted and what was given.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_CONFIG_H_
