// Terms, roles and votes (paper 5.2, 5.4.1; thesis 4.2.3, 6.2, 9.6).
#include <glog/logging.h>

#include <algorithm>

#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

// A replica whose committed membership is not the one it knows must not campaign in the old one: a
// second change might have made majorities that do not meet (etcd-io/raft #234).
bool RawNode::HasUnappliedChange() const {
  return log_.LastConfiguration({.after = applied_, .to = log_.commit_index()}) >
         configuration_index_;
}

bool RawNode::MayCampaign() const {
  if (!configuration_.HasVoter(config_.id) || lost_data_) return false;
  if (config_.lease.enabled && IgnoresCandidates()) return false;
  if (Mutated(Mutation::kS4CampaignsUnapplied)) return true;
  return !HasUnappliedChange();
}

void RawNode::Campaign() {
  if (role_ != Role::kLeader && MayCampaign()) StartElection();
}

void RawNode::StartElection() {
  ++campaigns_;
  if (config_.pre_vote) {
    BecomePreCandidate();
  } else {
    BecomeCandidate(Campaigning::kByTimeout);
  }
}

void RawNode::BecomeFollower(Term term, ReplicaId leader) {
  CHECK_GE(term, term_);
  const bool was_follower = role_ == Role::kFollower;
  if (role_ == Role::kLeader) EndLeadership();
  if (leader != leader_ || term > term_) {
    RefuseForwardedReads(ticks_);
    asked_to_campaign_until_ = 0;
  }
  if (term > term_) {
    term_ = term;
    vote_ = kNoReplica;
    leader_of_term_ = kNoReplica;
    verified_ = LogIndex{0};
    if (Mutated(Mutation::kS10HigherTermForgetsPromise)) promised_until_ = PromiseOfEarlierLife();
    session_ = 0;
  }
  role_ = Role::kFollower;
  leader_ = leader;
  // A mere higher term is no reason to wait longer: only a leader, or a granted vote, is
  // (paper 5.2).
  if (!was_follower || leader != kNoReplica) ResetElectionTimer();
}

void RawNode::EndLeadership() {
  if (!Mutated(Mutation::kL14ForgetsReads)) RefuseReads();
  uncommitted_bytes_ = 0;
  transferee_ = kNoReplica;
}

void RawNode::BecomePreCandidate() {
  CHECK(role_ != Role::kLeader);
  BecomeFollower(term_, kNoReplica);
  role_ = Role::kPreCandidate;
  ResetElectionTimer();
  ResetBallots();
  AskForVotes(MessageType::kPreVote, term_ + 1, Campaigning::kByTimeout);
  CountBallot(config_.id, Ballot::kGranted);  // promises nothing, so nothing has to be stored first
}

// Its own ballot counts once it is stored (CompleteAppend).
void RawNode::BecomeCandidate(Campaigning how) {
  CHECK(role_ != Role::kLeader);
  BecomeFollower(term_ + 1, kNoReplica);
  vote_ = config_.id;
  role_ = Role::kCandidate;
  ResetElectionTimer();
  ResetBallots();
  AskForVotes(MessageType::kVote, term_, how);
}

void RawNode::BecomeLeader() {
  CHECK(role_ == Role::kCandidate);
  CHECK(leader_of_term_ == kNoReplica) << "term " << term_ << " has the leader " << leader_of_term_;
  role_ = Role::kLeader;
  leader_ = leader_of_term_ = config_.id;
  election_elapsed_ticks_ = heartbeat_elapsed_ticks_ = 0;
  judged_from_ = ActiveUntil();
  transferee_ = kNoReplica;
  lease_is_broken_ = false;
  for (Member& member : members_) {
    member.progress.BeginTerm(log_.last_index());
    member.acked_round = member.acked_sent_at = 0;
    member.waits_for_newer_snapshot = false;
  }
  FindMember(config_.id)->progress.SetOwnMatch(log_.stable_index());
  uncommitted_bytes_ = log_.PayloadBytes({.after = log_.commit_index(), .to = log_.last_index()});
  // Whatever change an earlier leader left in the log is applied before another may follow.
  pending_configuration_index_ =
      Mutated(Mutation::kL8RefusesAfterElection) ? LogIndex{UINT64_MAX} : log_.last_index();
  // Its predecessor may not have come to confirm the last change.
  const bool may_be_new = configuration_index_ > log_.base().index;
  confirmed_change_ = may_be_new ? LogIndex{0} : configuration_index_;
  confirmation_index_ = LogIndex{0};
  // Nothing from earlier terms can be committed before something from this one (paper 5.4.2).
  AppendEmpty();
}

void RawNode::ResetElectionTimer() {
  election_elapsed_ticks_ = 0;
  const uint32_t handicap = (kHighestPriority - config_.priority) * (config_.election_ticks / 2);
  election_timeout_ticks_ = config_.election_ticks + handicap +
                            static_cast<uint32_t>(random_.Below(config_.election_ticks));
}

void RawNode::ResetBallots() {
  for (Member& member : members_) member.ballot = Ballot::kMissing;
}

// A pre-vote asks for nothing that lasts and may leave at once; a vote request tells of this
// replica's own vote and log, which must be stored first.
void RawNode::AskForVotes(MessageType type, Term term, Campaigning how) {
  Outbox& outbox = type == MessageType::kPreVote ? now_ : after_persist_;
  for (const Member& member : members_) {
    if (member.id == config_.id || !configuration_.HasVoter(member.id)) continue;
    Message& request = Send(outbox, type, member.id);
    request.term = term;
    request.log = log_.last_id();
    request.force = how == Campaigning::kByTransfer;
    if (Mutated(Mutation::kL13PromotionIsNotTold)) continue;
    const EntryId committed = CommittedId();
    request.commit = committed.index;
    request.context = committed.term.value;
  }
}

