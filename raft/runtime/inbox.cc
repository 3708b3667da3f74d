#include "raft/runtime/inbox.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::raft {

Inbox::Push Inbox::PushProposal(memory::Pooled<RaftProposal>& proposal) {
  std::lock_guard lock(mutex_);
  if (waiting_.stop) return Push::kStopped;
  if (waiting_.proposals.size() >= bounds_.proposals) return Push::kFull;
  waiting_.proposals.push_back(std::move(proposal));
  if (taker_waits_ && taker_wants_proposals_) arrived_.notify_one();
  return Push::kTaken;
}

bool Inbox::PushMessage(memory::Pooled<Message> message) {
  std::lock_guard lock(mutex_);
  if (waiting_.messages.size() >= bounds_.messages) return false;
  waiting_.messages.push_back(std::move(message));
  if (taker_waits_) arrived_.notify_one();
  return true;
}

void Inbox::PushUnreachable(ReplicaId peer) {
  std::lock_guard lock(mutex_);
  if (waiting_.unreachable.size() >= bounds_.messages) return;
  waiting_.unreachable.push_back(peer);
  if (taker_waits_) arrived_.notify_one();
}

void Inbox::Wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  arrived_.notify_one();
}

void Inbox::Stop() {
  std::lock_guard lock(mutex_);
  waiting_.stop = true;
  arrived_.notify_one();
}

bool Inbox::HasWork(bool with_proposals) const {
  return waiting_.stop || woken_ || !waiting_.messages.empty() || !waiting_.unreachable.empty() ||
         (with_proposals && !waiting_.proposals.empty());
}

void Inbox::Take(std::chrono::steady_clock::time_point deadline, bool with_proposals,
                 Batch& batch) {
  CHECK(batch.messages.empty() && batch.unreachable.empty());
  CHECK(!with_proposals || batch.proposals.empty());
  std::unique_lock lock(mutex_);
  taker_waits_ = true;
  taker_wants_proposals_ = with_proposals;
  arrived_.wait_until(lock, deadline, [&] { return HasWork(with_proposals); });
  taker_waits_ = false;
  woken_ = false;
  batch.messages.swap(waiting_.messages);
  batch.unreachable.swap(waiting_.unreachable);
  if (with_proposals) batch.proposals.swap(waiting_.proposals);
  batch.stop = waiting_.stop;
}

}  // namespace blixard::raft
