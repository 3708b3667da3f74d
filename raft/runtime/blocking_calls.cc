#include "raft/runtime/blocking_calls.h"

#include <glog/logging.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "memory_optimization/object_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/read_listener.h"

namespace blixard::raft {
namespace {

absl::StatusOr<std::string> ResultOf(const RaftProposal& proposal, ProposalEnd end) {
  switch (end) {
    case ProposalEnd::kCommitted:
      return proposal.outcome;
    case ProposalEnd::kRefused:
      return absl::FailedPreconditionError("this replica does not lead, or stops");
    case ProposalEnd::kUnknown:
      return absl::UnknownError("leadership was lost before the proposal was applied");
  }
  LOG(FATAL) << "no such end: " << static_cast<int>(end);
}

// The waiting caller's, on its stack.
class Answer final : public ProposalListener, public ReadListener {
 public:
  void OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) override {
    Set(ResultOf(proposal, end));
  }
  void OnReadEnd(uint64_t, ReadEnd end, LogIndex) override {
    if (end == ReadEnd::kReady) return Set(std::string());
    Set(absl::UnavailableError("no leader confirmed the read; retry later"));
  }

  absl::StatusOr<std::string> Await() {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [this] { return result_.has_value(); });
    return *std::move(result_);
  }

 private:
  void Set(absl::StatusOr<std::string> result) {
    std::lock_guard lock(mutex_);
    result_ = std::move(result);
    given_.notify_one();  // under the lock, for once it is released this object may be gone
  }

  std::mutex mutex_;
  std::condition_variable given_;
  std::optional<absl::StatusOr<std::string>> result_;  // guarded by mutex_
};

}  // namespace

absl::StatusOr<std::string> ProposeAndWait(Replica& replica, absl::string_view request) {
  memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
  if (!proposal) {
    return absl::ResourceExhaustedError("proposals: as many as may live are out; retry later");
  }
  Answer answer;
  proposal->request.assign(request.data(), request.size());
  proposal->listener = &answer;
  absl::Status taken = replica.Propose(proposal);
  return taken.ok() ? answer.Await() : taken;
}

absl::Status AwaitReadable(Replica& replica) {
  Answer answer;
  absl::Status taken = replica.Read({.listener = &answer});
  return taken.ok() ? answer.Await().status() : taken;
}

}  // namespace blixard::raft
