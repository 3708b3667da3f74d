#include "raft/runtime/blocking_calls.h"

#include <glog/logging.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/deadline.h"
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

// Of the waiting caller and of the replica, which may answer when nobody waits any more.
class Answer final : public ProposalListener, public ReadListener {
 public:
  static std::shared_ptr<Answer> Make() {
    auto answer = std::make_shared<Answer>();
    answer->of_replica_ = answer;
    return answer;
  }

  // The replica did not take it, and so calls nothing.
  void Withdraw() { of_replica_.reset(); }

  void OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) override {
    Set(ResultOf(proposal, end));
  }
  void OnReadEnd(uint64_t, ReadEnd end, LogIndex) override {
    if (end == ReadEnd::kReady) return Set(std::string());
    Set(absl::UnavailableError("no leader confirmed the read; retry later"));
  }

  // Nothing when none came within `limit`.
  std::optional<absl::StatusOr<std::string>> Await(absl::Duration limit) {
    std::unique_lock lock(mutex_);
    given_.wait_until(lock, DeadlineAfter(limit), [this] { return result_.has_value(); });
    return std::move(result_);
  }

 private:
  void Set(absl::StatusOr<std::string> result) {
    const std::shared_ptr<Answer> self = std::move(of_replica_);
    std::lock_guard lock(mutex_);
    result_ = std::move(result);
    given_.notify_one();
  }

  std::shared_ptr<Answer> of_replica_;  // until it has answered
  std::mutex mutex_;
  std::condition_variable given_;
  std::optional<absl::StatusOr<std::string>> result_;  // guarded by mutex_
};

}  // namespace

absl::StatusOr<std::string> ProposeAndWait(Replica& replica, absl::string_view request,
                                           absl::Duration limit) {
  memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
  if (!proposal) {
    return absl::ResourceExhaustedError("proposals: as many as may live are out; retry later");
  }
  const std::shared_ptr<Answer> answer = Answer::Make();
  proposal->request.assign(request.data(), request.size());
  proposal->listener = answer.get();
  if (absl::Status taken = replica.Propose(proposal); !taken.ok()) {
    answer->Withdraw();
    return taken;
  }
  std::optional<absl::StatusOr<std::string>> outcome = answer->Await(limit);
  if (outcome.has_value()) return *std::move(outcome);
  return absl::UnknownError(absl::StrCat("the proposal was not answered within ",
                                         absl::FormatDuration(limit), "; it may still be applied"));
}

absl::Status AwaitReadable(Replica& replica, absl::Duration limit) {
  const std::shared_ptr<Answer> answer = Answer::Make();
  if (absl::Status taken = replica.Read({.listener = answer.get()}); !taken.ok()) {
    answer->Withdraw();
    return taken;
  }
  std::optional<absl::StatusOr<std::string>> end = answer->Await(limit);
  if (end.has_value()) return end->status();
  return absl::DeadlineExceededError(
      absl::StrCat("this replica did not catch up within ", absl::FormatDuration(limit)));
}

}  // namespace blixard::raft
