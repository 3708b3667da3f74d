// Terms, roles and votes (paper 5.2, 5.4.1; thesis 4.2.3, 6.2, 9.6).
#include <glog/logging.h>

#include <algorithm>

#include "raft/core/raw_node.h"

namespace blixard::raft {

void RawNode::Campaign() {
  if (role_ == Role::kLeader) return;
  ++campaigns_;
  if (config_.pre_vote) {
    BecomePreCandidate();
  } else {
    BecomeCandidate();
  }
}

void RawNode::BecomeFollower(Term term, ReplicaId leader) {
  CHECK_GE(term, term_);
  const bool was_follower = role_ == Role::kFollower;
  if (term > term_) {
    term_ = term;
    vote_ = kNoReplica;
    leader_of_term_ = kNoReplica;
    verified_ = LogIndex{0};
  }
  role_ = Role::kFollower;
  leader_ = leader;
  uncommitted_bytes_ = 0;
  // A mere higher term is no reason to wait longer: only a leader, or a granted vote, is
  // (paper 5.2).
  if (!was_follower || leader != kNoReplica) ResetElectionTimer();
}

void RawNode::BecomePreCandidate() {
  CHECK(role_ != Role::kLeader);
  role_ = Role::kPreCandidate;
  leader_ = kNoReplica;
  ResetElectionTimer();
  ResetBallots();
  AskForVotes(MessageType::kPreVote, term_ + 1);
  CountBallot(config_.id, Ballot::kGranted);  // promises nothing, so nothing has to be stored first
}

// Its own ballot counts once it is stored (Advance).
void RawNode::BecomeCandidate() {
  CHECK(role_ != Role::kLeader);
  ++term_;
  vote_ = config_.id;
  leader_of_term_ = kNoReplica;
  verified_ = LogIndex{0};
  role_ = Role::kCandidate;
  leader_ = kNoReplica;
  ResetElectionTimer();
  ResetBallots();
  AskForVotes(MessageType::kVote, term_);
}

void RawNode::BecomeLeader() {
  CHECK(role_ == Role::kCandidate);
  CHECK(leader_of_term_ == kNoReplica) << "term " << term_ << " has the leader " << leader_of_term_;
  role_ = Role::kLeader;
  leader_ = leader_of_term_ = config_.id;
  election_elapsed_ticks_ = heartbeat_elapsed_ticks_ = 0;
  for (Voter& voter : voters_) voter.progress.BeginTerm(log_.last_index());
  VoterOf(config_.id).progress.SetOwnMatch(log_.stable_index());
  uncommitted_bytes_ = log_.PayloadBytes({.after = log_.commit_index(), .to = log_.last_index()});
  // Nothing from earlier terms can be committed before something from this one (paper 5.4.2).
  AppendOwn({.term = term_,
             .index = log_.last_index() + 1,
             .type = EntryType::kEmpty,
             .payload_crc32c = 0,
             .payload = {}});
}

void RawNode::ResetElectionTimer() {
  election_elapsed_ticks_ = 0;
  election_timeout_ticks_ =
      config_.election_ticks + static_cast<uint32_t>(random_.Below(config_.election_ticks));
}

void RawNode::ResetBallots() {
  for (Voter& voter : voters_) voter.ballot = Ballot::kMissing;
}

// A pre-vote asks for nothing that lasts and may leave at once; a vote request tells of this
// replica's own vote and log, which must be stored first.
void RawNode::AskForVotes(MessageType type, Term term) {
  Outbox& outbox = type == MessageType::kPreVote ? now_ : after_persist_;
  for (const Voter& voter : voters_) {
    if (voter.id == config_.id) continue;
    Message& request = Send(outbox, type, voter.id);
    request.term = term;
    request.log = log_.last_id();
  }
}

void RawNode::CountBallot(ReplicaId from, Ballot ballot) {
  CHECK(role_ == Role::kPreCandidate || role_ == Role::kCandidate) << RoleName(role_);
  Voter& sender = VoterOf(from);
  if (sender.ballot == Ballot::kMissing) sender.ballot = ballot;
  BallotCount count{.voters = voters_.size()};
  for (const Voter& voter : voters_) {
    count.granted += voter.ballot == Ballot::kGranted;
    count.refused += voter.ballot == Ballot::kRefused;
  }
  switch (ResultOf(count)) {
    case VoteResult::kPending:
      return;
    case VoteResult::kLost:
      return BecomeFollower(term_, kNoReplica);
    case VoteResult::kWon:
      return role_ == Role::kPreCandidate ? BecomeCandidate() : BecomeLeader();
  }
}

// While a leader is alive its followers keep it (thesis 4.2.3): a replica that was cut off, or was
// removed, cannot depose it. Needs check-quorum: without it a leader that reaches nobody would
// stay.
bool RawNode::IgnoresCandidates() const {
  return config_.check_quorum && leader_ != kNoReplica &&
         election_elapsed_ticks_ < config_.election_ticks;
}

bool RawNode::GrantsVote(const Message& request) const {
  const bool vote_is_free = vote_ == kNoReplica && leader_ == kNoReplica;
  const bool is_new_pre_vote = request.type == MessageType::kPreVote && request.term > term_;
  if (vote_ != request.from && !vote_is_free && !is_new_pre_vote) return false;
  return log_.IsCoveredBy(request.log);
}

void RawNode::HandleVoteRequest(const Message& request) {
  const bool granted = GrantsVote(request);
  if (request.type == MessageType::kPreVote) {
    Message& reply = Send(after_persist_, MessageType::kPreVoteReply, request.from);
    reply.reject = !granted;
    // A grant repeats the term it is for. A refusal tells of a higher term if there is one here;
    // else it repeats the asker's present term, so that it is not dropped there as out of date.
    reply.term = granted ? request.term : std::max(term_, request.term - 1);
    return;
  }
  if (granted) {
    vote_ = request.from;
    ResetElectionTimer();
  }
  Send(after_persist_, MessageType::kVoteReply, request.from).reject = !granted;
}

void RawNode::HandleVoteReply(const Message& reply) {
  const bool is_pre_vote = reply.type == MessageType::kPreVoteReply;
  if (role_ != (is_pre_vote ? Role::kPreCandidate : Role::kCandidate)) return;
  // A granted pre-vote of an earlier round was for another term.
  if (is_pre_vote && !reply.reject && reply.term != term_ + 1) return;
  CountBallot(reply.from, reply.reject ? Ballot::kRefused : Ballot::kGranted);
}

// Whether a majority was heard from since the last call (thesis 6.2).
bool RawNode::QuorumWasActive() {
  size_t active = 0;
  for (Voter& voter : voters_) {
    active += voter.id == config_.id || voter.progress.recent_active();
    voter.progress.set_recent_active(false);
  }
  return active >= MajorityOf(voters_.size());
}

}  // namespace blixard::raft
