#include "memory_optimization/allocation_tracker.h"

#include <glog/logging.h>

#include <new>

namespace blixard::memory {

using internal::this_thread_allocations;

AllocationTracker::AllocationTracker(std::string_view name)
    : name_(name), thread_(std::this_thread::get_id()), start_(this_thread_allocations) {}

AllocationCounts AllocationTracker::Finish() {
  if (!finished_.has_value()) finished_ = Current();
  return *finished_;
}

void AllocationTracker::Print(std::ostream& out) const {
  const AllocationCounts counts = finished_.has_value() ? *finished_ : Current();
  out << name_ << ": " << counts.allocations << " allocations, " << counts.frees << " frees, "
      << counts.bytes << " bytes";
  if (!HookLinked()) out << " (allocation hook not linked)";
  out << '\n';
}

bool AllocationTracker::HookLinked() {
  const AllocationCounts before = this_thread_allocations;
  // The compiler may drop an allocation nobody sees, but not a volatile pointer.
  void* volatile probe = ::operator new(1);
  ::operator delete(probe);
  const bool counted = this_thread_allocations != before;
  this_thread_allocations = before;
  return counted;
}

AllocationCounts AllocationTracker::Current() const {
  CHECK(thread_ == std::this_thread::get_id())
      << "allocation tracker \"" << name_ << "\" used on another thread than its own";
  return this_thread_allocations - start_;
}

}  // namespace blixard::memory
