// A request on its way to becoming an entry, and back with its answer.
#ifndef BLIXARD_RAFT_RUNTIME_RAFT_PROPOSAL_H_
#define BLIXARD_RAFT_RUNTIME_RAFT_PROPOSAL_H_

#include <cstdint>
#include <string>

#include "memory_optimization/object_pool.h"
#include "raft/runtime/pool_budgets.h"

namespace blixard::raft {

struct RaftProposal;

// How a proposal ended. Every accepted proposal ends exactly once, in one of these ways.
enum class ProposalEnd {
  kCommitted,  // applied; `outcome` holds what the state machine said
  kRefused,    // never entered the log: this replica does not lead, or stops; send it elsewhere
  kUnknown,    // entered the log, but leadership was lost before it applied: it may or may not be
               // carried out; retry with the same request id
};

class ProposalListener {
 public:
  virtual ~ProposalListener() = default;
  // Called once, from a thread of the replica: must not block nor call the replica's Stop.
  // `proposal` returns to its pool afterwards.
  virtual void OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) = 0;
};

// Pooled: both strings keep their capacity from one tenant to the next.
struct RaftProposal {
  std::string request;                   // bytes for Planner::Plan
  std::string outcome;                   // bytes from StateMachine::Apply
  uint64_t queued_ns = 0;                // when the replica took it
  ProposalListener* listener = nullptr;  // not owned; outlives the proposal; null = nobody asks

  void Reset();
};

// Tells the listener, if there is one.
inline void EndProposal(const RaftProposal& proposal, ProposalEnd end) {
  if (proposal.listener != nullptr) proposal.listener->OnProposalEnd(proposal, end);
}

// From the process-wide pool; empty when `kMaxLiveProposals` are out, which is how overload shows.
inline constexpr size_t kMaxLiveProposals = kProposalBudget.Total();
memory::Pooled<RaftProposal> AcquireRaftProposal();

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_RAFT_PROPOSAL_H_
