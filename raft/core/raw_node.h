// The Raft protocol as a machine without surroundings: one replica of one group (Ongaro,
// Ousterhout: "In Search of an Understandable Consensus Algorithm", the paper; Ongaro's
// dissertation, the thesis).
//
// The owner feeds it ticks, proposals and messages, and carries out what Ready() hands back:
//
//   if (node.HasReady()) {
//     const ReadyBatch& ready = node.Ready();
//     Send(ready.messages);
//     Store(ready.append);
//     Send(ready.append.messages);
//     Apply(ready.apply.committed);  // configuration entries: ApplyConfigurationChange
//     Answer(ready.reads);
//     node.Advance();
//   }
//
// Storing and applying may also be done elsewhere while the machine goes on; see
// RawNodeConfig::async_storage_writes and Completed.
//
// Pure: no clock, thread, lock, file, socket or random device; the same calls give the same
// answers. Not thread-safe. Nothing here calls back. A broken invariant stops the process (CHECK):
// a replica that is wrong must not go on. Messages are taken in as genuine: the transport must only
// let members of the cluster in, and DecodeMessage verifies payloads.
//
// Membership changes take effect when they are applied. That is safe because a leader proposes one
// at a time (thesis 4.1), not before something of its own term is committed (raft-dev 2015), and a
// replica does not campaign with a committed change it has not applied (etcd-io/raft #234), and
// takes all changes in its log but the last for committed. So who holds a change campaigns in the
// configuration before it or in that after it, whose majorities meet; and who does not hold it
// loses to the majority that committed it.
//
// A change is done when it is confirmed: an empty entry behind it, by which whoever holds it knows
// after a power cut that the change is committed, is committed by the new voters. From then on any
// majority of them does without all others, be they destroyed. See confirmed_change().
//
// A leader that is no voter any more stops once that is confirmed, and goes on to vote and to tell
// what is committed: until then those who do not know it yet need both.
//
// In steady state no call allocates, except that the log takes a chunk per kLogChunkEntries
// entries, and that only until Compact gives chunks back.
#ifndef BLIXARD_RAFT_CORE_RAW_NODE_H_
#define BLIXARD_RAFT_CORE_RAW_NODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/entry.h"
#include "raft/core/fixed_ring.h"
#include "raft/core/heartbeat_rounds.h"
#include "raft/core/message.h"
#include "raft/core/node_status.h"
#include "raft/core/outbox.h"
#include "raft/core/pending_reads.h"
#include "raft/core/progress.h"
#include "raft/core/quorum.h"
#include "raft/core/raft_log.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/ready_batch.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Appends and applies that may be out at once in asynchronous mode; further ones wait.
inline constexpr size_t kMaxOpenAppends = 16;
inline constexpr size_t kMaxOpenApplies = 16;

// What storage and the state machine recovered.
struct RestoredLog {
  HardState hard_state;
  // The newest snapshot. With `last` {0, 0}, the configuration the group begins with, the same on
  // every first member. An empty configuration: this replica is not a member yet, or its disk was
  // lost. It takes part in no election until a leader has sent it a snapshot.
  SnapshotMeta snapshot;
  std::vector<Entry> entries;  // from snapshot.last.index + 1, without a gap
  LogIndex applied;            // the state machine has everything up to here
};

class RawNode {
 public:
  // A follower without a leader. Errors: what RawNodeConfig::Validate says; kFailedPrecondition
  // when the state machine is behind the snapshot or ahead of the log. CHECKs that the rest is what
  // a replica can have written.
  static absl::StatusOr<std::unique_ptr<RawNode>> Create(const RawNodeConfig& config,
                                                         RestoredLog restored);

  RawNode(const RawNode&) = delete;
  RawNode& operator=(const RawNode&) = delete;

  // One tick of the owner's clock went by: may start an election, send heartbeats, step down.
  void Tick();

