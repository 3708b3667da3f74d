// Hits of one cache, counted by every thread in a cache line of its own: exact, and no
// read-modify-write. The lines belong to the threads' pin blocks, which have one owner at a time.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_HIT_COUNTERS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_HIT_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/arc_cache_pin_slots.h"

namespace blixard::memory::internal {

class HitCounters {
 public:
  struct alignas(64) Line {
    std::atomic<uint64_t> hits = 0;

    // By the owner of the block.
    void Count() {
      hits.store(hits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
  };

  HitCounters() = default;
  ~HitCounters();
  HitCounters(const HitCounters&) = delete;
  HitCounters& operator=(const HitCounters&) = delete;

  // Null until the line of `block` is prepared.
  Line* Find(const PinBlock& block) const {
    Line* lines = groups_[block.group].load(std::memory_order_acquire);
    return lines == nullptr ? nullptr : &lines[block.place_in_group];
  }
  // Makes the line of `block`; without memory there will be none.
  void Prepare(const PinBlock& block);

  uint64_t Sum() const;

 private:
  static constexpr size_t kGroups = 28;  // more blocks than there can be threads

  std::array<std::atomic<Line*>, kGroups> groups_ = {};
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_HIT_COUNTERS_H_
