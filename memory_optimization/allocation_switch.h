// Turns the allocation hook on and off while the program runs.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SWITCH_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SWITCH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "memory_optimization/allocation_tracking.h"

namespace blixard::memory {

struct SiteOptions {
  // A sample every so many bytes on average (1 to kMaxMeanSampleBytes), at exponentially
  // distributed distances: a Poisson process, so that the estimates of a report have no bias
  // however regular the program is. Allocations of 0 bytes are never sampled.
  uint64_t mean_sample_bytes = 512 * 1024;
  // Return addresses kept of a call site, 1 to kMaxSiteFrames; 0: kMaxSiteFrames of a sampled one,
  // 5 where every allocation pays for the walk. Places that differ further out only are one site.
  int max_frames = 0;
};

// Thread-safe; other threads follow with their next calls. Errors: kFailedPrecondition when the
// hook is not linked, kInvalidArgument when an option is out of range, kResourceExhausted when the
// address space for the tables of call sites is not to be had.
absl::Status SetAllocationTracking(AllocationTracking tracking, const SiteOptions& options = {});

// kOff when the hook is not linked.
AllocationTracking CurrentAllocationTracking();

// Whether this process was linked with the hook at all.
bool AllocationHookLinked();

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SWITCH_H_
