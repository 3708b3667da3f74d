#include "memory_optimization/string_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/pool_registry.h"

namespace blixard::memory {
namespace {

static_assert(sizeof(InternedString) == sizeof(void*));
static_assert(std::is_trivially_copyable_v<InternedString>);

std::string Name(size_t number) {
  std::string digits = std::to_string(number);
  return "tenant-" + std::string(11 - digits.size(), '0') + digits;  // 18 characters
}

TEST(StringPoolTest, EqualTextGivesTheEqualHandle) {
  StringPool pool;
  const std::string text = "zone-a";
  const InternedString a = pool.Intern(text).value();
  const InternedString b = pool.Intern(std::string("zone-") + "a").value();
  const InternedString c = pool.Intern("zone-b").value();
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(a.view(), "zone-a");
  EXPECT_NE(a.view().data(), text.data());
  EXPECT_EQ(std::strlen(a.c_str()), 6u);
  EXPECT_EQ(a.size(), 6u);
  EXPECT_EQ(pool.Stats().strings, 2u);
}

TEST(StringPoolTest, TheEmptyTextIsTheDefaultHandle) {
  StringPool pool;
  EXPECT_EQ(pool.Intern("").value(), InternedString());
  EXPECT_EQ(pool.Intern(absl::string_view()).value(), InternedString());
  EXPECT_EQ(pool.Find("").value(), InternedString());
  EXPECT_TRUE(InternedString().empty());
  EXPECT_STREQ(InternedString().c_str(), "");
  EXPECT_EQ(InternedString().view(), "");
  EXPECT_EQ(pool.IdOf(InternedString()), InternedId{});
  EXPECT_EQ(pool.Resolve(InternedId{}), InternedString());
  EXPECT_EQ(pool.Stats().strings, 0u);
}

TEST(StringPoolTest, FindNeverInserts) {
  StringPool pool;
  EXPECT_FALSE(pool.Find("rack-1").has_value());
  EXPECT_EQ(pool.Stats().strings, 0u);
  const InternedString rack = pool.Intern("rack-1").value();
  EXPECT_EQ(pool.Find("rack-1"), rack);
  EXPECT_FALSE(pool.Find("rack-").has_value());
  EXPECT_FALSE(pool.Find("rack-11").has_value());
}

TEST(StringPoolTest, TextsMayHoldAnyByte) {
  StringPool pool;
  const std::string with_nul("a\0b", 3);
  EXPECT_EQ(pool.Intern(with_nul).value().view(), with_nul);
  EXPECT_NE(pool.Intern("a").value(), pool.Find(with_nul));
  EXPECT_EQ(pool.Intern("\xff\xfe").value().view(), "\xff\xfe");
}

TEST(StringPoolTest, EveryLengthIsFoundAgainAndToldFromItsNeighbours) {
  StringPool pool;
  std::string text;
  for (size_t length = 1; length <= 300; ++length) {
    text.push_back(static_cast<char>('a' + length % 26));
    const InternedString handle = pool.Intern(text).value();
    EXPECT_EQ(handle.view(), text);
    EXPECT_EQ(pool.Find(text), handle);
    for (size_t changed : {size_t{0}, length / 2, length - 1}) {
      std::string other = text;
      other[changed] ^= 0x20;
      EXPECT_FALSE(pool.Find(other).has_value()) << length << " bytes, byte " << changed;
    }
  }
}

TEST(StringPoolTest, HashesAreThePoolsSecretAndEqualForEqualHandles) {
  StringPool a({.seed = 1});
  StringPool same({.seed = 1});
  StringPool other({.seed = 2});
  EXPECT_EQ(a.Intern("image").value().hash(), same.Intern("image").value().hash());
  EXPECT_NE(a.Intern("image").value().hash(), other.Intern("image").value().hash());
  EXPECT_NE(a.Intern("image").value().hash(), a.Intern("imagf").value().hash());
  EXPECT_NE(StringPool().Intern("image").value().hash(),
            StringPool().Intern("image").value().hash());
  EXPECT_EQ(absl::HashOf(a.Intern("image").value()), absl::HashOf(a.Find("image").value()));
}

TEST(StringPoolTest, FourByteIdsResolveToTheHandle) {
  StringPool pool;
  const InternedString a = pool.Intern("a").value();
  const InternedString b = pool.Intern(Name(1)).value();
  static_assert(sizeof(InternedId) == 4);
  EXPECT_NE(pool.IdOf(a), pool.IdOf(b));
  EXPECT_EQ(pool.Resolve(pool.IdOf(a)), a);
  EXPECT_EQ(pool.Resolve(pool.IdOf(b)), b);
}

TEST(StringPoolTest, HandlesSurviveGrowth) {
  constexpr size_t kStrings = 20'000;
  StringPool pool;
  std::vector<InternedString> handles;
  for (size_t i = 0; i < kStrings; ++i) handles.push_back(pool.Intern(Name(i)).value());
  for (size_t i = 0; i < kStrings; ++i) {
    ASSERT_EQ(handles[i].view(), Name(i));
    ASSERT_EQ(pool.Find(Name(i)), handles[i]);
    ASSERT_EQ(pool.Resolve(pool.IdOf(handles[i])), handles[i]);
    ASSERT_FALSE(pool.Find(Name(kStrings + i)).has_value());
  }
}

// The original kept two copies of each text: 222 bytes for 18 characters. The table is widest for
// its contents when a doubling ends: at 1,536 strings and each power of two times that.
TEST(StringPoolTest, AnEighteenCharacterTextCostsAtMost48BytesAtAnySize) {
  StringPool pool({.seed = 1});
  double worst = 0;
  for (size_t i = 1; i <= 200'000; ++i) {
    ASSERT_TRUE(pool.Intern(Name(i)).ok());
    if (i < 1'000 || (i > 20'000 && i % 97 != 0)) continue;
    const double each = static_cast<double>(pool.Stats().memory_bytes) / static_cast<double>(i);
    worst = std::max(worst, each);
    ASSERT_LE(each, 48) << i << " strings";
  }
  std::printf("at most %.1f bytes each\n", worst);
}

TEST(StringPoolTest, ALargePoolRightAfterADoublingCostsAtMost48BytesPerString) {
  constexpr size_t kStrings = 786'432;  // 2^16 buckets times 12: the last doubling ends here
  StringPool pool({.seed = 1});
  for (size_t i = 0; i < kStrings; ++i) ASSERT_TRUE(pool.Intern(Name(i)).ok());
  EXPECT_LE(pool.Stats().memory_bytes, 48 * kStrings);
}

TEST(StringPoolTest, MaxStringsRefusesNewTextsOnly) {
  StringPool pool({.name = "tenants", .max_strings = 2});
  const InternedString a = pool.Intern("a").value();
  ASSERT_TRUE(pool.Intern("b").ok());
  const absl::Status status = pool.Intern("c").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("tenants: max_strings 2"));
  EXPECT_EQ(pool.Intern("a").value(), a);
  EXPECT_TRUE(pool.Intern("").ok());
  EXPECT_EQ(pool.Stats().refused, 1u);
  EXPECT_FALSE(pool.Find("c").has_value());
}

