#include "raft/runtime/heartbeat_gatherer.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "raft/core/raw_node.h"
#include "raft/core/ready_batch.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

using std::chrono::milliseconds;
using TimePoint = HeartbeatGatherer::TimePoint;

constexpr size_t kRoomForMany = 16 * 1024;
constexpr TimePoint kNow(milliseconds(1000));

HeartbeatGatherer::Options OptionsOf(uint64_t self, size_t max_bundle_bytes = kRoomForMany) {
  return {.self = ReplicaId{self}, .window = milliseconds(5), .max_bundle_bytes = max_bundle_bytes};
}

// Only counts.
class CountingWire : public Transport {
 public:
  void Send(const Message&) override { ++messages; }
  void SendFrame(ReplicaId, absl::string_view frame) override {
    ++frames;
    largest = std::max(largest, frame.size());
  }
  void Flush() override { ++flushes; }

  size_t messages = 0;
  size_t frames = 0;
  size_t largest = 0;
  size_t flushes = 0;
};

Message Heartbeat(uint64_t group, uint64_t to) {
  Message message;
  message.cluster = ClusterId{group};
  message.from = ReplicaId{1};
  message.to = ReplicaId{to};
  message.term = Term{1};
  return message;
}

TEST(HeartbeatGathererTest, TheFirstOpensAWindowAndTheOthersDoNotProlongIt) {
  CountingWire wire;
  HeartbeatGatherer gatherer(OptionsOf(1), wire);
  EXPECT_FALSE(gatherer.due().has_value());
  EXPECT_TRUE(gatherer.Add(Heartbeat(1, 2), kNow));
  EXPECT_TRUE(gatherer.Add(Heartbeat(2, 3), kNow + milliseconds(4)));
  EXPECT_EQ(gatherer.due(), kNow + milliseconds(5));
  EXPECT_EQ(wire.frames, 0u);
  gatherer.Flush();
  EXPECT_EQ(wire.frames, 2u);
  EXPECT_EQ(wire.flushes, 1u);
  EXPECT_FALSE(gatherer.due().has_value());
  gatherer.Flush();
  EXPECT_EQ(wire.frames, 2u);
}

TEST(HeartbeatGathererTest, WhatHurriesOrIsOfAnotherIsLeftToTheCaller) {
  CountingWire wire;
  HeartbeatGatherer gatherer(OptionsOf(1), wire);
  Message urgent = Heartbeat(1, 2);
  urgent.urgent = true;
  EXPECT_FALSE(gatherer.Add(urgent, kNow));
  Message append = Heartbeat(1, 2);
  append.type = MessageType::kAppend;
  EXPECT_FALSE(gatherer.Add(append, kNow));
  Message of_another = Heartbeat(1, 2);
  of_another.from = ReplicaId{9};
  EXPECT_FALSE(gatherer.Add(of_another, kNow));
  EXPECT_FALSE(gatherer.due().has_value());
}

// Five records and no more fit.
TEST(HeartbeatGathererTest, ABundleAboveTheLimitIsSplit) {
  constexpr size_t kLimit = kHeartbeatBundleHeaderBytes + 5 * kHeartbeatRecordBytes;
  CountingWire wire;
  HeartbeatGatherer gatherer(OptionsOf(1, kLimit), wire);
  for (uint64_t group = 1; group <= 12; ++group) {
    ASSERT_TRUE(gatherer.Add(Heartbeat(group, 2), kNow));
    EXPECT_EQ(wire.frames, (group - 1) / 5) << "no more than one bundle waits";
  }
  gatherer.Flush();
  EXPECT_EQ(wire.frames, 3u);
  EXPECT_EQ(wire.largest, kLimit);
  EXPECT_EQ(gatherer.counters().heartbeats, 12u);
  EXPECT_EQ(gatherer.counters().bundles, 3u);
}

