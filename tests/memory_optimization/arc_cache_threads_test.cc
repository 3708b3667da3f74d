// Readers, loaders, evictions and invalidations at once: no guard ever shows a freed or foreign
// value, and the books balance at the end.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "memory_optimization/arc_cache.h"
#include "memory_optimization/arc_cache_pin_slots.h"

namespace blixard::memory {
namespace {

// Says whose it is, and whether it is alive.
struct Witness {
  explicit Witness(int owner) : key(owner) { ++alive; }
  Witness(Witness&& other) noexcept : key(other.key) { ++alive; }
  ~Witness() {
    key = -1;
    --alive;
  }
  int key;
  static inline std::atomic<int> alive = 0;
};

using Cache = ArcCache<std::string, Witness>;

std::string Name(int key) { return "node/rack-" + std::to_string(key); }

TEST(ArcCacheThreadsTest, NoGuardEverShowsAFreedValue) {
  constexpr int kKeys = 60;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  {
    Cache cache({.max_entries = 16});  // tight: most lookups race with an eviction
    std::mutex mutex;
    std::vector<std::pair<Pinned<Witness>, int>> given_away;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937 random(seed + static_cast<unsigned>(t));
        std::vector<std::pair<Pinned<Witness>, int>> held;
        for (int i = 0; i < 6'000; ++i) {
          const int key = static_cast<int>(random() % kKeys);
          const unsigned choice = random() % 100;
          if (choice < 2) {
            cache.Invalidate(Name(key));
          } else if (choice < 4) {
            cache.Put(Name(key), Witness(key));
          } else {
            auto pinned = cache.GetOrCreate(Name(key), [key] { return Witness(key); });
            ASSERT_TRUE(pinned.ok());
            ASSERT_EQ((*pinned)->key, key);
            if (choice < 30) held.emplace_back(*std::move(pinned), key);
          }
          for (const auto& [guard, owner] : held) ASSERT_EQ(guard->key, owner);
          if (held.size() > random() % 6) {
            const std::lock_guard lock(mutex);
            if (!given_away.empty()) {
              ASSERT_EQ(given_away.back().first->key, given_away.back().second);
              given_away.pop_back();  // released by another thread than took it
            }
            if (given_away.size() < 4) given_away.push_back(std::move(held.back()));
            held.pop_back();
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    given_away.clear();
    const ArcCacheStats stats = cache.Stats();
    EXPECT_EQ(stats.pinned, 0u);
    EXPECT_LE(stats.entries, 16u);
    cache.Trim();
    EXPECT_EQ(Witness::alive, static_cast<int>(cache.Stats().entries));
  }
  EXPECT_EQ(Witness::alive, 0);
}

TEST(ArcCacheThreadsTest, HitsAreCountedExactly) {
  ArcCache<int, int> cache({.max_entries = 64});
  for (int key = 0; key < 64; ++key) cache.Put(key, key);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) ASSERT_EQ(*cache.Find(i % 64), i % 64);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache.Stats().hits, 40'000u);
}

TEST(ArcCacheThreadsTest, TheTableGrowsUnderItsReaders) {
  ArcCache<int, int> cache({.max_entries = 20'000});
  cache.Put(0, 0);
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const Pinned<int> pinned = cache.Find(0);
      ASSERT_TRUE(pinned);
      ASSERT_EQ(*pinned, 0);
    }
  });
  for (int key = 1; key < 10'000; ++key) cache.Put(key, key);
  done = true;
  reader.join();
  for (int key = 0; key < 10'000; ++key) ASSERT_EQ(*cache.Find(key), key);
}

TEST(ArcCacheThreadsTest, ThreadChurnLeavesTheSlotsOfPeakConcurrencyOnly) {
  ArcCache<int, int> cache({.max_entries = 4});
  cache.Put(1, 1);
  const auto count_blocks = [] {
    int blocks = 0;
    for (auto* block = internal::FirstPinBlock(); block != nullptr; block = block->next) ++blocks;
    return blocks;
  };
  const int before = count_blocks();
  for (int i = 0; i < 1'000; ++i) {
    std::thread([&] { ASSERT_EQ(*cache.Find(1), 1); }).join();
  }
  EXPECT_LE(count_blocks(), before + 1);
  EXPECT_EQ(cache.Stats().hits, 1'000u);
}

}  // namespace
}  // namespace blixard::memory
