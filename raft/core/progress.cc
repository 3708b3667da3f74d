#include "raft/core/progress.h"

#include <glog/logging.h>

#include <algorithm>

#include "raft/core/mutation.h"

namespace blixard::raft {

void Progress::BeginTerm(LogIndex leader_last) {
  match_ = LogIndex{0};
  sent_commit_ = LogIndex{0};
  active_until_ = 0;
  lost_data_ = false;
  is_blank_ = false;
  BecomeProbe(leader_last + 1);
}

void Progress::BecomeProbe(LogIndex next) {
  CHECK_GT(next, match_);
  ++session_;
  state_ = ProgressState::kProbe;
  next_ = next;
  probe_sent_ = false;
  must_ask_ = false;
  wants_snapshot_ = false;
  grew_ = false;
  pending_snapshot_ = LogIndex{0};
  inflights_.Clear();
  // What was told with an append that never arrived must be told again.
  sent_commit_ = std::min(sent_commit_, match_);
}

void Progress::BecomeReplicate() {
  state_ = ProgressState::kReplicate;
  next_ = match_ + 1;
  probe_sent_ = false;
  must_ask_ = false;
  wants_snapshot_ = false;
  is_blank_ = false;
  pending_snapshot_ = LogIndex{0};
}

void Progress::OnAppendSent(LogIndex last, size_t bytes, LogIndex commit) {
  CHECK(state_ != ProgressState::kSnapshot);
  CHECK_GE(last + 1, next_);
  must_ask_ = false;
  sent_commit_ = std::max(sent_commit_, std::min(commit, last));
  if (state_ == ProgressState::kProbe) {
    CHECK(!probe_sent_);
    probe_sent_ = true;
  } else if (last >= next_) {
    inflights_.Add(last, bytes);
    next_ = last + 1;
  }
}

bool Progress::OnAccepted(LogIndex match, LogIndex log_base) {
  const bool grew = match > match_;
  grew_ = grew_ || grew;
  match_ = std::max(match_, match);
  switch (state_) {
    case ProgressState::kReplicate:
      next_ = std::max(next_, match_ + 1);
      if (!Mutated(Mutation::kL10WindowLeaks)) inflights_.FreeUpTo(match);
      break;
    case ProgressState::kProbe:
      if (match == match_ && match >= log_base && !wants_snapshot_) BecomeReplicate();
      break;
    case ProgressState::kSnapshot:
      if (match == match_ && (match >= pending_snapshot_ || match >= log_base)) BecomeReplicate();
      break;
  }
  return grew;
}

// In a session of its own, so that what it says now can be told from what it said before.
void Progress::AskForMatch() {
  BecomeProbe(match_ + 1);
  must_ask_ = true;
}

bool Progress::OnRefused(const Refusal& refusal) {
  if (refusal.session != session_ || state_ == ProgressState::kSnapshot) return false;
  is_blank_ = refusal.wants_snapshot;
  if (refusal.wants_snapshot) {
    if (grew_) {
      AskForMatch();
      return true;
    }
    lost_data_ = lost_data_ || match_ > LogIndex{0};
    match_ = LogIndex{0};
    BecomeProbe(LogIndex{1});
    wants_snapshot_ = true;
    return true;
  }
  if (state_ == ProgressState::kReplicate) {
    AskForMatch();  // something is missing there, even if there is nothing new to send
    return true;
  }
  if (refusal.rejected + 1 != next_) return false;
  const LogIndex next = std::max(LogIndex{1}, std::min(refusal.rejected, refusal.hint + 1));
  if (next <= match_) {
    if (grew_) {
      AskForMatch();
      return true;
    }
    lost_data_ = true;
    match_ = LogIndex{0};
  }
  BecomeProbe(next);
  return true;
}

void Progress::OnHeartbeatAnswered() {
  // Also a probe that carried nothing: without an answer nobody learns where this one stands.
  const bool waits = state_ == ProgressState::kProbe && probe_sent_;
  probe_sent_ = false;
  if (Mutated(Mutation::kL10NeverAsksAgain)) return;
  if (waits || (state_ == ProgressState::kReplicate && match_ + 1 < next_)) must_ask_ = true;
}

void Progress::ProbeAgain() {
  if (state_ == ProgressState::kSnapshot) return;
  // A probe that is out stays the same: a refusal that takes longer than a heartbeat interval must
  // still count.
  if (state_ == ProgressState::kReplicate) BecomeProbe(match_ + 1);
  probe_sent_ = false;
  must_ask_ = true;
}

void Progress::OnUnreachable() {
  if (state_ == ProgressState::kReplicate) BecomeProbe(match_ + 1);
}

void Progress::OnSnapshotSent(LogIndex last) {
  BecomeProbe(match_ + 1);
  state_ = ProgressState::kSnapshot;
  pending_snapshot_ = last;
}

void Progress::OnSnapshotWithheld(LogIndex leader_last) {
  BecomeProbe(leader_last + 1);
  probe_sent_ = true;
}

void Progress::OnSnapshotReported(bool delivered) {
  if (state_ != ProgressState::kSnapshot) return;
  const LogIndex pending = pending_snapshot_;
  BecomeProbe((delivered ? std::max(match_, pending) : match_) + 1);
  probe_sent_ = !Mutated(Mutation::kL12SnapshotRetriedAtOnce);
}

PauseReason Progress::Paused() const {
  switch (state_) {
    case ProgressState::kProbe:
      return probe_sent_ ? PauseReason::kProbeUnanswered : PauseReason::kNone;
    case ProgressState::kReplicate:
      if (!inflights_.Full()) return PauseReason::kNone;
      return inflights_.FullOfBytes() ? PauseReason::kInflightBytes
                                      : PauseReason::kInflightMessages;
    case ProgressState::kSnapshot:
      return PauseReason::kSnapshotPending;
  }
  return PauseReason::kNone;
}

}  // namespace blixard::raft
