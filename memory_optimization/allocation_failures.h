// Makes allocations fail on purpose, so that what happens when memory runs out is tested and not
// hoped for. Needs the allocation hook (allocation_hook.cc); without it nothing fails.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_FAILURES_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_FAILURES_H_

#include <cstdint>

#include "memory_optimization/allocation_guard.h"

namespace blixard::memory {

struct FailurePlan {
  // The allocation with this number, counted from 1, fails. 0: none for its number.
  uint64_t nth = 0;
  // All after the nth fail too: memory stays exhausted.
  bool and_later = false;
  // Each allocation fails with this probability, by itself; the same seed repeats the same
  // failures.
  double probability = 0;
  uint64_t seed = 1;
  // C malloc and its kind as well as operator new. Off, because the C library itself ends the
  // process when some of its own allocations fail, and code of ours does not call malloc.
  bool c_malloc = false;
};

// While it lives, allocations of the thread that constructed it fail as planned: operator new
// throws std::bad_alloc (its nothrow forms give null, and no new-handler is asked: it could undo
// the failure), malloc gives null with errno ENOMEM. Other threads are not touched. Plans nest.
class FailAllocations : private internal::AllocationGuardBase {
 public:
  explicit FailAllocations(const FailurePlan& plan) : plan_(plan), random_(plan.seed) {}

  // Allocations it was asked about, and those among them that it made fail.
  uint64_t seen() const { return seen_; }
  uint64_t failed() const { return failed_; }

 private:
  bool Admit(const internal::AllocationRequest& request) override;
  bool Fails();

  const FailurePlan plan_;
  uint64_t random_;
  uint64_t seen_ = 0;
  uint64_t failed_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_FAILURES_H_
