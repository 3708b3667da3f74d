// What the log gives up, what it gives back, and what it takes for its next segment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/storage/wal_frame.h"
#include "tests/raft/storage/wal_fixture.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WalCompactionTest : public WalFixture {};

TEST_F(WalCompactionTest, BaseIsRecoveredAndEntriesBehindItStay) {
  Start();
  Fill(10);
  CompactThrough(4);
  ReopenExpecting(model_);
  EXPECT_EQ(model_.entries.front().id.index, LogIndex{5});
  Fill(5);
  CompactThrough(12);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, BaseThatWasNotSyncedIsGoneAfterACrash) {
  Start();
  Fill(3);
  ASSERT_THAT(wal_->CompactThrough(model_.IdAt({2})), IsOk());
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, OlderBaseAgainCostsNothing) {
  Start();
  Fill(5);
  CompactThrough(4);
  const uint64_t bytes = wal_->stats().bytes;
  EXPECT_THAT(wal_->CompactThrough({.term = {1}, .index = {4}}), IsOk());
  EXPECT_THAT(wal_->CompactThrough({.term = {1}, .index = {2}}), IsOk());
  EXPECT_EQ(wal_->stats().bytes, bytes);
}

TEST_F(WalCompactionTest, FullSegmentsBecomeFreeOnesAndAreUsedAgain) {
  Start();
  Prepare();
  Fill(9);  // three segments
  ASSERT_EQ(wal_->stats().segments, 3u);
  CompactThrough(7);
  EXPECT_EQ(wal_->stats().segments, 1u);
  Prepare();
  EXPECT_THAT(Names(".wal"), ElementsAre(SegmentName(3)));
  EXPECT_EQ(Names(".free").size(), options_.max_free_segments);
  const uint64_t writes = files_.writes();
  Fill(4);
  EXPECT_GT(wal_->stats().segments_recycled, 0u);
  EXPECT_LT(files_.writes() - writes, 10u) << "a recycled segment was filled anew";
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, NothingIsGivenBackBeforeTheBaseIsSynced) {
  Start();
  Fill(9);
  ASSERT_THAT(wal_->CompactThrough(model_.IdAt({7})), IsOk());
  Prepare();
  EXPECT_EQ(Names(".wal").size(), 3u);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, FreeSegmentsAreBoundedAndKeptOverARestart) {
  options_.max_free_segments = 3;
  Start();
  Fill(30);
  CompactThrough(29);
  Prepare();
  EXPECT_EQ(Names(".free").size(), 3u);
  options_.max_free_segments = 1;
  ReopenExpecting(model_);
  EXPECT_EQ(Names(".free").size(), 1u);
}

TEST_F(WalCompactionTest, FreeSegmentsOfAnotherSizeAreNotUsed) {
  Start();
  Fill(9);
  CompactThrough(8);
  Prepare();
  ASSERT_FALSE(Names(".free").empty());
  options_.segment_bytes = 8192;
  ReopenExpecting(model_);
  EXPECT_THAT(Names(".free"), IsEmpty());
  Fill(9);
  CompactThrough(15);
  Prepare();
  for (const std::string& name : Names(".free")) {
    EXPECT_EQ(files_.Content(absl::StrCat("/wal/", name)).size(), 8192u) << name;
  }
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, NewLogUsesNoFreeSegmentOfAnOlderOne) {
  Start();
  Fill(9);
  CompactThrough(8);
  Prepare();
  wal_.reset();
  for (const std::string& name : Names(".wal")) {
    ASSERT_THAT(files_.Remove(absl::StrCat("/wal/", name)), IsOk());
  }
  model_ = LogModel();
  Start();  // sequence 1 again: what the free ones hold could pass for its own
  EXPECT_THAT(Names(".free"), IsEmpty());
}

TEST_F(WalCompactionTest, MissingFirstSegmentsAreFineIffTheBaseCoversThem) {
  Start();
  Fill(12);
  CompactThrough(7);
  wal_.reset();
  ASSERT_GE(Names(".wal").size(), 4u);
  ASSERT_THAT(files_.Remove(Path(1)), IsOk());
  ReopenExpecting(model_);
  wal_.reset();
  ASSERT_THAT(files_.Remove(Path(3)), IsOk());
  EXPECT_THAT(Open().status(), StatusIs(absl::StatusCode::kDataLoss,
                                        AllOf(HasSubstr(Path(3)), HasSubstr("want entries"))));
}

// A crash may keep any part of what was renamed or removed.
TEST_F(WalCompactionTest, SegmentsLeftOverBehindAGapAreGivenUp) {
  Start();
  Fill(12);
  CompactThrough(10);
  wal_.reset();
  ASSERT_THAT(files_.Remove(Path(2)), IsOk());
  ReopenExpecting(model_);
  Prepare();
  EXPECT_THAT(Names(".wal"), ElementsAre(SegmentName(4)));
}

