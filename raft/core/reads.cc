// Linearizable reads without an entry (thesis 6.4): by a round of heartbeats or by a lease.
#include <glog/logging.h>

#include <algorithm>

#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

ReadToken RawNode::NextToken() { return ReadToken{next_token_++}; }

absl::StatusOr<ReadToken> RawNode::ReadIndex() {
  if (leader_ == kNoReplica) return absl::UnavailableError("leader: want one known, got none");
  const bool leads = role_ == Role::kLeader;
  if (leads ? leader_reads_.full() : forwarded_reads_.full()) {
    return absl::ResourceExhaustedError("reads: max_pending_reads of them wait already");
  }
  const ReadToken token = NextToken();
  if (leads) {
    leader_reads_.Add(config_.id, token);
  } else {
    forwarded_reads_.Add(token, ticks_);
    Send(now_, MessageType::kReadIndex, leader_).context = static_cast<uint64_t>(token);
  }
  return token;
}

// A new leader may not know yet what was committed before its term (thesis 6.4); its reads wait
// until something of its own is (etcd #7331, #12762).
bool RawNode::CanStartReads() const {
  if (role_ != Role::kLeader || !leader_reads_.HasUnstarted()) return false;
  return HasCommittedInTerm() || Mutated(Mutation::kS8ReadsBeforeOwnCommit);
}

// One round serves all that wait for one.
void RawNode::StartReads() {
  if (!CanStartReads()) return;
  if (Mutated(Mutation::kS9ReusesRound) && rounds_.last() > 0) {
    leader_reads_.Start(rounds_.last(), log_.commit_index());
    AnswerReads();
  } else {
    SendHeartbeats();
  }
}

void RawNode::AnswerReads() {
  if (leader_reads_.reads().empty()) return;
  const LogIndex round = CommittedIndex(configuration_, [this](ReplicaId voter) {
    return LogIndex{voter == config_.id ? rounds_.last() : FindMember(voter)->acked_round};
  });
  const size_t confirmed = leader_reads_.CountConfirmed(round.value);
  for (size_t i = 0; i < confirmed; ++i) AnswerRead(leader_reads_.reads()[i], /*refused=*/false);
  leader_reads_.DropFront(confirmed);
}

void RawNode::AnswerRead(const WaitingRead& read, bool refused) {
  if (read.from == config_.id) {
    read_answers_.push_back({.token = read.token, .refused = refused, .index = read.index});
    return;
  }
  Message& reply = Send(now_, MessageType::kReadIndexReply, read.from);
  reply.context = static_cast<uint64_t>(read.token);
  reply.reject = refused;
  if (!refused) reply.log.index = read.index;
}

void RawNode::RefuseReads() {
  for (const WaitingRead& read : leader_reads_.reads()) AnswerRead(read, /*refused=*/true);
  leader_reads_.Clear();
}

void RawNode::RefuseForwardedReads(uint64_t asked_by) {
  while (const std::optional<ReadToken> token = forwarded_reads_.TakeAddedBy(asked_by)) {
    read_answers_.push_back({.token = *token, .refused = true, .index = {}});
  }
}

void RawNode::HandleReadIndex(const Message& request) {
  const WaitingRead read{.from = request.from, .token = ReadToken{request.context}, .index = {}};
  if (role_ != Role::kLeader || leader_reads_.full()) return AnswerRead(read, /*refused=*/true);
  leader_reads_.Add(read.from, read.token);
}

void RawNode::HandleReadIndexReply(const Message& reply) {
  const ReadToken token{reply.context};
  if (!forwarded_reads_.Take(token)) return;
  read_answers_.push_back({.token = token, .refused = reply.reject, .index = reply.log.index});
}

// A follower that took in a heartbeat votes for nobody else before election_ticks of its ticks have
// passed. Ticks come at any moment of their period, on both sides: hence two more.
std::optional<LogIndex> RawNode::LeaseRead() const {
  if (!config_.lease.enabled || !HasCommittedInTerm()) return std::nullopt;
  if (lease_is_broken_ && !Mutated(Mutation::kS10LeaseSurvivesTransfer)) return std::nullopt;
  const LogIndex confirmed_at = CommittedIndex(configuration_, [this](ReplicaId voter) {
    return LogIndex{voter == config_.id ? clock_ : FindMember(voter)->acked_sent_at};
  });
  const bool by_clock =
      clock_ - confirmed_at.value + config_.lease.clock_error_ticks + 2 <= config_.election_ticks;
  const bool is_alone = self_ != nullptr && members_.size() == 1;
  if (confirmed_at == LogIndex{0} && !is_alone) return std::nullopt;
  if (!by_clock && !Mutated(Mutation::kS10LeaseNeverEnds)) return std::nullopt;
  return log_.commit_index();
}

}  // namespace blixard::raft
