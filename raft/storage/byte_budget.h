// How many bytes may go now, when so many may go in each tick.
#ifndef BLIXARD_RAFT_STORAGE_BYTE_BUDGET_H_
#define BLIXARD_RAFT_STORAGE_BYTE_BUDGET_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "raft/core/mutation.h"

namespace blixard::raft {

// Pure. A tick's share that was not used is lost, except that single pieces may save up until they
// fit: over any n ticks at most n * bytes_per_tick + max_piece_bytes are spent.
class ByteBudget {
 public:
  // `bytes_per_tick` 0: no limit.
  ByteBudget(uint64_t bytes_per_tick, uint64_t max_piece_bytes)
      : per_tick_(bytes_per_tick), most_(std::max(bytes_per_tick, max_piece_bytes)) {}

  void Tick() { left_ = std::min(left_ + per_tick_, most_); }
  uint64_t left() const { return IsUnlimited() ? std::numeric_limits<uint64_t>::max() : left_; }
  bool Allows(uint64_t bytes) const { return bytes <= left(); }
  // At most left().
  void Spend(uint64_t bytes) {
    if (!IsUnlimited()) left_ -= bytes;
  }

 private:
  bool IsUnlimited() const { return per_tick_ == 0 || Mutated(Mutation::kL16IgnoresByteRate); }

  const uint64_t per_tick_;
  const uint64_t most_;
  uint64_t left_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_BYTE_BUDGET_H_