void RawNode::CountBallot(ReplicaId from, Ballot ballot) {
  CHECK(role_ == Role::kPreCandidate || role_ == Role::kCandidate) << RoleName(role_);
  Member* sender = FindMember(from);
  if (sender == nullptr) return;
  if (sender->ballot == Ballot::kMissing) sender->ballot = ballot;
  const VoteResult result =
      VoteResultOf(configuration_, [this](ReplicaId voter) { return FindMember(voter)->ballot; });
  switch (result) {
    case VoteResult::kPending:
      return;
    case VoteResult::kLost:
      return BecomeFollower(term_, kNoReplica);
    case VoteResult::kWon:
      return role_ == Role::kPreCandidate ? BecomeCandidate(Campaigning::kByTimeout)
                                          : BecomeLeader();
  }
}

// A confirmed heartbeat counts for a lease of the leader that sent it, in whatever term this
// replica or a candidate is since then. Only whom that leader asked to campaign may be voted for.
bool RawNode::HasPromised() const { return ticks_ < promised_until_; }

// While a leader is alive its followers keep it (thesis 4.2.3): a replica that was cut off, or was
// removed, cannot depose it. Needs check-quorum: without it a leader that reaches nobody would
// stay.
bool RawNode::IgnoresCandidates() const {
  if (Mutated(Mutation::kL7HeedsEveryCandidate)) return false;
  if (HasPromised()) return true;
  return config_.check_quorum && leader_ != kNoReplica &&
         election_elapsed_ticks_ < config_.election_ticks;
}

// Whoever asks, member or not: the candidate may have applied changes of membership that this
// replica has not (thesis 4.1). But a replica without a configuration may be one that forgot its
// votes.
bool RawNode::GrantsVote(const Message& request) const {
  const bool is_blank = configuration_.IsEmpty() && !Mutated(Mutation::kL11BlankReplicaVotes);
  if (lost_data_ || is_blank) return false;
  if (HasPromised() && !request.force) return false;
  const bool vote_is_free = vote_ == kNoReplica && leader_of_term_ == kNoReplica;
  const bool is_new_pre_vote = request.type == MessageType::kPreVote && request.term > term_;
  if (vote_ != request.from && !vote_is_free && !is_new_pre_vote) return false;
  return log_.IsCoveredBy(request.log);
}

void RawNode::HandleVoteRequest(const Message& request) {
  LearnCommit({.term = Term{request.context}, .index = request.commit});
  const bool granted = GrantsVote(request);
  if (request.type == MessageType::kPreVote) {
    Message& reply = Send(after_persist_, MessageType::kPreVoteReply, request.from);
    reply.reject = !granted;
    // A grant repeats the term it is for. A refusal tells of a higher term if there is one here;
    // else it repeats the asker's present term, so that it is not dropped there as out of date.
    reply.term = granted ? request.term : std::max(term_, request.term - 1);
    reply.log = CommittedId();
    return;
  }
  if (granted) {
    vote_ = request.from;
    ResetElectionTimer();
  }
  Message& reply = Send(after_persist_, MessageType::kVoteReply, request.from);
  reply.reject = !granted;
  reply.log = CommittedId();
}

EntryId RawNode::CommittedId() const {
  return {.term = log_.TermAt(log_.commit_index()), .index = log_.commit_index()};
}

// Who is asked for a vote, and who asks, may hold an entry without knowing that it is committed,
// and have the longest log: so it refuses all others. If that entry makes it a voter, or ends its
// need for the vote of one that is no voter any more, nobody else could tell it: the group would be
// without a leader for ever. That an entry is committed stays true, whoever says it and in whatever
// term. It may lead by now: replies are late.
void RawNode::LearnCommit(const EntryId& committed) {
  if (!log_.Holds(committed) || committed.index <= log_.commit_index()) return;
  if (role_ == Role::kLeader) return CommitAsLeader(committed.index);
  log_.CommitTo(committed.index);
  const bool campaigns = role_ == Role::kPreCandidate || role_ == Role::kCandidate;
  if (campaigns && HasUnappliedChange()) BecomeFollower(term_, kNoReplica);
}

void RawNode::HandleVoteReply(const Message& reply) {
  LearnCommit(reply.log);
  const bool is_pre_vote = reply.type == MessageType::kPreVoteReply;
  if (role_ != (is_pre_vote ? Role::kPreCandidate : Role::kCandidate)) return;
  // A granted pre-vote of an earlier round was for another term.
  if (is_pre_vote && !reply.reject && reply.term != term_ + 1) return;
  CountBallot(reply.from, reply.reject ? Ballot::kRefused : Ballot::kGranted);
}

// Whether a quorum was heard from within the last election timeout (thesis 6.2). A window that
// slides: fixed periods are judged at their end, so that a leader that hears nobody stays for
// almost two of them, and at the beginning of each nobody seems to be there.
bool RawNode::QuorumIsActive() const {
  return IsQuorum(configuration_, [this](ReplicaId voter) {
    const Member& member = *FindMember(voter);
    return voter == config_.id || (member.progress.IsActive(ticks_) && !HasLostData(member));
  });
}

}  // namespace blixard::raft