TEST(HeartbeatGathererTest, PeersBeyondTheBoundAreServedOneByOne) {
  CountingWire wire;
  HeartbeatGatherer gatherer(OptionsOf(1), wire);
  for (uint64_t peer = 0; peer < HeartbeatGatherer::kMaxPeers; ++peer) {
    EXPECT_TRUE(gatherer.Add(Heartbeat(1, 2 + peer), kNow));
  }
  EXPECT_FALSE(gatherer.Add(Heartbeat(1, 2 + HeartbeatGatherer::kMaxPeers), kNow));
  EXPECT_TRUE(gatherer.Add(Heartbeat(2, 2), kNow));
}

// Groups of three replicas each, spread over three processes that are played in one thread. The
// network takes what the gatherers give it, and delivers it when the test says so.
class ManyGroups {
 public:
  explicit ManyGroups(uint64_t groups) {
    for (uint64_t self = 1; self <= kProcesses; ++self) {
      processes_.push_back(std::make_unique<Process>(*this, self));
      for (uint64_t group = 1; group <= groups; ++group) {
        processes_.back()->nodes[ClusterId{group}] = MakeNode(group, self);
      }
    }
    for (uint64_t group = 1; group <= groups; ++group) {
      processes_[group % kProcesses]->nodes[ClusterId{group}]->Campaign();
    }
    for (int i = 0; i < 10; ++i) WorkAndDeliver();
    TakeCounts();
  }

  struct Counts {
    size_t heartbeat_frames = 0;  // hold nothing but heartbeats
    size_t reply_frames = 0;      // hold nothing but replies
    size_t mixed_frames = 0;
    size_t messages = 0;  // travelled alone
    bool operator==(const Counts&) const = default;
  };
  using CountsByLink = std::map<std::pair<ReplicaId, ReplicaId>, Counts>;

  void Tick() {
    for (const auto& process : processes_) {
      for (auto& [group, node] : process->nodes) node->Tick();
    }
  }

  // All nodes work; what they say is delivered.
  void WorkAndDeliver() {
    for (const auto& process : processes_) {
      for (auto& [group, node] : process->nodes) process->Work(*node);
      process->gatherer.Flush();
    }
    for (Packet& packet : std::exchange(packets_, {})) Deliver(packet);
  }

  void Read(ClusterId group) { ASSERT_TRUE(LeaderOf(group).ReadIndex().ok()); }

  RawNode& LeaderOf(ClusterId group) {
    for (const auto& process : processes_) {
      RawNode& node = *process->nodes.at(group);
      if (node.role() == Role::kLeader) return node;
    }
    LOG(FATAL) << "nobody leads group " << group;
  }

  CountsByLink TakeCounts() { return std::exchange(counts_, {}); }

  static constexpr uint64_t kProcesses = 3;

 private:
  struct Packet {
    ReplicaId to;
    std::string bundle;
    Message message;  // without a bundle
  };

  class Wire : public Transport {
   public:
    Wire(ManyGroups& owner, ReplicaId self) : owner_(owner), self_(self) {}
    void Send(const Message& message) override {
      ++owner_.counts_[{self_, message.to}].messages;
      owner_.packets_.push_back({.to = message.to, .bundle = {}, .message = message});
    }
    void SendFrame(ReplicaId to, absl::string_view frame) override {
      owner_.Count(owner_.counts_[{self_, to}], frame);
      owner_.packets_.push_back({.to = to, .bundle = std::string(frame), .message = {}});
    }
    void Flush() override {}

   private:
    ManyGroups& owner_;
    const ReplicaId self_;
  };

  struct Process {
    Process(ManyGroups& owner, uint64_t self)
        : wire(owner, ReplicaId{self}), gatherer(OptionsOf(self), wire) {}

    void Send(const Message& message) {
      if (!gatherer.Add(message, kNow)) wire.Send(message);
    }
    void Work(RawNode& node) {
      while (node.HasReady()) {
        const ReadyBatch& batch = node.Ready();
        for (const Message& message : batch.messages) Send(message);
        for (const Message& message : batch.append.messages) Send(message);
        node.Advance();
      }
    }

