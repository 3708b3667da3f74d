#include "raft/storage/snapshot_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/storage/snapshot_format.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint32_t kChunk = 256;
const SnapshotStoreOptions kOptions = {
    .directory = "/snapshots",
    .cluster = ClusterId{7},
    .writer = {.chunk_bytes = kChunk, .max_pending_bytes = 4096, .sync_every_bytes = 1024}};

class SnapshotStoreTest : public ::testing::Test {
 protected:
  SnapshotStoreTest() { Reopen(); }

  void Reopen() {
    store_.reset();
    absl::StatusOr<std::unique_ptr<SnapshotStore>> opened = SnapshotStore::Open(files_, kOptions);
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
  }

  std::string PathOf(uint64_t index) const {
    return absl::StrCat("/snapshots/", SnapshotFileName(MetaOf(index).last));
  }

  MemoryFileSystem files_;
  std::unique_ptr<SnapshotStore> store_;
};

TEST_F(SnapshotStoreTest, AnEmptyStoreHasNothing) {
  EXPECT_FALSE(store_->newest().has_value());
  EXPECT_FALSE(store_->fallback().has_value());
  EXPECT_EQ(store_->Open(MetaOf(1).last).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(store_->damage().empty());
}

TEST_F(SnapshotStoreTest, StreamsOfEveryLengthComeBack) {
  for (const size_t bytes : {0u, 1u, kChunk - 1, kChunk, kChunk + 1, 3 * kChunk, 10 * kChunk + 5}) {
    SCOPED_TRACE(bytes);
    const SnapshotMeta meta = MetaOf(bytes + 1, 3);
    ASSERT_THAT(WriteSnapshot(*store_, meta, StreamOf(bytes, bytes)), IsOk());
    EXPECT_EQ(store_->newest(), meta);
    EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(bytes, bytes));
    Reopen();
    EXPECT_EQ(store_->newest(), meta);
    EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(bytes, bytes));
  }
}

TEST_F(SnapshotStoreTest, AnyPartIsReadFromItsOffset) {
  const std::string stream = StreamOf(1, 5 * kChunk + 17);
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(1), stream), IsOk());
  const std::unique_ptr<SnapshotReader> reader = OpenNewest(*store_).value();
  EXPECT_EQ(reader->stream_bytes(), stream.size());
  std::string part(300, '\0');
  for (size_t offset = 0; offset <= stream.size() + 1; offset += 23) {
    const size_t read = reader->ReadAt(offset, absl::MakeSpan(part)).value();
    ASSERT_EQ(read, std::min(part.size(), stream.size() - std::min(offset, stream.size())));
    ASSERT_EQ(part.substr(0, read), stream.substr(std::min(offset, stream.size()), read));
  }
}

TEST_F(SnapshotStoreTest, TwoAreKept) {
  for (const uint64_t index : {5, 9, 12}) {
    ASSERT_THAT(WriteSnapshot(*store_, MetaOf(index), StreamOf(index, 500)), IsOk());
  }
  EXPECT_EQ(store_->newest(), MetaOf(12));
  EXPECT_EQ(store_->fallback(), MetaOf(9).last);
  EXPECT_THAT(files_.List("/snapshots").value(),
              ElementsAre(SnapshotFileName(MetaOf(9).last), SnapshotFileName(MetaOf(12).last)));
  EXPECT_EQ(store_->Open(MetaOf(5).last).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(store_->Open(MetaOf(9).last), IsOk());
}

TEST_F(SnapshotStoreTest, TheNewestOfAStretchOfTheLogIsFound) {
  for (const uint64_t index : {9, 12}) {
    ASSERT_THAT(WriteSnapshot(*store_, MetaOf(index), "x"), IsOk());
  }
  const auto newest_of = [this](uint64_t after, uint64_t through) {
    return store_->NewestOf({.after = {after}, .through = {through}});
  };
  EXPECT_EQ(newest_of(0, 12), MetaOf(12));
  EXPECT_EQ(newest_of(0, 11), MetaOf(9));
  EXPECT_EQ(newest_of(9, 11), std::nullopt);
  EXPECT_EQ(newest_of(0, 8), std::nullopt);
}

TEST_F(SnapshotStoreTest, AReaderOutlivesItsSnapshot) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(1), StreamOf(1, 2000)), IsOk());
  const std::unique_ptr<SnapshotReader> reader = OpenNewest(*store_).value();
  for (const uint64_t index : {2, 3, 4}) {
    ASSERT_THAT(WriteSnapshot(*store_, MetaOf(index), "x"), IsOk());
  }
  EXPECT_EQ(ReadAll(*reader).value(), StreamOf(1, 2000));
}