TEST(StringPoolTest, MaxBytesRefusesNewTextsOnly) {
  StringPool pool({.max_bytes = 64});  // two texts of 32 bytes with their headers
  ASSERT_TRUE(pool.Intern(Name(1)).ok());
  ASSERT_TRUE(pool.Intern(Name(2)).ok());
  EXPECT_EQ(pool.Stats().text_bytes, 64u);
  EXPECT_EQ(pool.Intern(Name(3)).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(pool.Intern("x").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(pool.Intern(Name(1)).ok());
}

TEST(StringPoolTest, LongTextsFitUpToTheirBound) {
  StringPool pool;
  for (char c = 'a'; c < 'k'; ++c) {
    const std::string text(StringPool::kMaxTextBytes, c);
    EXPECT_EQ(pool.Intern(text).value().view(), text);
  }
  const absl::Status status = pool.Intern(std::string(StringPool::kMaxTextBytes + 1, 'a')).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("got 32769"));
}

TEST(StringPoolTest, InitialStringsMakeTheTableAtOnce) {
  StringPool grown;
  StringPool sized({.initial_strings = 20'000});
  EXPECT_GT(sized.Stats().memory_bytes, grown.Stats().memory_bytes);
  for (size_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(grown.Intern(Name(i)).ok());
    ASSERT_TRUE(sized.Intern(Name(i)).ok());
  }
  EXPECT_NEAR(static_cast<double>(sized.Stats().memory_bytes),
              static_cast<double>(grown.Stats().memory_bytes), 100'000);
}

// The original evicted strings that were in use, so that equal text got two handles.
TEST(StringPoolTest, AFullPoolNeverEvictsALiveString) {
  StringPool pool({.max_strings = 1'000});
  std::vector<InternedString> handles;
  for (size_t i = 0; i < 1'000; ++i) handles.push_back(pool.Intern(Name(i)).value());
  for (size_t i = 1'000; i < 3'000; ++i) ASSERT_FALSE(pool.Intern(Name(i)).ok());
  for (size_t i = 0; i < 1'000; ++i) ASSERT_EQ(pool.Intern(Name(i)).value(), handles[i]);
  EXPECT_EQ(pool.Stats().strings, 1'000u);
  EXPECT_EQ(pool.Stats().refused, 2'000u);
}

// The original compared contents.
TEST(StringPoolTest, HandlesCompareByIdentityAlone) {
  StringPool a;
  StringPool b;
  EXPECT_EQ(a.Intern("x").value(), a.Intern("x").value());
  EXPECT_NE(a.Intern("x").value(), b.Intern("x").value());
}

TEST(StringPoolTest, AFrozenPoolFindsWhatIsThereAndRefusesTheRest) {
  StringPool pool({.name = "labels"});
  const InternedString zone = pool.Intern("zone").value();
  EXPECT_FALSE(pool.is_frozen());
  pool.Freeze();
  EXPECT_TRUE(pool.is_frozen());
  EXPECT_EQ(pool.Intern("zone").value(), zone);
  EXPECT_EQ(pool.Find("zone"), zone);
  EXPECT_TRUE(pool.Intern("").ok());
  const absl::Status status = pool.Intern("rack").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("labels is frozen: text \"rack\""));
  EXPECT_EQ(pool.Stats().strings, 1u);
}

TEST(StringPoolTest, EveryPoolIsInTheRegistry) {
  const size_t before = PoolRegistry::Global().size();
  StringPool pool({.name = "registered strings"});
  ASSERT_TRUE(pool.Intern("a").ok());
  EXPECT_EQ(PoolRegistry::Global().size(), before + 1);
  uint64_t idle = 0;
  PoolRegistry::Global().ForEach([&](std::string_view name, const PoolStats& stats) {
    if (name == "registered strings") idle = stats.idle;
  });
  EXPECT_EQ(idle, 1u);
}

using StringPoolDeathTest = testing::Test;

TEST(StringPoolDeathTest, ImpossibleBoundsAreNamed) {
  EXPECT_DEATH(StringPool({.name = "s", .max_strings = 0}), "string pool \"s\": max_strings");
  EXPECT_DEATH(StringPool({.name = "s", .max_bytes = (size_t{16} << 30) + 1}),
               "string pool \"s\": max_bytes");
}

TEST(StringPoolDeathTest, ForeignHandlesAndIdsAreNoticed) {
  StringPool pool({.name = "mine"});
  StringPool other;
  const InternedString foreign = other.Intern("theirs").value();
  EXPECT_DEATH(pool.IdOf(foreign), "\"mine\": a handle of another pool, \"theirs\"");
  EXPECT_DEATH(pool.Resolve(InternedId{1'000'000}), "\"mine\": an id it never gave");
}

int InternWithoutAddressSpace() {
  rlimit none{};
  setrlimit(RLIMIT_AS, &none);
  StringPool pool;
  const bool refused = absl::IsResourceExhausted(pool.Intern("text").status());
  const bool finds = pool.Find("text").has_value();
  return refused && !finds ? 7 : 1;
}

// A process at its limit of address space gets errors, not a crash.
TEST(StringPoolDeathTest, WithoutAddressSpaceNewTextsAreRefused) {
  EXPECT_EXIT(_exit(InternWithoutAddressSpace()), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace blixard::memory
