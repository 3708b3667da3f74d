#include "raft/runtime/replica.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/replica_group.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class NoTransport : public Transport {
  void Send(const Message&) override {}
  void Flush() override {}
};

TEST(ReplicaTest, LoneVoterAnswersWithTheOutcome) {
  ReplicaGroup group(1);
  group.Start(1);
  ASSERT_EQ(group.Elect(), 1u);
  AnswerBox box;
  ASSERT_TRUE(group.Propose(1, "hello", box).ok());
  const std::vector<AnswerBox::Answer> answers = box.Await(1);
  EXPECT_EQ(answers[0].end, ProposalEnd::kCommitted);
  EXPECT_EQ(answers[0].outcome, "1:hello");
}

TEST(ReplicaTest, EveryReplicaAppliesTheSameRequestsInTheSameOrder) {
  constexpr size_t kRequests = 5000;
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  for (size_t i = 0; i < kRequests; ++i) {
    ASSERT_TRUE(group.Propose(leader, absl::StrCat("r", i), box).ok()) << i;
  }
  std::set<std::string> outcomes;
  for (const AnswerBox::Answer& answer : box.Await(kRequests)) {
    EXPECT_EQ(answer.end, ProposalEnd::kCommitted);
    EXPECT_TRUE(outcomes.insert(answer.outcome).second) << answer.outcome << " twice";
  }
  group.AwaitApplied(kRequests);
  EXPECT_EQ(box.size(), kRequests) << "a proposal was answered twice";
  for (uint64_t id : {1, 2, 3}) {
    EXPECT_EQ(group.state_machine(id).journal(), group.state_machine(leader).journal());
  }
}

TEST(ReplicaTest, FollowerRefusesProposals) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  const uint64_t follower = leader % 3 + 1;
  AnswerBox box;
  const absl::Status refused = group.Propose(follower, "hello", box);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_EQ(box.size(), 0u) << "a refused proposal must not be answered as well";
}

TEST(ReplicaTest, EmptyAndOversizedRequestsAreRefused) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  AnswerBox box;
  EXPECT_EQ(group.Propose(1, "", box).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(group.Propose(1, std::string(4097, 'x'), box).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(group.Propose(1, std::string(4096, 'x'), box).ok());
  EXPECT_EQ(box.Await(1)[0].end, ProposalEnd::kCommitted);
}

TEST(ReplicaTest, LargestBatchesAreProposed) {
  const auto largest = [](ReplicaConfig& config) {
    config.max_batch_bytes = kLargestBatchBytes;
    config.max_request_bytes = kLargestBatchBytes / 2;
    config.max_append_bytes = kLargestAppendBytes;
  };
  ReplicaGroup group({.size = 3, .segment_bytes = 4 << 20, .configure = largest});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  const std::string request(kLargestBatchBytes / 2, 'x');
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(group.Propose(leader, request, box).ok());
  for (const AnswerBox::Answer& answer : box.Await(8)) {
    EXPECT_EQ(answer.end, ProposalEnd::kCommitted);
  }
  group.AwaitApplied(8);
}

TEST(ReplicaTest, LogMustHoldTheLargestBatch) {
  MemoryFileSystem files;
  const auto opened = Wal::Open(files, memory::BufferPool::Default(),
                                {.directory = "/log",
                                 .cluster = ClusterId{1},
                                 .replica = ReplicaId{1},
                                 .segment_bytes = 64 << 10});
  ASSERT_TRUE(opened.ok()) << opened.status();
  NoTransport transport;
  PassThroughPlanner planner;
  JournalStateMachine state_machine;
  const auto start = [&](size_t max_batch_bytes) {
    const ReplicaConfig config{.cluster = ClusterId{1},
                               .id = ReplicaId{1},
                               .voters = {ReplicaId{1}},
                               .max_batch_bytes = max_batch_bytes};
    return Replica::Start(config,
                          {.storage = *opened->wal,
                           .transport = transport,
                           .planner = planner,
                           .state_machine = state_machine},
                          RecoveredLog{}, nullptr)
        .status();
  };
  const uint64_t room = opened->wal->max_payload_bytes();
  EXPECT_THAT(std::string(start(room + 1).message()), StartsWith("max_batch_bytes: want at most"));
  EXPECT_TRUE(start(room).ok());
}

TEST(ReplicaTest, RestartReplaysTheLog) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  AnswerBox box;
  for (const char* request : {"a", "b", "c"}) ASSERT_TRUE(group.Propose(1, request, box).ok());
  box.Await(3);
  group.Stop(1);
  group.Start(1);
  group.Elect();
  group.AwaitApplied(3);
  EXPECT_THAT(group.state_machine(1).journal(), ElementsAre("a", "b", "c"));
}

