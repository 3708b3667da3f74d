#include "memory_optimization/object_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "memory_optimization/adopted_pools.h"
#include "memory_optimization/pool_checks.h"

namespace blixard::memory {
namespace {

struct Batch {
  std::vector<int> items;
  std::string tenant;
  int resets = 0;

  void Reset() {
    items.clear();
    tenant.clear();
    ++resets;
  }
};
struct Clearable {
  int value = 7;
  void Clear() { value = 0; }
};
struct Plain {
  int value = 7;
};
struct SetToNine {
  static void Reset(Plain& plain) { plain.value = 9; }
};
struct alignas(256) Wide {
  char bytes[300] = {};
};
struct Counted {
  Counted() { ++alive; }
  ~Counted() { --alive; }
  static inline int alive = 0;
};

static_assert(sizeof(Pooled<Batch>) <= (kCheckedPools ? 24 : 16));
static_assert(!std::is_copy_constructible_v<Pooled<Batch>>);
static_assert(std::is_nothrow_move_constructible_v<Pooled<Batch>>);

TEST(ObjectPoolTest, AReleasedObjectComesBackResetWithItsCapacity) {
  ObjectPool<Batch> pool("batches");
  Batch* first = nullptr;
  {
    Pooled<Batch> batch = pool.Acquire();
    first = batch.get();
    batch->items.assign(100, 1);
    batch->tenant = "the last tenant's data";
  }
  const Pooled<Batch> again = pool.Acquire();
  EXPECT_EQ(again.get(), first);
  EXPECT_TRUE(again->items.empty());
  EXPECT_TRUE(again->tenant.empty());
  EXPECT_GE(again->items.capacity(), 100u);
  EXPECT_EQ(again->resets, 1);
}

TEST(ObjectPoolTest, TheResetPolicyIsResetThenClearThenNothing) {
  ObjectPool<Clearable> clearables("clearables");
  clearables.Acquire()->value = 5;
  EXPECT_EQ(clearables.Acquire()->value, 0);
  ObjectPool<Plain> plains("plains");
  plains.Acquire()->value = 5;
  EXPECT_EQ(plains.Acquire()->value, 5);
  ObjectPool<Plain, SetToNine> nines("nines");
  nines.Acquire()->value = 5;
  EXPECT_EQ(nines.Acquire()->value, 9);
}

TEST(ObjectPoolTest, AGuardMovesAndEmptiesItsSource) {
  ObjectPool<Batch> pool("batches");
  Pooled<Batch> a = pool.Acquire();
  Batch* object = a.get();
  Pooled<Batch> b = std::move(a);
  EXPECT_FALSE(a);
  EXPECT_EQ(b.get(), object);
  a = std::move(b);
  EXPECT_EQ(a.get(), object);
  EXPECT_EQ(pool.Stats().live, 1u);
  a = pool.Acquire();  // releases what it held
  EXPECT_NE(a.get(), object);
  EXPECT_EQ(pool.Stats().live, 1u);
  a.Reset();
  a.Reset();
  EXPECT_FALSE(a);
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(ObjectPoolTest, AnExhaustedPoolThatFailsGivesAnEmptyGuard) {
  ObjectPool<Plain> pool("small", {.max_size = 2});
  Pooled<Plain> a = pool.Acquire();
  Pooled<Plain> b = pool.Acquire();
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(pool.Acquire());
  EXPECT_EQ(pool.Stats().exhausted, 1u);
  b.Reset();
  EXPECT_TRUE(pool.Acquire());
}

TEST(ObjectPoolTest, AnExhaustedPoolOnTheHeapBuildsAndKeepsOnlyMaxSize) {
  Counted::alive = 0;
  {
    ObjectPool<Counted> pool("heap", {.max_size = 4, .on_exhausted = OnExhausted::kHeap});
    std::vector<Pooled<Counted>> guards;
    for (int i = 0; i < 10; ++i) guards.push_back(pool.Acquire());
    EXPECT_TRUE(guards.back());
    EXPECT_EQ(Counted::alive, 10);
    EXPECT_EQ(pool.Stats().grown, 6u);
    EXPECT_EQ(pool.Stats().exhausted, 0u);
    guards.clear();
    EXPECT_LE(Counted::alive, 4);
    EXPECT_EQ(pool.Stats().idle, static_cast<uint64_t>(Counted::alive));
    EXPECT_EQ(pool.Stats().dropped, 10u - pool.Stats().idle);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(ObjectPoolTest, AnExhaustedPoolThatGrowsKeepsWhatItBuiltUntilTrimmed) {
  Counted::alive = 0;
  ObjectPool<Counted> pool("growing",
                           {.min_size = 2, .max_size = 4, .on_exhausted = OnExhausted::kGrow});
  std::vector<Pooled<Counted>> guards;
  for (int i = 0; i < 10; ++i) guards.push_back(pool.Acquire());
  guards.clear();
  EXPECT_EQ(pool.Stats().idle, 10u);
  EXPECT_EQ(pool.TrimIdle(), 8u);
  EXPECT_EQ(Counted::alive, 2);
  EXPECT_EQ(pool.TrimIdle(), 0u);
}

TEST(ObjectPoolTest, AnExhaustedPoolThatWaitsGivesUpAtItsDeadline) {
  ObjectPool<Plain> pool("waiting", {.max_size = 1,
                                     .on_exhausted = OnExhausted::kWait,
                                     .wait_at_most = std::chrono::milliseconds(3)});
  const Pooled<Plain> only = pool.Acquire();
  EXPECT_FALSE(pool.Acquire());
  EXPECT_EQ(pool.Stats().exhausted, 1u);
}

TEST(ObjectPoolTest, AnExhaustedPoolThatWaitsGetsWhatComesBack) {
  ObjectPool<Plain> pool("waiting", {.max_size = 1,
                                     .on_exhausted = OnExhausted::kWait,
                                     .wait_at_most = std::chrono::seconds(60)});
  Pooled<Plain> only = pool.Acquire();
  std::thread waiter([&] { EXPECT_TRUE(pool.Acquire()); });
  only.Reset();
  waiter.join();
}

TEST(ObjectPoolTest, RetainsNoMoreBytesThanAllowed) {
  ObjectPool<Wide> pool("retaining", {.max_size = 100, .max_retained_bytes = 20 * 2048});
  std::vector<Pooled<Wide>> guards;
  for (int i = 0; i < 100; ++i) guards.push_back(pool.Acquire());
  guards.clear();
  const PoolStats stats = pool.Stats();
  EXPECT_LE(stats.idle_bytes, 20u * 2048);
  EXPECT_GE(stats.idle_bytes, 20u * 2048 / 2 - 2048);
  EXPECT_EQ(stats.dropped, 100 - stats.idle);
}

TEST(ObjectPoolTest, WarmBuildsTheMinimumOnce) {
  Counted::alive = 0;
  ObjectPool<Counted> pool("warm", {.min_size = 5, .max_size = 8});
  EXPECT_EQ(Counted::alive, 0);
  pool.Warm();
  EXPECT_EQ(Counted::alive, 5);
  pool.Warm();
  EXPECT_EQ(Counted::alive, 5);
  EXPECT_EQ(pool.Stats().idle, 5u);
  EXPECT_EQ(pool.Stats().peak, 0u);
  const Pooled<Counted> guard = pool.Acquire();
  EXPECT_EQ(Counted::alive, 5);
}

TEST(ObjectPoolTest, ADetachedObjectStaysLiveUntilAttached) {
  ObjectPool<Batch> pool("batches");
  Batch* object = pool.Acquire().Detach();
  EXPECT_EQ(pool.Stats().live, 1u);
  Pooled<Batch> guard = pool.Attach(object);
  EXPECT_EQ(guard.get(), object);
  EXPECT_EQ(object->resets, 0);
  guard.Reset();
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(ObjectPoolTest, DetachOfAnEmptyGuardGivesNull) {
  EXPECT_EQ(Pooled<Batch>().Detach(), nullptr);
}

TEST(ObjectPoolTest, StatisticsFollowTheObjects) {
  ObjectPool<Plain> pool("plains");
  {
    std::vector<Pooled<Plain>> guards;
    for (int i = 0; i < 5; ++i) guards.push_back(pool.Acquire());
    EXPECT_EQ(pool.Stats().live, 5u);
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.Acquire());
  const PoolStats stats = pool.Stats();
  EXPECT_EQ(stats.live, 0u);
  EXPECT_EQ(stats.idle, 5u);
  EXPECT_EQ(stats.peak, 5u);
  EXPECT_EQ(stats.acquired, 8u);
  EXPECT_EQ(stats.live_bytes, 0u);
  EXPECT_GE(stats.idle_bytes, 5 * sizeof(Plain));
}

TEST(ObjectPoolTest, OverAlignedObjectsAreAligned) {
  ObjectPool<Wide> pool("wide");
  const Pooled<Wide> a = pool.Acquire();
  const Pooled<Wide> b = pool.Acquire();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.get()) % 256, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.get()) % 256, 0u);
}

// A parent's reset may give children back to the pool the parent came from.
struct Tree {
  std::vector<Pooled<Tree>> children;
  void Reset() { children.clear(); }
};
TEST(ObjectPoolTest, AResetMayReleaseIntoTheSamePool) {
  ObjectPool<Tree> pool("trees");
  {
    Pooled<Tree> root = pool.Acquire();
    for (int i = 0; i < 100; ++i) root->children.push_back(pool.Acquire());
  }
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().idle, 101u);
}

struct Stubborn {
  void Reset() {
    if (refuse) throw std::runtime_error("no");
  }
  bool refuse = false;
};
TEST(ObjectPoolTest, AnObjectThatCannotBeResetIsDestroyed) {
  ObjectPool<Stubborn> pool("stubborn");
  pool.Acquire()->refuse = true;
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().idle, 0u);
  EXPECT_EQ(pool.Stats().dropped, 1u);
  pool.Acquire().Reset();
  EXPECT_EQ(pool.Stats().idle, 1u);
}

struct Fragile {
  Fragile() {
    if (fail) throw std::runtime_error("no");
  }
  static inline bool fail = false;
};
TEST(ObjectPoolTest, AThrowingConstructorLeavesTheBooksBalanced) {
  ObjectPool<Fragile> pool("fragile", {.max_size = 1});
  Fragile::fail = true;
  for (int i = 0; i < 3; ++i) EXPECT_THROW((void)pool.Acquire(), std::runtime_error);
  Fragile::fail = false;
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().acquired, 0u);
  EXPECT_TRUE(pool.Acquire());
}

