#include "memory_optimization/inline_string.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <type_traits>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"

namespace blixard::memory {
namespace {

using Zone = InlineString<14>;

static_assert(sizeof(Zone) == 16);
static_assert(sizeof(InlineString<300>) == 304);
static_assert(std::is_trivially_copyable_v<Zone>);

Zone Make(absl::string_view text) {
  Zone zone;
  EXPECT_TRUE(zone.TryAssign(text));
  return zone;
}

TEST(InlineStringTest, HoldsUpToItsCapacityAndRefusesMore) {
  Zone zone;
  EXPECT_TRUE(zone.TryAssign("fourteen bytes"));
  EXPECT_EQ(zone.view(), "fourteen bytes");
  EXPECT_STREQ(zone.c_str(), "fourteen bytes");
  EXPECT_FALSE(zone.TryAssign("fifteen bytes !"));
  EXPECT_EQ(zone.view(), "fourteen bytes");
}

TEST(InlineStringTest, LongCapacitiesKeepLongLengths) {
  InlineString<300> text;
  EXPECT_TRUE(text.TryAssign(std::string(300, 'x')));
  EXPECT_EQ(text.size(), 300u);
  EXPECT_FALSE(text.TryAssign(std::string(301, 'x')));
}

TEST(InlineStringTest, AnyByteIsAByte) {
  const std::string with_nul("a\0b", 3);
  EXPECT_EQ(Make(with_nul).view(), with_nul);
  EXPECT_EQ(Make("\xff\xfe").size(), 2u);
}

TEST(InlineStringTest, APartOfItselfMayBeAssigned) {
  Zone zone = Make("eu-central-1a");
  EXPECT_TRUE(zone.TryAssign(zone.view().substr(3)));
  EXPECT_EQ(zone.view(), "central-1a");
}

TEST(InlineStringTest, EqualTextsAreEqualBytes) {
  Zone reused = Make("something else");
  ASSERT_TRUE(reused.TryAssign("zone"));
  const Zone fresh = Make("zone");
  EXPECT_EQ(reused, fresh);
  EXPECT_EQ(std::memcmp(&reused, &fresh, sizeof(Zone)), 0);
  EXPECT_NE(reused, Make("zonf"));
  EXPECT_NE(reused, "zon");
}

TEST(InlineStringTest, IsOrderedAsItsTextIs) {
  const std::set<Zone> zones = {Make("b"), Make("ab"), Make(""), Make("\xff"), Make("a")};
  std::string order;
  for (const Zone& zone : zones) order += std::string(zone.view()) + ",";
  EXPECT_EQ(order, ",a,ab,b,\xff,");
  EXPECT_LT(Make("a"), Make("aa"));
  EXPECT_GT(Make("b"), Make("aa"));
}

TEST(InlineStringTest, HashesAsItsTextDoes) {
  EXPECT_EQ(absl::HashOf(Make("zone")), absl::HashOf(absl::string_view("zone")));
  EXPECT_NE(absl::HashOf(Make("zone")), absl::HashOf(Make("zonf")));
  absl::flat_hash_map<Zone, int> map;
  map[Make("zone")] = 1;
  EXPECT_TRUE(map.contains(Make("zone")));
  EXPECT_FALSE(map.contains(Make("other")));
}

constexpr bool WorksAtCompileTime() {
  Zone zone;
  return zone.TryAssign("zone") && zone.size() == 4 && !zone.empty();
}
static_assert(WorksAtCompileTime());

}  // namespace
}  // namespace blixard::memory
