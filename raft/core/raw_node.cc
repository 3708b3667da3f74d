// Where things enter: construction, ticks, proposals, messages. What they cause is in election.cc,
// replication.cc and follower.cc; how it leaves is in ready.cc.
#include "raft/core/raw_node.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/core/message_check.h"

namespace blixard::raft {
namespace {

RawNodeConfig WithSortedVoters(RawNodeConfig config) {
  std::sort(config.voters.begin(), config.voters.end());
  return config;
}

// Replicas that share a seed must not share their timeouts, or they would campaign together for
// ever.
uint64_t OwnSeed(const RawNodeConfig& config) {
  return SplitMix(config.seed).Next() ^ SplitMix(static_cast<uint64_t>(config.id)).Next();
}

}  // namespace

absl::StatusOr<std::unique_ptr<RawNode>> RawNode::Create(const RawNodeConfig& config,
                                                         RestoredLog restored) {
  if (absl::Status status = config.Validate(); !status.ok()) return status;
  return std::unique_ptr<RawNode>(new RawNode(config, std::move(restored)));
}

RawNode::RawNode(const RawNodeConfig& config, RestoredLog restored)
    : config_(WithSortedVoters(config)),
      log_(std::move(restored.entries), restored.hard_state.commit),
      random_(OwnSeed(config)),
      term_(restored.hard_state.term),
      vote_(restored.hard_state.vote),
      acked_(config_.voters.size()),
      handed_hard_state_(restored.hard_state) {
  // The term is stored before or with the first entry that carries it.
  CHECK_LE(log_.last_id().term, term_) << "restored log is from a term its hard state never saw";
  CHECK(vote_ == kNoReplica || term_ > Term{0}) << "restored vote " << vote_ << " in no term";
  const InflightLimits limits{.max_messages = config_.max_inflight_messages,
                              .max_bytes = config_.max_inflight_bytes};
  voters_.reserve(config_.voters.size());
  for (ReplicaId id : config_.voters) voters_.push_back({.id = id, .progress = Progress(limits)});
  ResetElectionTimer();
}

void RawNode::Tick() {
  if (role_ == Role::kLeader) return TickLeader();
  if (++election_elapsed_ticks_ >= election_timeout_ticks_) Campaign();
}

absl::StatusOr<EntryId> RawNode::Propose(memory::Buffer payload) {
  if (role_ != Role::kLeader) {
    return absl::FailedPreconditionError(absl::StrCat("role: want leader, got ", RoleName(role_)));
  }
  if (payload.size() == 0 || payload.size() > config_.max_uncommitted_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "payload: want 1 to ", config_.max_uncommitted_bytes, " bytes, got ", payload.size()));
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
  // An earlier leader's tail may be longer than what this one would have accepted.
  return config_.max_uncommitted_bytes -
         std::min(config_.max_uncommitted_bytes, uncommitted_bytes_);
}

absl::Status RawNode::Step(Message& message) {
  if (absl::Status status = CheckAddress(message); !status.ok()) return status;
  if (absl::Status status = CheckMessage(message); !status.ok()) return status;
  const bool asks_for_vote =
      message.type == MessageType::kVote || message.type == MessageType::kPreVote;
  if (message.term > term_) {
    if (asks_for_vote && IgnoresCandidates()) return absl::OkStatus();
    // A pre-vote's term is one that may never begin.
    const bool hypothetical = message.type == MessageType::kPreVote ||
                              (message.type == MessageType::kPreVoteReply && !message.reject);
    if (!hypothetical) BecomeFollower(message.term, kNoReplica);
  }
  if (message.term < term_) {
    StepOlderTerm(message);
  } else {
    StepSameTerm(message);
  }
  message.entries.clear();
  return absl::OkStatus();
}

absl::Status RawNode::CheckAddress(const Message& message) const {
  if (message.cluster != config_.cluster) {
    return absl::InvalidArgumentError(absl::StrCat("message.cluster: want ",
                                                   static_cast<uint64_t>(config_.cluster), ", got ",
                                                   static_cast<uint64_t>(message.cluster)));
  }
  if (message.to != config_.id) {
    return absl::InvalidArgumentError(absl::StrCat("message.to: want ",
                                                   static_cast<uint64_t>(config_.id), ", got ",
                                                   static_cast<uint64_t>(message.to)));
  }
  if (message.from == config_.id || FindVoter(message.from) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("message.from: want another voter, got ",
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
  switch (message.type) {
    case MessageType::kAppend: {
      Message& reply = Send(after_persist_, MessageType::kAppendReply, message.from);
      reply.reject = true;
      reply.rejected_index = message.log.index;
      reply.log = log_.last_id();
      return;
    }
    case MessageType::kHeartbeat:
      Send(now_, MessageType::kHeartbeatReply, message.from);
      return;
    case MessageType::kVote:
      Send(after_persist_, MessageType::kVoteReply, message.from).reject = true;
      return;
    case MessageType::kPreVote:
      Send(after_persist_, MessageType::kPreVoteReply, message.from).reject = true;
      return;
    case MessageType::kPreVoteReply:
    case MessageType::kVoteReply:
    case MessageType::kAppendReply:
    case MessageType::kHeartbeatReply:
      return;  // an answer to what this replica asked in an older term
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
    case MessageType::kAppendReply:
      if (role_ == Role::kLeader) HandleAppendReply(message);
      return;
    case MessageType::kHeartbeatReply:
      if (role_ == Role::kLeader) HandleHeartbeatReply(message);
      return;
  }
}

const RawNode::Voter* RawNode::FindVoter(ReplicaId id) const {
  const auto found =
      std::lower_bound(voters_.begin(), voters_.end(), id,
                       [](const Voter& voter, ReplicaId id) { return voter.id < id; });
  return found != voters_.end() && found->id == id ? &*found : nullptr;
}

RawNode::Voter& RawNode::VoterOf(ReplicaId id) {
  const Voter* voter = FindVoter(id);
  CHECK(voter != nullptr) << "replica " << id;
  return voters_[voter - voters_.data()];
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
                    .first_index = log_.first_index(),
                    .last_index = log_.last_index(),
                    .stable_index = log_.stable_index(),
                    .commit_index = log_.commit_index(),
                    .handed_out_index = log_.handed_out_index(),
                    .uncommitted_bytes = role_ == Role::kLeader ? uncommitted_bytes_ : 0,
                    .campaigns = campaigns_,
                    .peers = {}};
  if (role_ != Role::kLeader) return status;
  for (const Voter& voter : voters_) {
    if (voter.id == config_.id) continue;
    const Progress& progress = voter.progress;
    status.peers.push_back({.id = voter.id,
                            .state = progress.state(),
                            .match = progress.match(),
                            .next = progress.next(),
                            .inflight_messages = progress.inflights().count(),
                            .inflight_bytes = progress.inflights().bytes(),
                            .paused = progress.Paused(),
                            .recent_active = progress.recent_active()});
  }
  return status;
}

}  // namespace blixard::raft
