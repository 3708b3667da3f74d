// What a replica tells about itself: values to show and to compare, copied out of the core.
#ifndef BLIXARD_RAFT_CORE_NODE_STATUS_H_
#define BLIXARD_RAFT_CORE_NODE_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/types.h"

namespace blixard::raft {

enum class Role : uint8_t { kFollower, kPreCandidate, kCandidate, kLeader };

absl::string_view RoleName(Role role);  // follower, pre-candidate, candidate, leader

// Not worth storing: gone with the process.
struct SoftState {
  ReplicaId leader = kNoReplica;
  Role role = Role::kFollower;
  bool operator==(const SoftState&) const = default;
};

// How the leader feeds one peer.
enum class ProgressState : uint8_t {
  kProbe,      // it is not known where the peer's log ends: one append at a time
  kReplicate,  // appends are sent ahead of their acknowledgements
};

absl::string_view ProgressStateName(ProgressState state);  // probe, replicate

struct PeerStatus {
  ReplicaId id = kNoReplica;
  ProgressState state = ProgressState::kProbe;
  LogIndex match;  // highest index known to be durable there and equal to the leader's
  LogIndex next;   // first index the next append carries
  uint32_t inflight_messages = 0;
  size_t inflight_bytes = 0;
  bool paused = false;         // no entries are sent until the peer answers
  bool recent_active = false;  // heard from since the last quorum check
};

struct NodeStatus {
  ClusterId cluster{0};
  ReplicaId id = kNoReplica;
  Role role = Role::kFollower;
  Term term;
  ReplicaId vote = kNoReplica;
  ReplicaId leader = kNoReplica;
  LogIndex first_index;
  LogIndex last_index;
  LogIndex stable_index;  // everything up to here is durable locally
  LogIndex commit_index;
  LogIndex handed_out_index;  // everything up to here was handed out for apply
  size_t uncommitted_bytes = 0;
  uint64_t campaigns = 0;         // elections this replica started since it was made
  std::vector<PeerStatus> peers;  // on a leader: the other voters, ascending by id
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_NODE_STATUS_H_
