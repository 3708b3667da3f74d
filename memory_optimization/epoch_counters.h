// The protocol of epoch-based reclamation (Fraser: Practical lock-freedom, 2004), with readers
// counted rather than registered: any thread may come and go, nothing is allocated for it, and
// nothing is left when it ends. Counters of the even and the odd epochs are kept apart, as in
// sleepable RCU (McKenney, LWN 2006), and in stripes, so that readers seldom share a cache line.
//
// What was made unreachable in epoch E may be freed in epoch E + 2: a reader of epoch E or before
// may still hold it; the step from E + 1 to E + 2 waits for those; a reader of E + 1 came after.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_EPOCH_COUNTERS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_EPOCH_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/atomics.h"

namespace blixard::memory::internal {

// What each step needs; tests weaken or drop them one by one.
struct EpochRules {
  static constexpr std::memory_order kEnter = std::memory_order_seq_cst;
  static constexpr std::memory_order kLeave = std::memory_order_release;
  static constexpr std::memory_order kScan = std::memory_order_seq_cst;
  static constexpr bool kRecheckEpoch = true;
  static constexpr bool kScanReaders = true;
};

template <class Atomics, class Rules = EpochRules, size_t kStripes = 16>
class EpochCounters {
 public:
  using Counter = typename Atomics::template Atomic<uint64_t>;

  // Starts a reader's stay; `stripe` is any number, best one per thread. What it returns is for
  // Leave(), from any thread.
  Counter* Enter(size_t stripe) {
    for (;;) {
      const uint64_t epoch = epoch_.load(std::memory_order_acquire);
      Counter* readers = &CounterOf(epoch, stripe % kStripes);
      readers->fetch_add(1, Rules::kEnter);
      // Without a second look the reader could be counted for an epoch that is already over.
      if (!Rules::kRecheckEpoch || epoch_.load(Rules::kEnter) == epoch) [[likely]]
        return readers;
      readers->fetch_sub(1, Rules::kLeave);
    }
  }

  static void Leave(Counter* readers) { readers->fetch_sub(1, Rules::kLeave); }

  // Below: one thread at a time, under the owner's lock; what is retired is stamped with current()
  // under the same lock, after it was made unreachable.

  uint64_t current() const { return epoch_.load(std::memory_order_relaxed); }

  // Begins the next epoch unless a reader of the one before the current is still there.
  bool TryAdvance() {
    const uint64_t epoch = current();
    for (size_t stripe = 0; Rules::kScanReaders && stripe < kStripes; ++stripe) {
      if (CounterOf(epoch + 1, stripe).load(Rules::kScan) != 0) return false;
    }
    epoch_.store(epoch + 1, Rules::kScan);
    return true;
  }

 private:
  // A cache line apart from each other.
  struct Stripe {
    Counter readers{0};
    std::array<char, 64 - sizeof(uint64_t)> apart{};
  };

  Counter& CounterOf(uint64_t epoch, size_t stripe) { return stripes_[epoch % 2][stripe].readers; }

  Counter epoch_{2};
  std::array<std::array<Stripe, kStripes>, 2> stripes_{};
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_EPOCH_COUNTERS_H_
