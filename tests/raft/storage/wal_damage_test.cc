// What a crash can leave is cut; what no crash can leave is refused. Every byte is tried.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal.h"
#include "raft/storage/wal_frame.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uint64_t kSegmentBytes = 4096;

// A place where a frame ends and the log that stands then. `end` excludes padding.
struct Checkpoint {
  uint64_t end;
  uint64_t next;  // where the next frame starts
  LogModel log;
};

// A log of three synced batches. The last frames of the last batch have no later frame that could
// prove them durable, so damage there looks like a torn write.
class WalDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    checkpoints_.push_back({.end = kSegmentHeaderBytes, .next = kSegmentHeaderBytes, .log = {}});
    absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    wal_ = std::move(opened->wal);
    Batch(HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {}},
          {MakeEntry({.term = {1}, .index = {1}}, ""),
           MakeEntry({.term = {1}, .index = {2}}, "second")});
    Batch(HardState{.term = {1}, .vote = ReplicaId{2}, .commit = {1}},
          {MakeEntry({.term = {1}, .index = {3}}, "third entry"),
           MakeEntry({.term = {1}, .index = {4}}, "fourth")});
    last_batch_ = checkpoints_.back().next;
    Batch(HardState{.term = {2}, .vote = ReplicaId{3}, .commit = {3}},
          {MakeEntry({.term = {2}, .index = {3}}, "replaces the third"),
           MakeEntry({.term = {2}, .index = {4}}, std::string(100, 'x')),
           MakeEntry({.term = {2}, .index = {5}}, "")});
    wal_.reset();
    good_ = files_.Content(Path());
    end_ = checkpoints_.back().next;
    ASSERT_EQ(good_.find_first_not_of('\0', end_), std::string::npos);
  }

  absl::StatusOr<OpenedWal> Open() {
    return Wal::Open(files_, memory::BufferPool::Default(), options_);
  }

  std::string Path(uint64_t sequence = 1) const { return SegmentPath(options_, sequence); }

  void Batch(const HardState& hard_state, const std::vector<Entry>& entries) {
    LogModel log = checkpoints_.back().log;
    const bool vote =
        hard_state.term != log.hard_state.term || hard_state.vote != log.hard_state.vote;
    const bool commit = hard_state.commit != log.hard_state.commit;
    const std::vector<LogModel> steps = StepsOfAppend(log, hard_state, entries);
    if (vote) Frame(kHardStatePayloadBytes, steps.front());
    for (size_t i = 0; i < entries.size(); ++i) Frame(entries[i].payload.size(), steps[i + 1]);
    if (commit) Frame(kHardStatePayloadBytes, steps.back());
    ASSERT_THAT(wal_->Append(hard_state, entries), IsOk());
    ASSERT_THAT(wal_->Sync(), IsOk());
  }

  void Frame(uint64_t payload_bytes, const LogModel& log) {
    const uint64_t at = checkpoints_.back().next;
    checkpoints_.push_back({.end = at + kFrameHeaderBytes + payload_bytes,
                            .next = at + FrameBytes(payload_bytes),
                            .log = log});
  }

  // The last checkpoint whose frames lie before `offset` as a whole.
  size_t CheckpointBefore(uint64_t offset) const {
    size_t found = 0;
    while (found + 1 < checkpoints_.size() && checkpoints_[found + 1].end <= offset) ++found;
    return found;
  }

  // Opens a damaged log; it has to hold checkpoint `want`. Then it has to be as good as any other:
  // take entries and give them back.
  void ExpectCutTo(size_t want) {
    absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    LogModel log = ModelOf(opened->recovered);
    ASSERT_EQ(log, checkpoints_[want].log);
    EXPECT_EQ(opened->recovered.note.empty(), opened->recovered.torn_bytes == 0);
    const std::vector<Entry> more = {
        MakeEntry({.term = {3}, .index = log.last_index() + 1}, "appended after recovery")};
    ASSERT_THAT(opened->wal->Append({}, more), IsOk());
    ASSERT_THAT(opened->wal->Sync(), IsOk());
    log.Append({}, more);
    opened->wal.reset();
    files_.Crash();
    opened = Open();
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(ModelOf(opened->recovered), log);
    EXPECT_EQ(opened->recovered.torn_bytes, 0u);
  }

  void ExpectRefused(const std::string& bad, const std::string& want) {
    files_.SetContent(Path(), bad);
    ASSERT_THAT(Open().status(),
                StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr(Path()), HasSubstr(want))));
    EXPECT_EQ(files_.Content(Path()), bad) << "a refused log was changed";
  }

  MemoryFileSystem files_;
  const WalOptions options_ = {.directory = "/wal",
                               .cluster = ClusterId{1},
                               .replica = ReplicaId{2},
                               .segment_bytes = kSegmentBytes};
  std::unique_ptr<Wal> wal_;
  std::vector<Checkpoint> checkpoints_;
  uint64_t last_batch_ = 0;  // offset of its first frame
  uint64_t end_ = 0;
  std::string good_;
};

