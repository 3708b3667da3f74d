#include "raft/runtime/group_hub.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "raft/runtime/heartbeat_bundle.h"
#include "raft/runtime/local_transport.h"
#include "raft/storage/snapshot_transfer_codec.h"

namespace blixard::raft {
namespace {

constexpr ReplicaId kSelf{1};
constexpr ReplicaId kPeer{2};

Message MessageOf(uint64_t group, MessageType type = MessageType::kHeartbeat) {
  Message message;
  message.type = type;
  message.cluster = ClusterId{group};
  message.from = kSelf;
  message.to = kPeer;
  message.term = Term{1};
  return message;
}

// In place of a replica: counts what comes.
class Inbound : public MessageReceiver {
 public:
  absl::Status CheckAddress(const Message&) const override { return absl::OkStatus(); }
  void Receive(memory::Pooled<Message> message) override {
    const std::lock_guard lock(mutex_);
    ++messages_;
    last_ = message->context;
    arrived_.notify_all();
  }
  void Deliver(memory::Pooled<Message> message) override { Receive(std::move(message)); }
  void CarryOut() override {}
  void ReceiveFrame(absl::string_view) override { ++frames; }
  void ReportDropped() override {}
  void ReportUnreachable(ReplicaId peer) override { unreachable = peer; }

  size_t messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  uint64_t last() const { return last_; }
  void Await(size_t count) {
    std::unique_lock lock(mutex_);
    const bool came =
        arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return messages_ >= count; });
    EXPECT_TRUE(came) << "want " << count << " messages, got " << messages_;
  }

  size_t frames = 0;
  ReplicaId unreachable = kNoReplica;

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  size_t messages_ = 0;  // guarded by mutex_
  uint64_t last_ = 0;
};

// Counts, and remembers the latest.
class Wire : public Transport {
 public:
  void Send(const Message&) override { ++messages; }
  void SendFrame(ReplicaId, absl::string_view) override { ++frames; }
  void Flush() override {}
  void SetMembers(const Configuration& configuration) override { members = configuration; }

  size_t messages = 0;
  size_t frames = 0;
  Configuration members;
};

GroupHubOptions OptionsOf(ReplicaId self, absl::Duration gather) {
  return {.self = self, .gather = gather};
}

std::unique_ptr<GroupHub> MakeHub(const GroupHubOptions& options, Transport& wire) {
  absl::StatusOr<std::unique_ptr<GroupHub>> hub = GroupHub::Create(options, wire);
  EXPECT_TRUE(hub.ok()) << hub.status();
  return *std::move(hub);
}

// Two processes; the test sends from the first to the second, whose replicas only count.
class TwoHubsTest : public ::testing::Test {
 protected:
  explicit TwoHubsTest(absl::Duration gather = absl::Seconds(1))
      : sender_(MakeHub(OptionsOf(kSelf, gather), wire_)),
        receiver_(MakeHub(OptionsOf(kPeer, gather), wire_)) {
    wire_.Connect(kPeer, *receiver_);
    for (uint64_t group : {1, 2, 3}) {
      outbound_[group] = &sender_->Join(ClusterId{group});
      receiver_->Join(ClusterId{group});
      receiver_->Serve(ClusterId{group}, inbound_[group]);
    }
  }
  ~TwoHubsTest() override { wire_.Disconnect(kPeer); }

  void Send(const Message& message) {
    outbound_.at(static_cast<uint64_t>(message.cluster))->Send(message);
  }

  LocalTransport wire_;
  std::map<uint64_t, Inbound> inbound_;
  std::map<uint64_t, Transport*> outbound_;
  std::unique_ptr<GroupHub> sender_;
  std::unique_ptr<GroupHub> receiver_;
};

TEST_F(TwoHubsTest, GatheredHeartbeatsReachEachItsGroup) {
  for (uint64_t group : {1, 2, 3}) {
    Message heartbeat = MessageOf(group);
    heartbeat.context = 100 + group;
    Send(heartbeat);
    EXPECT_EQ(inbound_[group].messages(), 0u);
  }
  sender_->FlushHeartbeats();
  for (uint64_t group : {1, 2, 3}) {
    EXPECT_EQ(inbound_[group].messages(), 1u);
    EXPECT_EQ(inbound_[group].last(), 100 + group);
  }
  EXPECT_EQ(sender_->counters().gathered.heartbeats, 3u);
  EXPECT_EQ(sender_->counters().gathered.bundles, 1u);
  EXPECT_EQ(sender_->counters().messages_sent, 0u);
  EXPECT_EQ(receiver_->counters().bundles_received, 1u);
}

