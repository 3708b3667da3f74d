// Counts what a stretch of code allocates on the heap, exactly, so that "allocates nothing" is a
// test and not a hope. Counting needs the hook (allocation_hook.cc); without it every count is 0.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKER_H_

#include <optional>
#include <ostream>
#include <string_view>
#include <thread>

#include "memory_optimization/allocation_counters.h"

namespace blixard::memory {

// Counts the operator new and delete calls of the thread that constructed it, until Finish.
// Trackers nest: the inner one's counts are part of the outer one's. Neither construction nor
// Finish allocates. Used on its own thread only (CHECKed).
class AllocationTracker {
 public:
  // `name` is for Print; the characters must outlive the tracker.
  explicit AllocationTracker(std::string_view name);
  AllocationTracker(const AllocationTracker&) = delete;
  AllocationTracker& operator=(const AllocationTracker&) = delete;

  // The counts since construction. The first call ends the counting; later ones repeat its answer.
  AllocationCounts Finish();

  // One line: the name and the counts, up to now if Finish was not called.
  void Print(std::ostream& out) const;

  // Tells whether this process counts, by allocating and looking at the counters.
  static bool HookLinked();

 private:
  AllocationCounts Current() const;

  const std::string_view name_;
  const std::thread::id thread_;
  const AllocationCounts start_;
  std::optional<AllocationCounts> finished_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_TRACKER_H_
