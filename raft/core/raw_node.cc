// Where things enter: construction, ticks, proposals, messages. What they cause is in election.cc,
// replication.cc, follower.cc and their neighbours; how it leaves is in ready.cc.
#include "raft/core/raw_node.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/message_check.h"
#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

// Replicas that share a seed must not share their timeouts, or they would campaign together for
// ever; nor must those whose seeds are their ids, so the two are mixed one after the other.
uint64_t OwnSeed(const RawNodeConfig& config) {
  return SplitMix(SplitMix(config.seed).Next() + static_cast<uint64_t>(config.id)).Next();
}

uint64_t IncarnationOf(const RawNodeConfig& config) {
  return Mutated(Mutation::kS9TokensOfAnyLife) ? 0 : config.incarnation;
}

absl::Status CheckRestored(const RestoredLog& restored) {
  const LogIndex first = restored.snapshot.last.index;
  const LogIndex last = first + restored.entries.size();
  if (Mutated(Mutation::kS23TakesAnyState)) return absl::OkStatus();
  if (restored.applied >= first && restored.applied <= last) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("applied: want ", first.value, " (of the snapshot) to ", last.value,
                   " (the end of the log), got ", restored.applied.value));
}

// An empty entry that does not begin its term confirms the changes before it (ConfirmChange).
bool IsConfirmation(const RestoredLog& restored, size_t position) {
  const Entry& entry = restored.entries[position];
  const Term before =
      position == 0 ? restored.snapshot.last.term : restored.entries[position - 1].term;
  return entry.type == EntryType::kEmpty && entry.term == before;
}

// The last change of membership that the log itself shows to be committed: a leader appends the
// next one, and a confirmation, only when it has applied those before (CheckMayChange,
// LeaveJointIfDue, ConfirmChange; thesis 4.1). So this replica was told so with that entry, but
// what it stored of it may lag (StoredCommit): it would be elected, or wait for a promotion, in a
// configuration that is not in force any more. etcd stores the commit index with the entries that
// brought it.
LogIndex LastCommittedChange(const RestoredLog& restored) {
  if (Mutated(Mutation::kS4RestartDoubtsChanges)) return LogIndex{0};
  bool shown = false;
  for (size_t position = restored.entries.size(); position-- > 0;) {
    const Entry& entry = restored.entries[position];
    const bool is_change = entry.type == EntryType::kConfiguration;
    if (is_change && shown) return entry.index;
    shown = shown || is_change || IsConfirmation(restored, position);
  }
  return LogIndex{0};
}

RaftLog::Restored LogOf(RestoredLog& restored) {
  // What is applied, or in a snapshot, was committed, whatever the hard state still knows of it.
  const LogIndex commit =
      std::max({restored.hard_state.commit, restored.applied, LastCommittedChange(restored)});
  return {.base = restored.snapshot.last,
          .entries = std::move(restored.entries),
          .commit = commit,
          .applied = restored.applied};
}

}  // namespace

absl::StatusOr<std::unique_ptr<RawNode>> RawNode::Create(const RawNodeConfig& config,
                                                         RestoredLog restored) {
  if (absl::Status status = config.Validate(); !status.ok()) return status;
  if (absl::Status status = CheckRestored(restored); !status.ok()) return status;
  return std::unique_ptr<RawNode>(new RawNode(config, std::move(restored)));
}

