#include "raft/storage/wal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal_frame.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uint64_t kSegmentBytes = 4096;

class WalTest : public ::testing::Test {
 protected:
  absl::StatusOr<OpenedWal> Open() {
    return Wal::Open(files_, memory::BufferPool::Default(), options_);
  }

  // Opens anew, as a restarted process; what was recovered has to equal `want`.
  void ReopenExpecting(const LogModel& want) {
    wal_.reset();
    absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(ModelOf(opened->recovered), want);
    wal_ = std::move(opened->wal);
  }

  void Start() { ReopenExpecting(LogModel()); }

  void Append(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries) {
    ASSERT_THAT(wal_->Append(hard_state, entries), IsOk());
    model_.Append(hard_state, entries);
  }
  void AppendSynced(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries) {
    Append(hard_state, entries);
    ASSERT_THAT(wal_->Sync(), IsOk());
  }

  Entry Next(uint64_t term, absl::string_view payload) const {
    return MakeEntry({.term = {term}, .index = model_.last_index() + 1}, payload);
  }

  std::string SegmentFile(uint64_t sequence) const { return SegmentPath(options_, sequence); }

  MemoryFileSystem files_;
  WalOptions options_ = {.directory = "/wal",
                         .cluster = ClusterId{1},
                         .replica = ReplicaId{2},
                         .segment_bytes = kSegmentBytes};
  std::unique_ptr<Wal> wal_;
  LogModel model_;
};

TEST_F(WalTest, NewDirectoryGivesAnEmptyLog) {
  absl::StatusOr<OpenedWal> opened = Open();
  ASSERT_THAT(opened, IsOk());
  EXPECT_TRUE(opened->recovered.entries.empty());
  EXPECT_EQ(opened->recovered.hard_state, HardState{});
  EXPECT_EQ(opened->recovered.torn_bytes, 0u);
  EXPECT_EQ(opened->recovered.note, "");
  EXPECT_EQ(opened->wal->stats().segments, 1u);
}

TEST_F(WalTest, SyncedEntriesAndHardStateSurviveACrash) {
  Start();
  AppendSynced(
      HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {}},
      {MakeEntry({.term = {1}, .index = {1}}, ""), MakeEntry({.term = {1}, .index = {2}}, "two"),
       MakeEntry({.term = {1}, .index = {3}}, std::string(1000, 'x'))});
  AppendSynced(HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {3}}, {});
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalTest, HardStateAloneSurvives) {
  Start();
  AppendSynced(HardState{.term = {7}, .vote = ReplicaId{3}, .commit = {}}, {});
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalTest, WhatWasNotSyncedIsGoneAfterACrash) {
  Start();
  AppendSynced({}, {Next(1, "kept")});
  const LogModel synced = model_;
  Append({}, {Next(1, "lost")});
  files_.Crash();
  ReopenExpecting(synced);
}

TEST_F(WalTest, AppendTouchesNoDiskAndSyncIsOneWriteAndOneSync) {
  Start();
  const uint64_t writes = files_.writes();
  const uint64_t syncs = files_.syncs();
  for (int i = 0; i < 10; ++i) Append({}, {Next(1, "entry")});
  EXPECT_EQ(files_.writes(), writes);
  ASSERT_THAT(wal_->Sync(), IsOk());
  EXPECT_EQ(files_.writes(), writes + 1);
  EXPECT_EQ(files_.syncs(), syncs + 1);
  ASSERT_THAT(wal_->Sync(), IsOk());
  EXPECT_EQ(files_.syncs(), syncs + 1) << "nothing waited";
}

TEST_F(WalTest, StatsCountSyncsBytesAndSegments) {
  Start();
  const LogStorageStats before = wal_->stats();
  AppendSynced({}, {Next(1, "12345678")});
  EXPECT_EQ(wal_->stats().syncs, before.syncs + 1);
  EXPECT_EQ(wal_->stats().bytes, before.bytes + FrameBytes(8));
  EXPECT_EQ(wal_->stats().segments, 1u);
}

