// Every allocation of every operation of a pool fails once.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "tests/memory_optimization/failure_walk.h"

namespace blixard::memory {
namespace {

// Its constructor allocates.
struct Named {
  std::string name = std::string(100, 'x');
  std::vector<int> numbers = std::vector<int>(10);

  void Clear() { numbers.clear(); }
};

struct Pools {
  Pools() { held.reserve(8); }
  ~Pools() { held.clear(); }

  // No one but the guards in `held` has objects out.
  void ExpectBalance() {
    if (!pool) return;
    EXPECT_EQ(pool->Stats().live, held.size());
    EXPECT_EQ(pool->Stats().acquired, pool->Stats().hits + pool->Stats().misses);
  }

  std::unique_ptr<ObjectPool<Named>> pool = std::make_unique<ObjectPool<Named>>(
      "failing", PoolConfig{.min_size = 3, .max_size = 8, .on_exhausted = OnExhausted::kGrow});
  std::vector<Pooled<Named>> held;
};

void Walk(FailureWalk<Pools>::Operation operation) {
  EXPECT_FAILURE_SAFE((FailureWalk<Pools>{.operation = std::move(operation),
                                          .check = [](Pools& p) { p.ExpectBalance(); }}));
}

TEST(ObjectPoolFailureTest, Construction) {
  Walk([](Pools& p) { p.pool = std::make_unique<ObjectPool<Named>>("another one, long name"); });
}
TEST(ObjectPoolFailureTest, Warm) {
  Walk([](Pools& p) { p.pool->Warm(); });
}
TEST(ObjectPoolFailureTest, AcquireThatBuilds) {
  Walk([](Pools& p) { p.held.push_back(p.pool->Acquire()); });
}
TEST(ObjectPoolFailureTest, AcquireThatGrows) {
  Walk([](Pools& p) {
    while (p.held.size() < 8) p.held.push_back(p.pool->Acquire());
    p.held.resize(0);
    std::vector<Pooled<Named>> more(9);
    for (Pooled<Named>& guard : more) guard = p.pool->Acquire();
  });
}
TEST(ObjectPoolFailureTest, AcquireOwnedAndRelease) {
  Walk([](Pools& p) { p.pool->AcquireOwned().Reset(); });
}
TEST(ObjectPoolFailureTest, DetachAndAttach) {
  Walk([](Pools& p) { p.pool->Attach(p.pool->Acquire().Detach()).Reset(); });
}
TEST(ObjectPoolFailureTest, TrimAndStatistics) {
  Walk([](Pools& p) {
    p.pool->Acquire().Reset();
    p.pool->TrimIdle();
    return p.pool->Stats().acquired > 0;
  });
}
TEST(ObjectPoolFailureTest, DestructionWithAnOwnedGuardOut) {
  Walk([](Pools& p) {
    if (!p.pool) return;
    const OwnedPooled<Named> owned = p.pool->AcquireOwned();
    p.pool.reset();
  });
}

}  // namespace
}  // namespace blixard::memory
