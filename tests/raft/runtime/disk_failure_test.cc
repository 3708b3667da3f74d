// A disk that fails stops the replica; what it had not made durable is never acknowledged.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

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
  PassThroughPlanner planner;
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
                      .state_machine = state_machine},
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
  EXPECT_FALSE(propose("too late").ok());
}

}  // namespace
}  // namespace blixard::raft
