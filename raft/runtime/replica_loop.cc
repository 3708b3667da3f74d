#include "raft/runtime/replica_loop.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::raft {
namespace {

// A snapshot message stands for data that come another way; only the group's beginning has none.
bool StandsForData(const Message& message) {
  return message.type == MessageType::kSnapshot && message.log.index > LogIndex{0};
}

}  // namespace

ReplicaLoop::ReplicaLoop(const ReplicaConfig& config, std::unique_ptr<RawNode> node,
                         const ReplicaLoopParts& parts)
    : config_(config),
      node_(std::move(node)),
      transport_(parts.transport),
      latencies_(parts.latencies),
      leadership_(parts.leadership),
      snapshots_(parts.snapshots),
      pipeline_(config_, *node_, parts.planner, parts.latencies),
      reads_(2 * config.election_ticks),
      membership_(*node_),
      applied_(node_->snapshot().last),
      log_bytes_(config.max_retained_bytes / 64 + 1),
      given_(applied_),
      snapshot_asked_at_(applied_.index) {
  CHECK(node_->config().async_storage_writes) << "the loop stores and applies beside the node";
  transport_.SetMembers(node_->configuration());
}

absl::Status ReplicaLoop::Round(Inbox::Batch& batch, uint64_t ticks, uint64_t missed_ticks) {
  failure_.Update(TakeBack(batch));
  failure_.Update(CheckSnapshots(batch.snapshot_events));
  if (!failure_.ok()) {
    Refuse(batch);
    return failure_;
  }
  clock_ticks_ += ticks + missed_ticks;
  node_->ClockIsAt(clock_ticks_);
  TakeIn(batch, ticks);
  StartReads();
  WorkOffReady();
  pipeline_.Run({.applied = applied_.index, .waiting_bytes = unapplied_bytes_});
  membership_.Follow();
  WorkOffReady();
  TellLeadership();
  return absl::OkStatus();
}

// What comes with the news that a disk failed, or after them, is answered like what came before.
void ReplicaLoop::Refuse(Inbox::Batch& batch) {
  for (memory::Pooled<RaftProposal>& proposal : batch.proposals) {
    EndProposal(*proposal, ProposalEnd::kRefused);
  }
  for (const ReadRequest& read : batch.reads) {
    read.listener->OnReadEnd(read.token, ReadEnd::kRefused, LogIndex{0});
  }
  for (const ReplicaRequest& request : batch.requests) request.End(failure_);
  batch.proposals.clear();
  batch.reads.clear();
  batch.messages.clear();
  batch.unreachable.clear();
  batch.requests.clear();
  batch.snapshot_events.clear();
}

void ReplicaLoop::EndAll() {
  pipeline_.EndAll();
  reads_.RefuseAll();
  membership_.EndAll();
  Tell({.term = node_->term()});
}

ReplicaStatus ReplicaLoop::Status() const {
  ReplicaStatus status;
  status.node = node_->GetStatus();
  status.applied = applied_.index;
  status.counters.proposals = pipeline_.proposals();
  status.counters.entries_proposed = pipeline_.entries();
  status.counters.elections = status.node.campaigns;
  status.counters.reads_refused = reads_.refused();
  status.counters.snapshots = snapshot_counters_;
  status.counters.transport = transport_.counters();
  return status;
}

void ReplicaLoop::TakeIn(Inbox::Batch& batch, uint64_t ticks) {
  for (uint64_t tick = 0; tick < ticks; ++tick) {
    node_->Tick();
    reads_.Tick();
    if (++ticks_since_compaction_ >= config_.election_ticks) CompactLog();
  }
  for (ReplicaId peer : batch.unreachable) node_->ReportUnreachable(peer);
  for (memory::Pooled<Message>& message : batch.messages) Step(*message);
  for (SnapshotEvent& event : batch.snapshot_events) TakeIn(event);
  for (ReplicaRequest& request : batch.requests) CarryOut(request);
  pipeline_.Take(batch.proposals);
  reads_.Take(batch.reads);
  batch.unreachable.clear();
  batch.messages.clear();
  batch.snapshot_events.clear();
  batch.requests.clear();
}

void ReplicaLoop::Step(Message& message) {
  if (StandsForData(message)) return StepSnapshot(message);
  if (message.type == MessageType::kSnapshot) {
    // How the group began must outlive a restart as well.
    if (snapshots_ == nullptr) return;
    SnapshotOrder order{.kind = SnapshotOrder::Kind::kBegin};
    order.message = std::move(message);
    orders_.push_back(std::move(order));
    return;
  }
  const absl::Status taken = node_->Step(message);
  LOG_IF_EVERY_N(WARNING, !taken.ok(), 1000) << "a message is dropped: " << taken;
}

