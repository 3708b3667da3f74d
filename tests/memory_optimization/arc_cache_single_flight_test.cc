// One load per key, and every way in which it may go wrong.
#include "memory_optimization/arc_cache_single_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/arc_cache.h"

namespace blixard::memory {
namespace {

using Cache = ArcCache<std::string, int>;
using std::chrono::steady_clock;

template <class Condition>
void Await(Condition holds) {
  while (!holds()) std::this_thread::yield();
}

// A load that the test lets go of.
class HeldLoad {
 public:
  // Runs `end` in a thread that loads `key`, once Release is called.
  HeldLoad(Cache& cache, std::string key, std::function<absl::StatusOr<int>()> end)
      : thread_([this, &cache, key = std::move(key), end = std::move(end)] {
          try {
            absl::StatusOr<Pinned<int>> loaded = cache.GetOrCreate(key, [&] {
              started_ = true;
              Await([&] { return released_.load(); });
              return end();
            });
            status_ = loaded.status();
          } catch (const std::runtime_error& error) {
            status_ = absl::UnknownError(error.what());
          }
        }) {
    Await([&] { return started_.load(); });
  }
  void Release() { released_ = true; }
  // Of the loader's own call.
  absl::Status Finish() {
    Release();
    thread_.join();
    return status_;
  }

 private:
  std::atomic<bool> started_ = false;
  std::atomic<bool> released_ = false;
  absl::Status status_ = absl::OkStatus();
  std::thread thread_;
};

// A caller that waits for another's load.
class Waiter {
 public:
  Waiter(Cache& cache, std::string key, std::function<absl::StatusOr<int>()> own,
         LoadWait wait = {})
      : thread_([this, &cache, key = std::move(key), own = std::move(own), wait] {
          const absl::StatusOr<Pinned<int>> loaded = cache.GetOrCreate(key, own, wait);
          result_ = loaded.ok() ? absl::StatusOr<int>(**loaded) : loaded.status();
        }) {}
  absl::StatusOr<int> Finish() {
    thread_.join();
    return result_;
  }

 private:
  absl::StatusOr<int> result_ = 0;
  std::thread thread_;
};

absl::StatusOr<int> MustNotLoad() {
  ADD_FAILURE() << "loaded twice";
  return -1;
}

void AwaitWaiters(const Cache& cache, uint64_t waits) {
  Await([&] { return cache.Stats().coalesced_waits == waits; });
}

TEST(ArcCacheSingleFlightTest, ARaceCreatesOnce) {  // the original created twice
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return 42; });
  Waiter first(cache, "k", MustNotLoad);
  Waiter second(cache, "k", MustNotLoad);
  AwaitWaiters(cache, 2);
  EXPECT_TRUE(load.Finish().ok());
  EXPECT_EQ(*first.Finish(), 42);
  EXPECT_EQ(*second.Finish(), 42);
  EXPECT_EQ(cache.Stats().loads, 1u);
  EXPECT_EQ(cache.Stats().misses, 3u);
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

TEST(ArcCacheSingleFlightTest, OtherKeysAreNotHeldUp) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "slow", [] { return 1; });
  EXPECT_EQ(**cache.GetOrCreate("fast", [] { return 2; }), 2);
  EXPECT_TRUE(load.Finish().ok());
}

TEST(ArcCacheSingleFlightTest, AThrowingFactoryWedgesNobody) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", []() -> absl::StatusOr<int> { throw std::runtime_error("thrown"); });
  Waiter next(cache, "k", [] { return 7; });
  AwaitWaiters(cache, 1);
  EXPECT_EQ(load.Finish().message(), "thrown");  // its own caller sees what it threw
  EXPECT_EQ(*next.Finish(), 7);                  // the waiter took over
  EXPECT_EQ(cache.Stats().load_failures, 1u);
  EXPECT_EQ(*cache.Find("k"), 7);
}

TEST(ArcCacheSingleFlightTest, AThrowingFactoryWithoutWaitersLeavesNothing) {
  Cache cache({.max_entries = 10});
  const auto throws = []() -> int { throw std::runtime_error("thrown"); };
  EXPECT_THROW(cache.GetOrCreate("k", throws).IgnoreError(), std::runtime_error);
  EXPECT_EQ(**cache.GetOrCreate("k", [] { return 7; }), 7);
}

