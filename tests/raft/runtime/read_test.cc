// Linearizable reads of real replicas.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
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

// Stands for a slow disk or a stopped process: whoever comes in waits.
class Stall {
 public:
  void Enter() {
    std::unique_lock lock(mutex_);
    begun_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return over_; });
  }
  bool begun() {
    std::lock_guard lock(mutex_);
    return begun_;
  }
  void End() {
    std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool begun_ = false;  // both guarded by mutex_
  bool over_ = false;
};

class StallingReader : public ReadListener {
 public:
  explicit StallingReader(Stall& stall) : stall_(stall) {}
  void OnReadEnd(uint64_t, ReadEnd, LogIndex) override { stall_.Enter(); }

 private:
  Stall& stall_;
};

void ReadByLease(ReplicaConfig& config) {
  config.lease = {.enabled = true, .clock_error_ticks = 2};
}

// A leader that answers reads although nobody hears it; on a slow machine another may take over
// meanwhile.
uint64_t AwaitLease(ReplicaGroup& group) {
  uint64_t leader = 0;
  ReadEnd end = ReadEnd::kRefused;
  while (end == ReadEnd::kRefused) {
    leader = group.AwaitLeader();
    ReadUntilReady(group.replica(leader));
    absl::SleepFor(absl::Milliseconds(50));  // a few heartbeats are answered
    group.Isolate(leader, true);
    ReadBox box;
    if (group.replica(leader).Read({.listener = &box}).ok()) end = box.Await(1)[0].end;
    group.Isolate(leader, false);
  }
  return leader;
}

// `deposed` stands still and hears nothing, the others choose a leader who commits something; then
// `deposed` goes on with a read of its own: nothing it has may answer that.
void ExpectNoStaleRead(ReplicaGroup& group, uint64_t deposed, Stall& stall) {
  group.Isolate(deposed, true);
  uint64_t successor = 0;
  AnswerBox box;
  do {
    successor = group.AwaitLeader();
  } while (!group.Propose(successor, "new", box).ok());
  ASSERT_EQ(box.Await(1)[0].end, ProposalEnd::kCommitted);
  ReadBox read;
  ASSERT_TRUE(group.replica(deposed).Read({.listener = &read}).ok());
  stall.End();
  EXPECT_EQ(read.Await(1)[0].end, ReadEnd::kRefused);
}

TEST(ReadTest, LeaseDoesNotOutliveAStallOfTheLeader) {
  ReplicaGroup group({.size = 3, .configure = ReadByLease});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  group.Elect();
  const uint64_t leader = AwaitLease(group);
  Stall stall;
  StallingReader stalling(stall);
  ASSERT_TRUE(group.replica(leader).Read({.listener = &stalling}).ok());
  group.Await([&] { return stall.begun(); }, "the leader stands still");
  ExpectNoStaleRead(group, leader, stall);
}

// Brings a peer's questions, for which a leader asks all of them, in this thread: until one keeps
// it, or another leads.
void Visit(ReplicaGroup& group, uint64_t leader, Stall& stall) {
  Replica& replica = group.replica(leader);
  const Term term = replica.Status().node.term;
  for (uint64_t context = 1; !stall.begun() && replica.leader() == ReplicaId{leader}; ++context) {
    memory::Pooled<Message> question = AcquireMessage();
    question->type = MessageType::kReadIndex;
    question->cluster = ClusterId{7};
    question->from = ReplicaId{leader % 3 + 1};
    question->to = ReplicaId{leader};
    question->term = term;
    question->context = context;
    replica.Deliver(std::move(question));
    replica.CarryOut();
    absl::SleepFor(absl::Milliseconds(1));  // the own thread, once it has much to do, comes to wait
  }
}

TEST(ReadTest, LeaseDoesNotOutliveAStallOfALentThread) {
  Stall stall;
  std::atomic<std::thread::id> visitor_id;
  ReplicaGroup group({.size = 3, .configure = ReadByLease, .on_send = [&](const Message&) {
                        if (std::this_thread::get_id() == visitor_id.load()) stall.Enter();
                      }});
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  group.Elect();
  uint64_t leader = 0;
  std::atomic<bool> left = false;
  std::thread visitor;
  while (!stall.begun()) {
    if (visitor.joinable()) visitor.join();
    leader = AwaitLease(group);
    left.store(false);
    visitor = std::thread([&group, &stall, &visitor_id, &left, leader] {
      visitor_id.store(std::this_thread::get_id());
      Visit(group, leader, stall);
      left.store(true);
    });
    group.Await([&] { return stall.begun() || left.load(); }, "the visitor stands still, or left");
  }
  ExpectNoStaleRead(group, leader, stall);
  visitor.join();
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
