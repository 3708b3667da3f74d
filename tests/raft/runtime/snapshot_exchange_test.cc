// Two replicas' exchanges on a network that a test can cut, tick by tick.
#include "raft/runtime/snapshot_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ClusterId kCluster{7};
constexpr ReplicaId kLeader{1};
constexpr ReplicaId kPeer{2};
constexpr size_t kStreamBytes = 10'000;
constexpr uint32_t kTimeoutTicks = 30;

class Outgoing : public Transport {
 public:
  void Send(const Message& message) override { messages.push_back(message); }
  void SendFrame(ReplicaId to, absl::string_view frame) override {
    if (to == other) frames.emplace_back(frame);
  }
  void Flush() override {}

  ReplicaId other = kNoReplica;
  std::vector<Message> messages;
  std::vector<std::string> frames;
};

struct Side {
  Side(ReplicaId self, ReplicaId other) {
    transport.other = other;
    store = SnapshotStore::Open(files, {.directory = "/snapshots", .cluster = kCluster}).value();
    SnapshotExchange::Options options{.cluster = kCluster, .self = self};
    options.transfer.chunk_bytes = 1000;
    options.transfer.window_bytes = 4000;
    options.transfer.timeout_ticks = kTimeoutTicks;
    exchange = std::make_unique<SnapshotExchange>(options, *store, transport);
  }

  MemoryFileSystem files;
  std::unique_ptr<SnapshotStore> store;
  Outgoing transport;
  std::unique_ptr<SnapshotExchange> exchange;
  SnapshotEvents events;
};

class SnapshotExchangeTest : public ::testing::Test {
 protected:
  SnapshotExchangeTest() : leader_(kLeader, kPeer), peer_(kPeer, kLeader) {
    EXPECT_THAT(WriteSnapshot(*leader_.store, MetaOf(5), StreamOf(5, kStreamBytes)), IsOk());
  }

  void Order(uint64_t index) {
    SnapshotOrder order{.kind = SnapshotOrder::Kind::kSend};
    order.message.type = MessageType::kSnapshot;
    order.message.to = kPeer;
    order.message.term = Term{3};
    order.message.log = MetaOf(index).last;
    leader_.exchange->Send(order, leader_.events);
  }

  void Tick() {
    for (Side* side : {&leader_, &peer_}) {
      side->exchange->Tick();
      side->exchange->Work(side->events);
    }
    Carry(leader_, peer_);
    Carry(peer_, leader_);
  }

  void Carry(Side& from, Side& to) {
    for (const std::string& frame : std::exchange(from.transport.frames, {})) {
      if (!cut_) to.exchange->TakeIn(frame);
    }
  }

  void TickUntilEnded() {
    for (uint32_t tick = 0; tick < 10 * kTimeoutTicks && leader_.events.empty(); ++tick) Tick();
  }

  Side leader_;
  Side peer_;
  bool cut_ = false;
};

// The peer's core hears of it only when it could survive a power failure there.
TEST_F(SnapshotExchangeTest, MessageFollowsWhenTheDataAreDurable) {
  Order(5);
  while (leader_.transport.messages.empty()) {
    ASSERT_THAT(leader_.events, IsEmpty());
    Tick();
  }
  EXPECT_EQ(leader_.transport.messages[0].log, MetaOf(5).last);
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_EQ(leader_.events[0].kind, SnapshotEvent::Kind::kDelivered);
  EXPECT_EQ(leader_.events[0].peer, kPeer);
  EXPECT_THAT(leader_.events[0].status, IsOk());
  EXPECT_THAT(peer_.events, IsEmpty());
  EXPECT_FALSE(leader_.exchange->is_active());
  EXPECT_FALSE(peer_.exchange->is_active());
  peer_.files.Crash();
  peer_.store.reset();
  peer_.store =
      SnapshotStore::Open(peer_.files, {.directory = "/snapshots", .cluster = kCluster}).value();
  EXPECT_EQ(ReadNewest(*peer_.store).value(), StreamOf(5, kStreamBytes));
}

TEST_F(SnapshotExchangeTest, SnapshotThatIsGoneIsReportedAtOnce) {
  Order(4);
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_EQ(leader_.events[0].kind, SnapshotEvent::Kind::kDelivered);
  EXPECT_EQ(leader_.events[0].status.code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(leader_.exchange->is_active());
}

TEST_F(SnapshotExchangeTest, SilentPeerIsGivenUpAndMayBeTriedAgain) {
  cut_ = true;
  Order(5);
  TickUntilEnded();
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_FALSE(leader_.events[0].status.ok());
  EXPECT_THAT(leader_.transport.messages, IsEmpty());
  EXPECT_FALSE(leader_.exchange->is_active());

  cut_ = false;
  leader_.events.clear();
  Order(5);
  TickUntilEnded();
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_THAT(leader_.events[0].status, IsOk());
}

TEST_F(SnapshotExchangeTest, SecondOrderForAPeerTakesThePlaceOfTheFirst) {
  Order(5);
  Tick();
  EXPECT_THAT(WriteSnapshot(*leader_.store, MetaOf(8), StreamOf(8, kStreamBytes)), IsOk());
  Order(8);
  TickUntilEnded();
  for (int tick = 0; tick < 5; ++tick) Tick();
  EXPECT_THAT(leader_.events, SizeIs(1)) << "one answer, for the one that counts";
  EXPECT_THAT(leader_.transport.messages, SizeIs(1));
  EXPECT_EQ(peer_.store->newest(), MetaOf(8));
}

TEST_F(SnapshotExchangeTest, FramesThatAreNoneChangeNothing) {
  for (const char* frame : {"", "x", "something that is no frame of a snapshot at all"}) {
    peer_.exchange->TakeIn(frame);
  }
  EXPECT_FALSE(peer_.exchange->is_active());
  Order(5);
  TickUntilEnded();
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_THAT(leader_.events[0].status, IsOk());
}

// The leader only sees a refusal; the peer itself has to stop and say why.
TEST_F(SnapshotExchangeTest, PeerWhoseDiskFailsIsToldSoOnce) {
  peer_.files.FailSync(1);
  Order(5);
  TickUntilEnded();
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_FALSE(leader_.events[0].status.ok());
  ASSERT_THAT(peer_.events, SizeIs(1));
  EXPECT_EQ(peer_.events[0].kind, SnapshotEvent::Kind::kNotWritten);
  EXPECT_EQ(peer_.events[0].status, peer_.store->status());
  EXPECT_FALSE(peer_.store->status().ok());
  for (int tick = 0; tick < 5; ++tick) Tick();
  EXPECT_THAT(peer_.events, SizeIs(1));
}

TEST_F(SnapshotExchangeTest, PeerWhoseDiskIsFullRefusesAndTakesItLater) {
  peer_.files.set_capacity_bytes(kStreamBytes / 2);
  Order(5);
  TickUntilEnded();
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_FALSE(leader_.events[0].status.ok());
  EXPECT_THAT(peer_.events, IsEmpty()) << "nothing is lost";
  EXPECT_THAT(peer_.store->status(), IsOk());

  peer_.files.set_capacity_bytes(UINT64_MAX);
  leader_.events.clear();
  Order(5);
  TickUntilEnded();
  ASSERT_THAT(leader_.events, SizeIs(1));
  EXPECT_THAT(leader_.events[0].status, IsOk());
  EXPECT_EQ(peer_.store->newest(), MetaOf(5));
}

}  // namespace
}  // namespace blixard::raft
