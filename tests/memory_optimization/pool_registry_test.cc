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
