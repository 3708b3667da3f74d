// A reference count that can be raised from a place found without a lock: once it has fallen to
// zero it never rises again, so exactly one thread, the one that dropped the last reference, buries
// what was counted.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_LIVE_COUNT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_LIVE_COUNT_H_

#include <atomic>
#include <cstdint>

#include "memory_optimization/atomics.h"

namespace blixard::memory::internal {

struct LiveCountRules {
  static constexpr std::memory_order kDrop = std::memory_order_acq_rel;
  static constexpr bool kStaysDead = true;
};

// Starts with one reference. Where it lies must stay readable while somebody may TryAdd().
template <class Atomics, class Rules = LiveCountRules>
class LiveCount {
 public:
  // By a holder of a reference.
  void Add() { count_.fetch_add(1, std::memory_order_relaxed); }

  // By anybody. False: dead, or about to be buried.
  bool TryAdd() {
    uint32_t count = count_.load(std::memory_order_relaxed);
    do {
      if (Rules::kStaysDead && count == 0) return false;
    } while (!count_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed,
                                           std::memory_order_relaxed));
    return true;
  }

  // True: that was the last, and everything the others did with theirs is over.
  bool Drop() { return count_.fetch_sub(1, Rules::kDrop) == 1; }

  uint32_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  typename Atomics::template Atomic<uint32_t> count_{1};
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_LIVE_COUNT_H_
