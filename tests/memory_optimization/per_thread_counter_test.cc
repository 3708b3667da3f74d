#include "memory_optimization/per_thread_counter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "memory_optimization/cache_line.h"

namespace blixard::memory {
namespace {

TEST(CacheLineTest, NeighboursShareNoLine) {
  static CacheAligned<int> pair[2];
  EXPECT_EQ(reinterpret_cast<uintptr_t>(&pair[0]) % kCacheLinePairBytes, 0u);
  EXPECT_GE(reinterpret_cast<char*>(&*pair[1]) - reinterpret_cast<char*>(&*pair[0]),
            static_cast<ptrdiff_t>(kCacheLinePairBytes));
  EXPECT_EQ(*CacheAligned<int>(std::in_place, 7), 7);
}

TEST(PerThreadCounterTest, NothingIsLostAmongMoreThreadsThanCells) {
  constexpr uint64_t kThreads = internal::kCounterCells + 20;
  constexpr uint64_t kAdds = 500;
  // Not on the stack: gcc's AddressSanitizer aligns that to 32 bytes only.
  static PerThreadCounter counter;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < kAdds; ++i) counter.Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.Sum(), kThreads * kAdds);
}

TEST(PerThreadCounterTest, ACellPassesToALaterThreadWithItsCount) {
  static PerThreadCounter counter;
  for (int t = 0; t < 300; ++t) std::thread([&] { counter.Add(2); }).join();
  EXPECT_EQ(counter.Sum(), 600u);
}

TEST(PerThreadCounterTest, CountersAreApart) {
  static PerThreadCounter a;
  static PerThreadCounter b;
  a.Add(5);
  EXPECT_EQ(a.Sum(), 5u);
  EXPECT_EQ(b.Sum(), 0u);
}

}  // namespace
}  // namespace blixard::memory
