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
  appends_.push_back({.sequence = append_sequence_,
                      .last = log_.last_index(),
                      .term = hard_state.term,
                      .vote = hard_state.vote});
}

void RawNode::FillApply() {
  const size_t room = config_.max_applying_bytes - applying_bytes_;
  const size_t bytes =
      log_.TakeCommitted(std::min(config_.max_committed_bytes_per_ready, room), committed_open_);
  OpenApply open{.sequence = ++apply_sequence_,
                 .last = log_.handed_out_index(),
                 .bytes = bytes,
                 .configuration = {}};
  for (const Entry& entry : committed_open_) {
    if (entry.type == EntryType::kConfiguration) open.configuration = entry.index;
  }
  applies_.push_back(open);
  applying_bytes_ += bytes;
  ready_.apply = {.committed = committed_open_, .done = {.sequence = open.sequence}};
}

void RawNode::Advance() {
  CHECK(ready_open_) << "Advance without Ready";
  ready_open_ = false;
  const bool appended = ready_.append.HasWork();
  const bool applied = ready_.apply.HasWork();
  ready_ = ReadyBatch{};
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
  const OpenAppend done = appends_.pop_front();
  log_.StableTo(std::min(done.last, log_.last_index()));
  if (role_ == Role::kLeader) {
    if (Member* self = FindMember(config_.id)) self->progress.SetOwnMatch(log_.stable_index());
    AdvanceCommit();
  }
  const bool own_vote_is_stored = done.term == term_ && done.vote == config_.id;
  const bool forgotten = Mutated(Mutation::kS7ForgetsVote) && done.term == term_;
  if (role_ == Role::kCandidate && (own_vote_is_stored || forgotten)) {
    CountBallot(config_.id, Ballot::kGranted);
  }
}

void RawNode::CompleteApply() {
  const OpenApply done = applies_.pop_front();
  CHECK_GE(configuration_index_, done.configuration)
      << "the change of membership at " << done.configuration << " was not applied";
  applying_bytes_ -= done.bytes;
  applied_ = std::max(applied_, done.last);
  CampaignIfAsked();
  LeaveJointIfDue();
}

}  // namespace blixard::raft
