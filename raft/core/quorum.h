// Majorities: the only place where votes and acknowledgements are counted.
#ifndef BLIXARD_RAFT_CORE_QUORUM_H_
#define BLIXARD_RAFT_CORE_QUORUM_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
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

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_QUORUM_H_
