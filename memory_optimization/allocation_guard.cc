#include "memory_optimization/allocation_guard.h"

#include <glog/logging.h>

namespace blixard::memory::internal {

AllocationGuardBase::AllocationGuardBase() : outer_(this_thread.guard), thread_(&this_thread) {
  ThreadRecord& record = RegisterThisThread();
  this_thread.guard = this;
  ExpectEvents(record, true);
}

AllocationGuardBase::~AllocationGuardBase() {
  CHECK(thread_ == &this_thread) << "an allocation guard ends on another thread than its own";
  CHECK(this_thread.guard == this) << "allocation guards end in another order than they nest";
  this_thread.guard = outer_;
  ExpectEvents(*this_thread.record, outer_ != nullptr);
}

bool AdmitAllocation(const AllocationRequest& request) {
  if (this_thread.record->shared) RegisterThisThread();
  AllocationGuardBase* const innermost = this_thread.guard;
  if (innermost == nullptr) return true;
  this_thread.guard = nullptr;
  bool admitted = true;
  for (AllocationGuardBase* guard = innermost; guard != nullptr && admitted;
       guard = guard->outer()) {
    admitted = guard->Admit(request);
  }
  this_thread.guard = innermost;
  return admitted;
}

}  // namespace blixard::memory::internal