TEST(ObjectPoolTest, AnOwnedGuardOutlivesItsPool) {
  Counted::alive = 0;
  auto pool = std::make_unique<ObjectPool<Counted>>("owned");
  OwnedPooled<Counted> owned = pool->AcquireOwned();
  OwnedPooled<Counted> moved = std::move(owned);
  EXPECT_FALSE(owned);
  pool.reset();
  EXPECT_EQ(Counted::alive, 1);
  EXPECT_TRUE(moved);
  moved.Reset();
  EXPECT_EQ(Counted::alive, 0);
}

TEST(ObjectPoolTest, AnOwnedGuardMayEndOnAnotherThread) {
  Counted::alive = 0;
  auto pool = std::make_unique<ObjectPool<Counted>>("owned");
  std::thread([owned = pool->AcquireOwned(), &pool]() mutable {
    pool.reset();
    owned.Reset();
  }).join();
  EXPECT_EQ(Counted::alive, 0);
}

TEST(ObjectPoolTest, AnAdoptedPoolLastsUntilItsObjectsAreBack) {
  Counted::alive = 0;
  Pooled<Counted> late;
  {
    ObjectPool<Counted> pool("adopted", {.on_leak = OnLeak::kAdopt});
    late = pool.Acquire();
    pool.Acquire().Reset();
  }
  EXPECT_EQ(ReclaimAdoptedPools(), 1u);
  late.Reset();
  EXPECT_EQ(ReclaimAdoptedPools(), 0u);
  EXPECT_EQ(Counted::alive, 0);
}

