// The Raft protocol as a machine without surroundings: one replica of one group (Ongaro,
// Ousterhout: "In Search of an Understandable Consensus Algorithm", the paper; Ongaro's
// dissertation, the thesis).
//
// The owner feeds it ticks, proposals and messages, and carries out what Ready() hands back:
//
//   if (node.HasReady()) {
//     const ReadyBatch& ready = node.Ready();
//     Send(ready.messages);
//     Persist(ready.hard_state, ready.entries, ready.must_sync);
//     Send(ready.messages_after_persist);
//     Apply(ready.committed);
//     node.Advance();
//   }
//
// Pure: no clock, thread, lock, file, socket or random device; the same calls give the same
// answers. Not thread-safe. Nothing here calls back. A broken invariant stops the process (CHECK):
// a replica that is wrong must not go on. Messages are taken in as genuine: the transport must only
// let members of the cluster in, and DecodeMessage verifies payloads.
//
// In steady state no call allocates, except that the log takes a chunk per kLogChunkEntries
// entries.
#ifndef BLIXARD_RAFT_CORE_RAW_NODE_H_
#define BLIXARD_RAFT_CORE_RAW_NODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/node_status.h"
#include "raft/core/outbox.h"
#include "raft/core/progress.h"
#include "raft/core/quorum.h"
#include "raft/core/raft_log.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/ready_batch.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"

namespace blixard::raft {

// What storage recovered. The state machine starts empty: entries are handed out again from
// index 1.
struct RestoredLog {
  HardState hard_state;
  std::vector<Entry> entries;  // from index 1, without a gap
};

class RawNode {
 public:
  // A follower without a leader. Errors: what RawNodeConfig::Validate says. CHECKs that `restored`
  // is a log that a replica can have written.
  static absl::StatusOr<std::unique_ptr<RawNode>> Create(const RawNodeConfig& config,
                                                         RestoredLog restored);

  RawNode(const RawNode&) = delete;
  RawNode& operator=(const RawNode&) = delete;

  // One tick of the owner's clock went by: may start an election, send heartbeats, step down.
  void Tick();

  // Starts an election now, as if the election timeout had passed. Nothing on a leader.
  void Campaign();

  // Appends a command and returns its place in the log. It is committed once it comes back in
  // ReadyBatch::committed with the same id, and lost for good once another entry does at its index.
  // Takes the payload, which must not change any more, and its checksum.
  // Errors: kFailedPrecondition unless leader; kInvalidArgument for a payload that is empty or
  // larger than max_uncommitted_bytes; kResourceExhausted when it is larger than
  // UncommittedBytesLeft().
  absl::StatusOr<EntryId> Propose(memory::Buffer payload);

  // Payload bytes that Propose takes now: a leader accepts any payload of 1 to this many bytes. 0
  // unless leader.
  size_t UncommittedBytesLeft() const;

  // Takes in what a peer sent. `message.entries` is emptied and keeps its capacity. A message that
  // is out of date is dropped and OK. Errors (nothing has changed then, and `message` is
  // untouched): kInvalidArgument for another cluster, another receiver, a sender that is no peer,
  // or content that no replica sends.
  absl::Status Step(Message& message);

  bool HasReady() const;

  // Everything to do since the last batch. CHECKs that the last one was closed by Advance. Tick,
  // Step and Propose may be called in between; what they cause is in the next batch.
  const ReadyBatch& Ready();

  // The batch is done: its entries and hard state are stored as ReadyBatch asks.
  void Advance();

  // The transport lost messages to `peer` or its connection: probe before sending ahead again.
  // Nothing unless leader; unknown peers are ignored.
  void ReportUnreachable(ReplicaId peer);

  ReplicaId id() const { return config_.id; }
  Role role() const { return role_; }
  Term term() const { return term_; }
  ReplicaId leader() const { return leader_; }  // kNoReplica = not known
  LogIndex commit_index() const { return log_.commit_index(); }
  LogIndex last_index() const { return log_.last_index(); }
  const RawNodeConfig& config() const { return config_; }

  // Allocates; for people and metrics, not for every message.
  NodeStatus GetStatus() const;

  // To look at, by whoever checks invariants over several replicas.
  const RaftLog& log() const { return log_; }

 private:
  // One voter, this replica included.
  struct Voter {
    ReplicaId id;
    Progress progress;  // this replica's own: only `match` is used, and it is what is stable here
    Ballot ballot = Ballot::kMissing;
  };

  RawNode(const RawNodeConfig& config, RestoredLog restored);

  // raw_node.cc
  absl::Status CheckAddress(const Message& message) const;
  void StepOlderTerm(const Message& message);
  void StepSameTerm(Message& message);
  Voter& VoterOf(ReplicaId id);
  const Voter* FindVoter(ReplicaId id) const;
  Message& Send(Outbox& outbox, MessageType type, ReplicaId to);

  // ready.cc
  HardState CurrentHardState() const;
  SoftState CurrentSoftState() const { return {.leader = leader_, .role = role_}; }

  // election.cc
  void BecomeFollower(Term term, ReplicaId leader);
  void BecomePreCandidate();
  void BecomeCandidate();
  void BecomeLeader();
  void ResetElectionTimer();
  void ResetBallots();
  void AskForVotes(MessageType type, Term term);
  void CountBallot(ReplicaId from, Ballot ballot);
  bool IgnoresCandidates() const;
  bool GrantsVote(const Message& request) const;
  void HandleVoteRequest(const Message& request);
  void HandleVoteReply(const Message& reply);
  bool QuorumWasActive();

  // replication.cc: the leader
  void TickLeader();
  void AppendOwn(Entry entry);
  void AdvanceCommit();
  bool WantsAppend(const Progress& progress) const;
  bool AnyoneWantsAppend() const;
  void SendAppends();
  void SendAppend(Voter& peer);
  void SendHeartbeats();
  void HandleAppendReply(const Message& reply);
  void HandleHeartbeatReply(const Message& reply);

  // follower.cc
  void FollowLeaderOfTerm(ReplicaId leader);
  void HandleAppend(Message& append);
  void RejectAppend(const Message& append);
  void StoreEntries(std::vector<Entry>& entries);
  bool VouchesFor(LogIndex commit) const;
  void HandleHeartbeat(const Message& heartbeat);

  const RawNodeConfig config_;  // voters sorted
  RaftLog log_;
  std::vector<Voter> voters_;  // ascending by id
  SplitMix random_;

  Term term_;
  ReplicaId vote_ = kNoReplica;
  Role role_ = Role::kFollower;
  ReplicaId leader_ = kNoReplica;
  ReplicaId leader_of_term_ = kNoReplica;  // whoever was seen to lead `term_`; outlives a step-down
  LogIndex verified_;  // follower: the log up to here equals that of the leader of `term_`

  uint32_t election_elapsed_ticks_ = 0;
  uint32_t heartbeat_elapsed_ticks_ = 0;
  uint32_t election_timeout_ticks_ = 0;
  size_t uncommitted_bytes_ = 0;  // leader: payloads above the commit index
  uint64_t campaigns_ = 0;
  std::vector<LogIndex> acked_;  // scratch of AdvanceCommit

  // What waits for the next Ready, and what the open one holds.
  Outbox now_, now_open_;
  Outbox after_persist_, after_persist_open_;
  std::vector<Entry> entries_open_;
  std::vector<Entry> committed_open_;
  bool ready_open_ = false;
  HardState handed_hard_state_;  // last given to storage
  SoftState handed_soft_state_;
  ReadyBatch ready_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_RAW_NODE_H_