    Wire wire;
    HeartbeatGatherer gatherer;
    std::map<ClusterId, std::unique_ptr<RawNode>> nodes;
  };

  static std::unique_ptr<RawNode> MakeNode(uint64_t group, uint64_t id) {
    RawNodeConfig config = ConfigOfOne();
    config.cluster = ClusterId{group};
    config.id = ReplicaId{id};
    auto node = RawNode::Create(config, FirstOf(kProcesses));
    CHECK(node.ok()) << node.status();
    return *std::move(node);
  }

  static void Count(Counts& counts, absl::string_view frame) {
    absl::StatusOr<HeartbeatBundleReader> reader = HeartbeatBundleReader::Open(frame);
    ASSERT_TRUE(reader.ok()) << reader.status();
    size_t heartbeats = 0, replies = 0;
    Message message;
    while (reader->records_left() > 0) {
      reader->Next(message);
      ++(message.type == MessageType::kHeartbeat ? heartbeats : replies);
    }
    ++(replies == 0      ? counts.heartbeat_frames
       : heartbeats == 0 ? counts.reply_frames
                         : counts.mixed_frames);
  }

  void Deliver(Packet& packet) {
    Process& process = *processes_[static_cast<uint64_t>(packet.to) - 1];
    if (packet.bundle.empty()) return Step(process, packet.message);
    absl::StatusOr<HeartbeatBundleReader> reader = HeartbeatBundleReader::Open(packet.bundle);
    ASSERT_TRUE(reader.ok()) << reader.status();
    Message message;
    while (reader->records_left() > 0) {
      reader->Next(message);
      Step(process, message);
    }
  }

  static void Step(Process& process, Message& message) {
    EXPECT_TRUE(process.nodes.at(message.cluster)->Step(message).ok());
  }

  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Packet> packets_;
  CountsByLink counts_;
};

// The promise itself: 100 groups, one message a tick to each peer for all heartbeats, one for all
// their answers, and nothing else while they are idle.
TEST(HeartbeatGathererTest, HundredIdleGroupsSendOneMessagePerPeerAndTick) {
  constexpr uint64_t kGroups = 100;
  constexpr int kTicks = 50;
  ManyGroups groups(kGroups);
  for (int tick = 0; tick < kTicks; ++tick) {
    groups.Tick();
    groups.WorkAndDeliver();  // heartbeats
    groups.WorkAndDeliver();  // their answers
    const ManyGroups::CountsByLink counts = groups.TakeCounts();
    ASSERT_EQ(counts.size(), ManyGroups::kProcesses * (ManyGroups::kProcesses - 1));
    for (const auto& [link, sent] : counts) {
      EXPECT_EQ(sent, (ManyGroups::Counts{.heartbeat_frames = 1, .reply_frames = 1}))
          << "tick " << tick << ", from " << link.first << " to " << link.second;
    }
  }
  for (uint64_t group = 1; group <= kGroups; ++group) {
    EXPECT_EQ(groups.LeaderOf(ClusterId{group}).term(), Term{1}) << "group " << group;
  }
}

// The others' heartbeats are gathered as before.
TEST(HeartbeatGathererTest, RoundOfAReadTravelsAloneAndAtOnce) {
  ManyGroups groups(10);
  groups.Read(ClusterId{4});
  groups.WorkAndDeliver();
  groups.WorkAndDeliver();
  size_t alone = 0;
  for (const auto& [link, sent] : groups.TakeCounts()) {
    alone += sent.messages;
    EXPECT_EQ(sent.heartbeat_frames + sent.reply_frames + sent.mixed_frames, 0u);
  }
  EXPECT_EQ(alone, 4u) << "two heartbeats and two answers";
  groups.Tick();
  groups.WorkAndDeliver();
  for (const auto& [link, sent] : groups.TakeCounts()) EXPECT_EQ(sent.messages, 0u);
}

}  // namespace
}  // namespace blixard::raft
