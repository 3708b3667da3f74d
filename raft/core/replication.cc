// The leader: appends, acknowledgements, commit, heartbeats (paper 5.3, 5.4.2; thesis 10.2.1).
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

void RawNode::TickLeader() {
  const bool checks = config_.check_quorum && !Mutated(Mutation::kL4NoCheckQuorum);
  if (checks && ticks_ >= judged_from_ && !QuorumIsActive()) {
    return BecomeFollower(term_, kNoReplica);
  }
  if (transferee_ != kNoReplica && ++transfer_elapsed_ticks_ >= config_.election_ticks) {
    transferee_ = kNoReplica;
  }
  if (++heartbeat_elapsed_ticks_ >= config_.heartbeat_ticks) {
    heartbeat_elapsed_ticks_ = 0;
    SendHeartbeats();
  }
  LeaveJointIfDue();
  ConfirmChange();
}

void RawNode::AppendOwn(Entry&& entry) {
  CHECK(role_ == Role::kLeader);
  CHECK(entry.term == term_) << entry.term << " in term " << term_;
  uncommitted_bytes_ += entry.payload.size();
  log_.Append(std::move(entry));
  if (Mutated(Mutation::kS15CountsUnstable)) AdvanceCommit();
}

void RawNode::AppendEmpty() {
  AppendOwn({.term = term_,
             .index = log_.last_index() + 1,
             .type = EntryType::kEmpty,
             .payload_crc32c = 0,
             .payload = {}});
}

void RawNode::AdvanceCommit() {
  if (log_.commit_index() == log_.last_index()) return;
  const LogIndex index = CommittedIndex(configuration_, [this](ReplicaId voter) {
    if (Mutated(Mutation::kS15CountsUnstable) && voter == config_.id) return log_.last_index();
    const Progress& progress = FindMember(voter)->progress;
    return Mutated(Mutation::kL11CountsLostData) ? progress.match() : progress.acknowledged();
  });
  if (index <= log_.commit_index()) return;
  // Counting replicas commits entries of the own term only; earlier ones follow (paper, figure 8).
  if (log_.TermAt(index) != term_ && !Mutated(Mutation::kS1CommitsPriorTerm)) return;
  CommitAsLeader(index);
}

void RawNode::CommitAsLeader(LogIndex index) {
  const size_t bytes = log_.PayloadBytes({.after = log_.commit_index(), .to = index});
  CHECK_GE(uncommitted_bytes_, bytes);
  uncommitted_bytes_ -= bytes;
  log_.CommitTo(index);
}

bool RawNode::HasCommittedInTerm() const {
  return role_ == Role::kLeader && log_.TermAt(log_.commit_index()) == term_;
}

bool RawNode::NeedsSnapshot(const Progress& progress) const {
  return progress.WantsSnapshot() || progress.next() <= log_.base().index;
}

bool RawNode::WantsAppend(const Progress& progress) const {
  if (progress.state() == ProgressState::kSnapshot) return false;
  const bool paused = progress.Paused() != PauseReason::kNone;
  // Nothing large is sent to who may not be there. A full window is no reason to wait: what would
  // follow it is compacted, so its answers change nothing.
  if (NeedsSnapshot(progress)) {
    return progress.IsActive(ticks_) && progress.Paused() != PauseReason::kProbeUnanswered;
  }
  if (progress.MustAsk()) return true;
  if (!paused && progress.next() <= log_.last_index()) return true;
  if (paused && progress.state() == ProgressState::kProbe) return false;
  // An append without entries tells of the commit; no window holds it back.
  // A peer that is not fed steadily yet has nothing else that would tell it soon.
  const bool announces = config_.announce_commits || progress.state() != ProgressState::kReplicate;
  return announces && std::min(log_.commit_index(), progress.next() - 1) > progress.sent_commit();
}

bool RawNode::AnyoneWantsAppend() const {
  if (role_ != Role::kLeader) return false;
  for (const Member& member : members_) {
    if (&member != self_ && WantsAppend(member.progress)) return true;
  }
  return false;
}

void RawNode::SendAppends() {
  for (Member& member : members_) {
    if (&member == self_) continue;
    while (WantsAppend(member.progress)) SendAppend(member);
  }
}

