// What one replica is told about its group and its limits.
#ifndef BLIXARD_RAFT_CORE_RAW_NODE_CONFIG_H_
#define BLIXARD_RAFT_CORE_RAW_NODE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "raft/core/types.h"

namespace blixard::raft {

// More voters than this make every commit slower and survive no more than anybody needs.
inline constexpr size_t kMaxVoters = 31;

struct RawNodeConfig {
  ClusterId cluster{0};           // messages of other clusters are refused
  ReplicaId id = kNoReplica;      // must be among `voters`
  std::vector<ReplicaId> voters;  // in any order

  // An election starts after `election_ticks` to 2 * `election_ticks` - 1 ticks without a leader.
  // Ten heartbeats per election timeout let a few of them get lost.
  uint32_t election_ticks = 10;
  uint32_t heartbeat_ticks = 1;
  uint64_t seed = 0;  // of the election timeouts; mixed with `id`, so it may be the same everywhere

  // Limits by bytes count EntryBytes() of each entry, except max_uncommitted_bytes, which counts
  // payloads. One entry always passes the per-message and per-batch limits, however large it is.
  size_t max_append_bytes = size_t{1} << 20;    // per append message
  uint32_t max_inflight_messages = 64;          // per peer, appends sent and not acknowledged
  size_t max_inflight_bytes = size_t{8} << 20;  // per peer; no further append once it is reached
  size_t max_uncommitted_bytes = size_t{64} << 20;  // proposals beyond are refused
  size_t max_committed_bytes_per_ready = size_t{4} << 20;

  bool pre_vote = true;      // ask before raising the term (thesis 9.6)
  bool check_quorum = true;  // a leader that hears no quorum steps down; followers of a live leader
                             // ignore candidates (thesis 6.2, 4.2.3)

  // kInvalidArgument naming the field, what it must be and what it is.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_RAW_NODE_CONFIG_H_
