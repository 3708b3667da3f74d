// A disk that fails stops the replica; what it had not made durable is never acknowledged.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/replica_group.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {
namespace {

class NoTransport : public Transport {
  void Send(const Message&) override {}
  void Flush() override {}
};

// A real log that begins to fail its syncs when told to.
class FailingStorage : public LogStorage {
 public:
  explicit FailingStorage(LogStorage& storage) : storage_(storage) {}

  void Fail() { failing_ = true; }

  absl::Status Append(const std::optional<HardState>& hard_state,
                      absl::Span<const Entry> entries) override {
    return storage_.Append(hard_state, entries);
  }
  absl::Status Sync() override {
    return failing_ ? absl::InternalError("sync: want success, got EIO") : storage_.Sync();
  }
  absl::Status CompactThrough(EntryId through) override { return storage_.CompactThrough(through); }
  absl::Status InstallSnapshot(EntryId last, const HardState& hard_state) override {
    return storage_.InstallSnapshot(last, hard_state);
  }
  bool PrepareStep() override { return storage_.PrepareStep(); }
  bool WantsPrepare() const override { return storage_.WantsPrepare(); }
  LogSpace space() const override { return storage_.space(); }
  LogStorageStats stats() const override { return storage_.stats(); }

 private:
  LogStorage& storage_;
  std::atomic<bool> failing_{false};
};

class WatchedPlanner : public PassThroughPlanner {
 public:
  void BeginTerm(Term) override { ++terms_begun; }
  void EndTerm() override { ++terms_ended; }

  std::atomic<int> terms_begun{0};
  std::atomic<int> terms_ended{0};
};

TEST(DiskFailureTest, StopsTheReplicaAndAcknowledgesNothing) {
  MemoryFileSystem files;
  absl::StatusOr<OpenedWal> opened = Wal::Open(files, memory::BufferPool::Default(),
                                               {.directory = "/log",
                                                .cluster = ClusterId{1},
                                                .replica = ReplicaId{1},
                                                .segment_bytes = 1 << 16});
  ASSERT_TRUE(opened.ok()) << opened.status();
  FailingStorage storage(*opened->wal);
  NoTransport transport;
  WatchedPlanner planner;
  LeadershipJournal leadership;
  JournalStateMachine state_machine;
  std::mutex mutex;
  std::condition_variable failed;
  absl::Status failure;
  absl::StatusOr<std::unique_ptr<Replica>> started =
      Replica::Start({.cluster = ClusterId{1},
                      .id = ReplicaId{1},
                      .voters = {ReplicaId{1}},
                      .tick = absl::Milliseconds(5)},
                     {.storage = storage,
                      .transport = transport,
                      .planner = planner,
                      .state_machine = state_machine,
                      .leadership = &leadership},
                     std::move(opened->recovered), [&](const absl::Status& status) {
                       std::lock_guard lock(mutex);
                       failure = status;
                       failed.notify_all();
                     });
  ASSERT_TRUE(started.ok()) << started.status();
  Replica& replica = **started;
  AnswerBox box;
  const auto propose = [&](const std::string& request) {
    memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
    proposal->request = request;
    proposal->listener = &box;
    return replica.Propose(proposal);
  };
  while (!propose("durable").ok()) absl::SleepFor(absl::Milliseconds(1));
  ASSERT_EQ(box.Await(1)[0].end, ProposalEnd::kCommitted);

  storage.Fail();
  ASSERT_TRUE(propose("not durable").ok());
  EXPECT_EQ(box.Await(2)[1].end, ProposalEnd::kUnknown);
  {
    std::unique_lock lock(mutex);
    failed.wait(lock, [&] { return !failure.ok(); });
  }
  EXPECT_EQ(failure.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(replica.Status().failure, failure);
  EXPECT_EQ(state_machine.journal(), std::vector<std::string>{"durable"});
  EXPECT_EQ(propose("too late").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(leadership.events().back(), (LeadershipEvent{.term = Term{1}}));
  EXPECT_EQ(planner.terms_begun.load(), 1);
  EXPECT_EQ(planner.terms_ended.load(), 1);
}

// The owner's first idea of what to do then.
TEST(DiskFailureDeathTest, StopFromOnFailureIsAnError) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto stop_in_on_failure = [] {
    MemoryFileSystem files;
    absl::StatusOr<OpenedWal> opened =
        Wal::Open(files, memory::BufferPool::Default(),
                  {.directory = "/log", .cluster = ClusterId{1}, .replica = ReplicaId{1}});
    CHECK(opened.ok()) << opened.status();
    FailingStorage storage(*opened->wal);
    NoTransport transport;
    PassThroughPlanner planner;
    JournalStateMachine state_machine;
    std::promise<Replica*> started;
    auto replica =
        Replica::Start({.cluster = ClusterId{1}, .id = ReplicaId{1}, .voters = {ReplicaId{1}}},
                       {.storage = storage,
                        .transport = transport,
                        .planner = planner,
                        .state_machine = state_machine},
                       std::move(opened->recovered),
                       [&](const absl::Status&) { started.get_future().get()->Stop(); });
    CHECK(replica.ok()) << replica.status();
    started.set_value(replica->get());
    storage.Fail();
    (*replica)->Request({.kind = ReplicaRequest::Kind::kCampaign});
    absl::SleepFor(absl::Seconds(60));
  };
  EXPECT_DEATH(stop_in_on_failure(), "Stop from a thread of the replica");
}

}  // namespace
}  // namespace blixard::raft
