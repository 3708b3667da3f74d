// What an ArcCache tells about itself.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_STATS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_STATS_H_

#include <cstdint>
#include <string_view>

namespace blixard::memory {

// Why a value left the cache.
enum class RemovalReason : uint8_t {
  kEvicted,      // to make room
  kExpired,      // older than the time to live
  kInvalidated,  // Invalidate or Clear
  kReplaced,     // another value was put for its key
};

constexpr std::string_view RemovalReasonName(RemovalReason reason) {
  switch (reason) {
    case RemovalReason::kEvicted:
      return "evicted";
    case RemovalReason::kExpired:
      return "expired";
    case RemovalReason::kInvalidated:
      return "invalidated";
    case RemovalReason::kReplaced:
      return "replaced";
  }
  return "unknown";
}

// Exact once other threads are quiet; read one after the other while they are not.
struct ArcCacheStats {
  uint64_t hits = 0;             // a value was there
  uint64_t misses = 0;           // it was not; those who waited for another's load included
  uint64_t loads = 0;            // factories called
  uint64_t load_failures = 0;    // of them: threw, or returned an error
  uint64_t coalesced_waits = 0;  // callers that waited for another's load
  uint64_t evictions = 0;        // by reason of removal:
  uint64_t expirations = 0;
  uint64_t invalidations = 0;
  uint64_t replacements = 0;
  uint64_t uncached = 0;  // values handed out but not kept: too heavy, all else pinned, invalidated
  uint64_t entries = 0;   // in the cache
  uint64_t weight = 0;    // of them
  uint64_t pinned = 0;    // guards out
  uint64_t detached = 0;  // removed, yet still in memory: pinned, or not collected (Trim)
  uint64_t detached_weight = 0;

  double HitRatio() const {
    return hits + misses == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(hits + misses);
  }
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_STATS_H_