RawNode::RawNode(const RawNodeConfig& config, RestoredLog restored)
    : config_(config),
      log_(LogOf(restored)),
      snapshot_(std::move(restored.snapshot)),
      applied_(restored.applied),
      random_(OwnSeed(config)),
      term_(std::max(restored.hard_state.term, snapshot_.last.term)),
      vote_(term_ == restored.hard_state.term ? restored.hard_state.vote : kNoReplica),
      leader_reads_(config.max_pending_reads),
      forwarded_reads_(config.max_pending_reads),
      next_token_(SplitMix(OwnSeed(config) ^ IncarnationOf(config)).Next()),
      handed_hard_state_(restored.hard_state) {
  // The term is stored before or with the first entry that carries it.
  CHECK_LE(log_.last_id().term, term_) << "restored log is from a term its hard state never saw";
  CHECK(vote_ == kNoReplica || term_ > Term{0}) << "restored vote " << vote_ << " in no term";
  configuration_index_ = snapshot_.last.index;
  SwitchTo(snapshot_.configuration);
  for (LogIndex index = log_.first_index(); index <= applied_; ++index) {
    if (log_.At(index).type == EntryType::kConfiguration) ApplyConfigurationChange(log_.At(index));
  }
  promised_until_ = PromiseOfEarlierLife();
  ResetElectionTimer();
}

// It may have confirmed a heartbeat right before it ended, and before the term of that was stored.
// One tick more than a promise lasts, for the first may come at once.
uint64_t RawNode::PromiseOfEarlierLife() const {
  if (!config_.lease.enabled || Mutated(Mutation::kS10RestartForgetsPromise)) return 0;
  if (term_ == Term{0} && Mutated(Mutation::kS10FirstBootForgetsPromise)) return 0;
  return uint64_t{config_.election_ticks} + 1;
}

void RawNode::Tick() {
  ClockIsAt(++ticks_);
  if (role_ == Role::kLeader) {
    TickLeader();
  } else {
    TickFollower();
  }
}

void RawNode::ClockIsAt(uint64_t ticks) {
  if (ticks > ticks_ && Mutated(Mutation::kS10LeaseForgetsStalls)) ticks = ticks_;
  clock_ = std::max(clock_, ticks);
}

absl::StatusOr<EntryId> RawNode::Propose(memory::Buffer payload) {
  if (role_ != Role::kLeader) {
    return absl::FailedPreconditionError(absl::StrCat("role: want leader, got ", RoleName(role_)));
  }
  const size_t limit = std::min(config_.max_entry_bytes, config_.max_uncommitted_bytes);
  if (payload.size() == 0 || payload.size() > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("payload: want 1 to ", limit, " bytes, got ", payload.size()));
  }
  if (transferee_ != kNoReplica && !Mutated(Mutation::kL13ProposesDuringTransfer)) {
    return absl::UnavailableError(absl::StrCat("leadership is on its way to replica ",
                                               static_cast<uint64_t>(transferee_),
                                               "; retry later"));
  }
  if (payload.size() > UncommittedBytesLeft()) {
    return absl::ResourceExhaustedError(absl::StrCat("payload: want <= ", UncommittedBytesLeft(),
                                                     " bytes (uncommitted bytes left), got ",
                                                     payload.size()));
  }
  const EntryId id{.term = term_, .index = log_.last_index() + 1};
  const uint32_t crc = PayloadCrc32c(payload.view());
  AppendOwn({.term = id.term,
             .index = id.index,
             .type = EntryType::kCommand,
             .payload_crc32c = crc,
             .payload = std::move(payload)});
  return id;
}

size_t RawNode::UncommittedBytesLeft() const {
  if (role_ != Role::kLeader) return 0;
  if (transferee_ != kNoReplica && !Mutated(Mutation::kL13ProposesDuringTransfer)) return 0;
  // An earlier leader's tail may be longer than what this one would have accepted.
  return config_.max_uncommitted_bytes -
         std::min(config_.max_uncommitted_bytes, uncommitted_bytes_);
}

