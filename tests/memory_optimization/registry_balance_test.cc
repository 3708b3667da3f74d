#include "tests/memory_optimization/registry_balance.h"

#include <gtest/gtest.h>

#include "memory_optimization/object_pool.h"

namespace blixard::memory {
namespace {

TEST(RegistryBalanceTest, AnObjectStillOutIsNamed) {
  ObjectPool<int> pool("kept");
  const LiveObjects before = CountLiveObjects();
  const Pooled<int> kept = pool.Acquire();
  EXPECT_EQ(DescribeImbalance(before, CountLiveObjects()),
            "pool \"kept\": 0 objects out before the test, 1 after it\n");
}

TEST(RegistryBalanceTest, GivingBackMoreThanWasTakenIsFine) {
  ObjectPool<int> pool("returned");
  Pooled<int> early = pool.Acquire();
  const LiveObjects before = CountLiveObjects();
  early.Reset();
  EXPECT_EQ(DescribeImbalance(before, CountLiveObjects()), "");
}

TEST(RegistryBalanceTest, APoolMadeMeanwhileStartsAtZero) {
  const LiveObjects before = CountLiveObjects();
  ObjectPool<int> pool("late");
  EXPECT_EQ(DescribeImbalance(before, CountLiveObjects()), "");
  const Pooled<int> kept = pool.Acquire();
  EXPECT_NE(DescribeImbalance(before, CountLiveObjects()), "");
}

}  // namespace
}  // namespace blixard::memory
