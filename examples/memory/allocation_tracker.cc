// What a stretch of code allocates, and a guarantee that another allocates nothing.
#include "memory_optimization/allocation_tracker.h"

#include <glog/logging.h>

#include <vector>

#include "memory_optimization/allocation_denial.h"

using blixard::memory::AllocationTracker;
using blixard::memory::DenyAllocations;

int main() {
  AllocationTracker tracker("building");
  std::vector<int> numbers;
  numbers.reserve(100);
  CHECK_EQ(tracker.Finish().Print().allocations, 1u);

  const DenyAllocations hot_path("hot path");  // from here on an allocation ends the process and
  for (int i = 0; i < 100; ++i) numbers.push_back(i);  // names its call site
}
