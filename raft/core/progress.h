// What a leader knows about one follower's log, and what it may send there next (thesis 10.2.1).
#ifndef BLIXARD_RAFT_CORE_PROGRESS_H_
#define BLIXARD_RAFT_CORE_PROGRESS_H_

#include <glog/logging.h>

#include <cstddef>
#include <cstdint>

#include "raft/core/inflights.h"
#include "raft/core/node_status.h"
#include "raft/core/types.h"

namespace blixard::raft {

// A leader counts the members it has met, one that comes back once more: sessions with the n-th
// begin at FirstSession(n).
constexpr uint64_t FirstSession(uint64_t membership) { return membership << 32; }
constexpr uint64_t MembershipOf(uint64_t session) { return session >> 32; }

// Not thread-safe. Invariant: match < next.
//
// Everything sent carries the number of a session, and every answer repeats it. A new session
// begins whenever probing begins anew or a snapshot is sent, so an answer of the present session
// was given after it began: a refusal in it that denies what was acknowledged before it proves
// that the follower lost data, and one that was delayed or duplicated on the way proves nothing.
class Progress {
 public:
  // Sessions count up from `first_session`; those of a replica that was removed and added again
  // must not be met again.
  Progress(const InflightLimits& limits, uint64_t first_session)
      : first_session_(first_session), session_(first_session), inflights_(limits) {}

  // A new leader knows nothing of its followers and guesses that they have its whole log.
  void BeginTerm(LogIndex leader_last);

  // Sent an append of the entries (next - 1, last] that carried `commit`; last == next - 1 when it
  // was empty. In probe nothing more goes out until an answer; in replicate `next` moves ahead.
  void OnAppendSent(LogIndex last, size_t bytes, LogIndex commit);

  // Whether an answer with this session belongs to what was sent here.
  bool Knows(uint64_t session) const { return session >= first_session_ && session <= session_; }

  // The follower has the log up to `match`; `log_base` is where the leader's own begins. Returns
  // whether `match` grew. Ends a probe, and a snapshot that is no longer needed.
  bool OnAccepted(LogIndex match, LogIndex log_base);

  struct Refusal {
    uint64_t session = 0;
    LogIndex rejected;  // the append's log.index
    LogIndex hint;      // highest index at which the two logs may still agree
    bool wants_snapshot = false;
  };
  // Goes back to probing where the logs may agree. Returns false, and changes nothing, for an
  // answer to something older than what is out. A follower that lost what it had acknowledged is
  // remembered as such and filled again: forgetting `match` never takes back a commit. One refusal
  // does not show that: it may be older than an acknowledgement that overtook it.
  bool OnRefused(const Refusal& refusal);

  // A heartbeat was answered: whatever was sent before has arrived or is lost, so a waiting probe
  // may go out again, and a follower that has not acknowledged all is asked whether it is complete.
  void OnHeartbeatAnswered();

  // The follower cannot vouch for its log: probe right behind `match`, even with nothing to send.
  void ProbeAgain();

  void OnUnreachable();

  // It says, or has shown, that it lost data: nothing it acknowledges counts any more.
  void OnLostData() { lost_data_ = true; }

  // What it said last of whether it has a configuration.
  void set_is_blank(bool is_blank) { is_blank_ = is_blank; }
  bool is_blank() const { return is_blank_; }

  // It gets none of the snapshots it asks for: asks again behind the leader's last entry, once a
  // heartbeat was answered.
  void OnSnapshotWithheld(LogIndex leader_last);

  // A snapshot that ends at `last` is on its way: nothing else is sent until it was reported or
  // acknowledged.
  void OnSnapshotSent(LogIndex last);
  // Afterwards a heartbeat's answer is waited for, so a snapshot that cannot be delivered is not
  // sent again at once.
  void OnSnapshotReported(bool delivered);

  // No entries may be sent now, and why.
  PauseReason Paused() const;
  // An append goes out even if it carries nothing, to find out whether earlier ones were lost.
  bool MustAsk() const { return must_ask_; }
  // The follower cannot use an append, wherever it begins.
  bool WantsSnapshot() const { return wants_snapshot_; }

  // The leader's own: what is stable locally.
  void SetOwnMatch(LogIndex stable) {
    CHECK(stable >= match_) << stable << " after " << match_;
    match_ = stable;
    next_ = stable + 1;
  }

  ProgressState state() const { return state_; }
  LogIndex match() const { return match_; }
  // What counts for a commit. Who lost data may have forgotten a vote as well, so what it stores
  // now may be missing in the log of a leader that it helped to elect.
  LogIndex acknowledged() const { return lost_data_ ? LogIndex{0} : match_; }
  LogIndex next() const { return next_; }
  LogIndex sent_commit() const { return sent_commit_; }  // highest it was told
  LogIndex pending_snapshot() const { return pending_snapshot_; }
  uint64_t session() const { return session_; }
  bool lost_data() const { return lost_data_; }
  const Inflights& inflights() const { return inflights_; }

  // Heard from lately, by the leader's ticks: that lasts until a certain one.
  bool IsActive(uint64_t now) const { return now < active_until_; }
  void SetActiveUntil(uint64_t tick) { active_until_ = tick; }

 private:
  void BecomeProbe(LogIndex next);
  void BecomeReplicate();
  void AskForMatch();

  uint64_t first_session_;
  uint64_t session_;
  ProgressState state_ = ProgressState::kProbe;
  LogIndex match_;
  LogIndex next_{1};
  LogIndex sent_commit_;
  LogIndex pending_snapshot_;
  bool probe_sent_ = false;
  bool must_ask_ = false;
  bool wants_snapshot_ = false;
  bool lost_data_ = false;
  bool is_blank_ = false;
  bool grew_ = false;  // `match_`, in this session
  uint64_t active_until_ = 0;
  Inflights inflights_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_PROGRESS_H_