TEST_F(TwoHubsTest, EverythingElseGoesStraightThrough) {
  Send(MessageOf(2));
  Message urgent = MessageOf(1);
  urgent.urgent = true;
  Send(urgent);
  Send(MessageOf(1, MessageType::kAppend));
  EXPECT_EQ(inbound_[1].messages(), 2u);
  EXPECT_EQ(inbound_[2].messages(), 0u) << "it waits as before";
  EXPECT_EQ(sender_->counters().messages_sent, 2u);
}

TEST_F(TwoHubsTest, UnknownGroupsAreCountedAndDropped) {
  receiver_->Leave(ClusterId{2});
  for (uint64_t group : {1, 2, 3}) Send(MessageOf(group));
  sender_->FlushHeartbeats();
  Send(MessageOf(2, MessageType::kAppend));
  EXPECT_EQ(receiver_->counters().unknown_group, 2u);
  EXPECT_EQ(inbound_[1].messages() + inbound_[3].messages(), 2u);
  EXPECT_EQ(inbound_[2].messages(), 0u);
}

TEST_F(TwoHubsTest, WhatTheWireDroppedIsToldToEveryGroup) {
  EXPECT_EQ(outbound_[1]->counters().no_address, 0u);
  Message message = MessageOf(1, MessageType::kAppend);
  message.to = ReplicaId{9};  // nobody
  Send(message);
  EXPECT_EQ(outbound_[1]->counters().no_address, 1u);
  EXPECT_EQ(outbound_[2]->counters().no_address, 1u);
  EXPECT_EQ(receiver_->counters().no_memory, 0u);
  receiver_->ReportDropped();
  EXPECT_EQ(receiver_->counters().no_memory, 1u);
}

TEST_F(TwoHubsTest, AGroupThatIsNotServedYetHearsNothing) {
  receiver_->Leave(ClusterId{2});
  receiver_->Join(ClusterId{2});
  Send(MessageOf(2, MessageType::kVote));
  EXPECT_EQ(receiver_->counters().unknown_group, 1u);
  receiver_->Serve(ClusterId{2}, inbound_[2]);
  Send(MessageOf(2, MessageType::kVote));
  EXPECT_EQ(inbound_[2].messages(), 1u);
}

TEST_F(TwoHubsTest, DamagedBundlesAreRefusedWhole) {
  HeartbeatBundle bundle({.from = kSelf, .to = kPeer}, 1024);
  for (uint64_t group : {1, 2, 3}) bundle.Add(MessageOf(group));
  std::string frame(bundle.Seal());
  frame.back() = static_cast<char>(frame.back() ^ 1);
  receiver_->ReceiveFrame(frame);
  EXPECT_EQ(receiver_->counters().damaged_frames, 1u);
  for (uint64_t group : {1, 2, 3}) EXPECT_EQ(inbound_[group].messages(), 0u);
  frame.back() = static_cast<char>(frame.back() ^ 1);
  receiver_->ReceiveFrame(frame);
  for (uint64_t group : {1, 2, 3}) EXPECT_EQ(inbound_[group].messages(), 1u);
}

TEST_F(TwoHubsTest, BundlesForAnotherProcessAreCountedAndDropped) {
  HeartbeatBundle bundle({.from = kPeer, .to = kSelf}, 1024);
  Message astray = MessageOf(1);
  std::swap(astray.from, astray.to);
  bundle.Add(astray);
  receiver_->ReceiveFrame(bundle.Seal());
  EXPECT_EQ(receiver_->counters().misaddressed, 1u);
  EXPECT_EQ(inbound_[1].messages(), 0u);
  EXPECT_TRUE(receiver_->CheckAddress(MessageOf(1)).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(receiver_->CheckAddress(astray)));
}

TEST_F(TwoHubsTest, PiecesOfSnapshotsReachTheirGroup) {
  SnapshotAck ack;
  ack.route.cluster = ClusterId{3};
  std::string frame;
  Encode(ack, frame);
  outbound_[3]->SendFrame(kPeer, frame);
  EXPECT_EQ(inbound_[3].frames, 1u);
  EXPECT_EQ(inbound_[1].frames, 0u);
  outbound_[3]->SendFrame(kPeer, "short");
  EXPECT_EQ(receiver_->counters().damaged_frames, 1u);
  receiver_->Leave(ClusterId{3});
  outbound_[3]->SendFrame(kPeer, frame);
  EXPECT_EQ(receiver_->counters().unknown_group, 1u);
}

