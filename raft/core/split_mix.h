// Vigna's SplitMix64: a few lines, any seed is good, the same numbers everywhere.
#ifndef BLIXARD_RAFT_CORE_SPLIT_MIX_H_
#define BLIXARD_RAFT_CORE_SPLIT_MIX_H_

#include <cstdint>

namespace blixard::raft {

class SplitMix {
 public:
  explicit constexpr SplitMix(uint64_t seed) : state_(seed) {}

  constexpr uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  // 0 to bound - 1; `bound` is above 0 and far below 2^64, where the modulo's bias is nothing.
  constexpr uint64_t Below(uint64_t bound) { return Next() % bound; }

 private:
  uint64_t state_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_SPLIT_MIX_H_
