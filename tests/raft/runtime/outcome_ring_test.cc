#include "raft/runtime/outcome_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

TEST(OutcomeRingTest, KeepsTheNewestAndForgetsTheOldest) {
  OutcomeRing ring(10);
  const OutcomeRing::Place first = ring.Append("aaaa");
  const OutcomeRing::Place second = ring.Append("bbbb");
  EXPECT_EQ(ring.Find(first), "aaaa");
  EXPECT_EQ(ring.Find(second), "bbbb");
  // Two bytes are left at the end, so it begins anew over the first.
  const OutcomeRing::Place third = ring.Append("ccc");
  EXPECT_EQ(ring.Find(first), std::nullopt);
  EXPECT_EQ(ring.Find(second), "bbbb");
  EXPECT_EQ(ring.Find(third), "ccc");
  const OutcomeRing::Place whole = ring.Append("0123456789");
  EXPECT_EQ(ring.Find(third), std::nullopt);
  EXPECT_EQ(ring.Find(whole), "0123456789");
}

TEST(OutcomeRingTest, NowhereIsNeverFound) {
  OutcomeRing ring(4);
  EXPECT_EQ(ring.Find(OutcomeRing::Place{}), std::nullopt);
  ring.Append("abcd");
  EXPECT_EQ(ring.Find(OutcomeRing::Place{}), std::nullopt);
  EXPECT_EQ(ring.Find({.offset = 4, .bytes = 1}), std::nullopt);  // not there yet
}

TEST(OutcomeRingTest, TooLongAnOutcomeIsAFault) {
  OutcomeRing ring(4);
  EXPECT_EQ(ring.Find(ring.Append("abcd")), "abcd");
  EXPECT_DEATH(ring.Append("abcde"), "capacity");
}

// Every byte belongs to who wrote it last; what is skipped at the end belongs to nobody.
TEST(OutcomeRingTest, FindsExactlyWhatNothingOverwrote) {
  struct Appended {
    OutcomeRing::Place place;
    std::string text;
  };
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    const size_t capacity = 1 + random.Below(40);
    OutcomeRing ring(capacity);
    std::vector<size_t> owner(capacity, SIZE_MAX);
    std::vector<Appended> all;
    for (size_t i = 0, head = 0; i < 60; ++i) {
      const std::string text(1 + random.Below(capacity), static_cast<char>('a' + i % 26));
      if (head + text.size() > capacity) {
        for (; head < capacity; ++head) owner[head] = SIZE_MAX;
        head = 0;
      }
      for (size_t byte = 0; byte < text.size(); ++byte) owner[head++] = i;
      head %= capacity;
      all.push_back({.place = ring.Append(text), .text = text});
      for (size_t j = 0; j <= i; ++j) {
        const size_t owned = static_cast<size_t>(std::count(owner.begin(), owner.end(), j));
        const std::optional<absl::string_view> found = ring.Find(all[j].place);
        ASSERT_EQ(found.has_value(), owned == all[j].text.size()) << j << " after " << i;
        ASSERT_EQ(found.value_or(all[j].text), all[j].text);
      }
    }
  }
}

TEST(OutcomeRingTest, WhatIsPutBackIsFoundAndStaysInOrder) {
  OutcomeRing ring(8);
  ring.Append("aaaa");
  const OutcomeRing::Place second = ring.Append("bbb");
  const OutcomeRing::Place third = ring.Append("cc");
  OutcomeRing other(8);
  other.RestoreHead(ring.head());
  EXPECT_TRUE(other.RestoreAt(second, "bbb"));
  EXPECT_TRUE(other.RestoreAt(third, "cc"));
  EXPECT_EQ(other.Find(second), "bbb");
  EXPECT_EQ(other.Append("dd"), ring.Append("dd"));
  EXPECT_EQ(other.Append("ee"), ring.Append("ee"));
  EXPECT_EQ(other.Find(second), ring.Find(second));
  EXPECT_EQ(other.Find(third), ring.Find(third));
}

TEST(OutcomeRingTest, NothingIsPutWhereNothingCanStand) {
  OutcomeRing ring(8);
  ring.RestoreHead(20);
  EXPECT_TRUE(ring.RestoreAt({.offset = 16, .bytes = 4}, "good"));
  EXPECT_FALSE(ring.RestoreAt({.offset = 17, .bytes = 4}, "past"));
  EXPECT_FALSE(ring.RestoreAt({.offset = 11, .bytes = 1}, "o"));     // overwritten
  EXPECT_FALSE(ring.RestoreAt({.offset = 14, .bytes = 4}, "wrap"));  // over the end
  EXPECT_FALSE(ring.RestoreAt({.offset = OutcomeRing::kNowhere, .bytes = 0}, ""));
}

}  // namespace
}  // namespace blixard::raft
