// What one replica is told about itself and its limits. Who else belongs to the group is in
// RestoredLog and in the log.
#ifndef BLIXARD_RAFT_CORE_RAW_NODE_CONFIG_H_
#define BLIXARD_RAFT_CORE_RAW_NODE_CONFIG_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "raft/core/types.h"

namespace blixard::raft {

inline constexpr uint32_t kHighestPriority = 8;
inline constexpr uint64_t kAnyLag = UINT64_MAX;

// Reads answered by a leader from its own clock (thesis 6.4.1). Linearizable only as long as the
// clocks of all replicas measure election_ticks with a total error below clock_error_ticks. A
// leader that is held up, however long, breaks no promise as long as its owner tells how much its
// clock saw go by (RawNode::ClockIsAt); a clock that stands still while the machine sleeps or its
// virtual machine is paused is in error by that much. Every replica of the group must have the same
// setting: with it a replica that confirmed a heartbeat, or has just started, elects nobody (itself
// included) before an election timeout has passed, unless the leader asks for it
// (RawNode::TransferLeader).
struct LeaseConfig {
  bool enabled = false;
  uint32_t clock_error_ticks = 0;  // the lease ends this long before election_ticks
};

struct RawNodeConfig {
  ClusterId cluster{0};       // messages of other clusters are refused
  ReplicaId id = kNoReplica;  // need not be a member (yet)

  // An election starts after `election_ticks` to 2 * `election_ticks` - 1 ticks without a leader.
  // Ten heartbeats per election timeout let a few of them get lost.
  uint32_t election_ticks = 10;
  uint32_t heartbeat_ticks = 1;
  uint64_t seed = 0;  // of the election timeouts; mixed with `id`, so it may be the same everywhere

  // Must differ between two lives of a replica (a boot counter, a random number): tokens of reads
  // are made from it, and an answer to one life must not be taken for an answer to the next
  // (etcd #20418).
  uint64_t incarnation = 0;

  // Each step below kHighestPriority waits election_ticks / 2 longer before an election; 0 never
  // campaigns by itself, but may be given the leadership.
  uint32_t priority = kHighestPriority;

  // Limits by bytes count EntryBytes() of each entry, except max_entry_bytes and
  // max_uncommitted_bytes, which count payloads. One entry always passes the per-message and
  // per-batch limits, however large it is.
  size_t max_entry_bytes = size_t{1} << 20;     // payload of one proposal
  size_t max_append_bytes = size_t{1} << 20;    // per append message
  uint32_t max_inflight_messages = 64;          // per peer, appends sent and not acknowledged
  size_t max_inflight_bytes = size_t{8} << 20;  // per peer; no further append once it is reached
  size_t max_uncommitted_bytes = size_t{64} << 20;  // proposals beyond are refused
  size_t max_committed_bytes_per_ready = size_t{4} << 20;
  size_t max_applying_bytes = size_t{16} << 20;  // handed out for apply and not completed
  // Not handed out for apply yet. While it is reached by what is committed, a follower ignores
  // further entries, as if they had been lost: a slow state machine would make it hold ever more of
  // the log. The leader asks again with every heartbeat, and sends a snapshot to whom its log no
  // longer reaches.
  size_t max_waiting_bytes = size_t{64} << 20;
  uint32_t max_pending_reads = 4096;  // beyond it ReadIndex is refused

  // Entries that a replica may lack when a change makes it a voter. It must then be a learner that
  // follows: a replica without a log, made a voter, counts for every majority and helps none, and
  // one mistyped address leaves the group unable to commit anything, its own removal included.
  // A voter that has no log all the same has lost its disk; see RawNode::LostData. The same on all
  // replicas. kAnyLag: not asked, as in the paper.
  uint64_t max_new_voter_lag = kAnyLag;

  bool pre_vote = true;      // ask before raising the term (thesis 9.6)
  bool check_quorum = true;  // a leader that hears no quorum steps down; followers of a live leader
                             // ignore candidates (thesis 6.2, 4.2.3)
  LeaseConfig lease = {};    // needs check_quorum

  // Whether a leader sends appends for no other reason than to tell of a commit. Without them
  // followers learn of it from the next append or heartbeat, which costs them up to heartbeat_ticks
  // when nothing follows, and a lone proposal needs half as many messages. Safe either way; whoever
  // waits for a follower to apply does so through ReadIndex, whose round tells the commit too.
  bool announce_commits = true;

  bool async_storage_writes = false;  // see ReadyBatch

  // kInvalidArgument naming the field, what it must be and what it is.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_RAW_NODE_CONFIG_H_
