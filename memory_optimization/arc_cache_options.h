// What an ArcCache is told when it is made.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_OPTIONS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "memory_optimization/arc_cache_keys.h"
#include "memory_optimization/arc_cache_stats.h"

namespace blixard::memory {

// Nanoseconds since any fixed point, never going back.
using CacheClock = std::function<uint64_t()>;
uint64_t SteadyClockNs();

// At least one of the two bounds must be set. Functions are called outside the cache's lock and may
// use the cache, except that the weigher and the clock must not.
template <class K, class V, class Keys = ArcCacheKeys<K>>
struct ArcCacheOptions {
  using KeyView = typename Keys::View;
  static constexpr uint64_t kUnbounded = UINT64_MAX;

  std::string name = "cache";
  uint64_t max_entries = kUnbounded;
  uint64_t max_weight = kUnbounded;
  // In units of the caller's choice, asked once per value; empty: every value weighs 1.
  std::function<uint64_t(KeyView key, const V& value)> weigher = {};
  // Since the load; zero: for ever, and no clock is read.
  std::chrono::nanoseconds time_to_live = std::chrono::nanoseconds::zero();
  CacheClock clock = SteadyClockNs;
  // Told of every value that leaves the cache, before the call that removed it returns. What it
  // throws reaches that call's caller; the cache stays right. Not called by the destructor.
  std::function<void(KeyView key, const V& value, RemovalReason reason)> on_removal = {};
  // Of the hash of text keys; empty: from the kernel's random source.
  std::optional<uint64_t> hash_seed = std::nullopt;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_OPTIONS_H_
