// Pools whose owner is gone while objects are still out (OnLeak::kReport and kAdopt): they last
// until the objects have come back.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ADOPTED_POOLS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ADOPTED_POOLS_H_

#include <cstddef>

namespace blixard::memory {

// Ends adopted pools whose objects are all back; returns how many are left. Called whenever an
// object pool ends; call it at intervals where pools never end. Thread-safe.
size_t ReclaimAdoptedPools();

namespace internal {

class AdoptedPool {
 public:
  virtual ~AdoptedPool() = default;
  virtual bool HasLiveObjects() const = 0;

 private:
  friend class AdoptedPools;
  AdoptedPool* next_ = nullptr;
};

// Takes ownership. Allocates nothing.
void AdoptPool(AdoptedPool* pool);

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ADOPTED_POOLS_H_
