// Objects that change threads, threads that end, and the bound under contention.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "memory_optimization/sanitizers.h"

namespace blixard::memory {
namespace {

struct Slot {
  int owner = 0;  // written by whoever holds the object: two owners would race
};

class Exchange {
 public:
  void Push(Pooled<Slot> slot) {
    const std::lock_guard lock(mutex_);
    slots_.push_back(std::move(slot));
  }
  Pooled<Slot> Pop() {
    const std::lock_guard lock(mutex_);
    if (slots_.empty()) return {};
    Pooled<Slot> slot = std::move(slots_.front());
    slots_.pop_front();
    return slot;
  }

 private:
  std::mutex mutex_;
  std::deque<Pooled<Slot>> slots_;
};

TEST(ObjectPoolThreadsTest, AcquiredHereReleasedThere) {
  constexpr int kObjects = 20'000;
  ObjectPool<Slot> pool("slots", {.max_size = 256});
  Exchange exchange;
  std::thread releaser([&] {
    for (int released = 0; released < kObjects;) {
      Pooled<Slot> slot = exchange.Pop();
      if (slot) ++slot->owner, ++released;
    }
  });
  for (int acquired = 0; acquired < kObjects;) {
    Pooled<Slot> slot = pool.Acquire();
    if (!slot) {
      std::this_thread::yield();
      continue;
    }
    ++slot->owner;
    exchange.Push(std::move(slot));
    ++acquired;
  }
  releaser.join();
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().acquired, static_cast<uint64_t>(kObjects));
  EXPECT_LE(pool.Stats().idle, 256u);
}

TEST(ObjectPoolThreadsTest, ChurnNeverHandsOneObjectToTwoOwners) {
  constexpr int kThreads = 4;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  ObjectPool<Slot> pool("slots", {.max_size = 64});  // tight: threads fetch from each other
  Exchange exchange;
  std::atomic<uint64_t> acquired = 0;
  std::vector<std::thread> threads;
  for (int t = 1; t <= kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(seed + t);
      std::vector<Pooled<Slot>> held;
      for (int i = 0; i < 5'000; ++i) {
        if (Pooled<Slot> slot = pool.Acquire(); slot) {
          ++acquired;
          slot->owner = t;
          held.push_back(std::move(slot));
        }
        for (const Pooled<Slot>& slot : held) ASSERT_EQ(slot->owner, t);
        if (random() % 8 == 0 && !held.empty()) {
          exchange.Push(std::move(held.back()));
          held.pop_back();
        }
        if (random() % 4 == 0) exchange.Pop().Reset();
        if (held.size() > random() % 30) held.pop_back();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (exchange.Pop()) {
  }
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_LE(pool.Stats().idle, 64u);
  EXPECT_EQ(pool.Stats().acquired, acquired);
  EXPECT_LE(pool.Stats().peak, 64u);
}

TEST(ObjectPoolThreadsTest, AllThreadsTogetherGetExactlyMaxSize) {
  constexpr size_t kMax = 200;
  ObjectPool<Slot> pool("slots", {.min_size = kMax, .max_size = kMax});
  pool.Warm();
  std::mutex mutex;
  std::vector<Pooled<Slot>> all;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<Pooled<Slot>> mine;
      for (;;) {
        Pooled<Slot> slot = pool.Acquire();
        if (!slot) break;
        mine.push_back(std::move(slot));
      }
      const std::lock_guard lock(mutex);
      for (Pooled<Slot>& slot : mine) all.push_back(std::move(slot));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all.size(), kMax);
  EXPECT_EQ(pool.Stats().live, kMax);
}

TEST(ObjectPoolThreadsTest, AThreadsEndLosesNoObject) {
  ObjectPool<Slot> pool("slots", {.max_size = 100});
  for (int round = 0; round < 20; ++round) {
    std::thread([&] {
      std::vector<Pooled<Slot>> held;
      for (int i = 0; i < 100; ++i) held.push_back(pool.Acquire());
      EXPECT_TRUE(held.back()) << "round " << round;
    }).join();
    ASSERT_EQ(pool.Stats().live, 0u);
    ASSERT_EQ(pool.Stats().idle, 100u);
  }
}

// A thread-local destroyed after the pool's own bookkeeping of the thread still may release.
struct LateGuard {
  Pooled<Slot> slot;
};
LateGuard& ThisThreadsGuard() {
  thread_local LateGuard guard;
  return guard;
}
TEST(ObjectPoolThreadsTest, AReleaseAfterTheThreadsBookkeepingIsGoneWorks) {
  ObjectPool<Slot> pool("slots", {.max_size = 1});
  std::thread([&] {
    ThisThreadsGuard();  // constructed first, so destroyed last
    ThisThreadsGuard().slot = pool.Acquire();
  }).join();
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_TRUE(pool.Acquire());
}

// Resident pages of the process.
size_t ResidentPages() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  statm >> total >> resident;
  return resident;
}

// 100,000 in the long command: BLIXARD_POOL_THREADS=100000.
size_t ChurnThreads() {
  const char* wanted = std::getenv("BLIXARD_POOL_THREADS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1'000;
}
TEST(ObjectPoolThreadsTest, ManyShortThreadsLeaveMemoryFlat) {
  ObjectPool<Slot> pool("slots", {.max_size = 32});
  const auto run = [&](size_t threads) {
    for (size_t i = 0; i < threads; ++i) {
      std::thread([&] {
        std::vector<Pooled<Slot>> held(8);
        for (Pooled<Slot>& slot : held) slot = pool.Acquire();
        EXPECT_TRUE(held.back());
      }).join();
    }
  };
  run(200);
  const size_t before = ResidentPages();
  run(ChurnThreads());
#if defined(BLIXARD_ADDRESS_SANITIZER) || defined(BLIXARD_THREAD_SANITIZER)
  // They keep what is freed, and records of every thread.
  constexpr size_t kMostPages = 16 * 1024;
#else
  constexpr size_t kMostPages = 1024;
#endif
  EXPECT_LE(ResidentPages(), before + kMostPages) << "of 4 KiB each";
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().idle, 8u);
}

// Objects of a pool that is never destroyed, released and acquired while statics are torn down,
// after the main thread's janitor. A failure shows in the exit code of the test program.
ObjectPool<Slot>& EternalPool() {
  static auto& pool = *new ObjectPool<Slot>("eternal", {.max_size = 4});
  return pool;
}
struct UsesPoolAtExit {
  ~UsesPoolAtExit() {
    slot.Reset();
    Pooled<Slot> again = EternalPool().Acquire();
    if (!again || EternalPool().Stats().live != 1) std::_Exit(3);
  }
  Pooled<Slot> slot;
};
TEST(ObjectPoolThreadsDeathTest, StaticDestructorsMayUsePools) {
  EXPECT_EXIT(
      {
        static UsesPoolAtExit at_exit;
        at_exit.slot = EternalPool().Acquire();
        std::exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(ObjectPoolThreadsTest, OwnedGuardsAndTheirPoolMayEndAtOnce) {
  for (int round = 0; round < 50; ++round) {
    auto pool = std::make_unique<ObjectPool<Slot>>("brief");
    std::vector<OwnedPooled<Slot>> owned(20);
    for (OwnedPooled<Slot>& slot : owned) slot = pool->AcquireOwned();
    std::thread user([&] { owned.clear(); });
    pool.reset();
    user.join();
  }
}

TEST(ObjectPoolThreadsTest, PoolsAndThreadsMayEndInAnyOrder) {
  for (int round = 0; round < 50; ++round) {
    auto pool = std::make_unique<ObjectPool<Slot>>("brief");
    std::atomic<bool> used = false;
    std::thread user([&] {
      pool->Acquire().Reset();
      used = true;
    });
    while (!used) std::this_thread::yield();
    pool.reset();  // while the user's thread is ending
    user.join();
  }
}

TEST(ObjectPoolThreadsTest, StatisticsMayBeReadAtAnyTime) {
  ObjectPool<Slot> pool("slots", {.max_size = 50});
  std::atomic<bool> done = false;
  std::thread user([&] {
    for (int i = 0; i < 20'000; ++i) pool.Acquire().Reset();
    done = true;
  });
  while (!done) {
    const PoolStats stats = pool.Stats();
    ASSERT_LE(stats.live, 1u);
    ASSERT_LE(stats.peak, 1u);
  }
  user.join();
  EXPECT_EQ(pool.Stats().acquired, 20'000u);
}

}  // namespace
}  // namespace blixard::memory
