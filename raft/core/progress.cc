#include "raft/core/progress.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::raft {

void Progress::BeginTerm(LogIndex leader_last) {
  match_ = LogIndex{0};
  sent_commit_ = LogIndex{0};
  recent_active_ = false;
  BecomeProbe(leader_last + 1);
}

void Progress::BecomeProbe(LogIndex next) {
  CHECK_GT(next, match_);
  state_ = ProgressState::kProbe;
  next_ = next;
  probe_sent_ = false;
  must_ask_ = false;
  inflights_.Clear();
  // What was told with an append that never arrived must be told again.
  sent_commit_ = std::min(sent_commit_, match_);
}

void Progress::OnAppendSent(LogIndex last, size_t bytes, LogIndex commit) {
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

bool Progress::OnAccepted(LogIndex match) {
  const bool grew = match > match_;
  match_ = std::max(match_, match);
  if (state_ == ProgressState::kReplicate) {
    next_ = std::max(next_, match_ + 1);
    inflights_.FreeUpTo(match);
  } else if (match == match_) {
    state_ = ProgressState::kReplicate;
    next_ = match_ + 1;
    probe_sent_ = false;
    must_ask_ = false;
  }
  return grew;
}

bool Progress::OnRejected(const Rejection& rejection) {
  if (state_ == ProgressState::kProbe && rejection.rejected + 1 != next_) return false;
  const LogIndex next = std::max(LogIndex{1}, std::min(rejection.rejected, rejection.hint + 1));
  if (next <= match_) {
    match_ = LogIndex{0};
    BecomeProbe(next);
  } else {
    BecomeProbe(state_ == ProgressState::kReplicate ? match_ + 1 : next);
  }
  return true;
}

void Progress::OnHeartbeatAnswered() {
  probe_sent_ = false;
  if (state_ == ProgressState::kReplicate && match_ + 1 < next_) must_ask_ = true;
}

void Progress::ProbeAgain() {
  BecomeProbe(match_ + 1);
  must_ask_ = true;
}

void Progress::OnUnreachable() {
  if (state_ == ProgressState::kReplicate) BecomeProbe(match_ + 1);
}

bool Progress::Paused() const {
  return state_ == ProgressState::kProbe ? probe_sent_ : inflights_.Full();
}

void Progress::SetOwnMatch(LogIndex stable) {
  CHECK_GE(stable, match_);
  match_ = stable;
  next_ = stable + 1;
}

}  // namespace blixard::raft
