#include "memory_optimization/flags.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "absl/hash/hash.h"

namespace blixard::memory {
namespace {

enum class Need : uint8_t { kGpu, kLocalDisk, kSpread, kCount };
enum class Nine { kFirst, kLast = 8, kCount };
enum class Full { kFirst, kLast = 63, kCount };

static_assert(sizeof(Flags<Need>) == 1);
static_assert(sizeof(Flags<Nine>) == 2);
static_assert(sizeof(Flags<Full>) == 8);
static_assert(!FlagEnum<int>);
constexpr Flags<Need> kBoth = {Need::kGpu, Need::kSpread};
static_assert(kBoth.Has(Need::kGpu) && !kBoth.Has(Need::kLocalDisk));

TEST(FlagsTest, HoldWhatWasAddedAndNotRemoved) {
  Flags<Need> needs;
  EXPECT_TRUE(needs.empty());
  needs.Add(Need::kGpu);
  needs.Add(Need::kGpu);
  needs.Add(Need::kSpread);
  EXPECT_EQ(needs.size(), 2u);
  EXPECT_EQ(needs, kBoth);
  needs.Remove(Need::kGpu);
  needs.Remove(Need::kLocalDisk);
  EXPECT_FALSE(needs.Has(Need::kGpu));
  EXPECT_TRUE(needs.Has(Need::kSpread));
}

TEST(FlagsTest, AllAnyAndTheAlgebraOfSets) {
  EXPECT_TRUE(kBoth.HasAll({Need::kGpu}));
  EXPECT_FALSE(kBoth.HasAll({Need::kGpu, Need::kLocalDisk}));
  EXPECT_TRUE(kBoth.HasAny({Need::kGpu, Need::kLocalDisk}));
  EXPECT_FALSE(kBoth.HasAny({Need::kLocalDisk}));
  EXPECT_TRUE(kBoth.HasAll({}));
  EXPECT_FALSE(kBoth.HasAny({}));
  EXPECT_EQ((kBoth | Flags<Need>{Need::kLocalDisk}), Flags<Need>::All());
  EXPECT_EQ((kBoth & Flags<Need>{Need::kGpu, Need::kLocalDisk}), Flags<Need>{Need::kGpu});
  EXPECT_EQ(kBoth - Flags<Need>{Need::kGpu}, Flags<Need>{Need::kSpread});
}

TEST(FlagsTest, TheHighestBitOfEachWidthWorks) {
  EXPECT_TRUE(Flags<Nine>{Nine::kLast}.Has(Nine::kLast));
  EXPECT_TRUE(Flags<Full>{Full::kLast}.Has(Full::kLast));
  EXPECT_EQ(Flags<Full>::All().size(), 64u);
  EXPECT_EQ(Flags<Nine>::All().size(), 9u);
}

TEST(FlagsTest, ForeignBitsAndValuesAreInNoSet) {
  EXPECT_EQ(Flags<Need>::FromBits(0xFF), Flags<Need>::All());
  EXPECT_EQ(Flags<Need>::FromBits(0xF8).size(), 0u);
  Flags<Need> needs;
  needs.Add(Need::kCount);
  needs.Add(static_cast<Need>(200));
  EXPECT_TRUE(needs.empty());
  EXPECT_FALSE(Flags<Need>::All().Has(static_cast<Need>(200)));
}

TEST(FlagsTest, AreVisitedInTheOrderOfTheEnum) {
  std::vector<Need> visited;
  kBoth.ForEach([&](Need need) { visited.push_back(need); });
  EXPECT_EQ(visited, (std::vector<Need>{Need::kGpu, Need::kSpread}));
  EXPECT_EQ(absl::HashOf(kBoth), absl::HashOf(Flags<Need>{Need::kSpread, Need::kGpu}));
}

}  // namespace
}  // namespace blixard::memory