TEST_F(WalTest, SameHardStateAgainCostsNothing) {
  Start();
  AppendSynced(HardState{.term = {7}, .vote = ReplicaId{3}, .commit = {}}, {});
  const uint64_t bytes = wal_->stats().bytes;
  AppendSynced(HardState{.term = {7}, .vote = ReplicaId{3}, .commit = {}}, {});
  EXPECT_EQ(wal_->stats().bytes, bytes);
}

TEST_F(WalTest, OverwrittenSuffixIsReplacedAndCut) {
  Start();
  AppendSynced(HardState{.term = {1}, .commit = {}}, {Next(1, "a")});
  AppendSynced({}, {Next(1, "b")});
  AppendSynced({}, {Next(1, "c")});
  AppendSynced(HardState{.term = {2}, .commit = {}}, {MakeEntry({.term = {2}, .index = {2}}, "B")});
  EXPECT_EQ(model_.entries.size(), 2u);
  ReopenExpecting(model_);
  AppendSynced({}, {Next(2, "C")});
  ReopenExpecting(model_);
}

TEST_F(WalTest, FirstEntryCanBeReplaced) {
  Start();
  AppendSynced({}, {Next(1, "a")});
  AppendSynced({}, {MakeEntry({.term = {2}, .index = {1}}, "A")});
  ReopenExpecting(model_);
}

TEST_F(WalTest, AppendAfterRecoveryIsRecoveredAgain) {
  Start();
  for (uint64_t round = 1; round <= 20; ++round) {
    AppendSynced(HardState{.term = {round}, .commit = model_.last_index()},
                 {Next(round, absl::StrCat("round ", round))});
    if (round % 2 == 0) files_.Crash();
    ReopenExpecting(model_);
  }
}

TEST_F(WalTest, RollsOverAtEveryAlignment) {
  for (uint64_t filler = 1; filler <= 120; ++filler) {
    SCOPED_TRACE(absl::StrCat("filler of ", filler));
    options_.directory = absl::StrCat("/wal", filler);
    model_ = LogModel();
    Start();
    AppendSynced(HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {}},
                 {Next(1, std::string(2400 + filler * 3, 'f'))});
    for (int i = 0; i < 12; ++i) AppendSynced({}, {Next(1, std::string(100, 'a' + i))});
    AppendSynced(HardState{.term = {2}, .commit = {5}}, {});
    EXPECT_EQ(wal_->stats().segments, 2u);
    wal_.reset();
    files_.Crash();
    ReopenExpecting(model_);
    AppendSynced({}, {Next(2, "after")});
    ReopenExpecting(model_);
    wal_.reset();
  }
}

TEST_F(WalTest, BatchMayReachOverSegments) {
  Start();
  std::vector<Entry> batch;
  for (uint64_t i = 1; i <= 20; ++i) {
    batch.push_back(MakeEntry({.term = {1}, .index = {i}}, std::string(1000, 'x')));
  }
  AppendSynced(HardState{.term = {1}, .commit = {20}}, batch);
  EXPECT_GT(wal_->stats().segments, 5u);
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalTest, HeaderOfASegmentRepeatsTheStateOfTheLog) {
  Start();
  AppendSynced(HardState{.term = {5}, .vote = ReplicaId{2}, .commit = {}},
               {Next(5, std::string(3700, 'x'))});
  AppendSynced({}, {Next(5, std::string(1000, 'y'))});
  const std::string second = files_.Content(SegmentFile(2));
  const auto header = DecodeSegmentHeader(second, 2);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->hard_state, model_.hard_state);
  EXPECT_EQ(header->last, (EntryId{.term = {5}, .index = {1}}));
}

TEST_F(WalTest, LargestEntryFitsAndALargerOneIsRefusedBeforeAnythingIsTaken) {
  Start();
  const uint64_t largest = kSegmentBytes - kSegmentHeaderBytes - kFrameHeaderBytes;
  AppendSynced(HardState{.term = {1}, .commit = {}}, {Next(1, std::string(largest, 'x'))});
  const std::vector<Entry> batch = {
      MakeEntry({.term = {1}, .index = {2}}, "fits"),
      MakeEntry({.term = {1}, .index = {3}}, std::string(largest + 1, 'x'))};
  const uint64_t bytes = wal_->stats().bytes;
  EXPECT_THAT(wal_->Append(HardState{.term = {9}, .commit = {}}, batch),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("entry 3"), HasSubstr(absl::StrCat("at most ", largest)))));
  EXPECT_EQ(wal_->stats().bytes, bytes);
  AppendSynced({}, {Next(1, "still usable")});
  ReopenExpecting(model_);
}