TEST_F(TwoHubsTest, EveryGroupLearnsOfABrokenConnection) {
  receiver_->ReportUnreachable(kSelf);
  for (uint64_t group : {1, 2, 3}) EXPECT_EQ(inbound_[group].unreachable, kSelf);
}

class HubsOnTheirOwnTest : public TwoHubsTest {
 protected:
  HubsOnTheirOwnTest() : TwoHubsTest(absl::Milliseconds(2)) {}
};

TEST_F(HubsOnTheirOwnTest, TheWindowEndsByItself) {
  for (size_t i = 1; i <= 3; ++i) {
    Send(MessageOf(1));
    inbound_[1].Await(i);
  }
}

class HubsWithoutGatheringTest : public TwoHubsTest {
 protected:
  HubsWithoutGatheringTest() : TwoHubsTest(absl::ZeroDuration()) {}
};

TEST_F(HubsWithoutGatheringTest, HeartbeatsTravelAlone) {
  Send(MessageOf(1));
  EXPECT_EQ(inbound_[1].messages(), 1u);
  EXPECT_EQ(sender_->counters().messages_sent, 1u);
}

TEST(GroupHubTest, TheWireIsToldTheMembersOfAllGroupsTogether) {
  Wire wire;
  const auto hub = MakeHub(OptionsOf(kSelf, absl::Milliseconds(5)), wire);
  const auto join = [&](uint64_t group, std::vector<ReplicaId> voters) {
    hub->Join(ClusterId{group}).SetMembers(Configuration{.voters = std::move(voters)});
  };
  join(1, {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}});
  join(2, {ReplicaId{1}, ReplicaId{3}, ReplicaId{4}});
  EXPECT_EQ(wire.members.Members(),
            (std::vector<ReplicaId>{ReplicaId{1}, ReplicaId{2}, ReplicaId{3}, ReplicaId{4}}));
  hub->Leave(ClusterId{1});
  EXPECT_EQ(wire.members.Members(),
            (std::vector<ReplicaId>{ReplicaId{1}, ReplicaId{3}, ReplicaId{4}}));
}

TEST(GroupHubTest, TheWireIsNeverToldOfMoreThanItHasRoomFor) {
  Wire wire;
  const auto hub = MakeHub(OptionsOf(kSelf, absl::Milliseconds(5)), wire);
  std::vector<ReplicaId> first, second;
  for (uint64_t id = 1; id <= GroupHub::kMaxPeers; ++id) first.push_back(ReplicaId{id});
  for (uint64_t id = 2; id <= GroupHub::kMaxPeers + 1; ++id) second.push_back(ReplicaId{id});
  hub->Join(ClusterId{1}).SetMembers(Configuration{.voters = first});
  EXPECT_EQ(wire.members.Members(), first);
  hub->Join(ClusterId{2}).SetMembers(Configuration{.voters = second});
  EXPECT_EQ(wire.members.Members(), first);
  hub->Leave(ClusterId{1});
  EXPECT_EQ(wire.members.Members(), second);
}

TEST(GroupHubTest, RefusesOptionsThatMakeNoSense) {
  Wire wire;
  const GroupHubOptions good = OptionsOf(kSelf, absl::Milliseconds(5));
  EXPECT_TRUE(GroupHub::Create(good, wire).ok());
  struct Case {
    absl::string_view want;
    GroupHubOptions options;
  };
  std::vector<Case> cases(5, {"", good});
  cases[0].options.self = kNoReplica, cases[0].want = "self: want > 0, got 0";
  cases[1].options.gather = absl::Milliseconds(-1), cases[1].want = "gather: want 0 to 1s";
  cases[2].options.gather = absl::Seconds(2), cases[2].want = "gather: want 0 to 1s, got 2s";
  cases[3].options.max_bundle_bytes = 64, cases[3].want = "max_bundle_bytes: want 65 to 1048576";
  cases[4].options.max_bundle_bytes = 2 << 20, cases[4].want = "max_bundle_bytes: want 65";
  for (const Case& c : cases) {
    const absl::Status status = GroupHub::Create(c.options, wire).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.want;
    EXPECT_NE(status.message().find(c.want), absl::string_view::npos) << status;
  }
}

TEST(GroupHubDeathTest, AGroupJoinsOnceAndIsServedAfterwards) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the hub has a thread
  Wire wire;
  const auto hub = MakeHub(OptionsOf(kSelf, absl::Milliseconds(5)), wire);
  hub->Join(ClusterId{1});
  EXPECT_DEATH(hub->Join(ClusterId{1}), "joined already");
  Inbound replica;
  EXPECT_DEATH(hub->Serve(ClusterId{2}, replica), "has not joined");
}

}  // namespace
}  // namespace blixard::raft
