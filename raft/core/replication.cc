// The leader: appends, acknowledgements, commit, heartbeats (paper 5.3, 5.4.2; thesis 10.2.1).
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/raw_node.h"

namespace blixard::raft {

void RawNode::TickLeader() {
  if (++election_elapsed_ticks_ >= config_.election_ticks) {
    election_elapsed_ticks_ = 0;
    if (config_.check_quorum && !QuorumWasActive()) return BecomeFollower(term_, kNoReplica);
  }
  if (++heartbeat_elapsed_ticks_ >= config_.heartbeat_ticks) {
    heartbeat_elapsed_ticks_ = 0;
    SendHeartbeats();
  }
}

void RawNode::AppendOwn(Entry entry) {
  CHECK(role_ == Role::kLeader);
  CHECK_EQ(entry.term, term_);
  uncommitted_bytes_ += entry.payload.size();
  log_.Append(std::move(entry));
}

void RawNode::AdvanceCommit() {
  for (size_t i = 0; i < voters_.size(); ++i) acked_[i] = voters_[i].progress.match();
  const LogIndex index = CommittedIndex(absl::MakeSpan(acked_));
  if (index <= log_.commit_index()) return;
  // Counting replicas commits entries of the own term only; earlier ones follow (paper, figure 8).
  if (log_.TermAt(index) != term_) return;
  const size_t bytes = log_.PayloadBytes({.after = log_.commit_index(), .to = index});
  CHECK_GE(uncommitted_bytes_, bytes);
  uncommitted_bytes_ -= bytes;
  log_.CommitTo(index);
}

bool RawNode::WantsAppend(const Progress& progress) const {
  if (progress.MustAsk()) return true;
  if (!progress.Paused() && progress.next() <= log_.last_index()) return true;
  if (progress.Paused() && progress.state() == ProgressState::kProbe) return false;
  // An append without entries tells of the commit; no window holds it back.
  return std::min(log_.commit_index(), progress.next() - 1) > progress.sent_commit();
}

bool RawNode::AnyoneWantsAppend() const {
  return role_ == Role::kLeader &&
         std::any_of(voters_.begin(), voters_.end(), [this](const Voter& voter) {
           return voter.id != config_.id && WantsAppend(voter.progress);
         });
}

void RawNode::SendAppends() {
  for (Voter& voter : voters_) {
    if (voter.id == config_.id) continue;
    while (WantsAppend(voter.progress)) SendAppend(voter);
  }
}

void RawNode::SendAppend(Voter& peer) {
  const LogIndex before = peer.progress.next() - 1;
  Message& append = Send(now_, MessageType::kAppend, peer.id);
  append.log = {.term = log_.TermAt(before), .index = before};
  append.commit = log_.commit_index();
  size_t bytes = 0;
  if (!peer.progress.Paused()) {
    bytes = log_.CopyRange(
        {.from = before + 1, .to = log_.last_index(), .max_bytes = config_.max_append_bytes},
        append.entries);
  }
  peer.progress.OnAppendSent(before + append.entries.size(), bytes, append.commit);
}

void RawNode::SendHeartbeats() {
  for (const Voter& voter : voters_) {
    if (voter.id == config_.id) continue;
    Message& heartbeat = Send(now_, MessageType::kHeartbeat, voter.id);
    heartbeat.commit = std::min(voter.progress.match(), log_.commit_index());
  }
}

void RawNode::HandleAppendReply(const Message& reply) {
  Progress& progress = VoterOf(reply.from).progress;
  progress.set_recent_active(true);
  if (reply.reject) {
    // Both sides skip whole terms, so a probe costs one round trip per term in which the logs
    // differ.
    progress.OnRejected({.rejected = reply.rejected_index, .hint = log_.FindHint(reply.log)});
    return;
  }
  CHECK_LE(reply.log.index, log_.last_index());
  if (progress.OnAccepted(reply.log.index)) AdvanceCommit();
}

void RawNode::HandleHeartbeatReply(const Message& reply) {
  Progress& progress = VoterOf(reply.from).progress;
  progress.set_recent_active(true);
  if (reply.reject) {
    progress.ProbeAgain();
  } else {
    progress.OnHeartbeatAnswered();
  }
}

void RawNode::ReportUnreachable(ReplicaId peer) {
  if (role_ != Role::kLeader || peer == config_.id || FindVoter(peer) == nullptr) return;
  VoterOf(peer).progress.OnUnreachable();
}

}  // namespace blixard::raft
