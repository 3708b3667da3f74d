#include "memory_optimization/object_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

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

static_assert(sizeof(Pooled<Batch>) <= 16);
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

TEST(ObjectPoolTest, AnExhaustedPoolThatGrowsBuildsAndKeepsOnlyMaxSize) {
  Counted::alive = 0;
  {
    ObjectPool<Counted> pool("growing", {.max_size = 4, .on_exhausted = OnExhausted::kGrow});
    std::vector<Pooled<Counted>> guards;
    for (int i = 0; i < 10; ++i) guards.push_back(pool.Acquire());
    EXPECT_TRUE(guards.back());
    EXPECT_EQ(Counted::alive, 10);
    EXPECT_EQ(pool.Stats().grown, 6u);
    EXPECT_EQ(pool.Stats().exhausted, 0u);
    guards.clear();
    EXPECT_LE(Counted::alive, 4);
    EXPECT_EQ(pool.Stats().idle, static_cast<uint64_t>(Counted::alive));
  }
  EXPECT_EQ(Counted::alive, 0);
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

using ObjectPoolDeathTest = testing::Test;

TEST(ObjectPoolDeathTest, DestructionWithObjectsOutNamesPoolAndCount) {
  EXPECT_DEATH(
      {
        auto pool = std::make_unique<ObjectPool<Plain>>("leaky");
        const Pooled<Plain> a = pool->Acquire();
        const Pooled<Plain> b = pool->Acquire();
        pool.reset();
      },
      "object pool \"leaky\" destroyed with 2 objects out");
}

TEST(ObjectPoolDeathTest, AttachingTwiceIsFound) {
  ObjectPool<Plain> pool("twice");
  EXPECT_DEATH(
      {
        Plain* object = pool.Acquire().Detach();
        const Pooled<Plain> a = pool.Attach(object);
        const Pooled<Plain> b = pool.Attach(object);
      },
      "object pool \"twice\": attach of an object that is not detached");
}

TEST(ObjectPoolDeathTest, AttachingAReleasedObjectIsFound) {
  ObjectPool<Plain> pool("released");
  EXPECT_DEATH(
      {
        Plain* object = pool.Acquire().Detach();
        pool.Attach(object).Reset();
        (void)pool.Attach(object);
      },
      "object pool \"released\": attach of an object that is not detached");
}

TEST(ObjectPoolDeathTest, ReleasingAnObjectSomebodyDetachedBehindItsGuardIsFound) {
  ObjectPool<Plain> pool("stolen");
  EXPECT_DEATH(
      {
        Pooled<Plain> guard = pool.Acquire();
        alignas(Pooled<Plain>) char twin[sizeof(guard)];
        std::memcpy(twin, &guard, sizeof(guard));  // two owners of one object
        guard.Reset();
        reinterpret_cast<Pooled<Plain>*>(twin)->Reset();
      },
      "object pool \"stolen\": release of an object that is not in use");
}

TEST(ObjectPoolDeathTest, AForeignObjectIsFound) {
  ObjectPool<Plain> pool("mine");
  ObjectPool<Plain> other("other");
  EXPECT_DEATH((void)pool.Attach(other.Acquire().Detach()),
               "object pool \"mine\": attach of a foreign object");
}

TEST(ObjectPoolDeathTest, ImpossibleConfigurationsAreNamed) {
  EXPECT_DEATH(ObjectPool<Plain>("none", {.max_size = 0}), "object pool \"none\": max_size");
  EXPECT_DEATH(ObjectPool<Plain>("upside", {.min_size = 3, .max_size = 2}),
               "object pool \"upside\": min_size");
}

}  // namespace
}  // namespace blixard::memory
