// What a replica tells about itself: values to show and to compare, copied out of the core.
#ifndef BLIXARD_RAFT_CORE_NODE_STATUS_H_
#define BLIXARD_RAFT_CORE_NODE_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
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
  kSnapshot,   // what it needs next is no longer in the log: a snapshot is on its way there
};

absl::string_view ProgressStateName(ProgressState state);  // probe, replicate, snapshot

// Why a peer is sent no entries now.
enum class PauseReason : uint8_t {
  kNone,
  kProbeUnanswered,
  kInflightMessages,
  kInflightBytes,
  kSnapshotPending,  // until ReportSnapshot, or until the peer says that it has it
  kSilent,           // needs a snapshot, and has not been heard from
};

absl::string_view PauseReasonName(PauseReason reason);  // none, probe-unanswered, ...

struct PeerStatus {
  ReplicaId id = kNoReplica;
  ProgressState state = ProgressState::kProbe;
  LogIndex match;  // highest index known to be durable there and equal to the leader's
  LogIndex next;   // first index the next append carries
  uint32_t inflight_messages = 0;
  size_t inflight_bytes = 0;
  PauseReason paused = PauseReason::kNone;
  bool recent_active = false;  // heard from within the last election timeout
  LogIndex pending_snapshot;   // kSnapshot: the index of the snapshot that is on its way
  bool is_voter = false;       // in either half of a joint configuration
  bool is_learner = false;
  bool lost_data = false;  // it no longer has what it had acknowledged in this term
};

struct NodeStatus {
  ClusterId cluster{0};
  ReplicaId id = kNoReplica;
  Role role = Role::kFollower;
  Term term;
  ReplicaId vote = kNoReplica;
  ReplicaId leader = kNoReplica;
  Configuration configuration;   // as of what was applied
  LogIndex configuration_index;  // of the entry or snapshot it came from
  LogIndex snapshot_index;       // newest snapshot this replica has
  LogIndex first_index;
  LogIndex last_index;
  LogIndex stable_index;  // everything up to here is durable locally
  LogIndex commit_index;
  LogIndex handed_out_index;          // everything up to here was handed out for apply
  LogIndex applied_index;             // everything up to here was applied
  ReplicaId transferee = kNoReplica;  // on a leader: it is being given the leadership
  bool lost_data = false;             // see RawNode::LostData
  size_t uncommitted_bytes = 0;
  uint64_t campaigns = 0;         // elections this replica started since it was made
  std::vector<PeerStatus> peers;  // on a leader: the other members, ascending by id
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_NODE_STATUS_H_
