// How work leaves the machine and how its completion comes back.
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

ReplicaId RawNode::StoredVote() const {
  return Mutated(Mutation::kS7ForgetsVote) ? kNoReplica : vote_;
}

// The stored commit index only saves work after a restart. It stays within what is durable already,
// because a torn write may keep the hard state and lose the entries that were written with it.
LogIndex RawNode::StoredCommit() const {
  return std::min(log_.commit_index(), log_.stable_index());
}

bool RawNode::HasAppend() const {
  if (appends_.full()) return false;
  return to_install_.has_value() || log_.HasUnstable() || !after_persist_.empty() ||
         StoredCommit() != handed_hard_state_.commit || term_ != handed_hard_state_.term ||
         StoredVote() != handed_hard_state_.vote;
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
    if (leader_reads_.HasUnstarted()) StartReads();
    SendAppends();
  }
  if (const SoftState now = CurrentSoftState(); now != handed_soft_state_) {
    ready_.soft_state = handed_soft_state_ = now;
  }
  if (!now_.empty()) {
    now_.Swap(now_open_);
    ready_.messages = now_open_.messages();
  }
  if (!read_answers_.empty()) {
    read_answers_.swap(read_answers_open_);
    ready_.reads = read_answers_open_;
  }
  if (HasAppend()) FillAppend();
  if (HasApply()) FillApply();
  return ready_;
}

void RawNode::FillAppend() {
  ReadyAppend& append = ready_.append;
  if (!after_persist_.empty()) {
    after_persist_.Swap(after_persist_open_);
    append.messages = after_persist_open_.messages();
  }
  if (log_.HasUnstable()) append.entries = log_.TakeUnstable(entries_open_);
  if (to_install_.has_value()) append.snapshot = std::exchange(to_install_, std::nullopt);

  HardState& handed = handed_hard_state_;
  const HardState before = handed;
  // Field by field: a copy of the whole would load what was just stored in parts, and wait for it.
  handed.term = term_;
  handed.vote = StoredVote();
  handed.commit = StoredCommit();
  CHECK(handed.term >= before.term) << "term " << handed.term << " after " << before.term;
  CHECK(handed.commit >= before.commit) << handed.commit << " after " << before.commit;
  const bool promises = handed.term != before.term || handed.vote != before.vote;
  if (promises || handed.commit != before.commit || append.snapshot.has_value()) {
    HardState& given = append.hard_state.emplace();
    given.term = handed.term;
    given.vote = handed.vote;
    given.commit = handed.commit;
  }
  append.must_sync = promises || append.snapshot.has_value() || !append.entries.empty();
  append.done = {.sequence = ++append_sequence_};
  OpenAppend& open = appends_.emplace_back();
  open.sequence = append_sequence_;
  open.last = log_.last_index();
  open.term = handed.term;
  open.vote = handed.vote;
}

void RawNode::FillApply() {
  const size_t room = config_.max_applying_bytes - applying_bytes_;
  const RaftLog::Taken taken =
      log_.TakeCommitted(std::min(config_.max_committed_bytes_per_ready, room), committed_open_);
  OpenApply& open = applies_.emplace_back();
  open.sequence = ++apply_sequence_;
  open.last = log_.handed_out_index();
  open.bytes = taken.bytes;
  open.configuration = taken.configuration;
  applying_bytes_ += taken.bytes;
  ready_.apply.committed = taken.entries;
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
  log_.EndViews();
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
    if (self_ != nullptr) self_->progress.SetOwnMatch(log_.stable_index());
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
  ConfirmChange();
}

}  // namespace blixard::raft
