// How large a global pool must be follows from the limits of everything that may hold its objects
// at once: queues, objects in flight, batches. The limits are declared by name and added up, so
// that raising one raises the pool, and a person can read where a pool's size comes from.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOL_BUDGET_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOL_BUDGET_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "memory_optimization/pool_config.h"

namespace blixard::memory {

struct PoolLimit {
  std::string_view holder = {};  // who holds them: "proposal queue"
  size_t objects = 0;            // how many at most
};

// A view of limits that are declared `static constexpr` beside it.
struct PoolBudget {
  std::string_view pool = {};
  std::span<const PoolLimit> limits = {};

  // Objects that can be out at once; saturates.
  constexpr size_t Total() const {
    size_t total = 0;
    for (const PoolLimit& limit : limits) {
      const size_t sum = total + limit.objects;
      total = sum < total ? ~size_t{0} : sum;
    }
    return total;
  }
  // `config` with the total as max_size. CHECKs that there is room for min_size.
  PoolConfig Configure(PoolConfig config = {}) const;
};

// A table, one pool after the other:
//   raft_proposal
//       4096  proposal queue
//       ...
//      65536  in all
std::string PrintPoolBudgets(std::span<const PoolBudget> budgets);

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOL_BUDGET_H_
