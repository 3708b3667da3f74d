#include "memory_optimization/epoch_string_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"

namespace blixard::memory {
namespace {

TEST(EpochStringPoolTest, EqualTextGivesTheEqualHandleUntilItIsErased) {
  EpochStringPool pool;
  const EpochGuard guard(pool.domain());
  const InternedString zone = pool.Intern("zone", guard).value();
  EXPECT_EQ(pool.Intern("zone", guard).value(), zone);
  EXPECT_EQ(pool.Find("zone", guard), zone);
  EXPECT_TRUE(pool.Erase("zone"));
  EXPECT_FALSE(pool.Find("zone", guard).has_value());
  EXPECT_FALSE(pool.Erase("zone"));
}

TEST(EpochStringPoolTest, AnOpenGuardKeepsErasedTextReadableAndApart) {
  EpochStringPool pool;
  const EpochGuard guard(pool.domain());
  const InternedString old = pool.Intern("zone", guard).value();
  ASSERT_TRUE(pool.Erase("zone"));
  const InternedString fresh = pool.Intern("zone", guard).value();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(pool.Intern("other " + std::to_string(i), guard).ok());
    ASSERT_TRUE(pool.Erase("other " + std::to_string(i)));
  }
  EXPECT_NE(old, fresh);
  EXPECT_EQ(old.view(), "zone");
  EXPECT_EQ(fresh.view(), "zone");
}

TEST(EpochStringPoolTest, MemoryAndQuotaComeBackWhenTheGuardsAreClosed) {
  EpochStringPool pool({.max_strings = 2});
  auto guard = std::unique_ptr<EpochGuard>();
  guard = std::make_unique<EpochGuard>(pool.domain());
  ASSERT_TRUE(pool.Intern("a", *guard).ok());
  ASSERT_TRUE(pool.Intern("b", *guard).ok());
  ASSERT_TRUE(pool.Erase("a"));
  EXPECT_TRUE(absl::IsResourceExhausted(pool.Intern("c", *guard).status()));
  guard.reset();
  for (int epoch = 0; epoch < 2; ++epoch) pool.domain().Collect();
  guard = std::make_unique<EpochGuard>(pool.domain());
  EXPECT_TRUE(pool.Intern("c", *guard).ok());
}

TEST(EpochStringPoolTest, TheEmptyTextIsAlwaysThere) {
  EpochStringPool pool;
  const EpochGuard guard(pool.domain());
  EXPECT_EQ(pool.Intern("", guard).value(), InternedString());
  EXPECT_FALSE(pool.Erase(""));
}

TEST(EpochStringPoolTest, ReadersUnderAGuardNeverSeeReusedText) {
  EpochStringPool pool({.max_strings = 64});
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const EpochGuard guard(pool.domain());
      const std::optional<InternedString> found = pool.Find("the text that comes and goes", guard);
      if (found) {
        ASSERT_EQ(found->view(), "the text that comes and goes");
      }
    }
  });
  for (int i = 0; i < 10'000; ++i) {
    {
      const EpochGuard guard(pool.domain());
      ASSERT_TRUE(
          pool.Intern(i % 2 == 0 ? "the text that comes and goes" : "another one of the same size",
                      guard)
              .ok());
    }
    pool.Erase("the text that comes and goes");
    pool.Erase("another one of the same size");
    while (pool.domain().waiting() > 32) pool.domain().Collect();
  }
  done = true;
  reader.join();
}

}  // namespace
}  // namespace blixard::memory