TEST_F(SnapshotStoreTest, NothingGoesToTheDiskBeforeWriteSomeAndNoMoreThanItGrants) {
  const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(1)).value();
  const uint64_t writes = files_.writes();
  ASSERT_THAT(writer->Write(StreamOf(1, 4000)), IsOk());
  EXPECT_EQ(files_.writes(), writes);
  EXPECT_EQ(writer->stream_bytes(), 4000u);
  EXPECT_LT(writer->settled_bytes(), kChunk);
  size_t written = 0;
  while (true) {
    const size_t some = writer->WriteSome(100).value();
    ASSERT_LE(some, 100u);
    if (some == 0) break;
    written += some;
  }
  EXPECT_GT(written, 4000u - kChunk);
  EXPECT_EQ(writer->settled_bytes(), 4000u);
  ASSERT_THAT(writer->Commit(), IsOk());
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(1, 4000));
}

TEST_F(SnapshotStoreTest, SyncsOnTheWaySoThatTheLastOneIsShort) {
  const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(1)).value();
  const uint64_t syncs = files_.syncs();
  ASSERT_THAT(writer->Write(StreamOf(1, 4096)), IsOk());
  ASSERT_THAT(writer->WriteSome(4096), IsOk());
  EXPECT_GE(files_.syncs() - syncs, 3u);
}

TEST_F(SnapshotStoreTest, WhatWaitsIsBounded) {
  const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(1)).value();
  ASSERT_THAT(writer->Write(StreamOf(1, 4096)), IsOk());
  EXPECT_THAT(writer->Write("x"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("want at most 4096")));
  ASSERT_THAT(writer->WriteSome(1 << 20), IsOk());
  ASSERT_THAT(writer->Write("x"), IsOk());
  ASSERT_THAT(writer->Commit(), IsOk());
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(1, 4096) + "x");
}

TEST_F(SnapshotStoreTest, AnAbandonedSnapshotLeavesNothing) {
  {
    const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(1)).value();
    ASSERT_THAT(writer->Write(StreamOf(1, 3000)), IsOk());
    ASSERT_THAT(writer->WriteSome(2000), IsOk());
    EXPECT_EQ(files_.List("/snapshots")->size(), 1u);
  }
  EXPECT_TRUE(files_.List("/snapshots")->empty());
  EXPECT_FALSE(store_->newest().has_value());
  EXPECT_THAT(store_->status(), IsOk());
}

TEST_F(SnapshotStoreTest, TwoMayBeWrittenAtOnceAndTheNewestWins) {
  const std::unique_ptr<SnapshotWriter> newer = store_->Create(MetaOf(8)).value();
  const std::unique_ptr<SnapshotWriter> same = store_->Create(MetaOf(8)).value();
  const std::unique_ptr<SnapshotWriter> older = store_->Create(MetaOf(5)).value();
  ASSERT_THAT(newer->Write(StreamOf(8, 900)), IsOk());
  ASSERT_THAT(older->Write(StreamOf(5, 900)), IsOk());
  ASSERT_THAT(same->Write(StreamOf(8, 900)), IsOk());
  ASSERT_THAT(newer->Commit(), IsOk());
  ASSERT_THAT(older->Commit(), IsOk());
  ASSERT_THAT(same->Commit(), IsOk());
  EXPECT_EQ(store_->newest(), MetaOf(8));
  EXPECT_EQ(store_->fallback(), MetaOf(5).last);
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(8));
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(8, 900));
}

TEST_F(SnapshotStoreTest, ADirectoryServesOneStoreAndOneCluster) {
  EXPECT_EQ(SnapshotStore::Open(files_, kOptions).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(1), "x"), IsOk());
  store_.reset();
  SnapshotStoreOptions other = kOptions;
  other.cluster = ClusterId{8};
  EXPECT_THAT(SnapshotStore::Open(files_, other),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cluster: want 8, got 7")));
}

