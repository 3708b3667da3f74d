#include "raft/runtime/pool_budgets.h"

#include <gtest/gtest.h>

#include <vector>

#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/replica_config.h"

namespace blixard::raft {
namespace {

TEST(PoolBudgetsTest, TheTableAddsUpToThePoolsSizes) {
  EXPECT_EQ(memory::PrintPoolBudgets(kPoolBudgets),
            "raft_proposal\n"
            "     16384  waiting in the inbox\n"
            "     16384  taken from it, not planned yet\n"
            "     32768  in entries not applied yet\n"
            "     65536  in all\n"
            "raft_message\n"
            "      4096  waiting in the inbox\n"
            "      4096  taken from it for one round\n"
            "      8192  being decoded, or of other replicas in the process\n"
            "     16384  in all\n"
            "proposal_batch\n"
            "      4096  proposed and not applied\n"
            "      4096  in all\n");
}

TEST(PoolBudgetsTest, TheDefaultQueuesAreTheDeclaredLimits) {
  EXPECT_EQ(ReplicaConfig{}.max_queued_proposals, kMaxQueuedProposals);
  EXPECT_EQ(ReplicaConfig{}.max_queued_messages, kMaxQueuedMessages);
}

TEST(PoolBudgetsTest, ExactlyTheBudgetOfProposalsCanBeOut) {
  std::vector<memory::Pooled<RaftProposal>> held(kProposalBudget.Total());
  for (auto& proposal : held) proposal = AcquireRaftProposal();
  EXPECT_TRUE(held.back());
  EXPECT_FALSE(AcquireRaftProposal());
}

}  // namespace
}  // namespace blixard::raft
