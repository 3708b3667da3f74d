#include "memory_optimization/allocation_tracker.h"

#include <glog/logging.h>

#include "memory_optimization/allocation_switch.h"

namespace blixard::memory {

using internal::CountsOf;
using internal::RegisterThisThread;
using internal::this_thread;

const TrackedCounts& TrackedCounts::Print(std::ostream& out) const {
  out << name << ": " << allocations << " allocations, " << frees << " frees, " << live()
      << " live, " << bytes << " bytes";
  if (!counted) out << " (not counted: allocation hook not linked or off)";
  out << '\n';
  return *this;
}

AllocationTracker::AllocationTracker(std::string_view name)
    : name_(name), thread_(&this_thread), record_(RegisterThisThread()), start_(CountsOf(record_)) {
  CHECK(!record_.shared) << "allocation tracker \"" << name_ << "\": more than "
                         << internal::kMaxTrackedThreads << " threads, or this one is ending";
}

TrackedCounts AllocationTracker::Finish() {
  if (!finished_.has_value()) finished_ = Current();
  return *finished_;
}

TrackedCounts AllocationTracker::Current() const {
  CHECK(thread_ == &this_thread) << "allocation tracker \"" << name_
                                 << "\" used on another thread than its own";
  return {CountsOf(record_) - start_, name_, Counting()};
}

bool AllocationTracker::Counting() {
  return CurrentAllocationTracking() != AllocationTracking::kOff;
}

}  // namespace blixard::memory
