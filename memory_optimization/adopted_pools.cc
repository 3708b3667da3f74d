#include "memory_optimization/adopted_pools.h"

#include <mutex>

namespace blixard::memory {
namespace internal {

class AdoptedPools {
 public:
  void Add(AdoptedPool* pool) {
    const std::lock_guard lock(mutex_);
    pool->next_ = first_;
    first_ = pool;
  }

  // Their destructors run without the lock: they may end other pools.
  size_t Reclaim() {
    AdoptedPool* empty = nullptr;
    const size_t left = Separate(empty);
    while (empty != nullptr) {
      AdoptedPool* next = empty->next_;
      delete empty;
      empty = next;
    }
    return left;
  }

 private:
  size_t Separate(AdoptedPool*& empty) {
    const std::lock_guard lock(mutex_);
    size_t left = 0;
    for (AdoptedPool** link = &first_; *link != nullptr;) {
      AdoptedPool* pool = *link;
      if (pool->HasLiveObjects()) {
        ++left;
        link = &pool->next_;
      } else {
        *link = pool->next_;
        pool->next_ = empty;
        empty = pool;
      }
    }
    return left;
  }

  std::mutex mutex_;
  AdoptedPool* first_ = nullptr;
};

namespace {

// Trivially destructible: usable from static destructors.
constinit AdoptedPools adopted_pools;

}  // namespace

void AdoptPool(AdoptedPool* pool) { adopted_pools.Add(pool); }

}  // namespace internal

size_t ReclaimAdoptedPools() { return internal::adopted_pools.Reclaim(); }

}  // namespace blixard::memory
