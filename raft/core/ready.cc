// How work leaves the machine and how its completion comes back.
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/raw_node.h"

namespace blixard::raft {

// The stored commit index only saves work after a restart. It stays within what is durable already,
// because a torn write may keep the hard state and lose the entries that were written with it.
HardState RawNode::CurrentHardState() const {
  return {
      .term = term_, .vote = vote_, .commit = std::min(log_.commit_index(), log_.stable_index())};
}

bool RawNode::HasReady() const {
  return CurrentSoftState() != handed_soft_state_ || CurrentHardState() != handed_hard_state_ ||
         log_.HasUnstable() || log_.HasCommitted() || !now_.empty() || !after_persist_.empty() ||
         AnyoneWantsAppend();
}

const ReadyBatch& RawNode::Ready() {
  CHECK(!ready_open_) << "the last batch was not closed by Advance";
  ready_open_ = true;
  // Not before now, so that everything proposed since the last batch travels in one append per
  // peer.
  if (role_ == Role::kLeader) SendAppends();
  std::swap(now_, now_open_);
  std::swap(after_persist_, after_persist_open_);
  log_.TakeUnstable(entries_open_);
  log_.TakeCommitted(config_.max_committed_bytes_per_ready, committed_open_);

  const HardState hard_state = CurrentHardState();
  const SoftState soft_state = CurrentSoftState();
  CHECK_GE(hard_state.term, handed_hard_state_.term);
  CHECK_GE(hard_state.commit, handed_hard_state_.commit);
  ready_ = ReadyBatch{};
  if (soft_state != handed_soft_state_) ready_.soft_state = soft_state;
  if (hard_state != handed_hard_state_) ready_.hard_state = hard_state;
  ready_.must_sync = !entries_open_.empty() || hard_state.term != handed_hard_state_.term ||
                     hard_state.vote != handed_hard_state_.vote;
  ready_.entries = entries_open_;
  ready_.messages = now_open_.messages();
  ready_.messages_after_persist = after_persist_open_.messages();
  ready_.committed = committed_open_;
  handed_hard_state_ = hard_state;
  handed_soft_state_ = soft_state;
  return ready_;
}

void RawNode::Advance() {
  CHECK(ready_open_) << "Advance without Ready";
  ready_open_ = false;
  ready_ = ReadyBatch{};
  now_open_.Clear();
  after_persist_open_.Clear();
  entries_open_.clear();
  committed_open_.clear();

  log_.Persisted();
  if (role_ == Role::kLeader) {
    VoterOf(config_.id).progress.SetOwnMatch(log_.stable_index());
    AdvanceCommit();
  }
  const bool own_vote_is_stored =
      handed_hard_state_.term == term_ && handed_hard_state_.vote == config_.id;
  if (role_ == Role::kCandidate && own_vote_is_stored) CountBallot(config_.id, Ballot::kGranted);
}

}  // namespace blixard::raft