absl::Status RawNode::Step(Message& message) {
  if (absl::Status status = CheckAddress(message); !status.ok()) return status;
  if (absl::Status status = CheckMessage(message); !status.ok()) return status;
  Configuration configuration;
  if (message.type == MessageType::kSnapshot) {
    absl::StatusOr<Configuration> decoded = DecodeConfiguration(message.payload.view());
    if (!decoded.ok()) return decoded.status();
    configuration = *std::move(decoded);
  }
  const bool asks_for_vote =
      message.type == MessageType::kVote || message.type == MessageType::kPreVote;
  if (message.term > term_) {
    if (asks_for_vote && !message.force && IgnoresCandidates()) return absl::OkStatus();
    // A pre-vote's term is one that may never begin.
    const bool hypothetical = message.type == MessageType::kPreVote ||
                              (message.type == MessageType::kPreVoteReply && !message.reject);
    const bool kept = Mutated(Mutation::kS6HeartbeatReplyKeepsLeader) &&
                      message.type == MessageType::kHeartbeatReply;
    if (kept) term_ = message.term;
    if (!hypothetical && !kept) BecomeFollower(message.term, kNoReplica);
  }
  const bool taken_as_new =
      Mutated(Mutation::kS11CountsOldAcks) && message.type == MessageType::kAppendReply;
  if (message.term < term_ && !taken_as_new) {
    StepOlderTerm(message);
  } else if (message.type == MessageType::kSnapshot) {
    FollowLeaderOfTerm(message.from);
    HandleSnapshot(message, std::move(configuration));
  } else {
    StepSameTerm(message);
  }
  message.entries.clear();
  return absl::OkStatus();
}

absl::Status RawNode::CheckAddress(const Message& message) const {
  if (message.cluster != config_.cluster && !Mutated(Mutation::kS25TakesForeignMessages)) {
    return absl::InvalidArgumentError(absl::StrCat("message.cluster: want ",
                                                   static_cast<uint64_t>(config_.cluster), ", got ",
                                                   static_cast<uint64_t>(message.cluster)));
  }
  if (message.to != config_.id && !Mutated(Mutation::kS25TakesForeignMessages)) {
    return absl::InvalidArgumentError(absl::StrCat("message.to: want ",
                                                   static_cast<uint64_t>(config_.id), ", got ",
                                                   static_cast<uint64_t>(message.to)));
  }
  if (message.from == config_.id || message.from == kNoReplica) {
    return absl::InvalidArgumentError(absl::StrCat("message.from: want another replica, got ",
                                                   static_cast<uint64_t>(message.from)));
  }
  const bool acknowledges = message.type == MessageType::kAppendReply && !message.reject;
  if (acknowledges && role_ == Role::kLeader && message.term == term_ &&
      message.log.index > log_.last_index()) {
    return absl::InvalidArgumentError(
        absl::StrCat("message.log.index: want <= ", log_.last_index().value,
                     " (the last this leader sent), got ", message.log.index.value));
  }
  return absl::OkStatus();
}

// Whoever still acts in an older term must learn of this one, or it would keep talking to replicas
// that no longer listen (etcd #8243).
void RawNode::StepOlderTerm(const Message& message) {
  if (Mutated(Mutation::kL1SilentToOlderTerm)) return;
  switch (message.type) {
    case MessageType::kAppend:
    case MessageType::kSnapshot: {
      Message& reply = Send(after_persist_, MessageType::kAppendReply, message.from);
      reply.reject = true;
      reply.rejected_index = message.log.index;
      reply.log = log_.last_id();
      return;
    }
    case MessageType::kHeartbeat:
    case MessageType::kTimeoutNow:
      Send(now_, MessageType::kHeartbeatReply, message.from);
      return;
    case MessageType::kVote:
      Send(after_persist_, MessageType::kVoteReply, message.from).reject = true;
      return;
    case MessageType::kPreVote:
      if (Mutated(Mutation::kL2DropsOlderPreVotes)) return;
      Send(after_persist_, MessageType::kPreVoteReply, message.from).reject = true;
      return;
    case MessageType::kReadIndex: {
      Message& reply = Send(now_, MessageType::kReadIndexReply, message.from);
      reply.context = message.context;
      reply.reject = true;
      return;
    }
    case MessageType::kPreVoteReply:
    case MessageType::kVoteReply:
    case MessageType::kAppendReply:
    case MessageType::kHeartbeatReply:
    case MessageType::kReadIndexReply:
    case MessageType::kTransferLeader:
      return;  // about what this replica asked, or was, in an older term
  }
}

