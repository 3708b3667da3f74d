#include "memory_optimization/allocation_failures.h"

#include "memory_optimization/allocation_random.h"

namespace blixard::memory {

bool FailAllocations::Admit(const internal::AllocationRequest& request) {
  if (!request.operator_new && !plan_.c_malloc) return true;
  ++seen_;
  if (!Fails()) return true;
  ++failed_;
  return false;
}

bool FailAllocations::Fails() {
  if (plan_.nth != 0 && (seen_ == plan_.nth || (plan_.and_later && seen_ > plan_.nth))) return true;
  return plan_.probability > 0 && internal::NextUnit(random_) <= plan_.probability;
}

}  // namespace blixard::memory
