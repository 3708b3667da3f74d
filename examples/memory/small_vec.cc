// A VM has one disk, rarely two: no heap for the list of them.
#include "memory_optimization/small_vec.h"

#include <glog/logging.h>

#include <cstdint>

#include "memory_optimization/allocation_tracker.h"

using blixard::memory::AllocationTracker;
using blixard::memory::SmallVec;

int main() {
  AllocationTracker usual("two disks");
  SmallVec<uint32_t, 4> disks;
  disks.push_back(100);
  disks.push_back(250);
  CHECK_EQ(usual.Finish().allocations, 0u);

  AllocationTracker rare("five disks");
  disks.resize(5);  // works, at the price of the heap
  CHECK_EQ(rare.Finish().allocations, 1u);
}
