#include "raft/runtime/raft_proposal.h"

namespace blixard::raft {

void RaftProposal::Reset() {
  request.clear();
  outcome.clear();
  queued_ns = 0;
  listener = nullptr;
}

memory::Pooled<RaftProposal> AcquireRaftProposal() {
  // Never destroyed: proposals may be answered while static objects of other files are torn down.
  static auto& pool = *new memory::ObjectPool<RaftProposal>(
      kProposalBudget.pool, kProposalBudget.Configure({.min_size = 1024}));
  return pool.Acquire();
}

}  // namespace blixard::raft
