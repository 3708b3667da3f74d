#include "memory_optimization/buffer_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace blixard::memory {
namespace {

static_assert(sizeof(Buffer) == sizeof(void*));

TEST(BufferTest, DefaultConstructedIsEmpty) {
  Buffer buffer;
  EXPECT_FALSE(buffer);
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_EQ(buffer.mutable_data(), nullptr);
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(buffer.view(), "");
  EXPECT_TRUE(buffer.unique());
  buffer.Resize(0);
  buffer.Reset();
}

TEST(BufferTest, CopiesShareAndTheLastOneGivesBack) {
  BufferPool pool;
  Buffer a = pool.AcquireCopy("payload").value();
  EXPECT_TRUE(a.unique());
  Buffer b = a;
  EXPECT_FALSE(a.unique());
  EXPECT_EQ(a.data(), b.data());
  EXPECT_EQ(pool.Stats().live, 1u);
  a.Reset();
  EXPECT_FALSE(a);
  EXPECT_TRUE(b.unique());
  EXPECT_EQ(b.view(), "payload");
  EXPECT_EQ(pool.Stats().live, 1u);
  b = Buffer();
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().idle, 1u);
}

TEST(BufferTest, MovesSteal) {
  BufferPool pool;
  Buffer a = pool.AcquireCopy("payload").value();
  Buffer b = std::move(a);
  EXPECT_FALSE(a);
  EXPECT_TRUE(b.unique());
  a = std::move(b);
  EXPECT_EQ(a.view(), "payload");
  Buffer& self = a;
  a = std::move(self);
  EXPECT_EQ(a.view(), "payload");
  a = self;
  EXPECT_TRUE(a.unique());
}

TEST(BufferTest, EqualityIsOfContent) {
  BufferPool pool;
  const Buffer a = pool.AcquireCopy("same").value();
  const Buffer b = pool.AcquireCopy("same").value();
  const Buffer c = pool.AcquireCopy("other").value();
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(Buffer(), pool.Acquire(10).value());
  EXPECT_NE(Buffer(), a);
}

TEST(BufferPoolTest, CapacityIsTheNextPowerOfTwoFrom64) {
  struct Case {
    size_t size_bytes;
    size_t capacity;
  };
  BufferPool pool;
  for (const Case& c : std::vector<Case>{{0, 64},
                                         {1, 64},
                                         {64, 64},
                                         {65, 128},
                                         {128, 128},
                                         {129, 256},
                                         {4096, 4096},
                                         {4097, 8192},
                                         {(1 << 20) - 1, 1 << 20},
                                         {1 << 20, 1 << 20}}) {
    SCOPED_TRACE(c.size_bytes);
    Buffer buffer = pool.Acquire(c.size_bytes).value();
    EXPECT_EQ(buffer.size(), 0u);
    EXPECT_EQ(buffer.capacity(), c.capacity);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 16, 0u);
    buffer.Resize(c.capacity);
    std::memset(buffer.mutable_data(), 'x', c.capacity);
    EXPECT_EQ(buffer.view(), std::string(c.capacity, 'x'));
  }
}

