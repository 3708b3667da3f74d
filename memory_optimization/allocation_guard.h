// What may watch, one by one, the allocations of the thread that set it up, before they happen: the
// common floor of DenyAllocations and FailAllocations.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_GUARD_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_GUARD_H_

#include <cstddef>
#include <cstdint>

#include "memory_optimization/allocation_threads.h"

namespace blixard::memory::internal {

struct AllocationRequest {
  size_t size = 0;              // bytes
  size_t alignment = 0;         // 0: that of malloc
  bool operator_new = false;    // else C malloc or one of its kind
  const void* frame = nullptr;  // of the hook's function, for allocation_stack.h
};

// Guards nest: the inner one is asked first, and the first refusal decides. A guard lives on the
// stack of its thread (CHECKed on destruction) and is not asked about what its own Admit allocates.
class AllocationGuardBase {
 public:
  AllocationGuardBase(const AllocationGuardBase&) = delete;
  AllocationGuardBase& operator=(const AllocationGuardBase&) = delete;

  // False: the allocation fails. Called from inside malloc: no locks, and nothing that takes some.
  virtual bool Admit(const AllocationRequest& request) = 0;
  AllocationGuardBase* outer() const { return outer_; }

 protected:
  AllocationGuardBase();
  ~AllocationGuardBase();

 private:
  AllocationGuardBase* const outer_;
  const ThreadState* const thread_;
};

// Asks the guards of the calling thread, which gets its record first if it has none.
bool AdmitAllocation(const AllocationRequest& request);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_GUARD_H_