TEST_F(WalDamageTest, TruncatedAtEveryByteGivesTheFramesBefore) {
  for (uint64_t size = kSegmentHeaderBytes; size <= end_ + 8; ++size) {
    SCOPED_TRACE(absl::StrCat("cut to ", size, " bytes"));
    files_.SetContent(Path(), good_.substr(0, size));
    ExpectCutTo(CheckpointBefore(size));
  }
}

TEST_F(WalDamageTest, ZeroedFromEveryByteOnGivesTheFramesBefore) {
  for (uint64_t from = kSegmentHeaderBytes; from <= end_; ++from) {
    SCOPED_TRACE(absl::StrCat("zeros from ", from));
    std::string bad = good_;
    std::fill(bad.begin() + from, bad.end(), '\0');
    // Where the bytes that were zeroed are zeros anyway, the frame is intact.
    uint64_t intact = from;
    while (intact < end_ && good_[intact] == '\0') ++intact;
    files_.SetContent(Path(), bad);
    ExpectCutTo(CheckpointBefore(intact));
  }
}

TEST_F(WalDamageTest, FlippedByteOfTheLastBatchCutsThere) {
  for (uint64_t at = last_batch_; at < end_; ++at) {
    SCOPED_TRACE(absl::StrCat("flip at ", at));
    std::string bad = good_;
    bad[at] ^= 0x20;
    files_.SetContent(Path(), bad);
    // In the padding it harms nothing.
    const size_t before = CheckpointBefore(at);
    const bool padding = at >= checkpoints_[before].end && at < checkpoints_[before].next;
    ExpectCutTo(padding ? checkpoints_.size() - 1 : before);
  }
}

TEST_F(WalDamageTest, FlippedByteBeforeTheLastBatchIsDamage) {
  for (uint64_t at = 0; at < last_batch_; ++at) {
    SCOPED_TRACE(absl::StrCat("flip at ", at));
    std::string bad = good_;
    bad[at] ^= 0x20;
    const size_t before = CheckpointBefore(at);
    if (at >= checkpoints_[before].end && at < checkpoints_[before].next &&
        at >= kSegmentHeaderBytes) {
      files_.SetContent(Path(), bad);
      ExpectCutTo(checkpoints_.size() - 1);
    } else if (at < kSegmentHeaderBytes) {
      ExpectRefused(bad, "offset 0: not a segment of a write-ahead log, or damaged");
    } else {
      ExpectRefused(bad, absl::StrCat("offset ", checkpoints_[before].next, ": "));
    }
  }
}

TEST_F(WalDamageTest, ZeroedSectorBeforeTheLastBatchIsDamage) {
  for (uint64_t from = kSegmentHeaderBytes; from + 8 <= last_batch_; from += 8) {
    std::string bad = good_;
    std::fill(bad.begin() + from, bad.begin() + last_batch_, '\0');
    if (bad == good_) continue;
    SCOPED_TRACE(absl::StrCat("zeros from ", from, " to ", last_batch_));
    ExpectRefused(bad, "shows that an intact one was synced here");
  }
}

TEST_F(WalDamageTest, HeaderCutShortIsRefused) {
  for (uint64_t size = 0; size < kSegmentHeaderBytes; ++size) {
    ExpectRefused(good_.substr(0, size), "not a segment");
  }
  ExpectRefused(std::string(kSegmentBytes, '\0'), "want a frame, got zeros");
}

TEST_F(WalDamageTest, FileThatIsNoWalIsRefused) {
  ExpectRefused("#!/bin/sh\necho this was never a write-ahead log, whatever its name says\n",
                "not a segment of a write-ahead log");
}

