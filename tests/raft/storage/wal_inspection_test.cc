#include "raft/storage/wal_inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/raft/storage/wal_fixture.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class WalInspectionTest : public WalFixture {
 protected:
  absl::StatusOr<InspectedWal> Inspect(
      const std::function<void(const InspectedFrame&)>& on_frame = nullptr) {
    return InspectWal(files_, memory::BufferPool::Default(), options_.directory, on_frame);
  }
};

TEST_F(WalInspectionTest, LogInUseIsShownAsItIsAndNotTouched) {
  Start();
  Fill(9);
  CompactThrough(4);
  Prepare();
  const uint64_t writes = files_.writes();
  const uint64_t syncs = files_.syncs();
  const absl::StatusOr<InspectedWal> wal = Inspect();
  ASSERT_THAT(wal, IsOk());
  EXPECT_TRUE(wal->sound()) << wal->damage;
  EXPECT_EQ(wal->cluster, options_.cluster);
  EXPECT_EQ(wal->replica, options_.replica);
  EXPECT_EQ(wal->hard_state, model_.hard_state);
  EXPECT_EQ(wal->base, model_.base);
  EXPECT_EQ(wal->last, model_.IdAt(model_.last_index()));
  ASSERT_EQ(wal->segments.size(), 2u);
  EXPECT_EQ(wal->segments[0].path, Path(2));
  EXPECT_EQ(wal->segments[0].first, LogIndex{4});
  EXPECT_EQ(wal->segments[0].last, LogIndex{6});
  EXPECT_EQ(wal->segments[0].entries, 3u);
  EXPECT_EQ(wal->free_segments, Names(".free"));
  EXPECT_EQ(wal->torn_note, "");
  EXPECT_EQ(files_.writes(), writes);
  EXPECT_EQ(files_.syncs(), syncs);
}

TEST_F(WalInspectionTest, EveryFrameIsToldOnceInOrder) {
  Start();
  AppendSynced(HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {}}, {Next(1, "one")});
  AppendSynced(HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {1}}, {});
  CompactThrough(1);
  const HardState state = {.term = {3}, .vote = kNoReplica, .commit = {}};
  ASSERT_THAT(wal_->InstallSnapshot({.term = {2}, .index = {5}}, state), IsOk());
  std::vector<std::string> told;
  ASSERT_THAT(Inspect([&](const InspectedFrame& frame) {
                std::string line = absl::StrCat(static_cast<int>(frame.header.type), " at ",
                                                frame.offset, " ", frame.payload.size());
                if (frame.hard_state)
                  absl::StrAppend(&line, " term ", frame.hard_state->term.value);
                told.push_back(line);
              }),
              IsOk());
  EXPECT_THAT(told, ElementsAre("2 at 144 24 term 1", "3 at 216 3", "2 at 272 24 term 1",
                                "4 at 344 0", "5 at 392 24 term 3"));
}

TEST_F(WalInspectionTest, TornEndIsSaidAndLeft) {
  Start();
  Fill(1);
  AppendSynced({}, {Next(1, std::string(100, 't'))});
  wal_.reset();
  std::string torn = files_.Content(Path(1));
  torn[torn.find("tttt") + 50] ^= 1;
  files_.SetContent(Path(1), torn);
  const absl::StatusOr<InspectedWal> wal = Inspect();
  ASSERT_THAT(wal, IsOk());
  EXPECT_TRUE(wal->sound());
  EXPECT_THAT(wal->torn_note, AllOf(HasSubstr(Path(1)), HasSubstr("offset")));
  EXPECT_GT(wal->segments.back().torn_bytes, 0u);
  EXPECT_EQ(wal->last.index, LogIndex{1});
  EXPECT_EQ(files_.Content(Path(1)), torn);
}

TEST_F(WalInspectionTest, DamageNamesFileAndOffset) {
  Start();
  Fill(9);
  wal_.reset();
  const std::string good = files_.Content(Path(2));
  std::string bad = good;
  bad[300] ^= 1;
  files_.SetContent(Path(2), bad);
  const absl::StatusOr<InspectedWal> wal = Inspect();
  ASSERT_THAT(wal, IsOk());
  EXPECT_FALSE(wal->sound());
  EXPECT_THAT(std::string(wal->damage.message()),
              AllOf(HasSubstr(Path(2)), HasSubstr("offset 144")));
  EXPECT_EQ(wal->segments.size(), 2u) << "as far as the log is sound";
  files_.SetContent(Path(2), good);
  EXPECT_TRUE(Inspect()->sound());
}

TEST_F(WalInspectionTest, DamagedFirstHeaderIsDamage) {
  Start();
  wal_.reset();
  std::string bad = files_.Content(Path(1));
  bad[60] ^= 1;
  files_.SetContent(Path(1), bad);
  const absl::StatusOr<InspectedWal> wal = Inspect();
  ASSERT_THAT(wal, IsOk());
  EXPECT_THAT(wal->damage, StatusIs(absl::StatusCode::kDataLoss, HasSubstr("offset 0")));
}

TEST_F(WalInspectionTest, DirectoryWithoutALogIsNotFound) {
  EXPECT_THAT(Inspect().status(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/wal")));
  ASSERT_THAT(files_.MakeDirectory("/wal"), IsOk());
  EXPECT_THAT(Inspect().status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("without segments")));
}

}  // namespace
}  // namespace blixard::raft