  // By the owner's clock `ticks` ticks have passed since this node was made, though Tick may have
  // been called for fewer: its owner was held up and does not make up for all of it. Moves the
  // clock that leases are measured by and nothing else; less than it knows already changes nothing.
  // An owner that leaves out ticks, or is late with them, calls this before every LeaseRead, with a
  // time read after the reads it asks for have arrived: being held up from then on does no harm.
  void ClockIsAt(uint64_t ticks);

  // Starts an election now, as if the election timeout had passed. Nothing on a leader, on a
  // replica that is no voter, that LostData, that has not applied a committed membership change,
  // or, with leases, that hears from a leader.
  void Campaign();

  // Appends a command and returns its place in the log. It is committed once it comes back in
  // ReadyApply::committed with the same id, and lost for good once another entry does at its index.
  // Takes the payload, which must not change any more, and its checksum.
  // Errors: kFailedPrecondition unless leader; kUnavailable during a leadership transfer;
  // kInvalidArgument for a payload that is empty or larger than max_entry_bytes or
  // max_uncommitted_bytes; kResourceExhausted when it is larger than UncommittedBytesLeft().
  absl::StatusOr<EntryId> Propose(memory::Buffer payload);

  // Payload bytes that Propose takes now: a leader accepts any payload of 1 to this many bytes and
  // no more than max_entry_bytes. 0 unless leader, and during a leadership transfer.
  size_t UncommittedBytesLeft() const;

  // Appends a change of membership. It takes effect where and when its entry is applied.
  // Errors: kFailedPrecondition unless leader, and for a new voter beyond max_new_voter_lag;
  // kUnavailable (later it may pass) while another change is not confirmed, before the leader's own
  // empty entry is committed (raft-dev 2015, "bug in single-server membership changes") and during
  // a leadership transfer; what Apply and CheckChangesSomething say of it and the present
  // configuration.
  absl::StatusOr<EntryId> ProposeConfigurationChange(const ConfigurationChange& change);

  // The owner applies `entry`, of type kConfiguration: every such entry of ReadyApply::committed,
  // in log order, before it says that it is applied (CHECKed). Returns the configuration from here
  // on. A change that cannot be applied changes nothing, on every replica alike.
  Configuration ApplyConfigurationChange(const Entry& entry);

  // Takes in what a peer sent. `message.entries` is emptied and keeps its capacity. A message that
  // is out of date is dropped and OK. Senders need not be members: a replica that lags behind may
  // not know a new one yet. Errors (nothing has changed then, and `message` is untouched):
  // kInvalidArgument for another cluster, another receiver, a sender that is nobody or this
  // replica, or content that no replica sends; kDataLoss for a snapshot whose configuration cannot
  // be read.
  absl::Status Step(Message& message);

  bool HasReady() const;

  // Everything to do since the last batch. CHECKs that the last one was closed by Advance. Tick,
  // Step and Propose may be called in between; what they cause is in the next batch.
  const ReadyBatch& Ready();

  // Closes the batch. In synchronous mode: it is stored as ReadyAppend asks, and applied.
  void Advance();

  // Asynchronous mode: the append, the apply, was carried out, and every one before (CHECKed).
  void Completed(AppendDone done);
  void Completed(ApplyDone done);

  // Asks from which index on the state machine shows everything that was committed before now; the
  // answer is in ReadyBatch::reads, once per token, and never waits for ever: a leader refuses at
  // step-down, a follower when its leader changes or keeps silent for an election timeout.
  // Errors: kUnavailable when no leader is known, kResourceExhausted beyond max_pending_reads.
  absl::StatusOr<ReadToken> ReadIndex();

  // The read index by this leader's clock alone, without a message (thesis 6.4.1): the present
  // commit index while its lease lasts. Nothing unless leases are enabled, before a commit in the
  // leader's term, and for the rest of a term in which a leadership transfer was tried: whoever was
  // asked to campaign ignores the stickiness on which the lease rests (etcd #12704).
  std::optional<LogIndex> LeaseRead() const;

