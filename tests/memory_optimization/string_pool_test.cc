#include "memory_optimization/string_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "absl/hash/hash.h"

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
  EXPECT_EQ(a.id(), 1u);
  EXPECT_EQ(c.id(), 2u);
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
  EXPECT_EQ(InternedString().id(), 0u);
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

TEST(StringPoolTest, HashesDependOnTheTextAlone) {
  StringPool a;
  StringPool b;
  ASSERT_TRUE(b.Intern("first").ok());
  EXPECT_EQ(a.Intern("image").value().hash(), b.Intern("image").value().hash());
  EXPECT_NE(a.Intern("image").value().hash(), a.Intern("imagf").value().hash());
  EXPECT_EQ(absl::HashOf(a.Intern("image").value()), absl::HashOf(a.Find("image").value()));
}

TEST(StringPoolTest, HandlesSurviveGrowth) {
  constexpr size_t kStrings = 20'000;
  StringPool pool;
  std::vector<InternedString> handles;
  for (size_t i = 0; i < kStrings; ++i) handles.push_back(pool.Intern(Name(i)).value());
  for (size_t i = 0; i < kStrings; ++i) {
    ASSERT_EQ(handles[i].view(), Name(i));
    ASSERT_EQ(pool.Find(Name(i)), handles[i]);
    ASSERT_EQ(handles[i].id(), i + 1);
    ASSERT_FALSE(pool.Find(Name(kStrings + i)).has_value());
  }
}

TEST(StringPoolTest, AnEighteenCharacterTextCostsAtMost48Bytes) {
  for (const size_t strings : {20'000u, 100'000u}) {
    StringPool pool({.max_strings = strings, .max_bytes = 8 << 20});
    for (size_t i = 0; i < strings; ++i) ASSERT_TRUE(pool.Intern(Name(i)).ok());
    const double each = static_cast<double>(pool.Stats().memory_bytes) / strings;
    std::printf("%zu strings: %.1f bytes each\n", strings, each);
    EXPECT_LE(each, 48) << strings << " strings";
  }
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

TEST(StringPoolTest, InitialStringsSpareTheTablesOutgrown) {
  StringPool grown;
  StringPool sized({.initial_strings = 20'000});
  for (size_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(grown.Intern(Name(i)).ok());
    ASSERT_TRUE(sized.Intern(Name(i)).ok());
  }
  EXPECT_LT(sized.Stats().memory_bytes, grown.Stats().memory_bytes);
}

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
  std::set<uint32_t> ids;
  for (size_t i = 0; i < kStrings; ++i) {
    for (size_t t = 1; t < kThreads; ++t) ASSERT_EQ(handles[t][i], handles[0][i]);
    ids.insert(handles[0][i].id());
  }
  EXPECT_EQ(ids.size(), kStrings);
  EXPECT_EQ(*ids.rbegin(), kStrings);
  EXPECT_EQ(pool.Stats().strings, kStrings);
}

TEST(StringPoolThreadsTest, AReaderNeverMissesWhatWasThereBefore) {
  StringPool pool;
  const InternedString present = pool.Intern("present").value();
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      ASSERT_EQ(pool.Find("present"), present);
      std::this_thread::yield();
    }
  });
  for (size_t i = 0; i < 5'000; ++i) ASSERT_TRUE(pool.Intern(Name(i)).ok());
  done = true;
  reader.join();
}

using StringPoolDeathTest = testing::Test;

TEST(StringPoolDeathTest, ImpossibleBoundsAreNamed) {
  EXPECT_DEATH(StringPool({.name = "s", .max_strings = 0}), "string pool \"s\": max_strings");
  EXPECT_DEATH(StringPool({.name = "s", .max_bytes = (size_t{512} << 20) + 1}),
               "string pool \"s\": max_bytes");
}

}  // namespace
}  // namespace blixard::memory
