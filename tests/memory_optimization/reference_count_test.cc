#include "memory_optimization/reference_count.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace blixard::memory::internal {
namespace {

TEST(ReferenceCountTest, TheLastDropOfSeveralSaysSo) {
  ReferenceCount<> count;
  count.Start();
  EXPECT_TRUE(count.IsAlone());
  count.Share();
  count.Share();
  EXPECT_FALSE(count.IsAlone());
  EXPECT_FALSE(count.Drop());
  EXPECT_FALSE(count.Drop());
  EXPECT_TRUE(count.IsAlone());
  EXPECT_TRUE(count.Drop());
}

TEST(ReferenceCountTest, ABlockMayBeUsedAgain) {
  ReferenceCount<> count;
  for (int i = 0; i < 3; ++i) {
    count.Start();
    EXPECT_TRUE(count.Drop());
  }
}

TEST(ReferenceCountTest, OfManyThreadsExactlyOneDropsLast) {
  for (int round = 0; round < 200; ++round) {
    ReferenceCount<> count;
    std::atomic<int> last = 0;
    int written[3] = {};
    count.Start();
    count.Share();
    count.Share();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 10; ++i) {
          count.Share();
          EXPECT_FALSE(count.Drop());
        }
        written[t] = 1;
        if (!count.Drop()) return;
        last.fetch_add(1);
        // What every other holder did with the block came before.
        EXPECT_EQ(written[0] + written[1] + written[2], 3);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(last, 1);
  }
}

TEST(ReferenceCountDeathTest, AShareOfABlockNobodyHoldsIsFound) {
  ReferenceCount<> count;
  EXPECT_DEATH(count.Share(), "share of a block with 0 holders");
  count.Start();
  EXPECT_TRUE(count.Drop());
  EXPECT_DEATH(count.Share(), "share of a block with 0 holders");
}

TEST(ReferenceCountDeathTest, ADropTooManyIsFound) {
  ReferenceCount<> count;
  EXPECT_DEATH(static_cast<void>(count.Drop()), "drop of a block nobody holds");
}

}  // namespace
}  // namespace blixard::memory::internal
