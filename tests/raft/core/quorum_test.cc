#include "raft/core/quorum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

LogIndex CommittedOf(const std::vector<uint64_t>& values) {
  std::vector<LogIndex> acked;
  for (uint64_t value : values) acked.push_back(LogIndex{value});
  return CommittedIndex(absl::MakeSpan(acked));
}

TEST(CommittedIndexTest, NeedsMoreThanHalf) {
  struct Case {
    absl::string_view name;
    std::vector<uint64_t> acked;
    uint64_t want;
  };
  for (const Case& c : std::vector<Case>{{"lone voter", {7}, 7},
                                         {"one of two is no majority", {7, 3}, 3},
                                         {"two of three", {9, 2, 9}, 9},
                                         {"one of three", {9, 2, 2}, 2},
                                         {"two of four are no majority", {9, 1, 9, 5}, 5},
                                         {"minority ahead", {9, 9, 2, 2, 2}, 2},
                                         {"three of five", {0, 9, 8, 0, 7}, 7},
                                         {"nothing acknowledged", {0, 0, 0}, 0}}) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(CommittedOf(c.acked), LogIndex{c.want});
  }
}

TEST(CommittedIndexTest, IsTheHighestThatAMajorityReached) {
  SplitMix random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    std::vector<uint64_t> acked(1 + random.Below(9));
    for (uint64_t& value : acked) value = random.Below(6);
    const LogIndex index = CommittedOf(acked);
    const auto reached = [&](uint64_t value) {
      return static_cast<size_t>(
          std::count_if(acked.begin(), acked.end(), [&](uint64_t a) { return a >= value; }));
    };
    EXPECT_GE(reached(index.value), MajorityOf(acked.size())) << "trial " << trial;
    EXPECT_LT(reached(index.value + 1), MajorityOf(acked.size())) << "trial " << trial;
  }
}

TEST(CommittedIndexTest, NobodyIsNoQuorum) {
  std::vector<LogIndex> nobody;
  EXPECT_DEATH(CommittedIndex(absl::MakeSpan(nobody)), "empty");
}

TEST(VoteResultTest, IsDecidedAsSoonAsItCanBe) {
  struct Case {
    absl::string_view name;
    BallotCount count;
    VoteResult want;
  };
  for (const Case& c : std::vector<Case>{
           {"lone voter granted", {.granted = 1, .refused = 0, .voters = 1}, VoteResult::kWon},
           {"own vote of three", {.granted = 1, .refused = 0, .voters = 3}, VoteResult::kPending},
           {"two of three", {.granted = 2, .refused = 0, .voters = 3}, VoteResult::kWon},
           {"one each of three", {.granted = 1, .refused = 1, .voters = 3}, VoteResult::kPending},
           {"two refused of three", {.granted = 1, .refused = 2, .voters = 3}, VoteResult::kLost},
           {"half of four", {.granted = 2, .refused = 0, .voters = 4}, VoteResult::kPending},
           {"half of four refused", {.granted = 1, .refused = 2, .voters = 4}, VoteResult::kLost},
           {"three of four", {.granted = 3, .refused = 1, .voters = 4}, VoteResult::kWon}}) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(ResultOf(c.count), c.want);
  }
}

TEST(VoteResultTest, MoreBallotsThanVotersIsAFault) {
  EXPECT_DEATH(ResultOf({.granted = 2, .refused = 2, .voters = 3}), "voters");
}

}  // namespace
}  // namespace blixard::raft
