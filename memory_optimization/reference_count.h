// How many shares a block of bytes has. The protocol alone, apart from what is counted, so that the
// tests can run it under every interleaving (tests/memory_optimization/schedules).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_REFERENCE_COUNT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_REFERENCE_COUNT_H_

#include <atomic>
#include <cstdint>

#include "memory_optimization/atomics.h"

namespace blixard::memory::internal {

// What the last holder does with the block must come after what every other holder did with it:
// each drop releases, and whoever finds itself alone acquires.
struct ReferenceOrders {
  static constexpr std::memory_order kShare = std::memory_order_relaxed;
  static constexpr std::memory_order kAlone = std::memory_order_acquire;
  static constexpr std::memory_order kDrop = std::memory_order_acq_rel;
};

// Out of line: CHECK would keep its operands in memory on every path.
[[noreturn, gnu::cold]] void FailShare(uint32_t holders);
[[noreturn, gnu::cold]] void FailDrop();

// Thread-safe between Start and the Drop that returned true; only holders may call. CHECKs find a
// share of a block nobody holds, a drop too many, and a leak of shares before the count wraps.
template <class Atomics = MachineAtomics, class Orders = ReferenceOrders>
class ReferenceCount {
 public:
  static constexpr uint32_t kMaxShares = uint32_t{1} << 31;

  // One share; nobody else may know the block yet.
  void Start() { count_.store(1, std::memory_order_relaxed); }

  void Share() {
    const uint32_t before = count_.fetch_add(1, Orders::kShare);
    if (before - 1 >= kMaxShares) [[unlikely]]
      FailShare(before);
  }

  // The caller holds the only share; then nobody else can make another one.
  bool IsAlone() const { return count_.load(Orders::kAlone) == 1; }

  // True: it was the last share, and the block is the caller's to reuse. The only holder needs no
  // atomic read-modify-write.
  [[nodiscard]] bool Drop() {
    if (IsAlone()) {
      count_.store(0, std::memory_order_relaxed);
      return true;
    }
    const uint32_t before = count_.fetch_sub(1, Orders::kDrop);
    if (before == 0) [[unlikely]]
      FailDrop();
    return before == 1;
  }

 private:
  typename Atomics::template Atomic<uint32_t> count_{0};
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_REFERENCE_COUNT_H_
