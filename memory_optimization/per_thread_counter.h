// A counter that many threads advance and few read: every thread has a cell of its own, so that
// counting costs what a plain variable does and never moves a cache line between processors.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_PER_THREAD_COUNTER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_PER_THREAD_COUNTER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/cache_line.h"

namespace blixard::memory {
namespace internal {

// Threads alive at once that get a cell to themselves; later ones share one more.
inline constexpr uint32_t kCounterCells = 63;
inline constexpr uint32_t kNoCellYet = ~uint32_t{0};

[[gnu::tls_model("initial-exec")]] extern constinit thread_local uint32_t this_thread_cell;

// The cell of the calling thread in every counter, taken at its first count and passed on to a
// later thread at its exit; kCounterCells: the shared one.
uint32_t ClaimCell();

}  // namespace internal

// Thread-safe. 8 KiB each: for figures of the process, not of every object. Wraps at 2^64. Usable
// from constructors and destructors of static and thread-local objects.
class PerThreadCounter {
 public:
  constexpr PerThreadCounter() = default;
  PerThreadCounter(const PerThreadCounter&) = delete;
  PerThreadCounter& operator=(const PerThreadCounter&) = delete;

  void Add(uint64_t count = 1) {
    uint32_t cell = internal::this_thread_cell;
    if (cell == internal::kNoCellYet) [[unlikely]]
      cell = internal::ClaimCell();
    std::atomic<uint64_t>& mine = *cells_[cell];
    if (cell == internal::kCounterCells) [[unlikely]] {
      mine.fetch_add(count, std::memory_order_relaxed);
    } else {
      mine.store(mine.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
  }

  // Counts everything that happened before the call; what is under way may be missing.
  uint64_t Sum() const {
    uint64_t sum = 0;
    for (const auto& cell : cells_) sum += cell->load(std::memory_order_relaxed);
    return sum;
  }

 private:
  std::array<CacheAligned<std::atomic<uint64_t>>, internal::kCounterCells + 1> cells_{};
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_PER_THREAD_COUNTER_H_
