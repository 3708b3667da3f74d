// What a leader knows about one follower's log, and what it may send there next (thesis 10.2.1).
#ifndef BLIXARD_RAFT_CORE_PROGRESS_H_
#define BLIXARD_RAFT_CORE_PROGRESS_H_

#include <cstddef>

#include "raft/core/inflights.h"
#include "raft/core/node_status.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Not thread-safe. Invariant: match < next.
class Progress {
 public:
  explicit Progress(const InflightLimits& limits) : inflights_(limits) {}

  // A new leader knows nothing of its followers and guesses that they have its whole log.
  void BeginTerm(LogIndex leader_last);

  // Sent an append of the entries (next - 1, last] that carried `commit`; last == next - 1 when it
  // was empty. In probe nothing more goes out until an answer; in replicate `next` moves ahead.
  void OnAppendSent(LogIndex last, size_t bytes, LogIndex commit);

  // Returns whether `match` grew. Ends a probe.
  bool OnAccepted(LogIndex match);

  struct Rejection {
    LogIndex rejected;  // the append's log.index
    LogIndex hint;      // highest index at which the two logs may still agree
  };
  // Goes back to probing where the logs may agree. Returns false, and changes nothing, for an
  // answer to something older than the probe that is out.
  //
  // A hint below `match` means that the follower no longer has what it acknowledged (its disk was
  // lost or replaced), or that an old rejection was delayed or duplicated. Both are met by
  // forgetting `match`: that never takes back a commit, and costs one round trip if it was for
  // nothing.
  bool OnRejected(const Rejection& rejection);

  // A heartbeat was answered: whatever was sent before has arrived or is lost, so a waiting probe
  // may go out again, and a follower that has not acknowledged all is asked whether it is complete.
  void OnHeartbeatAnswered();

  // The follower cannot vouch for its log: probe right behind `match`, even with nothing to send.
  void ProbeAgain();

  void OnUnreachable();

  // No entries may be sent now.
  bool Paused() const;
  // An append goes out even if it carries nothing, to find out whether earlier ones were lost.
  bool MustAsk() const { return must_ask_; }

  // The leader's own: what is stable locally.
  void SetOwnMatch(LogIndex stable);

  ProgressState state() const { return state_; }
  LogIndex match() const { return match_; }
  LogIndex next() const { return next_; }
  LogIndex sent_commit() const { return sent_commit_; }  // highest it was told
  const Inflights& inflights() const { return inflights_; }

  bool recent_active() const { return recent_active_; }
  void set_recent_active(bool active) { recent_active_ = active; }

 private:
  void BecomeProbe(LogIndex next);

  ProgressState state_ = ProgressState::kProbe;
  LogIndex match_;
  LogIndex next_{1};
  LogIndex sent_commit_;
  bool probe_sent_ = false;
  bool must_ask_ = false;
  bool recent_active_ = false;
  Inflights inflights_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_PROGRESS_H_
