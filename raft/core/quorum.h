// Majorities: the only place where votes and acknowledgements are counted. A joint configuration
// decides what both of its halves decide (paper, section 6). Everything is counted from scratch in
// each call, from what the caller looks up per voter; nothing here allocates.
#ifndef BLIXARD_RAFT_CORE_QUORUM_H_
#define BLIXARD_RAFT_CORE_QUORUM_H_

#include <glog/logging.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "raft/core/configuration.h"
#include "raft/core/types.h"

namespace blixard::raft {

// More than half of `voters`.
constexpr size_t MajorityOf(size_t voters) { return voters / 2 + 1; }

// Highest index stored by a majority; `acked` holds one value per voter and is reordered. CHECKs
// that it is not empty.
LogIndex CommittedIndex(absl::Span<LogIndex> acked);

enum class Ballot : uint8_t { kMissing, kGranted, kRefused };
enum class VoteResult : uint8_t { kPending, kWon, kLost };

struct BallotCount {
  size_t granted = 0;
  size_t refused = 0;
  size_t voters = 0;  // those who have not answered included
};

// kLost as soon as the missing ballots can no longer make a majority.
VoteResult ResultOf(const BallotCount& count);

// Won when both halves are won, lost as soon as one is.
constexpr VoteResult JointResultOf(VoteResult incoming, VoteResult outgoing) {
  if (incoming == outgoing) return incoming;
  const bool lost = incoming == VoteResult::kLost || outgoing == VoteResult::kLost;
  return lost ? VoteResult::kLost : VoteResult::kPending;
}

// Groups of up to this many voters are counted in the quickest way.
inline constexpr size_t kSmallGroup = 7;

// Highest index that `acked(ReplicaId) -> LogIndex` says a majority of `voters` stores; between 1
// and `kMost` of them (CHECKed).
template <size_t kMost = kMaxMembers, class Acked>
LogIndex MajorityIndex(absl::Span<const ReplicaId> voters, const Acked& acked) {
  if constexpr (kMost > kSmallGroup) {
    if (voters.size() <= kSmallGroup) [[likely]]
      return MajorityIndex<kSmallGroup>(voters, acked);
  }
  if (voters.size() == 1) return acked(voters.front());
  CHECK_LE(voters.size(), kMost);
  LogIndex indexes[kMost];
  LogIndex* end = indexes;
  for (ReplicaId voter : voters) *end++ = acked(voter);
  return CommittedIndex(absl::MakeSpan(indexes, end));
}

// Highest index that may be committed in `configuration`, which must not be empty (CHECKed):
// stored by a majority, and by one of the outgoing voters too while it is joint. Whoever stores an
// index stores all below.
template <class Acked>
LogIndex CommittedIndex(const Configuration& configuration, const Acked& acked) {
  const LogIndex incoming = MajorityIndex(configuration.voters, acked);
  if (!configuration.IsJoint()) return incoming;
  return std::min(incoming, MajorityIndex(configuration.outgoing, acked));
}

// Counts what `ballot(ReplicaId) -> Ballot` says for each of `voters`, of whom there are some.
template <class BallotOf>
VoteResult MajorityResult(absl::Span<const ReplicaId> voters, const BallotOf& ballot_of) {
  BallotCount count{.voters = voters.size()};
  for (ReplicaId voter : voters) {
    const Ballot ballot = ballot_of(voter);
    count.granted += ballot == Ballot::kGranted;
    count.refused += ballot == Ballot::kRefused;
  }
  return ResultOf(count);
}

template <class BallotOf>
VoteResult VoteResultOf(const Configuration& configuration, const BallotOf& ballot_of) {
  const VoteResult incoming = MajorityResult(configuration.voters, ballot_of);
  if (!configuration.IsJoint()) return incoming;
  return JointResultOf(incoming, MajorityResult(configuration.outgoing, ballot_of));
}

// Whether those for whom `has(ReplicaId) -> bool` holds make a quorum.
template <class Has>
bool IsQuorum(const Configuration& configuration, const Has& has) {
  return VoteResultOf(configuration, [&](ReplicaId voter) {
           return has(voter) ? Ballot::kGranted : Ballot::kMissing;
         }) == VoteResult::kWon;
}

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_QUORUM_H_
