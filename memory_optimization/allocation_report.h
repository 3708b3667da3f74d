// What the tracker knows about the process, as a value: totals, and the call sites if they were
// asked for (allocation_switch.h).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_REPORT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_REPORT_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "memory_optimization/allocation_counts.h"
#include "memory_optimization/allocation_tracking.h"

namespace blixard::memory {

// How long freed blocks lived, in allocations that their thread made meanwhile: [0] none
// (temporaries: what an allocation-free rewrite gains first), [i] at least 4^(i-1) and less than
// 4^i, [11] all above, [12] freed by another thread, which has no such measure.
inline constexpr int kLifetimeClasses = 13;
using Lifetimes = std::array<uint64_t, kLifetimeClasses>;

struct AllocationSite {
  std::vector<uintptr_t> frames = {};  // return addresses, innermost first; empty: not known
  uint64_t allocations = 0;
  uint64_t bytes = 0;
  uint64_t frees = 0;
  uint64_t freed_bytes = 0;
  Lifetimes lifetimes = {};

  uint64_t temporary() const { return lifetimes[0]; }
  int64_t live() const { return static_cast<int64_t>(allocations - frees); }
  int64_t live_bytes() const { return static_cast<int64_t>(bytes - freed_bytes); }
};

struct AllocationReport {
  AllocationTracking tracking = AllocationTracking::kOff;
  AllocationCounts totals = {};  // of the process since it started, whatever was tracked
  // Of the blocks with known call site, below. Estimates where they were sampled.
  int64_t live_bytes = 0;
  int64_t peak_bytes = 0;  // exact with one thread, else at most 64 KiB per thread off
  Lifetimes lifetimes = {};
  // Allocations that found the table of sites full: one site without frames. Those that the kernel
  // had no memory to take a note of: in `totals` only.
  uint64_t without_site = 0;
  uint64_t without_note = 0;
  std::vector<AllocationSite> sites = {};  // the most bytes first
};

// Thread-safe; exact when the other threads stand still.
AllocationReport CollectAllocationReport();

// Live, peak and temporary in a few lines, then a table of the sites with the most bytes and their
// stacks. `max_sites`: 0 for all.
std::string ToText(const AllocationReport& report, size_t max_sites = 20);

// {"tracking": ..., "totals": {...}, "sites": [{"frames": [{"address": ..., "symbol": ...}], ...}]}
std::string ToJson(const AllocationReport& report);

// "main;Serve;Parse 4096": a line per stack, outermost first, and its bytes. What flamegraph.pl,
// inferno and speedscope read.
std::string ToFoldedStacks(const AllocationReport& report);

// The heap profile text of gperftools, which `pprof` and `google-pprof` open: live and allocated
// objects and bytes, and the mappings of this process, whose binary they must find unchanged.
std::string ToHeapProfile(const AllocationReport& report);

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_REPORT_H_
