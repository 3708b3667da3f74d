#include "tests/simulation/pool_census.h"

#include <gtest/gtest.h>

#include "memory_optimization/object_pool.h"

namespace blixard::raft {
namespace {

TEST(PoolCensusTest, NamesThePoolOfAnObjectThatIsOut) {
  memory::ObjectPool<int> pool("census_test");
  const PoolCensus before;
  {
    const memory::Pooled<int> held = pool.Acquire();
    EXPECT_EQ(before.Difference(), "not all pooled objects came back: census_test 1");
  }
  EXPECT_EQ(before.Difference(), "");
}

TEST(PoolCensusTest, WhatWasOutBeforeMayStayOut) {
  memory::ObjectPool<int> pool("census_test");
  const memory::Pooled<int> held = pool.Acquire();
  const PoolCensus before;
  const memory::Pooled<int> another = pool.Acquire();
  EXPECT_NE(before.Difference(), "");
}

}  // namespace
}  // namespace blixard::raft