  // Has `to` campaign as soon as it has the whole log. On a follower the leader is asked to. The
  // outcome shows in SoftState; without one in an election timeout the leader takes proposals
  // again. To itself: ends a transfer. Errors: kUnavailable when no leader is known;
  // kInvalidArgument when `to` is no voter.
  absl::Status TransferLeader(ReplicaId to);

  // The owner knows that the leader is gone: others may be voted for without waiting for the
  // election timeout. Nothing on a leader, and nothing with leases.
  void ForgetLeader();

  // The transport lost messages to `peer` or its connection: probe before sending ahead again.
  // Nothing unless leader; unknown peers are ignored.
  void ReportUnreachable(ReplicaId peer);

  // What became of the snapshot that a kSnapshot message to `peer` stands for. Must be called for
  // each, or nothing else is sent to that peer until it says itself that it has it.
  void ReportSnapshot(ReplicaId peer, bool delivered);

  // This leader can feed a member only once its owner has taken a snapshot of what is applied now,
  // and given it to SetSnapshot: that member was a voter, lost its disk, and was removed and added
  // anew under its id behind the present one. Only with max_new_voter_lag.
  bool WantsNewerSnapshot() const;

  // This replica has a newer durable snapshot of its state machine; peers that are too far behind
  // are sent it. CHECKs that it is not older than the last one nor ahead of what was applied, and
  // that its term and configuration are those of the log there, as far as that is known.
  void SetSnapshot(SnapshotMeta snapshot);

  // Drops entries up to `through` from memory; CHECKs that they are applied, covered by the
  // snapshot and not in an open batch. Peers that still need them will be sent the snapshot.
  void Compact(LogIndex through);

  ReplicaId id() const { return config_.id; }
  Role role() const { return role_; }
  Term term() const { return term_; }
  ReplicaId leader() const { return leader_; }  // kNoReplica = not known
  LogIndex commit_index() const { return log_.commit_index(); }
  LogIndex last_index() const { return log_.last_index(); }
  LogIndex applied_index() const { return applied_; }
  const Configuration& configuration() const { return configuration_; }
  // The newest change of membership that this replica has led through: a majority of the voters it
  // made has stored that it is committed, so nobody else is needed any more, even after a power cut
  // of all. It stays known when this leader was removed by it. On a leader NodeStatus's
  // configuration_index means that nothing is under way; else no change is proposed.
  LogIndex confirmed_change() const { return confirmed_change_; }
  const SnapshotMeta& snapshot() const { return snapshot_; }
  const RawNodeConfig& config() const { return config_; }

  // The leader has found that this replica no longer has what it acknowledged: its log ends before.
  // It neither votes nor campaigns in this life, for it may have forgotten a vote, and tells every
  // leader; nothing it acknowledges counts. It takes in the log again, unless it has nothing at all
  // and max_new_voter_lag is set: then it is given nothing, and stays so in later lives, too. It
  // should be removed and added again as a learner.
  bool LostData() const { return lost_data_; }

  // Allocates; for people and metrics, not for every message.
  NodeStatus GetStatus() const;

  // To look at, by whoever checks invariants over several replicas.
  const RaftLog& log() const { return log_; }

 private:
  // One member, this replica included.
  struct Member {
    ReplicaId id;
    Progress progress;  // this replica's own: only `match` is used, and it is what is stable here
    Ballot ballot = Ballot::kMissing;
    uint64_t acked_round = 0;    // of heartbeats, in this term
    uint64_t acked_sent_at = 0;  // the tick at which that round was sent
    bool waits_for_newer_snapshot = false;
  };

  // An append that is not completed.
  struct OpenAppend {
    uint64_t sequence = 0;
    LogIndex last;  // what it makes stable; lowered by truncation
    Term term;
    ReplicaId vote = kNoReplica;
  };
  struct OpenApply {
    uint64_t sequence = 0;
    LogIndex last;
    size_t bytes = 0;
    LogIndex configuration;  // last entry of that type in it; 0 if there is none
  };

  RawNode(const RawNodeConfig& config, RestoredLog restored);

