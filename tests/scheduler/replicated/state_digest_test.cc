#include "scheduler/replicated/state_digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

TEST(StateDigestTest, TheOrderOfElementsDoesNotMatter) {
  std::vector<std::string> elements;
  for (int i = 0; i < 100; ++i) elements.push_back(absl::StrCat("element ", i));
  StateDigest forward;
  for (const std::string& element : elements) forward.Add(element);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::shuffle(elements.begin(), elements.end(), random);
    StateDigest shuffled;
    for (const std::string& element : elements) shuffled.Add(element);
    EXPECT_EQ(shuffled, forward);
  }
}

TEST(StateDigestTest, RemovingUndoesAdding) {
  StateDigest digest;
  digest.Add("a");
  const StateDigest with_a = digest;
  for (int i = 0; i < 100; ++i) digest.Add(absl::StrCat(i));
  for (int i = 0; i < 100; ++i) digest.Remove(absl::StrCat(i));
  EXPECT_EQ(digest, with_a);
  digest.Remove("a");
  EXPECT_EQ(digest, StateDigest{});
}

TEST(StateDigestTest, TheSumCarriesAndBorrowsAcrossTheHalves) {
  const StateDigest one = {.high = 0, .low = 1};
  StateDigest digest = {.high = 4, .low = ~uint64_t{0}};
  digest += one;
  EXPECT_EQ(digest, (StateDigest{.high = 5, .low = 0}));
  digest -= one;
  EXPECT_EQ(digest, (StateDigest{.high = 4, .low = ~uint64_t{0}}));
}

TEST(StateDigestTest, DifferentElementsGiveDifferentDigests) {
  StateDigest a, b, twice;
  a.Add("a");
  b.Add("b");
  twice.Add("a");
  twice.Add("a");
  EXPECT_FALSE(a == b);
  EXPECT_FALSE(a == twice);
}

TEST(StateDigestTest, PrintsAs32HexDigits) {
  EXPECT_EQ(FormatDigest({.high = 0x1, .low = 0xab}), "000000000000000100000000000000ab");
}

}  // namespace
}  // namespace blixard::scheduler