void RawNode::SendAppend(Member& peer) {
  Progress& progress = peer.progress;
  if (NeedsSnapshot(progress) && !Mutated(Mutation::kL9TermOfCompacted)) {
    if (WithholdsSnapshot(peer)) return progress.OnSnapshotWithheld(log_.last_index());
    peer.waits_for_newer_snapshot = NeedsNewerSnapshot(peer);
    if (peer.waits_for_newer_snapshot) return progress.OnSnapshotWithheld(log_.last_index());
    return SendSnapshot(peer);
  }
  const LogIndex before = progress.next() - 1;
  Message& append = Send(now_, MessageType::kAppend, peer.id);
  append.log = {.term = log_.TermAt(before), .index = before};
  append.commit = log_.commit_index();
  append.context = progress.session();
  append.lost_data = progress.lost_data() && !Mutated(Mutation::kL11LossIsNotTold);
  size_t bytes = 0;
  if (progress.Paused() == PauseReason::kNone) {
    bytes = log_.CopyRange(
        {.from = before + 1, .to = log_.last_index(), .max_bytes = config_.max_append_bytes},
        append.entries);
  }
  progress.OnAppendSent(before + append.entries.size(), bytes, append.commit);
}

void RawNode::SendHeartbeats() {
  const uint64_t round = rounds_.Begin(clock_);
  if (CanStartReads()) leader_reads_.Start(round, log_.commit_index());
  const bool urgent = !leader_reads_.reads().empty();
  for (const Member& member : members_) {
    if (member.id == config_.id) continue;
    Message& heartbeat = Send(now_, MessageType::kHeartbeat, member.id);
    heartbeat.urgent = urgent;
    heartbeat.commit = std::min(member.progress.match(), log_.commit_index());
    heartbeat.context = round;
    heartbeat.lost_data = HasLostData(member) && !Mutated(Mutation::kL11LossIsNotTold);
  }
  AnswerReads();  // a lone voter has confirmed them by this
}

void RawNode::HandleAppendReply(const Message& reply) {
  Member* member = FindMember(reply.from);
  if (member == nullptr) return;
  Progress& progress = member->progress;
  // Answers to who had this id before it was removed and added again say nothing of this one.
  if (!progress.Knows(reply.context)) return;
  progress.SetActiveUntil(ActiveUntil());
  if (reply.lost_data) progress.OnLostData();
  if (reply.reject) {
    // Both sides skip whole terms, so a probe costs one round trip per term in which the logs
    // differ.
    progress.OnRefused({.session = reply.context,
                        .rejected = reply.rejected_index,
                        .hint = log_.FindHint(reply.log),
                        .wants_snapshot = reply.wants_snapshot});
    if (progress.lost_data()) member->acked_round = member->acked_sent_at = 0;
    return;
  }
  CHECK_LE(reply.log.index, log_.last_index());
  if (progress.OnAccepted(reply.log.index, log_.base().index)) AdvanceCommit();
  if (reply.from == transferee_ && progress.match() == log_.last_index()) SendTimeoutNow(*member);
}

void RawNode::HandleHeartbeatReply(const Message& reply) {
  Member* member = FindMember(reply.from);
  if (member == nullptr) return;
  Progress& progress = member->progress;
  progress.SetActiveUntil(ActiveUntil());
  progress.set_is_blank(reply.wants_snapshot);
  if (!reply.wants_snapshot) member->waits_for_newer_snapshot = false;
  // Who lost data and confirms all the same has started again since it was told.
  if (progress.lost_data() && reply.context != 0) return progress.ProbeAgain();
  if (reply.context > member->acked_round && reply.context <= rounds_.last()) {
    member->acked_round = reply.context;
    // When that is no longer known, what is known of an earlier round still counts.
    member->acked_sent_at = std::max(member->acked_sent_at, rounds_.SentAt(reply.context));
    AnswerReads();
  }
  if (reply.reject) {
    progress.ProbeAgain();
  } else {
    progress.OnHeartbeatAnswered();
  }
}

void RawNode::ReportUnreachable(ReplicaId peer) {
  if (role_ != Role::kLeader || peer == config_.id) return;
  if (Member* member = FindMember(peer)) member->progress.OnUnreachable();
}

}  // namespace blixard::raft