TEST(ObjectPoolTest, StatisticsCountReturnsFromOtherThreads) {
  ObjectPool<Plain> pool("elsewhere");
  std::thread([guard = pool.Acquire()]() mutable { guard.Reset(); }).join();
  pool.Acquire().Reset();
  EXPECT_EQ(pool.Stats().returned_elsewhere, 1u);
}

using ObjectPoolDeathTest = testing::Test;

TEST(ObjectPoolDeathTest, DestructionWithObjectsOutNamesPoolCountAndCallSite) {
  EXPECT_DEATH(
      {
        auto pool =
            std::make_unique<ObjectPool<Plain>>("leaky", PoolConfig{.record_call_sites = true});
        const Pooled<Plain> a = pool->Acquire();
        const Pooled<Plain> b = pool->Acquire();
        pool.reset();
      },
      "object pool \"leaky\" destroyed with 2 objects out\n[12] acquired at "
      ".*object_pool_test.cc:");
}

TEST(ObjectPoolDeathTest, AReportedLeakIsLoggedAndHarmless) {
  EXPECT_EXIT(
      {
        Pooled<Plain> late;
        {
          ObjectPool<Plain> pool("reported", {.on_leak = OnLeak::kReport});
          late = pool.Acquire();
        }
        late.Reset();
        std::exit(ReclaimAdoptedPools() == 0 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "object pool \"reported\" destroyed with 1 objects out");
}

TEST(ObjectPoolDeathTest, ASealedPoolThatWouldGrowNamesTheCallSite) {
  ObjectPool<Plain> pool("sealed", {.min_size = 2, .max_size = 4});
  pool.Warm();
  pool.Seal();
  const Pooled<Plain> a = pool.Acquire();
  const Pooled<Plain> b = pool.Acquire();
  EXPECT_DEATH((void)pool.Acquire(),
               "pool \"sealed\" is sealed and would grow: no idle object for .*"
               "object_pool_test.cc:");
  pool.Seal(false);
  EXPECT_TRUE(pool.Acquire());
}

TEST(ObjectPoolDeathTest, AttachingNothingIsFound) {
  ObjectPool<Plain> pool("nothing");
  EXPECT_DEATH((void)pool.Attach(nullptr), "object pool \"nothing\": attach of nullptr");
}

TEST(ObjectPoolDeathTest, ImpossibleConfigurationsAreNamed) {
  EXPECT_DEATH(ObjectPool<Plain>("none", {.max_size = 0}), "object pool \"none\": max_size");
  EXPECT_DEATH(ObjectPool<Plain>("upside", {.min_size = 3, .max_size = 2}),
               "object pool \"upside\": min_size");
}

}  // namespace
}  // namespace blixard::memory
