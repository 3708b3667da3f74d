// What the pools are for: once warm, traffic of any shape allocates nothing.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/expect_allocations.h"
#include "memory_optimization/object_pool.h"
#include "memory_optimization/string_pool.h"

namespace blixard::memory {
namespace {

struct Batch {
  std::vector<int> items;
  void Clear() { items.clear(); }
};

// Waves above a magazine's size, so that items travel through the depot too.
constexpr size_t kWave = 300;

TEST(SteadyStateTest, ObjectsWithTheirContainersAllocateNothing) {
  ObjectPool<Batch> pool("batches", {.max_size = kWave});
  std::vector<Pooled<Batch>> held;
  held.reserve(kWave);
  const auto wave = [&] {
    for (size_t i = 0; i < kWave; ++i) {
      held.push_back(pool.Acquire());
      for (int k = 0; k < 10; ++k) held.back()->items.push_back(k);
    }
    held.clear();
  };
  wave();
  EXPECT_ALLOCATIONS(0, for (int i = 0; i < 10; ++i) wave());
  EXPECT_ALLOCATIONS(0, for (int i = 0; i < 100; ++i) pool.Acquire()->items.push_back(i));
}

TEST(SteadyStateTest, ExhaustionAllocatesNothing) {
  ObjectPool<Batch> pool("one", {.max_size = 1});
  const Pooled<Batch> only = pool.Acquire();
  EXPECT_ALLOCATIONS(0, for (int i = 0; i < 10; ++i) EXPECT_FALSE(pool.Acquire()));
}

TEST(SteadyStateTest, BuffersOfAllSizesAllocateNothing) {
  BufferPool pool({.max_retained_bytes = kWave << 14});
  std::vector<Buffer> held;
  held.reserve(kWave);
  const auto wave = [&] {
    for (size_t bytes = 64; bytes <= (1 << 14); bytes *= 2) {
      for (size_t i = 0; i < kWave; ++i) {
        held.push_back(pool.Acquire(bytes).value());
        held.back().Resize(bytes);
      }
      Buffer share = held.front();
      held.clear();
    }
  };
  wave();
  EXPECT_ALLOCATIONS(0, for (int i = 0; i < 5; ++i) wave());
}

TEST(SteadyStateTest, StringsThatArePresentAllocateNothing) {
  StringPool pool;
  const std::string text = "a tenant with a rather long name";
  const InternedString handle = pool.Intern(text).value();
  EXPECT_ALLOCATIONS(0, {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(pool.Intern(text).value(), handle);
      EXPECT_EQ(pool.Find(text), handle);
      EXPECT_FALSE(pool.Find("absent").has_value());
    }
  });
}

// The producer acquires, the consumer releases: each side counts its own.
TEST(SteadyStateTest, HandingObjectsToAnotherThreadAllocatesNothing) {
  constexpr int kRounds = 20;
  ObjectPool<Batch> pool("batches", {.min_size = 2 * kWave, .max_size = 2 * kWave});
  pool.Warm();
  pool.Acquire().Reset();  // this thread's magazine
  std::mutex turn;
  std::vector<Pooled<Batch>> passed;
  passed.reserve(kWave);
  turn.lock();
  std::thread consumer([&] {
    pool.Acquire().Reset();  // the consumer's magazine
    int seen = 0;
    EXPECT_ALLOCATIONS(0, {
      while (seen < kRounds) {
        const std::lock_guard lock(turn);
        if (!passed.empty()) ++seen;
        passed.clear();
      }
    });
  });
  turn.unlock();
  EXPECT_ALLOCATIONS(0, {
    for (int round = 0; round < kRounds;) {
      const std::lock_guard lock(turn);
      if (!passed.empty()) continue;
      for (size_t i = 0; i < kWave; ++i) passed.push_back(pool.Acquire());
      EXPECT_TRUE(passed.back());
      ++round;
    }
  });
  consumer.join();
}

}  // namespace
}  // namespace blixard::memory
