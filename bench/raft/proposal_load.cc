#include "bench/raft/proposal_load.h"

#include <chrono>
#include <cstring>

namespace blixard::bench {
namespace {

uint64_t NowNs() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// A request begins with the time at which it was issued.
uint64_t IssuedNs(const raft::RaftProposal& proposal) {
  uint64_t issued_ns;
  std::memcpy(&issued_ns, proposal.request.data(), sizeof(issued_ns));
  return issued_ns;
}

}  // namespace

std::optional<std::string> ProposalLoad::Run(const LoadCommand& command) {
  std::unique_lock lock(mutex_);
  figures_.Start(NowNs());
  running_ = true;
  lost_ = false;
  open_ = command.outstanding;
  lock.unlock();
  for (size_t i = 0; i < command.outstanding; ++i) {
    if (!Propose()) EndOne(/*lost=*/true);
  }
  lock.lock();
  ended_.wait_for(lock, std::chrono::milliseconds(command.milliseconds), [this] { return lost_; });
  running_ = false;
  figures_.End(NowNs());
  ended_.wait(lock, [this] { return open_ == 0; });
  if (lost_) return std::nullopt;
  return figures_.Text();
}

void ProposalLoad::OnProposalEnd(const raft::RaftProposal& proposal, raft::ProposalEnd end) {
  const bool committed = end == raft::ProposalEnd::kCommitted;
  {
    const std::lock_guard lock(mutex_);
    if (running_ && committed) figures_.Add(NowNs() - IssuedNs(proposal));
    if (!running_ || !committed) {
      lost_ = lost_ || !committed;
      if (--open_ == 0 || lost_) ended_.notify_one();
      return;
    }
  }
  if (!Propose()) EndOne(/*lost=*/true);
}

bool ProposalLoad::Propose() {
  memory::Pooled<raft::RaftProposal> proposal = raft::AcquireRaftProposal();
  if (!proposal) return false;
  proposal->request.resize(kLoadPayloadBytes);
  const uint64_t now_ns = NowNs();
  std::memcpy(proposal->request.data(), &now_ns, sizeof(now_ns));
  proposal->listener = this;
  return replica_.Propose(proposal).ok();
}

void ProposalLoad::EndOne(bool lost) {
  const std::lock_guard lock(mutex_);
  lost_ = lost_ || lost;
  if (--open_ == 0 || lost_) ended_.notify_one();
}

}  // namespace blixard::bench
