// Keeps a number of proposals open in a leading replica.
#ifndef BLIXARD_BENCH_RAFT_PROPOSAL_LOAD_H_
#define BLIXARD_BENCH_RAFT_PROPOSAL_LOAD_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "bench/raft/load_command.h"
#include "bench/raft/load_figures.h"
#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/replica.h"

namespace blixard::bench {

// Every answer is followed by the next proposal, from the thread that brought the answer. The
// replica, not owned, must be stopped before this is destroyed.
class ProposalLoad : public raft::ProposalListener {
 public:
  explicit ProposalLoad(raft::Replica& replica) : replica_(replica) {}

  // Returns when all proposals have ended: the figures as a line, or nothing when leadership was
  // missing or got lost.
  std::optional<std::string> Run(const LoadCommand& command);

  void OnProposalEnd(const raft::RaftProposal& proposal, raft::ProposalEnd end) override;

 private:
  bool Propose();
  void EndOne(bool lost);

  raft::Replica& replica_;
  std::mutex mutex_;
  std::condition_variable ended_;
  // All guarded by mutex_.
  LoadFigures figures_;
  size_t open_ = 0;
  bool running_ = false;
  bool lost_ = false;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_PROPOSAL_LOAD_H_
