// In steady state a proposal goes from the queue over the disk into the state machine without one
// heap allocation. One voter, so that every step runs on this thread, where it is counted.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/expect_allocations.h"
#include "raft/core/log_chunks.h"
#include "raft/runtime/applier.h"
#include "raft/runtime/log_writer.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica_loop.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"

namespace blixard::raft {
namespace {

class NoTransport : public Transport {
  void Send(const Message&) override {}
  void Flush() override {}
};

// Answers every request with itself.
class EchoStateMachine : public StatelessMachine {
  void Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) override {
    PassThroughReader reader(payload);
    for (size_t position = 0;; ++position) {
      const auto request = reader.Next();
      if (!request.ok() || !request->has_value()) return;
      outcomes.Set(position, **request);
    }
  }
};

class NoClock : public StageClock {
  uint64_t NowNanoseconds() override { return 0; }
};

class CountingListener : public ProposalListener {
 public:
  void OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) override {
    committed_ += end == ProposalEnd::kCommitted && proposal.outcome == proposal.request;
  }
  size_t committed() const { return committed_; }

 private:
  size_t committed_ = 0;
};

constexpr absl::string_view kRequest = "create a VM of some size somewhere in the cluster";

// The log keeps every payload until it is compacted: their blocks are made beforehand.
void MakeBlocks(size_t count) {
  std::vector<memory::Buffer> blocks;
  for (size_t i = 0; i < count; ++i) {
    blocks.push_back(*memory::BufferPool::Default().Acquire(kRequest.size() + 4));
  }
}

TEST(SteadyStateTest, LoneProposalsAllocateNothing) {
  const std::string directory = ::testing::TempDir() + "/steady_state";
  std::filesystem::remove_all(directory);
  PosixFileSystem files;
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = directory, .cluster = ClusterId{1}, .replica = ReplicaId{1}});
  ASSERT_TRUE(opened.ok()) << opened.status();
  const ReplicaConfig config{.cluster = ClusterId{1}, .id = ReplicaId{1}, .voters = {ReplicaId{1}}};
  RestoredLog restored;
  restored.snapshot.configuration.voters = config.voters;
  auto node =
      RawNode::Create({.cluster = config.cluster, .id = config.id, .async_storage_writes = true},
                      std::move(restored));
  ASSERT_TRUE(node.ok()) << node.status();
  (*node)->Campaign();
  NoTransport transport;
  PassThroughPlanner planner;
  EchoStateMachine state_machine;
  NoClock clock;
  StageLatencies latencies(clock);
  Applier applier(state_machine, EntryId{}, latencies);
  LogWriter writer(*opened->wal, transport, latencies);
  ReplicaLoop loop(config, *std::move(node),
                   {.transport = transport, .planner = planner, .latencies = latencies});
  CountingListener listener;
  Inbox::Batch batch;
  // As Replica does it when nothing else waits.
  const auto round = [&] {
    do {
      EXPECT_TRUE(loop.Round(batch, 0).ok());
      writer.Write(loop.appends());
      batch.appended.swap(loop.appends());
      for (std::unique_ptr<ApplyWork>& work : loop.applies()) applier.Run(*work);
      batch.applied.swap(loop.applies());
    } while (!batch.appended.empty() || !batch.applied.empty());
  };
  const auto propose_one = [&] {
    memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
    proposal->request.assign(kRequest.data(), kRequest.size());
    proposal->listener = &listener;
    batch.proposals.push_back(std::move(proposal));
    round();
  };
  constexpr size_t kProposals = 400;
  MakeBlocks(2 * kProposals);
  round();  // the election; its empty entry applies: planning begins
  // Strings and vectors come to their size, and every pooled proposal has been used once.
  for (size_t i = 0; i < kProposals; ++i) propose_one();
  ASSERT_EQ(listener.committed(), kProposals);
  ASSERT_LT(loop.node().last_index().value + kProposals, kLogChunkEntries) << "no chunk boundary";

  EXPECT_ALLOCATIONS(0, {
    const memory::DenyAllocations denied("a lone proposal");
    for (size_t i = 0; i < kProposals; ++i) propose_one();
  });
  EXPECT_EQ(listener.committed(), 2 * kProposals);
}

}  // namespace
}  // namespace blixard::raft
