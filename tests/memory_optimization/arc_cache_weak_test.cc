#include "memory_optimization/arc_cache_weak.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace blixard::memory {
namespace {

using Cache = WeakCache<std::string, int>;
using Value = Cache::Value;

TEST(WeakCacheTest, OneObjectPerKeyWhileSomebodyHasIt) {
  Cache cache;
  Value first = *cache.GetOrCreate("k", [] { return 1; });
  Value second = *cache.GetOrCreate("k", [] { return 2; });
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(cache.Find("k").get(), first.get());
  first = nullptr;
  EXPECT_EQ(cache.Find("k").get(), second.get());
  second = nullptr;
  EXPECT_EQ(cache.Find("k"), nullptr);
  EXPECT_EQ(**cache.GetOrCreate("k", [] { return 3; }), 3);
}

TEST(WeakCacheTest, TheObjectDiesWithItsLastUser) {
  const auto witness = std::make_shared<int>(0);
  WeakCache<int, std::shared_ptr<int>> cache;
  auto held = *cache.GetOrCreate(1, [&] { return witness; });
  EXPECT_EQ(witness.use_count(), 2);
  held = nullptr;
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(WeakCacheTest, KeysOfTheDeadAreSwept) {
  WeakCache<int, int> cache;
  const auto kept = *cache.GetOrCreate(-1, [] { return 0; });
  for (int key = 0; key < 10'000; ++key) {
    EXPECT_TRUE(cache.GetOrCreate(key, [] { return 0; }).ok());
    ASSERT_LE(cache.Stats().entries, 17u);
  }
  EXPECT_EQ(cache.Find(-1), kept);
}

TEST(WeakCacheTest, TheBoundIsAClearErrorAndNothingAliveIsDropped) {
  WeakCache<int, int> cache({.name = "images", .max_entries = 2});
  const auto first = *cache.GetOrCreate(1, [] { return 1; });
  auto second = *cache.GetOrCreate(2, [] { return 2; });
  const absl::Status refused = cache.GetOrCreate(3, [] { return 3; }).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.message(), "images: want at most 2 values alive, got one more");
  EXPECT_EQ(cache.Find(1), first);
  EXPECT_TRUE(cache.GetOrCreate(2, [] { return 0; }).ok());  // what is there is still found
  second = nullptr;
  EXPECT_TRUE(cache.GetOrCreate(3, [] { return 3; }).ok());
  EXPECT_EQ(cache.Stats().refused, 1u);
}

TEST(WeakCacheTest, InvalidateMakesTheKeyMeanAnotherObject) {
  Cache cache;
  const Value old = *cache.GetOrCreate("k", [] { return 1; });
  EXPECT_TRUE(cache.Invalidate("k"));
  EXPECT_FALSE(cache.Invalidate("k"));
  const Value young = *cache.GetOrCreate("k", [] { return 2; });
  EXPECT_EQ(*old, 1);
  EXPECT_EQ(*young, 2);
}

TEST(WeakCacheTest, WhatIsInvalidatedDuringItsLoadIsNotRemembered) {
  Cache cache;
  const auto loaded = cache.GetOrCreate("k", [&] {
    EXPECT_TRUE(cache.Invalidate("k"));
    return 1;
  });
  EXPECT_EQ(**loaded, 1);
  EXPECT_EQ(cache.Find("k"), nullptr);
}

TEST(WeakCacheTest, AFailedLoadWedgesNobody) {
  Cache cache;
  const auto throws = []() -> int { throw std::runtime_error("thrown"); };
  EXPECT_THROW(cache.GetOrCreate("k", throws).IgnoreError(), std::runtime_error);
  EXPECT_EQ(
      cache.GetOrCreate("k", []() -> absl::StatusOr<int> { return absl::NotFoundError("no"); })
          .status(),
      absl::NotFoundError("no"));
  EXPECT_EQ(cache
                .GetOrCreate("k",
                             [&]() -> absl::StatusOr<int> {
                               return cache.GetOrCreate("k", [] { return 0; }).status();
                             })
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(**cache.GetOrCreate("k", [] { return 1; }), 1);
  EXPECT_EQ(cache.Stats().load_failures, 3u);
}

TEST(WeakCacheTest, ThreadsNeverSeeTwoLivingObjectsOfOneKey) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  struct Counted {
    explicit Counted(std::atomic<int>* count) : alive(count) { EXPECT_EQ(++*alive, 1); }
    Counted(Counted&& other) noexcept : alive(std::exchange(other.alive, nullptr)) {}
    ~Counted() {
      if (alive != nullptr) --*alive;
    }
    std::atomic<int>* alive;
  };
  std::vector<std::atomic<int>> alive(8);
  WeakCache<int, Counted> cache;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(seed + t);
      std::vector<std::shared_ptr<const Counted>> held(4);
      for (int i = 0; i < 5'000; ++i) {
        const int key = static_cast<int>(random() % alive.size());
        auto value = cache.GetOrCreate(key, [&] {
          while (alive[static_cast<size_t>(key)] != 0) std::this_thread::yield();  // still dying
          return Counted(&alive[static_cast<size_t>(key)]);
        });
        ASSERT_TRUE(value.ok());
        held[random() % held.size()] = *std::move(value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace blixard::memory