void ReplicaLoop::CarryOut(ReplicaRequest& request) {
  absl::Status ended;
  switch (request.kind) {
    case ReplicaRequest::Kind::kChangeMembers:
      membership_.Take(std::move(request));
      return;
    case ReplicaRequest::Kind::kTransfer:
      ended = Transfer(request.to);
      break;
    case ReplicaRequest::Kind::kForgetLeader:
      node_->ForgetLeader();
      break;
    case ReplicaRequest::Kind::kCampaign:
      node_->Campaign();
      break;
    case ReplicaRequest::Kind::kTakeSnapshot:
      if (snapshots_ == nullptr) {
        ended = absl::FailedPreconditionError("snapshot: want a snapshot store, got none");
      } else if (!snapshot_under_way_) {
        OrderSnapshot(NewApply());
      }
      break;
  }
  request.End(ended);
}

// The voter that has most of the log needs the least to catch up.
absl::Status ReplicaLoop::Transfer(ReplicaId to) {
  if (to != kNoReplica) return node_->TransferLeader(to);
  if (node_->role() != Role::kLeader) {
    return absl::UnavailableError("transfer: want a leader to choose a voter, got a follower");
  }
  const NodeStatus status = node_->GetStatus();
  bool alone = true;
  const PeerStatus* best = nullptr;
  for (const PeerStatus& peer : status.peers) {
    if (!peer.is_voter) continue;
    alone = false;
    if (!peer.recent_active || peer.lost_data) continue;
    if (best == nullptr || peer.match > best->match) best = &peer;
  }
  if (alone) return absl::FailedPreconditionError("transfer: want another voter, got none");
  if (best == nullptr) {
    return absl::UnavailableError("transfer: want another voter that answers, got none");
  }
  return node_->TransferLeader(best->id);
}

void ReplicaLoop::StartReads() {
  if (!reads_.wants_round()) return;
  if (const std::optional<LogIndex> index = node_->LeaseRead(); index.has_value()) {
    reads_.BeginConfirmed(*index);
  } else if (const absl::StatusOr<ReadToken> token = node_->ReadIndex(); token.ok()) {
    reads_.BeginRound(static_cast<uint64_t>(*token));
  } else {
    reads_.RefuseArrived();
  }
  reads_.AnswerUpTo(applied_.index);
}

void ReplicaLoop::WorkOffReady() {
  while (node_->HasReady()) {
    const ReadyBatch& ready = node_->Ready();
    Send(ready.messages);  // before the disk: replication and local sync run side by side
    if (ready.append.HasWork()) GiveOutAppend(ready.append);
    if (ready.apply.HasWork()) GiveOutApply(ready.apply);
    AnswerReads(ready.reads);
    node_->Advance();
  }
}

void ReplicaLoop::Send(absl::Span<Message> messages) {
  if (messages.empty()) return;
  for (Message& message : messages) {
    if (StandsForData(message)) {
      orders_.push_back({.kind = SnapshotOrder::Kind::kSend, .message = std::move(message)});
      continue;
    }
    transport_.Send(message);
    // How the group began travels as a mere message, which may be lost: nobody will report on it,
    // so the node asks the peer again instead of waiting for ever.
    if (message.type == MessageType::kSnapshot) {
      node_->ReportSnapshot(message.to, /*delivered=*/true);
    }
  }
  transport_.Flush();
}

void ReplicaLoop::AnswerReads(absl::Span<const ReadAnswer> answers) {
  if (answers.empty()) return;
  for (const ReadAnswer& answer : answers) {
    const uint64_t round = static_cast<uint64_t>(answer.token);
    if (answer.refused) {
      reads_.Refuse(round);
    } else {
      reads_.Confirm(round, answer.index);
    }
  }
  reads_.AnswerUpTo(applied_.index);
}

void ReplicaLoop::TellLeadership() {
  Tell({.term = node_->term(), .role = node_->role(), .leader = node_->leader()});
}

void ReplicaLoop::Tell(const LeadershipEvent& now) {
  if (now == told_) return;
  told_ = now;
  if (leadership_ != nullptr) leadership_->OnLeadershipChange(now);
}

}  // namespace blixard::raft
