// What a replica does on a leader's word (paper 5.3).
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

void RawNode::TickFollower() {
  if (ticks_ > config_.election_ticks) RefuseForwardedReads(ticks_ - config_.election_ticks);
  if (++election_elapsed_ticks_ < election_timeout_ticks_ || HasPromised()) return;
  if (config_.priority > 0 && MayCampaign()) return StartElection();
  // It cannot take over, but nor does it take the silent leader for one any more.
  BecomeFollower(term_, kNoReplica);
  ResetElectionTimer();
}

// Also refreshes the election timer, whatever becomes of the message: a follower whose log does not
// fit yet is in contact all the same and must not campaign.
void RawNode::FollowLeaderOfTerm(ReplicaId leader) {
  if (!Mutated(Mutation::kS26ToleratesTwoLeaders)) {
    CHECK(leader_of_term_ == kNoReplica || leader_of_term_ == leader)
        << "term " << term_ << " has two leaders: " << leader_of_term_ << " and " << leader;
  }
  leader_of_term_ = leader;
  BecomeFollower(term_, leader);
}

void RawNode::HandleAppend(Message& append) {
  const uint32_t elapsed_before = election_elapsed_ticks_;
  if (configuration_.IsEmpty()) {
    session_ = std::max(session_, append.context);
    return RejectAppend(append);
  }
  HearOfLoss(append);
  if (append.log.index < log_.base().index && !Mutated(Mutation::kS12PurgedIsConflict)) {
    // It begins below what was compacted here; all of that was committed, so it is the leader's.
    verified_ = std::max(verified_, log_.commit_index());
    return AcceptAppend(append, log_.commit_index());
  }
  if (!log_.Holds(append.log)) {
    if (Mutated(Mutation::kL3RefusalKeepsTimer)) election_elapsed_ticks_ = elapsed_before + 1;
    return RejectAppend(append);
  }
  const LogIndex last = append.log.index + append.entries.size();
  if (IsFull() && last > log_.last_index()) return;
  StoreEntries(append.entries);
  verified_ = std::max(verified_, last);
  // Behind `verified_` may stand entries of an earlier leader that were never committed.
  const LogIndex safe = Mutated(Mutation::kS13CommitsStaleTail) ? log_.last_index() : verified_;
  log_.CommitTo(std::min(append.commit, safe));
  const LogIndex held =
      Mutated(Mutation::kS13AcknowledgesStaleTail) ? log_.last_index() : log_.commit_index();
  AcceptAppend(append, std::max(last, held));
  CampaignIfAsked();
}

// What is committed is applied without another word of the leader, so this ends by itself. What is
// not committed may need just the next append, and is bounded by what a leader may have
// uncommitted.
bool RawNode::IsFull() const {
  return log_.handed_out_index() < log_.commit_index() &&
         log_.waiting_bytes() >= config_.max_waiting_bytes;
}

// The leader's word that this replica lost data. What is of an earlier session may be meant for who
// had this id before it was removed and added again. When that has happened to this one it is as
// good as new: the majority that removed it is one without what it lost.
void RawNode::HearOfLoss(const Message& message) {
  if (message.context < session_) return;
  const bool was_added_anew =
      session_ > 0 && MembershipOf(message.context) > MembershipOf(session_);
  session_ = message.context;
  lost_data_ = (lost_data_ && !was_added_anew) || message.lost_data;
}

void RawNode::AcceptAppend(const Message& append, LogIndex match) {
  Message& reply = Send(after_persist_, MessageType::kAppendReply, append.from);
  reply.log.index = match;
  reply.context = append.context;
  reply.lost_data = lost_data_;
}

void RawNode::RejectAppend(const Message& append) {
  if (!configuration_.IsEmpty() && !Mutated(Mutation::kS12PurgedIsConflict)) {
    CHECK_GT(append.log.index, log_.commit_index())
        << "leader " << append.from << " of term " << term_
        << " has another entry at a committed index";
  }
  const LogIndex hint = std::max(log_.FindHint(append.log), log_.base().index);
  Message& reply = Send(after_persist_, MessageType::kAppendReply, append.from);
  reply.reject = true;
  reply.wants_snapshot = configuration_.IsEmpty();
  reply.rejected_index = append.log.index;
  reply.log = {.term = log_.TermAt(hint), .index = hint};
  reply.context = append.context;
  // Who has no configuration says enough by that, and may have been told for somebody else.
  reply.lost_data = lost_data_ && !configuration_.IsEmpty();
}

// Only a real conflict truncates: an append that was overtaken by a longer one must not take away
// what that brought, for it may have been acknowledged.
void RawNode::StoreEntries(std::vector<Entry>& entries) {
  const size_t held = log_.CountHeld(entries);
  if (held == entries.size()) {
    if (!Mutated(Mutation::kS12TruncatesSuffix) || entries.empty()) return;
    if (entries.back().index < log_.last_index()) TruncateFrom(entries.back().index + 1);
    return;
  }
  const LogIndex first_missing = entries[held].index;
  if (first_missing <= log_.last_index()) {
    CHECK_GT(first_missing, verified_) << "leader of term " << term_ << " changed its own log";
    TruncateFrom(first_missing);
  }
  for (size_t i = held; i < entries.size(); ++i) log_.Append(std::move(entries[i]));
}

// What is being written may be overwritten before it is done: its completion says nothing about
// what takes its place, even should that be the same entry once more (etcd raft's ABA).
void RawNode::TruncateFrom(LogIndex from) {
  log_.TruncateFrom(from);
  if (Mutated(Mutation::kS14OverwrittenAppendStable)) return;
  for (size_t i = 0; i < appends_.size(); ++i) {
    appends_[i].last = std::min(appends_[i].last, from - 1);
  }
}

// In its present life this replica has seen its log equal the leader's up to `commit`, or knows
// that it was committed.
bool RawNode::VouchesFor(LogIndex commit) const {
  return commit <= std::max(verified_, log_.commit_index());
}

// The leader caps `commit` at what was acknowledged in its term. That may have been before a
// restart of this replica, which since then may have lost its disk: so it looks at its own log
// first, and asks for an append if it cannot tell.
void RawNode::HandleHeartbeat(const Message& heartbeat) {
  if (configuration_.IsEmpty()) lost_data_ = heartbeat.lost_data;
  Message& reply = Send(now_, MessageType::kHeartbeatReply, heartbeat.from);
  reply.reject = !VouchesFor(heartbeat.commit);
  reply.urgent = heartbeat.urgent;
  reply.wants_snapshot = configuration_.IsEmpty();
  // Who may have forgotten a vote cannot say who leads.
  const bool may_confirm = !lost_data_ && !configuration_.IsEmpty();
  reply.context = may_confirm ? heartbeat.context : 0;
  if (may_confirm && config_.lease.enabled) promised_until_ = ticks_ + config_.election_ticks;
  log_.CommitTo(std::min(heartbeat.commit, verified_));
}

}  // namespace blixard::raft