TEST_F(WalTest, FailedSyncIsFinal) {
  Start();
  AppendSynced({}, {Next(1, "kept")});
  const LogModel synced = model_;
  Append({}, {Next(1, "lost")});
  files_.FailSync(1);
  const absl::Status first = wal_->Sync();
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kUnknown, HasSubstr("fdatasync")));
  const uint64_t syncs = files_.syncs();
  const uint64_t writes = files_.writes();
  EXPECT_EQ(wal_->Sync(), first);
  EXPECT_EQ(wal_->Append({}, {Next(1, "more")}), first);
  EXPECT_EQ(wal_->Sync(), first);
  EXPECT_EQ(files_.syncs(), syncs) << "fsync was retried";
  EXPECT_EQ(files_.writes(), writes);
  files_.Crash();
  ReopenExpecting(synced);
}

TEST_F(WalTest, WhatOpenReturnsIsDurableEvenAfterAFailedSync) {
  Start();
  Append({}, {Next(1, "in the cache only")});
  files_.FailSync(1);
  EXPECT_FALSE(wal_->Sync().ok());
  ReopenExpecting(model_);  // the restarted process still sees it
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalTest, FailedWriteIsFinalAndItsHalfIsCutAtTheNextStart) {
  Start();
  AppendSynced({}, {Next(1, "kept")});
  const LogModel synced = model_;
  Append({}, {Next(1, std::string(3000, 'x'))});
  files_.FailWrite(1);
  const absl::Status first = wal_->Sync();
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kUnknown, HasSubstr("write")));
  EXPECT_EQ(wal_->Append({}, {}), first);
  wal_.reset();
  absl::StatusOr<OpenedWal> opened = Open();
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(ModelOf(opened->recovered), synced);
  EXPECT_GT(opened->recovered.torn_bytes, 100u);
  EXPECT_THAT(opened->recovered.note, AllOf(HasSubstr(SegmentFile(1)), HasSubstr("torn write")));
}

TEST_F(WalTest, FullDiskAtRollOverTakesNothingAndIsNotFinal) {
  Start();
  AppendSynced(HardState{.term = {1}, .commit = {}}, {Next(1, std::string(3600, 'x'))});
  files_.set_capacity_bytes(kSegmentBytes + 100);
  const uint64_t bytes = wal_->stats().bytes;
  const uint64_t made = wal_->stats().segments_inline;
  const std::vector<Entry> batch = {MakeEntry({.term = {1}, .index = {2}}, "would fit"),
                                    MakeEntry({.term = {1}, .index = {3}}, std::string(1000, 'y'))};
  for (int attempt = 0; attempt < 3; ++attempt) {
    EXPECT_THAT(wal_->Append(HardState{.term = {2}, .commit = {1}}, batch),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space left")));
    EXPECT_EQ(wal_->stats().bytes, bytes);
    EXPECT_EQ(wal_->stats().segments_inline, made);
    EXPECT_THAT(wal_->Sync(), IsOk());
  }
  AppendSynced({}, {Next(1, "small ones still fit")});
  files_.set_capacity_bytes(UINT64_MAX);
  AppendSynced({}, {Next(1, std::string(1000, 'y'))});
  files_.Crash();
  ReopenExpecting(model_);
}

TEST_F(WalTest, FullDiskAtAWriteIsFinal) {
  Start();
  Append({}, {Next(1, "lost")});
  files_.SetContent(SegmentFile(1), files_.Content(SegmentFile(1)).substr(0, 200));
  files_.set_capacity_bytes(300);
  const absl::Status full = wal_->Sync();
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kInternal, HasSubstr("No space left")))
      << "kResourceExhausted would ask the owner to try again";
  files_.set_capacity_bytes(UINT64_MAX);
  EXPECT_EQ(wal_->Sync(), full);
  EXPECT_EQ(wal_->Append({}, {}), full);
  EXPECT_EQ(wal_->CompactThrough({.term = {1}, .index = {1}}), full);
  EXPECT_EQ(wal_->InstallSnapshot({.term = {1}, .index = {1}}, {}), full);
  EXPECT_FALSE(wal_->WantsPrepare());
}