  // raw_node.cc
  uint64_t PromiseOfEarlierLife() const;
  absl::Status CheckAddress(const Message& message) const;
  void StepOlderTerm(const Message& message);
  void StepSameTerm(Message& message);
  // Null if nobody of that id is a member.
  Member* FindMember(ReplicaId id) {
    if (self_ != nullptr && id == config_.id) return self_;
    return const_cast<Member*>(std::as_const(*this).FindMember(id));
  }
  const Member* FindMember(ReplicaId id) const;
  Message& Send(Outbox& outbox, MessageType type, ReplicaId to);
  PeerStatus StatusOf(const Member& member) const;

  // ready.cc; inline: for use there alone
  inline ReplicaId StoredVote() const;
  inline LogIndex StoredCommit() const;
  SoftState CurrentSoftState() const { return {.leader = leader_, .role = role_}; }
  inline bool HasAppend() const;
  inline bool HasApply() const;
  inline void ClearBatch();
  void FillAppend();
  void FillApply();
  void CompleteAppend();
  void CompleteApply();

  // election.cc
  bool HasUnappliedChange() const;
  bool MayCampaign() const;
  void StartElection();
  void BecomeFollower(Term term, ReplicaId leader);
  void EndLeadership();
  void BecomePreCandidate();
  enum class Campaigning : uint8_t { kByTimeout, kByTransfer };
  void BecomeCandidate(Campaigning how);
  void BecomeLeader();
  void ResetElectionTimer();
  void ResetBallots();
  void AskForVotes(MessageType type, Term term, Campaigning how);
  void CountBallot(ReplicaId from, Ballot ballot);
  bool HasPromised() const;
  bool IgnoresCandidates() const;
  bool GrantsVote(const Message& request) const;
  void HandleVoteRequest(const Message& request);
  EntryId CommittedId() const;
  void LearnCommit(const EntryId& committed);
  void HandleVoteReply(const Message& reply);
  uint64_t ActiveUntil() const { return ticks_ + config_.election_ticks; }  // if heard from now
  bool QuorumIsActive() const;

  // replication.cc: the leader
  void TickLeader();
  void AppendOwn(Entry&& entry);
  void AppendEmpty();
  void AdvanceCommit();
  void CommitAsLeader(LogIndex index);
  bool HasCommittedInTerm() const;
  bool NeedsSnapshot(const Progress& progress) const;
  bool WantsAppend(const Progress& progress) const;
  bool AnyoneWantsAppend() const;
  void SendAppends();
  void SendAppend(Member& peer);
  void SendHeartbeats();
  void HandleAppendReply(const Message& reply);
  void HandleHeartbeatReply(const Message& reply);

  // follower.cc
  void TickFollower();
  void FollowLeaderOfTerm(ReplicaId leader);
  void HandleAppend(Message& append);
  void RejectAppend(const Message& append);
  void HearOfLoss(const Message& message);
  void AcceptAppend(const Message& append, LogIndex match);
  bool IsFull() const;
  void StoreEntries(std::vector<Entry>& entries);
  void TruncateFrom(LogIndex from);
  bool VouchesFor(LogIndex commit) const;
  void HandleHeartbeat(const Message& heartbeat);

  // snapshot.cc
  bool WithholdsSnapshot(const Member& peer) const;
  bool NeedsNewerSnapshot(const Member& peer) const;
  bool HasLostData(const Member& peer) const;
  void SendSnapshot(Member& peer);
  void HandleSnapshot(const Message& message, Configuration configuration);
  void Install(SnapshotMeta snapshot);

  // membership.cc
  absl::Status CheckMayChange() const;
  absl::Status CheckNewVoters(const ConfigurationChange& change) const;
  absl::Status CheckNewVoter(ReplicaId id) const;
  static Configuration ConfigurationAfter(const Configuration& before, const Entry& entry);
  void SwitchTo(Configuration configuration);
  void FollowMembership();
  void ConfirmChange();
  void LeaveOnRemoval();
  void LeaveJointIfDue();
  EntryId AppendChange(const ConfigurationChange& change, memory::Buffer payload);