// S21
TEST_F(SnapshotStoreTest, NoSnapshotIsWrittenWithoutItsConfiguration) {
  SnapshotMeta meta = MetaOf(1);
  meta.configuration = {};
  EXPECT_THAT(store_->Create(meta),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("voters")));
}

TEST_F(SnapshotStoreTest, BadOptionsAreNamed) {
  SnapshotStoreOptions bad = kOptions;
  bad.writer.chunk_bytes = kMinSnapshotChunkBytes - 1;
  EXPECT_THAT(SnapshotStore::Open(files_, bad),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chunk_bytes: want 64")));
  bad = kOptions;
  bad.writer.max_pending_bytes = kChunk - 1;
  EXPECT_THAT(SnapshotStore::Open(files_, bad),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_pending_bytes")));
  bad = kOptions;
  bad.directory = "";
  EXPECT_THAT(SnapshotStore::Open(files_, bad),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("directory")));
}

// One that eats what is kept for the log would leave the log waiting for room.
TEST_F(SnapshotStoreTest, ReserveForTheLogIsLeft) {
  constexpr uint64_t kReserve = 10'000;
  store_.reset();
  SnapshotStoreOptions options = kOptions;
  options.writer.reserve_bytes = kReserve;
  store_ = SnapshotStore::Open(files_, options).value();
  const auto leave = [this](uint64_t free_bytes) {
    files_.set_capacity_bytes(UINT64_MAX);
    const uint64_t used = UINT64_MAX - files_.FreeBytes("/").value();
    files_.set_capacity_bytes(used + free_bytes);
  };
  const std::string stream = StreamOf(1, 3000);
  leave(kReserve + 1500);
  std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(1)).value();
  ASSERT_THAT(writer->Write(stream), IsOk());
  EXPECT_THAT(writer->Commit(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("10000 more for the log")));
  EXPECT_GE(files_.FreeBytes("/").value(), kReserve);
  EXPECT_THAT(store_->status(), IsOk());
  leave(kReserve - 1);
  EXPECT_FALSE(writer->Commit().ok());
  leave(kReserve + 4000);
  ASSERT_THAT(writer->Commit(), IsOk());
  EXPECT_EQ(ReadNewest(*store_).value(), stream);
}

TEST_F(SnapshotStoreTest, AFullDiskIsOutlived) {
  const std::string stream = StreamOf(1, 3000);
  files_.set_capacity_bytes(1500);
  const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(1)).value();
  ASSERT_THAT(writer->Write(stream), IsOk());
  EXPECT_EQ(writer->WriteSome(1 << 20).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(writer->Commit().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(store_->status(), IsOk());
  files_.set_capacity_bytes(UINT64_MAX);
  ASSERT_THAT(writer->Commit(), IsOk());
  EXPECT_EQ(ReadNewest(*store_).value(), stream);
}

TEST_F(SnapshotStoreTest, AFailedSyncIsFinal) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(1), "x"), IsOk());
  {
    const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(2)).value();
    ASSERT_THAT(writer->Write("y"), IsOk());
    files_.FailSync(1);
    const absl::Status failed = writer->Commit();
    EXPECT_EQ(failed.code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(writer->Commit(), failed) << "not tried again";
  }
  EXPECT_EQ(store_->status().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(store_->Create(MetaOf(3)).status().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(store_->newest(), MetaOf(1));
}

TEST_F(SnapshotStoreTest, AFailedWriteIsFinalToo) {
  {
    const std::unique_ptr<SnapshotWriter> writer = store_->Create(MetaOf(2)).value();
    ASSERT_THAT(writer->Write("y"), IsOk());
    files_.FailWrite(1);
    EXPECT_EQ(writer->Commit().code(), absl::StatusCode::kUnknown);
  }
  EXPECT_EQ(store_->status().code(), absl::StatusCode::kUnknown);
}

TEST_F(SnapshotStoreTest, ADamagedNewestGivesWayToTheOlderOneAndSaysSo) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(5), StreamOf(5, 900)), IsOk());
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(9), StreamOf(9, 900)), IsOk());
  std::string bytes = files_.Content(PathOf(9));
  bytes[bytes.size() / 2] ^= 1;
  files_.SetContent(PathOf(9), bytes);
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(5));
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(5, 900));
  ASSERT_EQ(store_->damage().size(), 1u);
  EXPECT_THAT(store_->damage()[0], HasSubstr(PathOf(9)));
  EXPECT_THAT(store_->damage()[0], HasSubstr("checksum"));
  EXPECT_THAT(store_->damage()[0], HasSubstr("the snapshot of entry 5 takes its place"));
  EXPECT_EQ(files_.Content(PathOf(9) + ".damaged"), bytes) << "kept to look at";
  Reopen();
  EXPECT_TRUE(store_->damage().empty()) << "said once";
}

