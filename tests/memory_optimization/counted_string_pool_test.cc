#include "memory_optimization/counted_string_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace blixard::memory {
namespace {

static_assert(sizeof(CountedString) == sizeof(void*));

std::string Name(size_t number) { return "a name of some length " + std::to_string(number); }

TEST(CountedStringPoolTest, ATextLivesAsLongAsItsReferences) {
  CountedStringPool pool;
  {
    CountedString a = pool.Intern("zone").value();
    const CountedString b = a;
    EXPECT_EQ(a, b);
    EXPECT_EQ(pool.Intern("zone").value(), a);
    a = CountedString();
    EXPECT_EQ(b.view(), "zone");
    EXPECT_EQ(pool.Find("zone").value(), b);
  }
  EXPECT_FALSE(pool.Find("zone").has_value());
}

TEST(CountedStringPoolTest, MovingAndSelfAssigningKeepTheCount) {
  CountedStringPool pool;
  CountedString a = pool.Intern("zone").value();
  CountedString b = std::move(a);
  EXPECT_TRUE(a.empty());
  const CountedString& same = b;
  b = same;
  EXPECT_EQ(b.view(), "zone");
  b = CountedString();
  EXPECT_FALSE(pool.Find("zone").has_value());
}

TEST(CountedStringPoolTest, TheEmptyTextNeedsNoPool) {
  CountedStringPool pool;
  EXPECT_EQ(pool.Intern("").value(), CountedString());
  EXPECT_TRUE(pool.Find("").value().empty());
  EXPECT_EQ(pool.Stats().strings, 0u);
}

TEST(CountedStringPoolTest, MemoryIsUsedAgainInsteadOfGrowing) {
  CountedStringPool pool({.max_strings = 1'000});
  for (size_t i = 0; i < 500; ++i) ASSERT_TRUE(pool.Intern(Name(i)).ok());
  const uint64_t before = pool.Stats().memory_bytes;
  for (size_t i = 0; i < 100'000; ++i) ASSERT_TRUE(pool.Intern(Name(i)).ok()) << i;
  EXPECT_LE(pool.Stats().memory_bytes, before + 64 * 1024);
}

TEST(CountedStringPoolTest, QuotasCountWhatIsHeldAndRefuseTheRest) {
  CountedStringPool pool({.name = "few", .max_strings = 2});
  const CountedString a = pool.Intern("a").value();
  std::optional<CountedString> b = pool.Intern("b").value();
  EXPECT_TRUE(absl::IsResourceExhausted(pool.Intern("c").status()));
  EXPECT_TRUE(pool.Intern("a").ok());
  b.reset();
  EXPECT_TRUE(pool.Intern("c").ok());
}

TEST(CountedStringPoolTest, HandlesOfDifferentLifetimesOfATextDoNotOverlap) {
  CountedStringPool pool;
  const CountedString other = pool.Intern("other").value();
  for (int i = 0; i < 1'000; ++i) {
    const CountedString a = pool.Intern("zone").value();
    const CountedString b = pool.Intern("zone").value();
    ASSERT_EQ(a, b);
    ASSERT_EQ(a.view(), "zone");
    ASSERT_NE(a, other);
  }
}

// The last reference is dropped while the same text is interned again: nobody may get a dying text,
// and two holders at one time must have equal handles.
TEST(CountedStringPoolTest, TheLastReferenceDroppedWhileTheSameTextIsInternedAgain) {
  constexpr int kThreads = 4;
  CountedStringPool pool;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 4'000; ++i) {
        const CountedString a = pool.Intern("contested text here").value();
        const CountedString b = pool.Intern("contested text here").value();
        ASSERT_EQ(a, b) << "thread " << t;
        ASSERT_EQ(a.view(), "contested text here");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(pool.Find("contested text here").has_value());
}

TEST(CountedStringPoolTest, RandomHoldersOnManyThreadsNeverSeeAnotherText) {
  constexpr uint64_t kSeed = 20261;
  SCOPED_TRACE(kSeed);
  CountedStringPool pool;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&pool, t] {
      std::mt19937_64 random(kSeed + t);
      std::vector<std::pair<size_t, CountedString>> held(32);
      for (int i = 0; i < 20'000; ++i) {
        auto& [number, string] = held[random() % held.size()];
        if (!string.empty()) {
          ASSERT_EQ(string.view(), Name(number));
        }
        number = random() % 100;
        string = pool.Intern(Name(number)).value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.Find(Name(1)), std::nullopt);
}

TEST(CountedStringPoolDeathTest, DyingBeforeItsReferencesIsNamed) {
  EXPECT_DEATH(
      {
        std::optional<CountedStringPool> pool;
        pool.emplace(StringPoolOptions{.name = "short-lived"});
        const CountedString left = pool->Intern("left over").value();
        pool.reset();
      },
      "string pool \"short-lived\" destroyed while references are out, for example to \"left "
      "over\"");
}

}  // namespace
}  // namespace blixard::memory