void RawNode::StepSameTerm(Message& message) {
  switch (message.type) {
    case MessageType::kPreVote:
    case MessageType::kVote:
      return HandleVoteRequest(message);
    case MessageType::kPreVoteReply:
    case MessageType::kVoteReply:
      return HandleVoteReply(message);
    case MessageType::kAppend:
      FollowLeaderOfTerm(message.from);
      return HandleAppend(message);
    case MessageType::kHeartbeat:
      FollowLeaderOfTerm(message.from);
      return HandleHeartbeat(message);
    case MessageType::kTimeoutNow:
      FollowLeaderOfTerm(message.from);
      return HandleTimeoutNow(message);
    case MessageType::kAppendReply:
      if (role_ == Role::kLeader) HandleAppendReply(message);
      return;
    case MessageType::kHeartbeatReply:
      if (role_ == Role::kLeader) HandleHeartbeatReply(message);
      return;
    case MessageType::kReadIndex:
      return HandleReadIndex(message);
    case MessageType::kReadIndexReply:
      return HandleReadIndexReply(message);
    case MessageType::kTransferLeader:
      return HandleTransferLeader(message);
    case MessageType::kSnapshot:
      LOG(FATAL) << "snapshots are handled with their configuration";
  }
}

const RawNode::Member* RawNode::FindMember(ReplicaId id) const {
  const auto found =
      std::lower_bound(members_.begin(), members_.end(), id,
                       [](const Member& member, ReplicaId id) { return member.id < id; });
  return found != members_.end() && found->id == id ? &*found : nullptr;
}

Message& RawNode::Send(Outbox& outbox, MessageType type, ReplicaId to) {
  Message& message = outbox.Add();
  message.type = type;
  message.cluster = config_.cluster;
  message.from = config_.id;
  message.to = to;
  message.term = term_;
  return message;
}

NodeStatus RawNode::GetStatus() const {
  NodeStatus status{.cluster = config_.cluster,
                    .id = config_.id,
                    .role = role_,
                    .term = term_,
                    .vote = vote_,
                    .leader = leader_,
                    .configuration = configuration_,
                    .configuration_index = configuration_index_,
                    .snapshot_index = snapshot_.last.index,
                    .first_index = log_.first_index(),
                    .last_index = log_.last_index(),
                    .stable_index = log_.stable_index(),
                    .commit_index = log_.commit_index(),
                    .handed_out_index = log_.handed_out_index(),
                    .applied_index = applied_,
                    .transferee = transferee_,
                    .lost_data = lost_data_,
                    .uncommitted_bytes = role_ == Role::kLeader ? uncommitted_bytes_ : 0,
                    .campaigns = campaigns_,
                    .peers = {}};
  if (role_ != Role::kLeader) return status;
  for (const Member& member : members_) {
    if (member.id != config_.id) status.peers.push_back(StatusOf(member));
  }
  return status;
}

PeerStatus RawNode::StatusOf(const Member& member) const {
  const Progress& progress = member.progress;
  const bool silent = progress.state() != ProgressState::kSnapshot && NeedsSnapshot(progress) &&
                      !progress.IsActive(ticks_) &&
                      progress.Paused() != PauseReason::kProbeUnanswered;
  return {.id = member.id,
          .state = progress.state(),
          .match = progress.match(),
          .next = progress.next(),
          .inflight_messages = progress.inflights().count(),
          .inflight_bytes = progress.inflights().bytes(),
          .paused = silent ? PauseReason::kSilent : progress.Paused(),
          .recent_active = progress.IsActive(ticks_),
          .pending_snapshot = progress.pending_snapshot(),
          .is_voter = configuration_.HasVoter(member.id),
          .is_learner = configuration_.HasLearner(member.id),
          .lost_data = HasLostData(member)};
}

}  // namespace blixard::raft
