// The proposals that share one entry.
#ifndef BLIXARD_RAFT_RUNTIME_PROPOSAL_BATCH_H_
#define BLIXARD_RAFT_RUNTIME_PROPOSAL_BATCH_H_

#include <cstdint>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/raft_proposal.h"

namespace blixard::raft {

// Travels from the planner's call, over the commit, to the answers. Pooled: the vector keeps its
// capacity.
struct ProposalBatch {
  EntryId entry;
  uint64_t proposed_ns = 0;                             // when the entry was proposed
  std::vector<memory::Pooled<RaftProposal>> proposals;  // by position in the batch

  void Reset() {
    entry = {};
    proposed_ns = 0;
    proposals.clear();
  }

  // Answers every proposal with `end` and gives it back to its pool.
  void End(ProposalEnd end) {
    for (memory::Pooled<RaftProposal>& proposal : proposals) EndProposal(*proposal, end);
    proposals.clear();
  }
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_PROPOSAL_BATCH_H_