TEST(ReplicaTest, StoppedReplicaRefusesProposals) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  group.replica(1).Stop();
  AnswerBox box;
  const absl::Status refused = group.Propose(1, "late", box);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable) << refused;
  EXPECT_EQ(box.size(), 0u);
}

TEST(ReplicaTest, NewLeaderGoesOnWhereTheOldOneStopped) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t first = group.Elect();
  AnswerBox box;
  ASSERT_TRUE(group.Propose(first, "before", box).ok());
  box.Await(1);
  group.Stop(first);
  uint64_t second = group.AwaitLeader();
  while (second == first) second = group.AwaitLeader();
  while (!group.Propose(second, "after", box).ok()) second = group.AwaitLeader();
  EXPECT_EQ(box.Await(2)[1].outcome, "2:after");
  group.Start(first);
  group.AwaitApplied(2);
  EXPECT_THAT(group.state_machine(first).journal(), ElementsAre("before", "after"));
}

// A leader that lost its quorum steps down (check-quorum) and must say that it does not know, while
// the entry is replaced behind its back.
TEST(ReplicaTest, IsolatedLeaderAnswersUnknown) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t first = group.Elect();
  AnswerBox box;
  ASSERT_TRUE(group.Propose(first, "kept", box).ok());
  box.Await(1);
  group.Isolate(first, true);
  ASSERT_TRUE(group.Propose(first, "lost", box).ok());
  EXPECT_EQ(box.Await(2)[1].end, ProposalEnd::kUnknown);

  uint64_t second = group.AwaitLeader();
  AnswerBox other;
  while (!group.Propose(second, "instead", other).ok()) second = group.AwaitLeader();
  EXPECT_EQ(other.Await(1)[0].outcome, "2:instead");
  group.Isolate(first, false);
  group.AwaitApplied(2);
  EXPECT_THAT(group.state_machine(first).journal(), ElementsAre("kept", "instead"));
  EXPECT_EQ(box.size(), 2u);
}

TEST(ReplicaTest, StopAnswersWhatIsOpen) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  group.Isolate(leader, true);
  AnswerBox box;
  size_t accepted = 0;
  for (int i = 0; i < 100; ++i) accepted += group.Propose(leader, absl::StrCat(i), box).ok();
  group.Stop(leader);
  ASSERT_EQ(box.size(), accepted);
  for (const AnswerBox::Answer& answer : box.Await(accepted)) {
    EXPECT_NE(answer.end, ProposalEnd::kCommitted);
  }
}

TEST(ReplicaTest, FullQueueRefusesAndRecovers) {
  ReplicaGroup group(
      {.size = 3, .configure = [](ReplicaConfig& config) { config.max_queued_proposals = 4; }});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  size_t accepted = 0;
  absl::Status last;
  while (last.ok()) {
    last = group.Propose(leader, "x", box);
    accepted += last.ok();
  }
  EXPECT_TRUE(absl::IsResourceExhausted(last)) << last;
  for (const AnswerBox::Answer& answer : box.Await(accepted)) {
    EXPECT_EQ(answer.end, ProposalEnd::kCommitted);
  }
  ASSERT_TRUE(group.Propose(leader, "y", box).ok());
  EXPECT_EQ(box.Await(accepted + 1).back().end, ProposalEnd::kCommitted);
}

TEST(ReplicaTest, StatusTellsRoleAndCounters) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  ASSERT_TRUE(group.Propose(leader, "x", box).ok());
  box.Await(1);
  const ReplicaStatus status = group.replica(leader).Status();
  EXPECT_EQ(status.node.role, Role::kLeader);
  EXPECT_EQ(status.counters.proposals, 1u);
  EXPECT_EQ(status.counters.entries_proposed, 1u);
  EXPECT_GT(status.counters.wal_syncs, 0u);
  EXPECT_EQ(status.node.peers.size(), 2u);
  EXPECT_TRUE(status.failure.ok());
  EXPECT_THAT(group.replica(leader % 3 + 1).Status().node.peers, IsEmpty());
}

}  // namespace
}  // namespace blixard::raft
