#include "memory_optimization/pool_registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"

namespace blixard::memory {
namespace {

std::map<std::string, PoolStats> Snapshot() {
  std::map<std::string, PoolStats> pools;
  PoolRegistry::Global().ForEach(
      [&](std::string_view name, const PoolStats& stats) { pools[std::string(name)] = stats; });
  return pools;
}

TEST(PoolRegistryTest, ShowsPoolsOfBothKindsWhileTheyLive) {
  const size_t before = PoolRegistry::Global().size();
  {
    ObjectPool<int> objects("test objects");
    BufferPool buffers({.name = "test buffers"});
    const Pooled<int> object = objects.Acquire();
    const Buffer buffer = buffers.AcquireCopy("abc").value();
    EXPECT_EQ(PoolRegistry::Global().size(), before + 2);
    std::map<std::string, PoolStats> pools = Snapshot();
    EXPECT_EQ(pools.at("test objects").live, 1u);
    EXPECT_EQ(pools.at("test buffers").live_bytes, 64u);
  }
  EXPECT_EQ(PoolRegistry::Global().size(), before);
  EXPECT_EQ(Snapshot().count("test objects"), 0u);
}

TEST(PoolRegistryTest, TrimIdleLeavesEveryPoolItsMinimum) {
  ObjectPool<int> pool("trimmed", {.min_size = 2, .max_size = 8});
  {
    const Pooled<int> objects[] = {pool.Acquire(), pool.Acquire(), pool.Acquire(), pool.Acquire()};
  }
  ASSERT_EQ(pool.Stats().idle, 4u);
  EXPECT_GE(PoolRegistry::Global().TrimIdle(), 2u);
  EXPECT_EQ(pool.Stats().idle, 2u);
  EXPECT_EQ(PoolRegistry::Global().TrimIdle(), 0u);
}

TEST(PoolRegistryDeathTest, SealHoldsForPoolsOfNowAndOfLater) {
  EXPECT_DEATH(
      {
        ObjectPool<int> early("early");
        PoolRegistry::Global().Seal();
        (void)early.Acquire();
      },
      "pool \"early\" is sealed and would grow");
  EXPECT_DEATH(
      {
        PoolRegistry::Global().Seal();
        ObjectPool<int> late("late");
        (void)late.Acquire();
      },
      "pool \"late\" is sealed and would grow");
  ObjectPool<int> warm("warm", {.min_size = 1});
  warm.Warm();
  PoolRegistry::Global().Seal();
  EXPECT_TRUE(warm.Acquire());  // nothing grows
  PoolRegistry::Global().Seal(false);
  ObjectPool<int> open("open");
  EXPECT_TRUE(open.Acquire());
}

TEST(PoolRegistryTest, PoolsMayComeAndGoWhileOthersLook) {
  std::atomic<bool> done = false;
  std::thread visitor([&] {
    while (!done) Snapshot();
  });
  for (int i = 0; i < 300; ++i) {
    ObjectPool<int> pool("brief");
    pool.Acquire().Reset();
  }
  done = true;
  visitor.join();
}

}  // namespace
}  // namespace blixard::memory
