#include "memory_optimization/arc_cache_entry.h"

namespace blixard::memory::internal {

void AddCountedPins(CacheEntry& entry, uint32_t pins) {
  if (entry.cache_pins != nullptr) entry.cache_pins->fetch_add(pins, std::memory_order_relaxed);
  entry.counted_pins.fetch_add(pins, std::memory_order_relaxed);
}

// The entry and its cache may be gone as soon as the count of a listed entry falls.
void DropCountedPin(CacheEntry& entry) {
  const bool was_listed = entry.cache_pins != nullptr;
  if (was_listed) entry.cache_pins->fetch_sub(1, std::memory_order_relaxed);
  const bool last = entry.counted_pins.fetch_sub(1, std::memory_order_acq_rel) == 1;
  if (last && !was_listed) {
    const std::shared_ptr<CacheEntry> owner = std::move(entry.self);
  }
}

}  // namespace blixard::memory::internal
