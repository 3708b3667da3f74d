// Counts what a stretch of code allocates on the heap, exactly, so that "allocates nothing" is a
// test and not a hope. Counting needs the hook (allocation_hook.cc); without it every count is 0.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKER_H_

#include <iostream>
#include <optional>
#include <ostream>
#include <string_view>

#include "memory_optimization/allocation_counts.h"
#include "memory_optimization/allocation_threads.h"

namespace blixard::memory {

// What a tracker found: a value, good after the tracker is gone as long as the name's characters
// live.
struct TrackedCounts : AllocationCounts {
  std::string_view name = {};
  bool counted = true;  // false: the hook is not linked or off, so the zeros mean nothing

  // One line: "hot_path: 3 allocations, 2 frees, 1 live, 96 bytes".
  const TrackedCounts& Print(std::ostream& out = std::cerr) const;
};

// Counts the allocations and frees of the thread that constructed it, until Finish:
//
//   AllocationTracker tracker("hot_path");
//   ...
//   tracker.Finish().Print();
//
// Trackers nest: the inner one's counts are part of the outer one's. No other thread is ever
// counted. Neither construction nor Finish allocates. Used on its own thread only (CHECKed).
class AllocationTracker {
 public:
  // The characters of `name` must outlive the tracker and what it returns.
  explicit AllocationTracker(std::string_view name);
  AllocationTracker(const AllocationTracker&) = delete;
  AllocationTracker& operator=(const AllocationTracker&) = delete;

  // The counts since construction. The first call ends the counting; later ones repeat its answer.
  TrackedCounts Finish();
  // The counts so far.
  TrackedCounts Current() const;

  // Whether allocations are counted: the hook is linked and not off.
  static bool Counting();

 private:
  const std::string_view name_;
  const internal::ThreadState* const thread_;
  const internal::ThreadRecord& record_;
  const AllocationCounts start_;
  std::optional<TrackedCounts> finished_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKER_H_
