#include "raft/runtime/snapshot_saver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration_codec.h"
#include "raft/runtime/snapshot_bytes.h"
#include "raft/runtime/write_pace.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Le;

constexpr size_t kStreamBytes = 100'000;

// Grants so much at a time and remembers it.
class FixedPace : public WritePace {
 public:
  explicit FixedPace(size_t grant) : grant_(grant) {}
  absl::StatusOr<size_t> Take(size_t wanted) override {
    granted_.push_back(std::min(wanted, grant_));
    return granted_.back();
  }
  const std::vector<size_t>& granted() const { return granted_; }

 private:
  const size_t grant_;
  std::vector<size_t> granted_;
};

class UnwillingView : public StateView {
  absl::Status WriteTo(SnapshotSink&) override { return absl::InternalError("no picture today"); }
};

SnapshotOrder WriteOrder(uint64_t index) {
  return {.kind = SnapshotOrder::Kind::kWrite,
          .meta = MetaOf(index),
          .view = std::make_unique<EncodedView>(StreamOf(index, kStreamBytes))};
}

class SnapshotSaverTest : public ::testing::Test {
 protected:
  SnapshotSaverTest() { Open(); }

  void Open() {
    store_.reset();
    auto opened = SnapshotStore::Open(files_, {.directory = "/snapshots", .cluster = ClusterId{7}});
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
  }

  SnapshotEvent CarryOut(SnapshotOrder order) {
    UnlimitedWritePace pace;
    return SnapshotSaver(*store_, pace).CarryOut(order);
  }

  MemoryFileSystem files_;
  std::unique_ptr<SnapshotStore> store_;
};

TEST_F(SnapshotSaverTest, PicturesBecomeSnapshotsThatSurviveACrash) {
  for (const uint64_t index : {5, 9}) {
    const SnapshotEvent event = CarryOut(WriteOrder(index));
    EXPECT_EQ(event.kind, SnapshotEvent::Kind::kWritten);
    EXPECT_EQ(event.meta, MetaOf(index));
  }
  files_.Crash();
  Open();
  EXPECT_EQ(store_->newest(), MetaOf(9));
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(9, kStreamBytes));
}

// A leader's, received meanwhile, may be the newer one.
TEST_F(SnapshotSaverTest, WhatIsNotNewerThanTheNewestIsNotWritten) {
  CarryOut(WriteOrder(9));
  for (const uint64_t index : {8, 9}) {
    const uint64_t writes = files_.writes();
    EXPECT_EQ(CarryOut(WriteOrder(index)).kind, SnapshotEvent::Kind::kWritten) << index;
    EXPECT_EQ(files_.writes(), writes);
  }
  EXPECT_EQ(CarryOut(WriteOrder(10)).kind, SnapshotEvent::Kind::kWritten);
  EXPECT_EQ(store_->newest(), MetaOf(10));
}

TEST_F(SnapshotSaverTest, NoMoreIsWrittenAtOnceThanThePaceGrants) {
  FixedPace pace(1000);
  SnapshotOrder order = WriteOrder(5);
  EXPECT_EQ(SnapshotSaver(*store_, pace).CarryOut(order).kind, SnapshotEvent::Kind::kWritten);
  EXPECT_GE(pace.granted().size(), kStreamBytes / 1000 - 64);  // the last chunk is Commit's
  EXPECT_THAT(pace.granted(), Each(Le(1000u)));
  EXPECT_EQ(ReadNewest(*store_).value(), StreamOf(5, kStreamBytes));
}

TEST_F(SnapshotSaverTest, StoppedPaceEndsTheWritingAndHarmsNothing) {
  TickedWritePace pace(1000);
  pace.Stop();
  SnapshotOrder order = WriteOrder(5);
  const SnapshotEvent event = SnapshotSaver(*store_, pace).CarryOut(order);
  EXPECT_EQ(event.kind, SnapshotEvent::Kind::kNotWritten);
  EXPECT_EQ(event.status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(store_->status(), IsOk());
  EXPECT_EQ(CarryOut(WriteOrder(5)).kind, SnapshotEvent::Kind::kWritten);
}

TEST_F(SnapshotSaverTest, StateMachineThatCannotWriteItsPictureHarmsNothing) {
  SnapshotOrder order = WriteOrder(5);
  order.view = std::make_unique<UnwillingView>();
  const SnapshotEvent event = CarryOut(std::move(order));
  EXPECT_EQ(event.kind, SnapshotEvent::Kind::kNotWritten);
  EXPECT_EQ(event.status, absl::InternalError("no picture today"));
  EXPECT_THAT(store_->status(), IsOk());
  EXPECT_THAT(files_.List("/snapshots").value(), IsEmpty()) << "no trace";
}

// Whatever step of it fails, the store says so from then on; whoever owns it stops.
TEST_F(SnapshotSaverTest, EveryStepThatFailsStaysInTheStore) {
  uint64_t steps = 0;
  for (bool written = false; !written;) {
    files_.DieAt(++steps);
    const SnapshotEvent event = CarryOut(WriteOrder(5));
    written = event.kind == SnapshotEvent::Kind::kWritten;
    EXPECT_EQ(store_->status().ok(), written) << "step " << steps;
    EXPECT_EQ(event.status, store_->status()) << "step " << steps;
    if (!written) {
      EXPECT_EQ(CarryOut(WriteOrder(6)).status, event.status) << "step " << steps;
    }
    files_.Crash();
    Open();
  }
  EXPECT_GT(steps, 5u) << "create, write, sync, rename, sync of the directory";
}

TEST_F(SnapshotSaverTest, FullDiskPutsItOff) {
  CarryOut(WriteOrder(5));
  files_.set_capacity_bytes(kStreamBytes + kStreamBytes / 2);
  const SnapshotEvent event = CarryOut(WriteOrder(9));
  EXPECT_EQ(event.kind, SnapshotEvent::Kind::kNotWritten);
  EXPECT_TRUE(absl::IsResourceExhausted(event.status)) << event.status;
  EXPECT_THAT(store_->status(), IsOk());
  EXPECT_EQ(store_->newest(), MetaOf(5));
  files_.set_capacity_bytes(UINT64_MAX);
  EXPECT_EQ(CarryOut(WriteOrder(9)).kind, SnapshotEvent::Kind::kWritten);
}

TEST_F(SnapshotSaverTest, BeginningOfAGroupIsASnapshotWithoutData) {
  SnapshotOrder order{.kind = SnapshotOrder::Kind::kBegin};
  const std::string encoded = Encode(MetaOf(1).configuration);
  order.message.payload = memory::BufferPool::Default().AcquireCopy(encoded).value();
  const SnapshotEvent event = CarryOut(std::move(order));
  EXPECT_EQ(event.kind, SnapshotEvent::Kind::kReceived);
  EXPECT_EQ(event.message.payload.view(), encoded) << "for the core";
  EXPECT_EQ(store_->newest()->last, EntryId{});
  EXPECT_EQ(store_->newest()->configuration, MetaOf(1).configuration);
}

TEST_F(SnapshotSaverTest, BeginningThatIsNoConfigurationIsRefused) {
  SnapshotOrder order{.kind = SnapshotOrder::Kind::kBegin};
  order.message.payload = memory::BufferPool::Default().AcquireCopy("nonsense").value();
  const SnapshotEvent event = CarryOut(std::move(order));
  EXPECT_EQ(event.kind, SnapshotEvent::Kind::kNotWritten);
  EXPECT_FALSE(event.status.ok());
  EXPECT_THAT(store_->status(), IsOk());
  EXPECT_FALSE(store_->newest().has_value());
}

}  // namespace
}  // namespace blixard::raft