TEST(BufferPoolTest, ABlockAboveTheLargestIsAnInvalidArgument) {
  BufferPool pool({.name = "p", .max_block_bytes = 1024});
  EXPECT_TRUE(pool.Acquire(1024).ok());
  const absl::Status status = pool.Acquire(1025).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("size_bytes"), testing::HasSubstr("1024"),
                             testing::HasSubstr("1025")));
  EXPECT_EQ(pool.Acquire(static_cast<size_t>(-1)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(BufferPoolTest, AReusedBlockStartsEmpty) {
  BufferPool pool;
  const char* first = nullptr;
  {
    const Buffer buffer = pool.AcquireCopy("something").value();
    first = buffer.data();
  }
  const Buffer again = pool.Acquire(50).value();
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(again.size(), 0u);
}

TEST(BufferPoolTest, TheBoundHoldsAndReleasingMakesRoom) {
  BufferPool pool({.max_live_bytes = 1024});
  std::vector<Buffer> held;
  for (int i = 0; i < 4; ++i) held.push_back(pool.Acquire(256).value());
  EXPECT_EQ(pool.Acquire(1).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(pool.Stats().exhausted, 1u);
  held.pop_back();
  EXPECT_TRUE(pool.Acquire(200).ok());
  EXPECT_LE(pool.peak_bytes(), 1024u);
}

TEST(BufferPoolTest, IdleBlocksOfOtherSizesMakeRoomAtTheBound) {
  BufferPool pool({.max_live_bytes = 1024});
  {
    std::vector<Buffer> small;
    for (int i = 0; i < 16; ++i) small.push_back(pool.Acquire(64).value());
  }
  EXPECT_EQ(pool.Stats().idle_bytes, 1024u);
  const Buffer large = pool.Acquire(1024).value();
  EXPECT_EQ(pool.Stats().idle, 0u);
  EXPECT_EQ(pool.peak_bytes(), 1024u);
}

TEST(BufferPoolTest, RetentionIsBoundedInBytesPerSizeClass) {
  BufferPool pool({.max_retained_bytes = 8192});
  for (const size_t bytes : {64u, 1024u, 4096u, 8192u, 16384u}) {
    SCOPED_TRACE(bytes);
    const uint64_t idle_before = pool.Stats().idle_bytes;
    {
      std::vector<Buffer> held;
      for (int i = 0; i < 300; ++i) held.push_back(pool.Acquire(bytes).value());
    }
    EXPECT_EQ(pool.Stats().live, 0u);
    const uint64_t kept = pool.Stats().idle_bytes - idle_before;
    EXPECT_LE(kept, 8192u);
    if (bytes <= 8192) {
      EXPECT_GT(kept, 0u);
    }
  }
}

TEST(BufferPoolTest, AScopedBufferOf1KiBOr64KiBReturnsAtTheEndOfItsScope) {
  BufferPool pool;
  for (const size_t bytes : {size_t{1} << 10, size_t{64} << 10}) {
    SCOPED_TRACE(bytes);
    const char* first = nullptr;
    {
      const Buffer scoped = pool.Acquire(bytes).value();
      EXPECT_EQ(scoped.capacity(), bytes);
      EXPECT_EQ(pool.Stats().live, 1u);
      first = scoped.data();
    }
    EXPECT_EQ(pool.Stats().live, 0u);
    EXPECT_EQ(pool.Acquire(bytes)->data(), first);
  }
  EXPECT_EQ(pool.Stats().idle_bytes, (size_t{1} << 10) + (size_t{64} << 10));
}

TEST(BufferPoolTest, AClassKeepsAtMostItsBytesWhateverItsCount) {
  // 64 blocks of 1 KiB, but one of 64 KiB.
  BufferPool pool({.max_retained_bytes = size_t{64} << 10});
  for (const size_t bytes : {size_t{1} << 10, size_t{64} << 10}) {
    std::vector<Buffer> held;
    for (int i = 0; i < 200; ++i) held.push_back(pool.Acquire(bytes).value());
  }
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_LE(pool.Stats().idle_bytes, size_t{128} << 10);
  EXPECT_LE(pool.Stats().idle, 65u);
}

TEST(BufferPoolTest, StatisticsCountBlocksAndBytes) {
  BufferPool pool;
  {
    const Buffer a = pool.Acquire(100).value();
    const Buffer b = pool.Acquire(5000).value();
    EXPECT_EQ(pool.Stats().live, 2u);
    EXPECT_EQ(pool.Stats().live_bytes, 128u + 8192u);
  }
  const PoolStats stats = pool.Stats();
  EXPECT_EQ(stats.live, 0u);
  EXPECT_EQ(stats.idle, 2u);
  EXPECT_EQ(stats.peak, 2u);
  EXPECT_EQ(stats.acquired, 2u);
  EXPECT_EQ(stats.idle_bytes, 128u + 8192u);
  EXPECT_EQ(pool.peak_bytes(), 128u + 8192u);
}

TEST(BufferPoolTest, TheDefaultPoolIsOne) {
  EXPECT_EQ(&BufferPool::Default(), &BufferPool::Default());
  EXPECT_TRUE(BufferPool::Default().AcquireCopy("").value());
}

TEST(BufferPoolThreadsTest, SharesMayBeDroppedByAnyThread) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  BufferPool pool({.max_retained_bytes = 16384, .max_live_bytes = 1 << 20});
  std::mutex mutex;
  std::vector<Buffer> shared;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(seed + t);
      for (int i = 0; i < 3000; ++i) {
        const std::string content(random() % 3000, static_cast<char>('a' + random() % 26));
        Buffer mine = pool.AcquireCopy(content).value();
        Buffer theirs;
        {
          const std::lock_guard lock(mutex);
          shared.push_back(mine);
          if (shared.size() > 20) {
            std::swap(shared[random() % shared.size()], shared.back());
            theirs = std::move(shared.back());
            shared.pop_back();
          }
        }
        ASSERT_EQ(mine.view(), content);
        ASSERT_EQ(theirs.view(),
                  std::string(theirs.size(), theirs.size() > 0 ? *theirs.data() : 'a'));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  shared.clear();
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().acquired, 12'000u);
  EXPECT_LE(pool.Stats().idle_bytes, 6 * 16384u);
}

using BufferPoolDeathTest = testing::Test;

TEST(BufferPoolDeathTest, WritingToASharedBufferIsFound) {
  BufferPool pool;
  Buffer a = pool.AcquireCopy("shared").value();
  const Buffer b = a;
  EXPECT_DEATH(a.mutable_data(), "write to a shared buffer of 6 bytes");
  EXPECT_DEATH(a.Resize(1), "resize of a shared buffer of 6 bytes");
}

TEST(BufferPoolDeathTest, ResizingBeyondTheBlockIsFound) {
  BufferPool pool;
  Buffer a = pool.Acquire(64).value();
  a.Resize(64);
  EXPECT_DEATH(a.Resize(65), "resize beyond the block");
  Buffer empty;
  EXPECT_DEATH(empty.Resize(1), "resize beyond the block");
}

TEST(BufferPoolDeathTest, DestructionWithBuffersOutNamesPoolAndCounts) {
  EXPECT_DEATH(
      {
        auto pool = std::make_unique<BufferPool>(BufferPoolOptions{.name = "leaky"});
        const Buffer a = pool->Acquire(64).value();
        const Buffer b = pool->Acquire(200).value();
        pool.reset();
      },
      "buffer pool \"leaky\" destroyed with 2 buffers of 320 bytes out");
}

TEST(BufferPoolDeathTest, ImpossibleBlockSizesAreNamed) {
  EXPECT_DEATH(BufferPool({.max_block_bytes = 1000}), "max_block_bytes: want a power of two");
  EXPECT_DEATH(BufferPool({.max_block_bytes = 32}), "got 32");
}

}  // namespace
}  // namespace blixard::memory