TEST_F(WalCompactionTest, SnapshotReplacesALogThatConflicts) {
  Start();
  Fill(3);
  for (int i = 0; i < 9; ++i) AppendSynced({}, {Next(1, std::string(1000, 'z'))});
  const HardState state = {.term = {4}, .vote = ReplicaId{1}, .commit = {}};
  ASSERT_THAT(wal_->InstallSnapshot({.term = {3}, .index = {7}}, state), IsOk());
  model_.InstallSnapshot({.term = {3}, .index = {7}}, state);
  files_.Crash();
  ReopenExpecting(model_);
  Prepare();
  EXPECT_EQ(Names(".wal").size(), 1u) << "nothing before the snapshot is needed";
  AppendSynced({}, {Next(4, "behind the snapshot")});
  ReopenExpecting(model_);
  EXPECT_EQ(model_.entries.front().id.index, LogIndex{8});
}

TEST_F(WalCompactionTest, SnapshotFarAheadOfTheLogIsTaken) {
  Start();
  Fill(1);
  const HardState state = {.term = {9}, .vote = kNoReplica, .commit = {}};
  ASSERT_THAT(wal_->InstallSnapshot({.term = {8}, .index = {1000}}, state), IsOk());
  model_.InstallSnapshot({.term = {8}, .index = {1000}}, state);
  AppendSynced(HardState{.term = {9}, .commit = {1001}}, {Next(9, "next")});
  CompactThrough(1001);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, EntriesThatWaitGoBeforeTheSnapshot) {
  Start();
  ASSERT_THAT(wal_->Append({}, {Next(1, "dead with the snapshot")}), IsOk());
  const HardState state = {.term = {2}, .vote = kNoReplica, .commit = {}};
  ASSERT_THAT(wal_->InstallSnapshot({.term = {2}, .index = {5}}, state), IsOk());
  model_.InstallSnapshot({.term = {2}, .index = {5}}, state);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, PreparedSegmentLeavesTheAppendFewWrites) {
  options_.segment_bytes = 4 << 20;
  Start();
  Prepare();
  ASSERT_FALSE(wal_->WantsPrepare());
  const uint64_t made = wal_->stats().segments_inline;
  for (int i = 0; i < 4; ++i) AppendSynced({}, {Next(1, std::string(1'000'000, 'x'))});
  const uint64_t writes = files_.writes();
  AppendSynced({}, {Next(1, std::string(1'000'000, 'y'))});
  EXPECT_EQ(wal_->stats().segments, 2u);
  EXPECT_LE(files_.writes() - writes, 2u) << "a header and the batch";
  EXPECT_EQ(wal_->stats().segments_inline, made);
  EXPECT_TRUE(wal_->WantsPrepare());
}

TEST_F(WalCompactionTest, UnpreparedSegmentIsMadeInlineAndCounted) {
  Start();
  const uint64_t made = wal_->stats().segments_inline;
  Fill(9);
  EXPECT_EQ(wal_->stats().segments_inline, made + 2);
}

