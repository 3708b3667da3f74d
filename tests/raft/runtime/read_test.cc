// Linearizable reads of real replicas.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/runtime/replica.h"
#include "tests/raft/runtime/replica_group.h"

namespace blixard::raft {
namespace {

// Reads until a round is confirmed; each refusal (no leader is known yet) is tried again.
LogIndex ReadUntilReady(Replica& replica) {
  for (uint64_t token = 1;; ++token) {
    ReadBox box;
    CHECK(replica.Read({.listener = &box, .token = token}).ok());
    const ReadBox::Answer answer = box.Await(1)[0];
    CHECK_EQ(answer.token, token);
    if (answer.end == ReadEnd::kReady) return answer.index;
  }
}

TEST(ReadTest, ShowsEveryAcknowledgedProposalOnAnyReplica) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  for (size_t written = 1; written <= 30; ++written) {
    ASSERT_TRUE(group.Propose(leader, absl::StrCat("r", written), box).ok());
    ASSERT_EQ(box.Await(written).back().end, ProposalEnd::kCommitted);
    const uint64_t reader = written % 3 + 1;
    const LogIndex index = ReadUntilReady(group.replica(reader));
    EXPECT_GE(index.value, written);
    EXPECT_EQ(group.state_machine(reader).journal().size(), written) << "at replica " << reader;
  }
}

TEST(ReadTest, ManyReadsShareFewRounds) {
  constexpr size_t kReads = 5000;
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  ReadUntilReady(group.replica(1));
  ReadBox box;
  size_t accepted = 0;
  for (uint64_t token = 0; token < kReads; ++token) {
    accepted += group.replica(1).Read({.listener = &box, .token = token}).ok();
  }
  const std::vector<ReadBox::Answer> answers = box.Await(accepted);
  EXPECT_EQ(answers.size(), accepted);
  for (const ReadBox::Answer& answer : answers) EXPECT_EQ(answer.end, ReadEnd::kReady);
}

TEST(ReadTest, LeaderWithoutAQuorumRefuses) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  ReadUntilReady(group.replica(leader));
  group.Isolate(leader, true);
  ReadBox box;
  ASSERT_TRUE(group.replica(leader).Read({.listener = &box}).ok());
  EXPECT_EQ(box.Await(1)[0].end, ReadEnd::kRefused);
}

TEST(ReadTest, StopEndsWhatIsOpenAndRefusesWhatComesLater) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  group.Isolate(leader, true);
  ReadBox box;
  size_t accepted = 0;
  for (uint64_t token = 0; token < 100; ++token) {
    accepted += group.replica(leader).Read({.listener = &box, .token = token}).ok();
  }
  group.replica(leader).Stop();
  EXPECT_EQ(box.Await(accepted).size(), accepted);
  EXPECT_EQ(group.replica(leader).Read({.listener = &box}).code(), absl::StatusCode::kUnavailable);
}

TEST(ReadTest, LeaseAnswersAreNotOlderThanAcknowledgedProposals) {
  ReplicaGroup group({.size = 3, .configure = [](ReplicaConfig& config) {
                        config.lease = {.enabled = true, .clock_error_ticks = 2};
                      }});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  AnswerBox box;
  for (size_t written = 1; written <= 20; ++written) {
    ASSERT_TRUE(group.Propose(leader, "x", box).ok());
    ASSERT_EQ(box.Await(written).back().end, ProposalEnd::kCommitted);
    ReadUntilReady(group.replica(leader));
    EXPECT_EQ(group.state_machine(leader).journal().size(), written);
  }
}

// Whoever brings a request may carry it out: the answer is there when CarryOut returns.
TEST(ReadTest, VisitorsWorkInPlaceOfTheOwnThread) {
  ReplicaGroup group(1);
  group.Start(1);
  group.Elect();
  ReadUntilReady(group.replica(1));
  AnswerBox box;
  for (size_t i = 1; i <= 500; ++i) {
    ASSERT_TRUE(group.Propose(1, "x", box).ok());
    group.replica(1).CarryOut();
    if (i % 3 == 0) group.replica(1).Status();
  }
  for (const AnswerBox::Answer& answer : box.Await(500)) {
    EXPECT_EQ(answer.end, ProposalEnd::kCommitted);
  }
}

}  // namespace
}  // namespace blixard::raft