TEST(ArcCacheSingleFlightTest, AnErrorGoesToAllWhoWaitAndIsNotCached) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return absl::NotFoundError("no image"); });
  Waiter waiter(cache, "k", MustNotLoad);
  AwaitWaiters(cache, 1);
  EXPECT_EQ(load.Finish(), absl::NotFoundError("no image"));
  EXPECT_EQ(waiter.Finish().status(), absl::NotFoundError("no image"));
  EXPECT_EQ(**cache.GetOrCreate("k", [] { return 7; }), 7);
}

TEST(ArcCacheSingleFlightTest, WhenTheLoaderGivesUpAnotherTakesOver) {
  for (const absl::Status& gave_up :
       {absl::CancelledError("client left"), absl::DeadlineExceededError("too slow")}) {
    SCOPED_TRACE(gave_up);
    Cache cache({.max_entries = 10});
    std::atomic<int> loads = 0;
    HeldLoad load(cache, "k", [&] { return gave_up; });
    const auto own = [&] { return ++loads; };
    Waiter first(cache, "k", own);
    Waiter second(cache, "k", own);
    AwaitWaiters(cache, 2);
    EXPECT_EQ(load.Finish(), gave_up);
    EXPECT_EQ(*first.Finish(), 1);
    EXPECT_EQ(*second.Finish(), 1);
    EXPECT_EQ(loads, 1);
  }
}

TEST(ArcCacheSingleFlightTest, AWaiterGivesUpAtItsDeadline) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return 1; });
  const LoadWait wait = {.deadline = steady_clock::now() + std::chrono::milliseconds(20)};
  EXPECT_EQ(cache.GetOrCreate("k", MustNotLoad, wait).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(load.Finish().ok());
  EXPECT_EQ(**cache.GetOrCreate("k", MustNotLoad, wait), 1);  // a hit never waits
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

TEST(ArcCacheSingleFlightTest, AWaiterGivesUpWhenCancelled) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return 1; });
  std::stop_source stop;
  Waiter waiter(cache, "k", MustNotLoad, {.stop = stop.get_token()});
  AwaitWaiters(cache, 1);
  stop.request_stop();
  EXPECT_EQ(waiter.Finish().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(cache.GetOrCreate("k", MustNotLoad, {.stop = stop.get_token()}).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_TRUE(load.Finish().ok());
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

TEST(ArcCacheSingleFlightTest, AFactoryThatAsksForItsOwnKeyIsToldSo) {
  Cache cache({.max_entries = 10});
  const absl::StatusOr<Pinned<int>> outer = cache.GetOrCreate("k", [&]() -> absl::StatusOr<int> {
    EXPECT_EQ(**cache.GetOrCreate("other", [] { return 1; }), 1);
    return cache.GetOrCreate("k", [] { return 2; }).status();
  });
  EXPECT_EQ(outer.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(**cache.GetOrCreate("k", [] { return 3; }), 3);
}

TEST(ArcCacheSingleFlightTest, WhatIsInvalidatedDuringItsLoadServesItsWaitersOnly) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return 1; });
  Waiter waiter(cache, "k", MustNotLoad);
  AwaitWaiters(cache, 1);
  EXPECT_FALSE(cache.Invalidate("k"));                       // there was no value yet
  EXPECT_EQ(**cache.GetOrCreate("k", [] { return 2; }), 2);  // a caller after it loads anew
  EXPECT_TRUE(load.Finish().ok());
  EXPECT_EQ(*waiter.Finish(), 1);
  EXPECT_EQ(*cache.Find("k"), 2);
  EXPECT_EQ(cache.Stats().uncached, 1u);
}

TEST(ArcCacheSingleFlightTest, ClearDuringALoadIsTheSame) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return 1; });
  cache.Clear();
  EXPECT_TRUE(load.Finish().ok());
  EXPECT_FALSE(cache.Find("k"));
}

TEST(ArcCacheSingleFlightTest, WhatIsPutDuringALoadStays) {
  Cache cache({.max_entries = 10});
  HeldLoad load(cache, "k", [] { return 1; });
  cache.Put("k", 2);
  EXPECT_TRUE(load.Finish().ok());
  EXPECT_EQ(*cache.Find("k"), 2);
}

TEST(ArcCacheSingleFlightTest, ManyThreadsManyKeysLoadOncePerKey) {
  Cache cache({.max_entries = 100});
  std::atomic<int> loads = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto loaded = cache.GetOrCreate(std::to_string(i % 50), [&] { return ++loads; });
        ASSERT_TRUE(loaded.ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads, 50);
  EXPECT_EQ(cache.Stats().hits + cache.Stats().misses, 8000u);
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

}  // namespace
}  // namespace blixard::memory
