// How work leaves the machine and how its completion comes back.
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

// The stored commit index only saves work after a restart. It stays within what is durable already,
// because a torn write may keep the hard state and lose the entries that were written with it.
HardState RawNode::CurrentHardState() const {
  return {.term = term_,
          .vote = Mutated(Mutation::kS7ForgetsVote) ? kNoReplica : vote_,
          .commit = std::min(log_.commit_index(), log_.stable_index())};
}

bool RawNode::HasAppend() const {
  if (appends_.full()) return false;
  return to_install_.has_value() || log_.HasUnstable() || !after_persist_.empty() ||
         CurrentHardState() != handed_hard_state_;
}

bool RawNode::HasApply() const {
  return !applies_.full() && applying_bytes_ < config_.max_applying_bytes && log_.HasCommitted();
}

bool RawNode::HasReady() const {
  return CurrentSoftState() != handed_soft_state_ || !now_.empty() || !read_answers_.empty() ||
         HasAppend() || HasApply() || CanStartReads() || AnyoneWantsAppend();
}

const ReadyBatch& RawNode::Ready() {
  CHECK(!ready_open_) << "the last batch was not closed by Advance";
  ready_open_ = true;
  // Not before now, so that everything proposed since the last batch travels in one append per
  // peer, and everything asked in one round.
  if (role_ == Role::kLeader) {
    StartReads();
    SendAppends();
  }
  const SoftState soft_state = CurrentSoftState();
  if (soft_state != handed_soft_state_) ready_.soft_state = soft_state;
  handed_soft_state_ = soft_state;
  now_.Swap(now_open_);
  ready_.messages = now_open_.messages();
  read_answers_.swap(read_answers_open_);
  ready_.reads = read_answers_open_;
  if (HasAppend()) FillAppend();
  if (HasApply()) FillApply();
  return ready_;
}

void RawNode::FillAppend() {
  ReadyAppend& append = ready_.append;
  after_persist_.Swap(after_persist_open_);
  log_.TakeUnstable(entries_open_);
  if (to_install_.has_value()) append.snapshot = std::exchange(to_install_, std::nullopt);
  append.entries = entries_open_;
  append.messages = after_persist_open_.messages();

  const HardState hard_state = CurrentHardState();
  CHECK_GE(hard_state.term, handed_hard_state_.term);
  CHECK_GE(hard_state.commit, handed_hard_state_.commit);
  if (hard_state != handed_hard_state_ || append.snapshot.has_value()) {
    append.hard_state = hard_state;
  }
  append.must_sync = append.snapshot.has_value() || !entries_open_.empty() ||
                     hard_state.term != handed_hard_state_.term ||
                     hard_state.vote != handed_hard_state_.vote;
  handed_hard_state_ = hard_state;
  append.done = {.sequence = ++append_sequence_};
  OpenAppend& open = appends_.emplace_back();
  open.sequence = append_sequence_;
  open.last = log_.last_index();
  open.term = hard_state.term;
  open.vote = hard_state.vote;
}

void RawNode::FillApply() {
  const size_t room = config_.max_applying_bytes - applying_bytes_;
  const size_t bytes =
      log_.TakeCommitted(std::min(config_.max_committed_bytes_per_ready, room), committed_open_);
  OpenApply& open = applies_.emplace_back();
  open.sequence = ++apply_sequence_;
  open.last = log_.handed_out_index();
  open.bytes = bytes;
  for (const Entry& entry : committed_open_) {
    if (entry.type == EntryType::kConfiguration) open.configuration = entry.index;
  }
  applying_bytes_ += bytes;
  ready_.apply.committed = committed_open_;
  ready_.apply.done.sequence = apply_sequence_;
}

// Field by field: assigning an empty batch would first build one, the room of a snapshot included,
// at every batch.
void RawNode::ClearBatch() {
  ready_.soft_state.reset();
  ready_.messages = {};
  ready_.append.snapshot.reset();
  ready_.append.hard_state.reset();
  ready_.append.entries = {};
  ready_.append.must_sync = false;
  ready_.append.messages = {};
  ready_.append.done = {};
  ready_.apply = {};
  ready_.reads = {};
}

void RawNode::Advance() {
  CHECK(ready_open_) << "Advance without Ready";
  ready_open_ = false;
  const bool appended = ready_.append.HasWork();
  const bool applied = ready_.apply.HasWork();
  ClearBatch();
  now_open_.Clear();
  after_persist_open_.Clear();
  entries_open_.clear();
  committed_open_.clear();
  read_answers_open_.clear();
  if (config_.async_storage_writes) return;
  if (appended) CompleteAppend();
  if (applied) CompleteApply();
}

void RawNode::Completed(AppendDone done) {
  CHECK(config_.async_storage_writes);
  CHECK_EQ(done.sequence, appends_.front().sequence) << "appends are completed in order";
  CompleteAppend();
}

void RawNode::Completed(ApplyDone done) {
  CHECK(config_.async_storage_writes);
  CHECK_EQ(done.sequence, applies_.front().sequence) << "applies are completed in order";
  CompleteApply();
}

void RawNode::CompleteAppend() {
  const OpenAppend& oldest = appends_.front();
  const LogIndex last = oldest.last;
  const Term term = oldest.term;
  const ReplicaId vote = oldest.vote;
  appends_.drop_front();
  log_.StableTo(std::min(last, log_.last_index()));
  if (role_ == Role::kLeader) {
    if (Member* self = FindMember(config_.id)) self->progress.SetOwnMatch(log_.stable_index());
    AdvanceCommit();
  }
  const bool own_vote_is_stored = term == term_ && vote == config_.id;
  const bool forgotten = Mutated(Mutation::kS7ForgetsVote) && term == term_;
  if (role_ == Role::kCandidate && (own_vote_is_stored || forgotten)) {
    CountBallot(config_.id, Ballot::kGranted);
  }
}

void RawNode::CompleteApply() {
  const OpenApply& oldest = applies_.front();
  CHECK_GE(configuration_index_, oldest.configuration)
      << "the change of membership at " << oldest.configuration << " was not applied";
  applying_bytes_ -= oldest.bytes;
  applied_ = std::max(applied_, oldest.last);
  applies_.drop_front();
  CampaignIfAsked();
  LeaveJointIfDue();
}

}  // namespace blixard::raft
