// Leadership of real replicas: events, hand-over, requests.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "raft/core/node_status.h"
#include "raft/runtime/replica.h"
#include "tests/raft/runtime/replica_group.h"

namespace blixard::raft {
namespace {

TEST(LeadershipTest, EveryChangeIsToldOnceAndTermsNeverGoBack) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t first = group.Elect();
  group.Isolate(first, true);
  group.Await([&] { return group.replica(first).leader() == kNoReplica; }, "it steps down");
  const uint64_t second = group.AwaitLeader();
  EXPECT_NE(second, first);
  for (uint64_t id : {1, 2, 3}) {
    group.replica(id).Stop();
    const std::vector<LeadershipEvent> events = group.leadership(id).events();
    ASSERT_FALSE(events.empty());
    for (size_t i = 1; i < events.size(); ++i) {
      EXPECT_NE(events[i], events[i - 1]) << "told twice at replica " << id;
      EXPECT_GE(events[i].term, events[i - 1].term);
    }
  }
  size_t led = 0;
  for (const LeadershipEvent& event : group.leadership(second).events()) {
    led += event.role == Role::kLeader;
  }
  EXPECT_EQ(led, 1u);
}

TEST(LeadershipTest, HandOverLeavesAnotherLeaderAndLosesNothing) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t first = group.Elect();
  AnswerBox box;
  ASSERT_TRUE(group.Propose(first, "before", box).ok());
  box.Await(1);
  EXPECT_TRUE(group.replica(first).HandOver(absl::Seconds(20)));
  group.Stop(first);
  uint64_t second = group.AwaitLeader();
  EXPECT_NE(second, first);
  while (!group.Propose(second, "after", box).ok()) second = group.AwaitLeader();
  EXPECT_EQ(box.Await(2)[1].outcome, "2:after");
}

// Right after an election timeout a leader knows of nobody that answers, and asks again.
TEST(LeadershipTest, HandOverWaitsForAVoterThatAnswers) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t first = group.Elect();
  group.Isolate(first, true);
  group.Await(
      [&] {
        const ReplicaStatus status = group.replica(first).Status();
        const std::vector<PeerStatus>& peers = status.node.peers;
        return std::none_of(peers.begin(), peers.end(),
                            [](const PeerStatus& peer) { return peer.recent_active; });
      },
      "the leader hears nobody");
  bool handed_over = false;
  std::thread stopping([&] { handed_over = group.replica(first).HandOver(absl::Seconds(20)); });
  absl::SleepFor(absl::Milliseconds(100));  // it has asked
  group.Isolate(first, false);
  stopping.join();
  EXPECT_TRUE(handed_over);
  group.AwaitLeader();
}

TEST(LeadershipTest, SteppingDownIsNoHandOver) {
  ReplicaGroup group(
      {.size = 3, .configure = [](ReplicaConfig& config) { config.election_ticks = 30; }});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t first = group.Elect();
  group.Isolate(first, true);
  EXPECT_FALSE(group.replica(first).HandOver(absl::Hours(1)));
  EXPECT_EQ(group.replica(first).leader(), kNoReplica);
}

TEST(LeadershipTest, LeaderThatIsStoppedIsToldThatItLeadsNoMore) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  group.replica(1).Stop();
  const LeadershipEvent last = group.leadership(1).events().back();
  EXPECT_EQ(last, (LeadershipEvent{.term = Term{1}}));
}

TEST(LeadershipTest, AloneThereIsNobodyToHandOverTo) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  const absl::Status refused = group.Request(1, {.kind = ReplicaRequest::Kind::kTransfer});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_FALSE(group.replica(1).HandOver(absl::Hours(1))) << "it does not wait in vain either";
}

TEST(LeadershipTest, StoppedReplicaAnswersRequests) {
  ReplicaGroup group(1);
  group.Start(1);
  group.replica(1).Stop();
  EXPECT_EQ(group.Request(1, {.kind = ReplicaRequest::Kind::kCampaign}).code(),
            absl::StatusCode::kUnavailable);
}

TEST(LeadershipTest, ReplicaOfPriorityZeroNeverStandsByItself) {
  ReplicaGroup group({.size = 3, .configure = [](ReplicaConfig& config) {
                        if (config.id != ReplicaId{2}) config.priority = 0;
                      }});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  EXPECT_EQ(group.AwaitLeader(), 2u);
}

TEST(LeadershipTest, StagesAreMeasured) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  for (size_t i = 1; i <= 10; ++i) {
    ASSERT_TRUE(group.Propose(leader, "x", box).ok());
    box.Await(i);
  }
  const ReplicaStatus status = group.replica(leader).Status();
  const auto count = [&](Stage stage) {
    return status.latencies[static_cast<size_t>(stage)].count;
  };
  EXPECT_EQ(count(Stage::kQueue), 10u);
  EXPECT_EQ(count(Stage::kAnswer), 10u);
  EXPECT_EQ(count(Stage::kQuorum), status.counters.entries_proposed);
  EXPECT_EQ(count(Stage::kPlan), status.counters.entries_proposed);
  EXPECT_GE(count(Stage::kStore), 10u);
  EXPECT_GE(count(Stage::kApply), 10u);
  EXPECT_GE(status.latencies[static_cast<size_t>(Stage::kAnswer)].p50_ns,
            status.latencies[static_cast<size_t>(Stage::kQueue)].min_ns);
}

}  // namespace
}  // namespace blixard::raft
