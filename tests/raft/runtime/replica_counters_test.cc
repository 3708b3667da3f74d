// What a replica refuses, drops and carries is counted, and nothing else is.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/runtime/local_transport.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/replica.h"
#include "tests/raft/runtime/replica_group.h"

namespace blixard::raft {
namespace {

constexpr size_t kQueue = 8;

ReplicaGroupOptions Silent(size_t size) {
  return {.size = size, .configure = [](ReplicaConfig& config) {
            config.tick = absl::Hours(1);
            config.max_queued_messages = kQueue;
          }};
}

memory::Pooled<Message> Stray() {
  memory::Pooled<Message> message = AcquireMessage();
  *message = Message{};  // of no cluster: taken and dropped
  return message;
}

// Deliver wakes nobody, so that what is given waits.
TEST(ReplicaCountersTest, MessagesBeyondTheQueueAreCounted) {
  ReplicaGroup group(Silent(2));
  group.Start(1);
  Replica& replica = group.replica(1);
  for (size_t i = 0; i < kQueue; ++i) replica.Deliver(Stray());
  EXPECT_EQ(replica.Status().counters.messages_dropped_queue_full, 0u);
  size_t given = 0;
  ReplicaGroup::Await(
      [&] {
        for (size_t i = 0; i <= kQueue; ++i, ++given) replica.Deliver(Stray());
        return replica.Status().counters.messages_dropped_queue_full > 0;
      },
      "one is dropped");
  EXPECT_LE(replica.Status().counters.messages_dropped_queue_full, given - kQueue);
  EXPECT_EQ(replica.Status().counters.messages_dropped_no_memory, 0u);
}

TEST(ReplicaCountersTest, ReadsThatNoLeaderConfirmsAreCounted) {
  ReplicaGroup group(Silent(3));
  group.Start(1);
  ReadBox box;
  for (size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(group.replica(1).Read({.listener = &box}).ok());
    EXPECT_EQ(box.Await(i).back().end, ReadEnd::kRefused);
    EXPECT_EQ(group.replica(1).Status().counters.reads_refused, i);
  }
}

TEST(ReplicaCountersTest, ReadsThatAreAnsweredAreNot) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  ReadBox box;
  size_t refused = 0;
  for (size_t i = 1; i == 1 || box.Await(i - 1).back().end != ReadEnd::kReady; ++i) {
    ASSERT_TRUE(group.replica(1).Read({.listener = &box}).ok());
    refused += box.Await(i).back().end == ReadEnd::kRefused;
  }
  EXPECT_EQ(group.replica(1).Status().counters.reads_refused, refused);
}

// All messages of the process are in use.
TEST(ReplicaCountersTest, MessagesThatNoneIsLeftForAreCounted) {
  ReplicaGroup group(Silent(2));
  group.Start(1);
  LocalTransport network;
  network.Connect(ReplicaId{1}, group.replica(1));
  Message message;
  message.to = ReplicaId{1};
  network.Send(message);
  EXPECT_EQ(group.replica(1).Status().counters.messages_dropped_no_memory, 0u);
  std::vector<memory::Pooled<Message>> all;
  while (memory::Pooled<Message> one = AcquireMessage()) all.push_back(std::move(one));
  EXPECT_EQ(all.size(), kMaxLiveMessages);
  network.Send(message);
  EXPECT_EQ(group.replica(1).Status().counters.messages_dropped_no_memory, 1u);
  all.clear();
  network.Send(message);
  EXPECT_EQ(group.replica(1).Status().counters.messages_dropped_no_memory, 1u);
  network.Disconnect(ReplicaId{1});
}

TEST(ReplicaCountersTest, SnapshotsAreCountedWhereTheyAreTakenSentAndReceived) {
  ReplicaGroup group({.size = 3, .snapshots = true, .configure = [](ReplicaConfig& config) {
                        config.snapshot_entries = 50;
                        config.max_retained_bytes = 2000;
                      }});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  const uint64_t away = leader % 3 + 1;
  group.Isolate(away, true);
  AnswerBox box;
  for (size_t i = 1; i <= 300; ++i) {
    ASSERT_TRUE(group.Propose(leader, "request", box).ok());
    box.Await(i);
  }
  const auto counters = [&](uint64_t id) { return group.replica(id).Status().counters.snapshots; };
  ReplicaGroup::Await([&] { return counters(leader).taken > 0; }, "a snapshot is taken");
  EXPECT_EQ(counters(leader).sent, 0u);
  EXPECT_EQ(counters(away).received, 0u);
  group.Isolate(away, false);
  group.AwaitApplied(300);
  ReplicaGroup::Await([&] { return counters(leader).sent > 0; }, "it is told");
  EXPECT_GE(counters(away).received, 1u);
  EXPECT_EQ(counters(leader).received, 0u);
  for (uint64_t id : {1, 2, 3}) EXPECT_EQ(counters(id).failed, 0u);
}

}  // namespace
}  // namespace blixard::raft