TEST_F(WalCompactionTest, HalfMadeSegmentIsFinishedByTheAppendThatNeedsIt) {
  options_.segment_bytes = 4 << 20;
  Start();
  EXPECT_TRUE(wal_->PrepareStep());  // one piece of four
  for (int i = 0; i < 4; ++i) AppendSynced({}, {Next(1, std::string(1'000'000, 'x'))});
  AppendSynced({}, {Next(1, std::string(1'000'000, 'y'))});
  EXPECT_THAT(Names(".unfinished"), IsEmpty());
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, FullDiskWhilePreparingHarmsNothingAndIsTriedAgain) {
  Start();
  files_.set_capacity_bytes(kSegmentBytes + 100);
  EXPECT_FALSE(wal_->PrepareStep());
  EXPECT_FALSE(wal_->PrepareStep());
  EXPECT_EQ(wal_->stats().prepare_failures, 2u);
  EXPECT_THAT(Names(".unfinished"), IsEmpty()) << "it holds what the disk lacks";
  EXPECT_TRUE(wal_->WantsPrepare());
  Fill(2);
  files_.set_capacity_bytes(UINT64_MAX);
  Prepare();
  EXPECT_FALSE(wal_->WantsPrepare());
  Fill(3);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, FailedSyncOfAPreparedSegmentIsNoFailureOfTheLog) {
  Start();
  files_.FailSync(1);
  EXPECT_FALSE(wal_->PrepareStep());
  Fill(9);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalCompactionTest, SpaceIsLowBelowTheReserve) {
  options_.reserve_bytes = 10'000;
  Start();
  EXPECT_FALSE(wal_->space().low());
  files_.set_capacity_bytes(kSegmentBytes + 9'999);
  EXPECT_TRUE(wal_->space_is_low());
  const LogSpace space = wal_->space();
  EXPECT_TRUE(space.low());
  EXPECT_EQ(space.directory, "/wal");
  EXPECT_EQ(space.free_bytes, 9'999u);
  EXPECT_EQ(space.wanted_bytes, 10'000u);
  files_.set_capacity_bytes(kSegmentBytes + 10'000);
  EXPECT_FALSE(wal_->space().low());
}

// Entries, a base, a snapshot and more entries, each synced on its own; then harm at every byte.
class WalBaseDamageTest : public WalFixture {
 protected:
  void SetUp() override {
    Start();
    states_.push_back(model_);
    for (int i = 0; i < 3; ++i) {
      const Entry entry = Next(1, "payload");
      Note(HardState{.term = {1}, .commit = entry.index}, {entry});
    }
    CompactThrough(2);
    states_.push_back(model_);
    const HardState state = {.term = {3}, .vote = ReplicaId{1}, .commit = {}};
    ASSERT_THAT(wal_->InstallSnapshot({.term = {2}, .index = {9}}, state), IsOk());
    model_.InstallSnapshot({.term = {2}, .index = {9}}, state);
    states_.push_back(model_);
    Note({}, {Next(3, "behind the snapshot")});
    CompactThrough(9);
    wal_.reset();
    good_ = files_.Content(Path(1));
    used_ = good_.find_last_not_of('\0') + 1;
  }

  void Note(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries) {
    const std::vector<LogModel> steps = StepsOfAppend(model_, hard_state, entries);
    states_.insert(states_.end(), steps.begin(), steps.end());
    AppendSynced(hard_state, entries);
  }

  // One of the states that the log went through, or refused with the place of the damage.
  void ExpectStateOrDamage(const std::string& bad) {
    files_.SetContent(Path(1), bad);
    const absl::StatusOr<OpenedWal> opened = Open();
    if (!opened.ok()) {
      EXPECT_THAT(opened.status(), StatusIs(absl::StatusCode::kDataLoss,
                                            AllOf(HasSubstr(Path(1)), HasSubstr("offset"))));
      EXPECT_EQ(files_.Content(Path(1)), bad) << "a refused log was changed";
      ++refused_;
      return;
    }
    EXPECT_THAT(states_, ::testing::Contains(ModelOf(opened->recovered)));
  }

  std::vector<LogModel> states_;
  std::string good_;
  uint64_t used_ = 0;
  int refused_ = 0;
};

TEST_F(WalBaseDamageTest, FlippedAtEveryByte) {
  for (uint64_t at = 0; at < used_; ++at) {
    SCOPED_TRACE(absl::StrCat("flip at ", at));
    std::string bad = good_;
    bad[at] ^= 0x20;
    ExpectStateOrDamage(bad);
  }
  EXPECT_GT(refused_, static_cast<int>(used_ / 2)) << "all but the last batch was proven durable";
}

TEST_F(WalBaseDamageTest, CutAtEveryByte) {
  for (uint64_t size = kSegmentHeaderBytes; size <= used_ + 8; ++size) {
    SCOPED_TRACE(absl::StrCat("cut to ", size));
    ExpectStateOrDamage(good_.substr(0, size));
  }
  EXPECT_EQ(refused_, 0) << "a cut is what a crash may leave";
}

TEST_F(WalBaseDamageTest, ZeroedFromEveryByteOn) {
  for (uint64_t from = kSegmentHeaderBytes; from <= used_; ++from) {
    SCOPED_TRACE(absl::StrCat("zeros from ", from));
    ExpectStateOrDamage(good_.substr(0, from) + std::string(good_.size() - from, '\0'));
  }
  EXPECT_EQ(refused_, 0);
}

TEST_F(WalCompactionTest, WhateverFreeAndUnfinishedFilesHoldIsIgnored) {
  Start();
  Fill(9);
  CompactThrough(8);
  Prepare();
  wal_.reset();
  const std::string newest = files_.Content(Path(3));
  for (const std::string& content : {newest, std::string(kSegmentBytes, 'g'), std::string()}) {
    for (const std::string& name : Names(".free")) {
      files_.SetContent(absl::StrCat("/wal/", name), content);
    }
    files_.SetContent(absl::StrCat("/wal/", UnfinishedSegmentName(99)), content);
    ReopenExpecting(model_);
    Fill(4);
    files_.Crash();
    ReopenExpecting(model_);
    CompactThrough(model_.last_index().value - 1);
    Prepare();
    wal_.reset();
  }
}

// S18: whatever the older use left behind the end of the log, at every place of a write that may
// tear, nothing of it comes back.
TEST_F(WalCompactionTest, S18StaleFramesOfARecycledSegmentAreNeverRead) {
  options_.segment_bytes = 4 * kDirectBytes;
  Start();
  Fill(45);
  CompactThrough(44);
  Prepare();
  ASSERT_THAT(Names(".wal"), ElementsAre(SegmentName(4)));
  while (wal_->stats().segments_recycled == 0) Fill(1);
  for (int i = 0; i < 4; ++i) AppendSynced({}, {Next(2, std::string(1000, 'n'))});
  wal_.reset();
  const std::string path = Path(5);
  const std::string good = files_.Content(path);
  const auto header = DecodeSegmentHeader(good, 5);
  ASSERT_THAT(header, IsOk());
  ASSERT_EQ(header->origin, SegmentOrigin::kRecycled);
  const uint64_t end = good.rfind("nnnn") + 4;
  const std::string stale = good.substr(2 * kDirectBytes);
  ASSERT_NE(stale.find_first_not_of('\0'), std::string::npos) << "the test has no stale bytes";
  uint64_t shortest = model_.last_index().value;
  for (uint64_t at = kSegmentHeaderBytes; at < end; at += 8) {
    SCOPED_TRACE(absl::StrCat("torn from ", at));
    // The write never reached the disk from here on: what stands there is of the older use.
    std::string torn = good.substr(0, at) + std::string(end - at, 's') + good.substr(end);
    files_.SetContent(path, torn);
    absl::StatusOr<OpenedWal> opened = Open();
    if (!opened.ok()) {
      ASSERT_THAT(opened.status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("offset")));
      continue;
    }
    const LogModel got = ModelOf(opened->recovered);
    ASSERT_LE(got.entries.size(), model_.entries.size());
    for (size_t i = 0; i < got.entries.size(); ++i) ASSERT_EQ(got.entries[i], model_.entries[i]);
    shortest = std::min(shortest, got.last_index().value);
  }
  EXPECT_LT(shortest, model_.last_index().value);
}

// S17: the sync fails once; asked again the system would claim success for data that is gone.
TEST_F(WalCompactionTest, S17FailedSyncIsFinalForEveryCall) {
  Start();
  Fill(3);
  const LogModel synced = model_;
  ASSERT_THAT(wal_->Append({}, {Next(1, "lost")}), IsOk());
  files_.FailSync(1);
  const absl::Status first = wal_->Sync();
  ASSERT_FALSE(first.ok());
  const uint64_t writes = files_.writes();
  const uint64_t syncs = files_.syncs();
  EXPECT_EQ(wal_->Sync(), first);
  EXPECT_EQ(wal_->Append({}, {Next(1, "more")}), first);
  EXPECT_EQ(wal_->CompactThrough(model_.IdAt({1})), first);
  EXPECT_EQ(wal_->InstallSnapshot({.term = {1}, .index = {9}}, {.term = {1}}), first);
  EXPECT_FALSE(wal_->PrepareStep());
  EXPECT_EQ(files_.writes(), writes);
  EXPECT_EQ(files_.syncs(), syncs);
  files_.Crash();
  ReopenExpecting(synced);
}

// S19: whatever Sync has returned for survives a power failure that keeps nothing unsynced, also
// across roll-overs, compactions and recycled segments.
TEST_F(WalCompactionTest, S19SyncedEntriesSurviveWhenAllUnsyncedDataIsLost) {
  Start();
  for (uint64_t round = 1; round <= 60; ++round) {
    Fill(1);
    if (round % 7 == 0) CompactThrough(round - 2);
    if (round % 3 == 0) wal_->PrepareStep();
    files_.Crash();
    ReopenExpecting(model_);
  }
}

using WalCompactionDeathTest = WalCompactionTest;

TEST_F(WalCompactionDeathTest, BrokenInvariantsStopTheProcess) {
  Start();
  Fill(3);
  AppendSynced({}, {Next(1, "not committed")});
  EXPECT_DEATH((void)wal_->CompactThrough({.term = {1}, .index = {4}}), "not committed");
  EXPECT_DEATH((void)wal_->InstallSnapshot({.term = {1}, .index = {2}}, {.term = {1}}),
               "would undo what is committed");
  EXPECT_DEATH((void)wal_->InstallSnapshot({.term = {1}, .index = {9}}, {}), "term goes back");
}

}  // namespace
}  // namespace blixard::raft