TEST_F(WalDamageTest, BytesOfARecycledSegmentBehindTheLogAreIgnored) {
  // A whole old segment, with its proofs of durability, under frames of the current one.
  WalOptions old_options = options_;
  old_options.directory = "/old";
  absl::StatusOr<OpenedWal> old = Wal::Open(files_, memory::BufferPool::Default(), old_options);
  ASSERT_THAT(old, IsOk());
  std::vector<Entry> entries;
  for (uint64_t i = 1; i <= 100; ++i)
    entries.push_back(MakeEntry({.term = {9}, .index = {i}}, "old"));
  for (const Entry& entry : entries) {
    ASSERT_THAT(old->wal->Append({}, {entry}), IsOk());
    ASSERT_THAT(old->wal->Sync(), IsOk());
  }
  ASSERT_GT(old->wal->stats().segments, 1u);
  const std::string stale = files_.Content(SegmentPath(old_options, 2));
  files_.SetContent(Path(), good_.substr(0, end_) + stale.substr(0, kSegmentBytes - end_));
  ExpectCutTo(checkpoints_.size() - 1);
}

// Two segments; the first is not the last, so nothing in it can be torn.
class WalSegmentsTest : public WalDamageTest {
 protected:
  void SetUp() override {
    WalDamageTest::SetUp();
    absl::StatusOr<OpenedWal> opened = Open();
    ASSERT_THAT(opened, IsOk());
    for (uint64_t i = 6; i <= 20; ++i) {
      ASSERT_THAT(
          opened->wal->Append({}, {MakeEntry({.term = {2}, .index = {i}}, std::string(500, 'y'))}),
          IsOk());
      ASSERT_THAT(opened->wal->Sync(), IsOk());
    }
    ASSERT_EQ(opened->wal->stats().segments, 3u);
    opened->wal.reset();
    good_ = files_.Content(Path());
  }
};

TEST_F(WalSegmentsTest, FlippedByteInAnEarlierSegmentIsDamage) {
  for (uint64_t at = 0; at < kSegmentBytes; at += 5) {
    SCOPED_TRACE(absl::StrCat("flip at ", at));
    std::string bad = good_;
    bad[at] ^= 0x20;
    files_.SetContent(Path(), bad);
    const absl::Status status = Open().status();
    // Padding is all that may change unseen: at most 7 bytes in each frame.
    if (!status.ok()) {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss,
                                   AllOf(HasSubstr(Path()), HasSubstr("offset"))));
    } else {
      EXPECT_EQ(good_[at], '\0');
    }
  }
}

TEST_F(WalSegmentsTest, EarlierSegmentCutShortIsDamage) {
  const uint64_t used = good_.find_last_not_of('\0') + 1;
  for (uint64_t size = kSegmentHeaderBytes; size + 8 < used; size += 7) {
    SCOPED_TRACE(absl::StrCat("cut to ", size));
    ExpectRefused(good_.substr(0, size), "as the next segment says");
    std::string zeroed = good_;
    std::fill(zeroed.begin() + size, zeroed.end(), '\0');
    ExpectRefused(zeroed, "as the next segment says");
  }
}

TEST_F(WalSegmentsTest, GarbageBehindAnEarlierSegmentIsDamage) {
  std::string bad = good_;
  bad.back() = 'x';
  ExpectRefused(bad, "as the next segment says");
}

TEST_F(WalSegmentsTest, MissingSegmentIsDamage) {
  ASSERT_THAT(files_.Remove(Path(2)), IsOk());
  EXPECT_THAT(Open().status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(Path(2))));
}

TEST_F(WalSegmentsTest, MissingFirstSegmentIsDamage) {
  ASSERT_THAT(files_.Remove(Path(1)), IsOk());
  EXPECT_THAT(Open().status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(Path(1))));
}

TEST_F(WalSegmentsTest, SegmentUnderAnotherNameIsRefused) {
  ASSERT_THAT(files_.Rename({.from = Path(3), .to = Path(2)}), IsOk());
  EXPECT_THAT(Open().status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(Path(2)), HasSubstr("sequence of frame: want 2, got 3"))));
}

}  // namespace
}  // namespace blixard::raft
