#include "raft/runtime/log_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

TEST(LogBytesTest, AnswersAreExactWithAMarkPerEntry) {
  LogBytes log(1);
  for (uint64_t index = 1; index <= 10; ++index) log.Add(LogIndex{index}, 100);
  EXPECT_EQ(log.total(), 1000u);
  EXPECT_EQ(log.FirstWithin(0), LogIndex{10});
  EXPECT_EQ(log.FirstWithin(99), LogIndex{10});
  EXPECT_EQ(log.FirstWithin(100), LogIndex{9});
  EXPECT_EQ(log.FirstWithin(900), LogIndex{1});
  EXPECT_EQ(log.FirstWithin(UINT64_MAX), LogIndex{1});
}

TEST(LogBytesTest, WithoutEntriesThereIsNothingBehind) {
  EXPECT_EQ(LogBytes(10).FirstWithin(100), LogIndex{0});
}

TEST(LogBytesTest, ForgettingTheBeginningChangesNoAnswerBehindIt) {
  LogBytes log(1);
  for (uint64_t index = 1; index <= 10; ++index) log.Add(LogIndex{index}, 100);
  log.DropThrough(LogIndex{5});
  EXPECT_EQ(log.FirstWithin(300), LogIndex{7});
  EXPECT_EQ(log.FirstWithin(UINT64_MAX), LogIndex{6}) << "the first that is still known";
  log.DropThrough(LogIndex{10});
  EXPECT_EQ(log.FirstWithin(UINT64_MAX), LogIndex{10});
  log.Add(LogIndex{11}, 100);
  EXPECT_EQ(log.FirstWithin(0), LogIndex{11});
}

// Never more is kept than asked for, and not less by more than two marks and an entry.
TEST(LogBytesTest, AnswersAreWithinAMarkOfTheTruth) {
  constexpr uint64_t kMark = 500;
  SplitMix random(3);
  LogBytes log(kMark);
  std::vector<uint64_t> weights(1, 0);
  for (uint64_t index = 1; index <= 300; ++index) {
    weights.push_back(1 + random.Below(200));
    log.Add(LogIndex{index}, weights.back());
    const uint64_t asked = random.Below(10'000);
    const LogIndex first = log.FirstWithin(asked);
    const uint64_t behind = std::accumulate(
        weights.begin() + static_cast<std::ptrdiff_t>(first.value) + 1, weights.end(), uint64_t{0});
    EXPECT_LE(behind, asked) << "index " << index;
    const uint64_t truth = std::min(asked, log.total());
    EXPECT_GE(behind + 2 * kMark + 200, truth) << "index " << index;
  }
}

TEST(LogBytesDeathTest, EntriesAreWeighedInOrder) {
  LogBytes log(1);
  log.Add(LogIndex{5}, 1);
  EXPECT_DEATH(log.Add(LogIndex{5}, 1), "in order");
}

}  // namespace
}  // namespace blixard::raft
