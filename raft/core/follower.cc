// What a replica does on a leader's word (paper 5.3).
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/raw_node.h"

namespace blixard::raft {

// Also refreshes the election timer, whatever becomes of the message: a follower whose log does not
// fit yet is in contact all the same and must not campaign.
void RawNode::FollowLeaderOfTerm(ReplicaId leader) {
  CHECK(leader_of_term_ == kNoReplica || leader_of_term_ == leader)
      << "term " << term_ << " has two leaders: " << leader_of_term_ << " and " << leader;
  leader_of_term_ = leader;
  BecomeFollower(term_, leader);
}

void RawNode::HandleAppend(Message& append) {
  if (!log_.Holds(append.log)) return RejectAppend(append);
  const LogIndex last = append.log.index + append.entries.size();
  StoreEntries(append.entries);
  verified_ = std::max(verified_, last);
  // Behind `verified_` may stand entries of an earlier leader that were never committed.
  log_.CommitTo(std::min(append.commit, verified_));
  Send(after_persist_, MessageType::kAppendReply, append.from).log.index =
      std::max(last, log_.commit_index());
}

void RawNode::RejectAppend(const Message& append) {
  CHECK_GT(append.log.index, log_.commit_index())
      << "leader " << append.from << " of term " << term_
      << " has another entry at a committed index";
  const LogIndex hint = log_.FindHint(append.log);
  Message& reply = Send(after_persist_, MessageType::kAppendReply, append.from);
  reply.reject = true;
  reply.rejected_index = append.log.index;
  reply.log = {.term = log_.TermAt(hint), .index = hint};
}

// Only a real conflict truncates: an append that was overtaken by a longer one must not take away
// what that brought, for it may have been acknowledged.
void RawNode::StoreEntries(std::vector<Entry>& entries) {
  const size_t held = log_.CountHeld(entries);
  if (held == entries.size()) return;
  const LogIndex first_missing = entries[held].index;
  if (first_missing <= log_.last_index()) {
    CHECK_GT(first_missing, verified_) << "leader of term " << term_ << " changed its own log";
    log_.TruncateFrom(first_missing);
  }
  for (size_t i = held; i < entries.size(); ++i) log_.Append(std::move(entries[i]));
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
  Message& reply = Send(now_, MessageType::kHeartbeatReply, heartbeat.from);
  reply.reject = !VouchesFor(heartbeat.commit);
  log_.CommitTo(std::min(heartbeat.commit, verified_));
}

}  // namespace blixard::raft
