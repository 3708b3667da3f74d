// What the allocation hook may be asked to do.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKING_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKING_H_

#include <cstdint>

namespace blixard::memory {

enum class AllocationTracking : uint8_t {
  // Every call goes straight to the allocator beneath, as in a program without the hook. Blocks
  // whose
  // call site is known are still noticed when they are freed, so that nothing looks leaked later.
  kOff,
  kCounts,        // per-thread counts; where a hooked program starts
  kSampledSites,  // and the call sites of a sample of the allocations
  kAllSites,      // and the call site of every allocation
};

inline constexpr uint64_t kMaxMeanSampleBytes = 1'000'000;
// Frames of the deepest call site.
inline constexpr int kMaxSiteFrames = 30;

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKING_H_