TEST_F(WalTest, SecondOpenerIsRefusedUntilTheFirstIsGone) {
  Start();
  EXPECT_THAT(Open().status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/wal")));
  wal_.reset();
  EXPECT_THAT(Open().status(), IsOk());
}

TEST_F(WalTest, LogOfAnotherReplicaIsRefusedAndKept) {
  Start();
  AppendSynced({}, {Next(1, "mine")});
  wal_.reset();
  const std::string before = files_.Content(SegmentFile(1));
  options_.cluster = ClusterId{9};
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(SegmentFile(1)), HasSubstr("cluster id: want 9, got 1"))));
  options_.cluster = ClusterId{1};
  options_.replica = ReplicaId{9};
  EXPECT_THAT(Open().status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        HasSubstr("replica id: want 9, got 2")));
  EXPECT_EQ(files_.Content(SegmentFile(1)), before);
  options_.replica = ReplicaId{2};
  ReopenExpecting(model_);
}

TEST_F(WalTest, BadOptionsAreRefused) {
  options_.segment_bytes = 1000;
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("segment_bytes")));
}

TEST_F(WalTest, SegmentSizeMayChangeBetweenStarts) {
  Start();
  AppendSynced({}, {Next(1, std::string(1500, 'x'))});
  for (const uint64_t bytes : {16384, 4096, 8192}) {
    options_.segment_bytes = bytes;
    ReopenExpecting(model_);
    for (int i = 0; i < 5; ++i) AppendSynced({}, {Next(1, std::string(1500, 'a' + i))});
  }
  ReopenExpecting(model_);
}

TEST_F(WalTest, UnfinishedSegmentIsRemoved) {
  Start();
  AppendSynced({}, {Next(1, "kept")});
  const std::string unfinished = absl::StrCat("/wal/", UnfinishedSegmentName(2));
  files_.SetContent(unfinished, "half a header");
  ReopenExpecting(model_);
  EXPECT_THAT(files_.Open(unfinished, OpenMode::kExisting).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(unfinished)));
}

TEST_F(WalTest, OtherFilesInTheDirectoryAreLeftAlone) {
  files_.SetContent("/wal/README.txt", "notes of the operator");
  Start();
  EXPECT_EQ(files_.Content("/wal/README.txt"), "notes of the operator");
}

using WalDeathTest = WalTest;

TEST_F(WalDeathTest, BrokenInvariantsStopTheProcess) {
  Start();
  AppendSynced(HardState{.term = {3}, .vote = ReplicaId{1}, .commit = {1}},
               {Next(3, "a"), MakeEntry({.term = {3}, .index = {2}}, "b")});
  const auto append_entry = [this](uint64_t term, uint64_t index) {
    (void)wal_->Append({}, {MakeEntry({.term = {term}, .index = {index}}, "x")});
  };
  const auto append_state = [this](const HardState& state) { (void)wal_->Append(state, {}); };
  EXPECT_DEATH(append_entry(3, 4), "hole");
  EXPECT_DEATH(append_entry(3, 1), "committed entry is overwritten");
  EXPECT_DEATH(append_entry(3, 0), "committed entry is overwritten");
  EXPECT_DEATH(append_entry(2, 3), "at 3");
  EXPECT_DEATH(append_state({.term = {2}, .vote = ReplicaId{1}, .commit = {1}}), "term goes back");
  EXPECT_DEATH(append_state({.term = {3}, .vote = ReplicaId{2}, .commit = {1}}), "vote in term 3");
  EXPECT_DEATH(append_state({.term = {3}, .vote = ReplicaId{1}, .commit = {}}),
               "commit index goes back");
  EXPECT_DEATH(append_state({.term = {3}, .vote = ReplicaId{1}, .commit = {3}}),
               "behind the end of the log");
}

}  // namespace
}  // namespace blixard::raft