  // reads.cc
  ReadToken NextToken();
  bool CanStartReads() const;
  void StartReads();
  void AnswerReads();
  void AnswerRead(const WaitingRead& read, bool refused);
  void RefuseReads();
  void RefuseForwardedReads(uint64_t asked_by);
  void HandleReadIndex(const Message& request);
  void HandleReadIndexReply(const Message& reply);

  // transfer.cc
  absl::Status BeginTransfer(ReplicaId to);
  void SendTimeoutNow(const Member& to);
  void HandleTransferLeader(const Message& request);
  void HandleTimeoutNow(const Message& message);
  void CampaignIfAsked();

  const RawNodeConfig config_;
  RaftLog log_;
  SnapshotMeta snapshot_;            // newest durable one
  memory::Buffer snapshot_payload_;  // its configuration, encoded; made when first sent
  Configuration configuration_;      // as of configuration_index_ <= what is handed out
  LogIndex configuration_index_;
  std::vector<Member> members_;  // of configuration_, ascending by id
  Member* self_ = nullptr;       // in members_; null while this replica is none of them
  uint64_t memberships_ = 0;     // Progress objects made in this life
  LogIndex applied_;
  SplitMix random_;

  Term term_;
  ReplicaId vote_ = kNoReplica;
  Role role_ = Role::kFollower;
  ReplicaId leader_ = kNoReplica;
  ReplicaId leader_of_term_ = kNoReplica;  // whoever was seen to lead `term_`; outlives a step-down
  LogIndex verified_;     // follower: the log up to here equals that of the leader of `term_`
  uint64_t session_ = 0;  // follower: the newest that the leader of `term_` sent something in
  bool lost_data_ = false;

  uint64_t ticks_ = 0;  // in this life
  uint64_t clock_ = 0;  // the same, and those that the owner left out; for leases
  uint32_t election_elapsed_ticks_ = 0;
  uint32_t heartbeat_elapsed_ticks_ = 0;
  uint32_t election_timeout_ticks_ = 0;
  uint64_t promised_until_ = 0;  // tick; leases rely on this replica electing nobody before it
  uint64_t campaigns_ = 0;
  uint64_t asked_to_campaign_until_ = 0;  // tick; a kTimeoutNow that waits for a promotion

  // Leader.
  size_t uncommitted_bytes_ = 0;          // payloads above the commit index
  LogIndex pending_configuration_index_;  // no change is proposed before this is applied
  LogIndex confirmation_index_;  // of what confirms configuration_index_; 0 = to be appended
  LogIndex confirmed_change_;    // see confirmed_change()
  ReplicaId transferee_ = kNoReplica;
  uint32_t transfer_elapsed_ticks_ = 0;
  uint64_t judged_from_ = 0;      // tick; before it nobody need have been heard in this term
  bool lease_is_broken_ = false;  // somebody was told to campaign in this term

  // Reads.
  HeartbeatRounds rounds_;
  LeaderReads leader_reads_;
  ForwardedReads forwarded_reads_;
  uint64_t next_token_;
  std::vector<ReadAnswer> read_answers_, read_answers_open_;

  // What waits for the next Ready, and what the open one holds.
  Outbox now_, now_open_;
  Outbox after_persist_, after_persist_open_;
  std::vector<Entry> entries_open_;    // those that do not stand side by side in the log
  std::vector<Entry> committed_open_;  // the same
  std::optional<SnapshotMeta> to_install_;
  bool ready_open_ = false;
  FixedRing<OpenAppend, kMaxOpenAppends> appends_;
  FixedRing<OpenApply, kMaxOpenApplies> applies_;
  uint64_t append_sequence_ = 0;
  uint64_t apply_sequence_ = 0;
  size_t applying_bytes_ = 0;
  HardState handed_hard_state_;  // last given to storage
  SoftState handed_soft_state_;
  ReadyBatch ready_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_RAW_NODE_H_
