#include "memory_optimization/interned_constant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/status/status.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/string_pool.h"

namespace blixard::memory {
namespace {

inline constexpr InternedString kRunning = kInterned<"running">;
inline constexpr InternedString kLong = kInterned<"a-constant-of-31-characters-all">;
inline constexpr std::array kConstants = {kRunning, kLong};

static_assert(kRunning == kInterned<"running">);

// What a constructor that runs before main sees.
struct Seen {
  std::string text{kRunning.view()};
  bool is_equal = kRunning == kInterned<"running">;
};
const Seen seen_before_main;

TEST(InternedConstantTest, IsValidBeforeMain) {
  EXPECT_EQ(seen_before_main.text, "running");
  EXPECT_TRUE(seen_before_main.is_equal);
}

TEST(InternedConstantTest, HoldsItsTextWithANul) {
  EXPECT_EQ(kRunning.view(), "running");
  EXPECT_EQ(kRunning.size(), 7u);
  EXPECT_NE(kRunning, kInterned<"runnink">);
  EXPECT_NE(kRunning.hash(), kLong.hash());
  EXPECT_STREQ(kLong.c_str(), "a-constant-of-31-characters-all");
}

TEST(InternedConstantTest, IsWhatAnAdoptingPoolAnswers) {
  StringPool pool;
  ASSERT_TRUE(pool.Adopt(kConstants).ok());
  for (const InternedString constant : kConstants) {
    const std::string text(constant.view());
    EXPECT_EQ(pool.Intern(text).value(), constant);
    EXPECT_EQ(pool.Find(text), constant);
    EXPECT_EQ(pool.Resolve(pool.IdOf(constant)), constant);
  }
  EXPECT_FALSE(pool.Find("runnin").has_value());
  EXPECT_EQ(pool.Stats().strings, 2u);
}

TEST(InternedConstantTest, StaysWhatItIsWhileThePoolGrowsAndIsAdoptedOnce) {
  StringPool pool;
  ASSERT_TRUE(pool.Adopt(kConstants).ok());
  for (int i = 0; i < 5'000; ++i) ASSERT_TRUE(pool.Intern("name " + std::to_string(i)).ok());
  ASSERT_TRUE(pool.Adopt(kConstants).ok());
  EXPECT_EQ(pool.Intern("running").value(), kRunning);
  EXPECT_EQ(pool.Stats().strings, 5'002u);
}

TEST(InternedConstantTest, IsNotKnownToAPoolThatWasNotTold) {
  StringPool pool;
  EXPECT_NE(pool.Intern("running").value(), kRunning);
}

TEST(InternedConstantTest, ComesTooLateOnceItsTextHasAnotherHandle) {
  StringPool pool({.name = "late"});
  const InternedString other = pool.Intern("running").value();
  const absl::Status status = pool.Adopt(kConstants);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("late: constant \"running\": want to adopt it before"));
  EXPECT_EQ(pool.Intern("running").value(), other);
}

TEST(InternedConstantTest, IsRefusedByAFullOrFrozenPool) {
  StringPool full({.max_strings = 1});
  EXPECT_TRUE(absl::IsResourceExhausted(full.Adopt(kConstants)));
  EXPECT_EQ(full.Intern("running").value(), kRunning);
  StringPool frozen;
  frozen.Freeze();
  EXPECT_TRUE(absl::IsFailedPrecondition(frozen.Adopt(kConstants)));
}

}  // namespace
}  // namespace blixard::memory