TEST_F(SnapshotStoreTest, WhenAllAreDamagedTheLogMustHoldEverything) {
  for (const uint64_t index : {5, 9}) {
    ASSERT_THAT(WriteSnapshot(*store_, MetaOf(index), StreamOf(index, 900)), IsOk());
    files_.SetContent(PathOf(index), files_.Content(PathOf(index)).substr(0, 200));
  }
  Reopen();
  EXPECT_FALSE(store_->newest().has_value());
  ASSERT_EQ(store_->damage().size(), 2u);
  EXPECT_THAT(store_->damage()[1], HasSubstr("the log must go back to entry 1"));
}

TEST_F(SnapshotStoreTest, DamagedFilesDoNotPileUp) {
  for (uint64_t index = 1; index <= 5; ++index) {
    ASSERT_THAT(WriteSnapshot(*store_, MetaOf(index), "x"), IsOk());
    files_.SetContent(PathOf(index), "no snapshot");
    Reopen();
    ASSERT_EQ(store_->damage().size(), 1u);
  }
  Reopen();
  EXPECT_EQ(files_.List("/snapshots")->size(), SnapshotStore::kKeptDamaged);
}

TEST_F(SnapshotStoreTest, ARenamedSnapshotIsNotTakenForAnother) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(5), "x"), IsOk());
  files_.SetContent(PathOf(6), files_.Content(PathOf(5)));
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(5));
  EXPECT_EQ(store_->damage().size(), 1u);
}

TEST_F(SnapshotStoreTest, TheChunkOfAnotherSnapshotDoesNotPass) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(5), StreamOf(5, 1000)), IsOk());
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(6), StreamOf(6, 1000)), IsOk());
  const std::string older = files_.Content(PathOf(5));
  std::string newer = files_.Content(PathOf(6));
  ASSERT_EQ(older.size(), newer.size());
  newer.replace(newer.size() / 2, 300, older, newer.size() / 2, 300);
  files_.SetContent(PathOf(6), newer);
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(5));
}

// Every byte cut, zeroed or flipped is noticed, wherever it is.
TEST_F(SnapshotStoreTest, NoDamagePasses) {
  ASSERT_THAT(WriteSnapshot(*store_, MetaOf(5), StreamOf(5, 2 * kChunk + 40)), IsOk());
  const std::string good = files_.Content(PathOf(5));
  const auto expect_damage = [&](const std::string& bytes, absl::string_view what, size_t at) {
    files_.SetContent(PathOf(5), bytes);
    Reopen();
    EXPECT_FALSE(store_->newest().has_value()) << what << " " << at;
  };
  for (size_t at = 0; at < good.size(); ++at) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    expect_damage(flipped, "flipped", at);
    expect_damage(good.substr(0, at), "cut to", at);
    std::string zeroed = good;
    zeroed[at] = '\0';
    if (zeroed != good) expect_damage(zeroed, "zeroed", at);
    std::string tail = good;
    std::fill(tail.begin() + static_cast<std::ptrdiff_t>(at), tail.end(), '\0');
    if (tail != good) expect_damage(tail, "zeros from", at);
  }
  expect_damage(good + '\0', "one more after", good.size());
  files_.SetContent(PathOf(5), good);
  Reopen();
  EXPECT_EQ(store_->newest(), MetaOf(5));
}

}  // namespace
}  // namespace blixard::raft
