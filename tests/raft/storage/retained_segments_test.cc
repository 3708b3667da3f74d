#include "raft/storage/retained_segments.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "raft/storage/segment.h"
#include "raft/storage/segment_list.h"

namespace blixard::raft {
namespace {

TEST(RetainedSegmentsTest, OldestGoFirstOnceTheBaseCoversThem) {
  RetainedSegments retained;
  retained.Close(4, {10});
  retained.Close(5, {20});
  retained.Close(6, {30});
  EXPECT_EQ(retained.ReleaseThrough({9}), std::nullopt);
  EXPECT_EQ(retained.ReleaseThrough({25}), 4u);
  EXPECT_EQ(retained.ReleaseThrough({25}), 5u);
  EXPECT_EQ(retained.ReleaseThrough({25}), std::nullopt);
  EXPECT_EQ(retained.size(), 1u);
  EXPECT_EQ(retained.ReleaseThrough({30}), 6u);
  EXPECT_EQ(retained.size(), 0u);
}

TEST(RetainedSegmentsTest, CutEntriesAreNotHeld) {
  RetainedSegments retained;
  retained.Close(1, {10});
  retained.Close(2, {50});
  retained.CutTo({20});
  EXPECT_EQ(retained.ReleaseThrough({20}), 1u);
  EXPECT_EQ(retained.ReleaseThrough({20}), 2u) << "its entries 21 to 50 are dead";
}

TEST(RetainedSegmentsTest, SegmentWhoseEntriesWereAllCutGoesWithoutABase) {
  RetainedSegments retained;
  retained.Close(1, {10});
  retained.CutTo({0});
  EXPECT_EQ(retained.ReleaseThrough({0}), 1u);
}

TEST(SegmentListTest, NewestInARowAreTheLog) {
  const auto list = [](const std::vector<uint64_t>& sequences) {
    std::vector<std::string> names = {"LOCK", FreeSegmentName(3), UnfinishedSegmentName(9)};
    for (const uint64_t sequence : sequences) names.push_back(SegmentName(sequence));
    return ListSegments(names);
  };
  EXPECT_EQ(list({}), SegmentList());
  EXPECT_EQ(list({1}), (SegmentList{.first = 1, .last = 1, .leftover = {}}));
  EXPECT_EQ(list({3, 4, 5}), (SegmentList{.first = 3, .last = 5, .leftover = {}}));
  EXPECT_EQ(list({1, 2, 4, 5}), (SegmentList{.first = 4, .last = 5, .leftover = {1, 2}}));
  EXPECT_EQ(list({1, 3, 7}), (SegmentList{.first = 7, .last = 7, .leftover = {1, 3}}));
}

}  // namespace
}  // namespace blixard::raft
