#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/interned_string.h"
#include "memory_optimization/string_pool.h"

namespace blixard::memory {
namespace {

std::string Name(size_t number) {
  std::string digits = std::to_string(number);
  return "tenant-" + std::string(11 - digits.size(), '0') + digits;  // 18 characters
}

// Check-then-insert races are what gives other interners two ids for one text.
TEST(StringPoolThreadsTest, ConcurrentInterningGivesOneHandlePerText) {
  constexpr size_t kStrings = 4'000;
  constexpr size_t kThreads = 4;
  StringPool pool;
  std::atomic<size_t> ready = 0;
  std::vector<std::vector<InternedString>> handles(kThreads);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ++ready;
      while (ready < kThreads) std::this_thread::yield();
      for (size_t i = 0; i < kStrings; ++i) {
        handles[t].push_back(pool.Intern(Name(i)).value());
        ASSERT_EQ(pool.Find(Name(i)), handles[t].back());
        ASSERT_EQ(handles[t].back().view(), Name(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<InternedId> ids;
  for (size_t i = 0; i < kStrings; ++i) {
    for (size_t t = 1; t < kThreads; ++t) ASSERT_EQ(handles[t][i], handles[0][i]);
    ids.insert(pool.IdOf(handles[0][i]));
  }
  EXPECT_EQ(ids.size(), kStrings);
  EXPECT_EQ(pool.Stats().strings, kStrings);
}

// While the table grows, entries are moved under the readers' eyes.
TEST(StringPoolThreadsTest, AReaderNeverMissesWhatWasThereBefore) {
  constexpr size_t kPresent = 500;
  StringPool pool;
  std::vector<InternedString> present;
  for (size_t i = 0; i < kPresent; ++i) present.push_back(pool.Intern(Name(i)).value());
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      for (size_t i = 0; i < kPresent; ++i) ASSERT_EQ(pool.Find(Name(i)), present[i]);
      std::this_thread::yield();
    }
  });
  for (size_t i = kPresent; i < 30'000; ++i) ASSERT_TRUE(pool.Intern(Name(i)).ok());
  done = true;
  reader.join();
}

TEST(StringPoolThreadsTest, NamespacesOfManyThreadsAreChargedExactly) {
  constexpr size_t kThreads = 4;
  StringPool pool;
  std::vector<StringNamespace> spaces;
  for (size_t t = 0; t < kThreads; ++t) {
    spaces.push_back(
        pool.AddNamespace({.name = "tenant-" + std::to_string(t), .max_strings = 100}).value());
  }
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 200; ++i) {
        EXPECT_EQ(spaces[t].Intern(Name(1'000 * t + i)).ok(), i < 100);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const StringNamespace& space : spaces) {
    EXPECT_EQ(space.Stats().strings, 100u);
    EXPECT_EQ(space.Stats().refused, 100u);
  }
  EXPECT_EQ(pool.Stats().strings, 100u * kThreads);
}

}  // namespace
}  // namespace blixard::memory
