#include "raft/core/quorum.h"

#include <glog/logging.h>

#include <algorithm>

#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

// For as few as kSmallGroup nothing is quicker.
void InsertionSort(absl::Span<LogIndex> values) {
  for (size_t sorted = 1; sorted < values.size(); ++sorted) {
    const LogIndex value = values[sorted];
    size_t at = sorted;
    for (; at > 0 && value < values[at - 1]; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

}  // namespace

LogIndex CommittedIndex(absl::Span<LogIndex> acked) {
  CHECK(!acked.empty());
  // In ascending order the value at (n - 1) / 2 is reached by all from there on: a majority.
  size_t rank = (acked.size() - 1) / 2;
  if (Mutated(Mutation::kS2CountsOneTooFew) && rank + 1 < acked.size()) ++rank;
  const auto middle = acked.begin() + rank;
  if (acked.size() <= kSmallGroup) {
    InsertionSort(acked);
  } else {
    std::nth_element(acked.begin(), middle, acked.end());
  }
  return *middle;
}

VoteResult ResultOf(const BallotCount& count) {
  CHECK_GT(count.voters, 0u);
  CHECK_LE(count.granted + count.refused, count.voters);
  const size_t majority = MajorityOf(count.voters);
  if (count.granted >= majority) return VoteResult::kWon;
  if (count.voters - count.refused < majority) return VoteResult::kLost;
  return VoteResult::kPending;
}

}  // namespace blixard::raft
