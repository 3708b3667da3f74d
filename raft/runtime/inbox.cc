#include "raft/runtime/inbox.h"

#include <glog/logging.h>

#include <iterator>
#include <utility>

#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

template <class Works>
void MoveToEnd(Works& from, Works& to) {
  if (to.empty()) {
    to.swap(from);
    return;
  }
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

Inbox::Push Inbox::PushProposal(memory::Pooled<RaftProposal>& proposal) {
  std::unique_lock lock(mutex_);
  if (waiting_.stop) return Push::kStopped;
  if (waiting_.proposals.size() >= bounds_.proposals) return Push::kFull;
  waiting_.proposals.push_back(std::move(proposal));
  outside_.store(true, std::memory_order_relaxed);
  if (taker_wants_.proposals) WakeTaker(lock);
  return Push::kTaken;
}

Inbox::Push Inbox::PushRead(const ReadRequest& read) {
  std::unique_lock lock(mutex_);
  if (waiting_.stop) return Push::kStopped;
  if (waiting_.reads.size() >= bounds_.reads) return Push::kFull;
  waiting_.reads.push_back(read);
  outside_.store(true, std::memory_order_relaxed);
  if (taker_wants_.reads) WakeTaker(lock);
  return Push::kTaken;
}

Inbox::Push Inbox::PushRequest(ReplicaRequest& request) {
  std::unique_lock lock(mutex_);
  if (waiting_.stop) return Push::kStopped;
  if (waiting_.requests.size() >= bounds_.requests) return Push::kFull;
  waiting_.requests.push_back(std::move(request));
  WakeTaker(lock);
  return Push::kTaken;
}

bool Inbox::PushMessage(memory::Pooled<Message> message) {
  std::unique_lock lock(mutex_);
  if (HasNoRoomForMessages()) return false;
  waiting_.messages.push_back(std::move(message));
  outside_.store(true, std::memory_order_relaxed);
  WakeTaker(lock);
  return true;
}

bool Inbox::PushMessageQuietly(memory::Pooled<Message> message) {
  std::unique_lock lock(mutex_);
  if (HasNoRoomForMessages()) return false;
  waiting_.messages.push_back(std::move(message));
  outside_.store(true, std::memory_order_relaxed);
  return true;
}

bool Inbox::HasNoRoomForMessages() const {
  return waiting_.messages.size() >= bounds_.messages && !Mutated(Mutation::kL15InboxGrows);
}

void Inbox::PushUnreachable(ReplicaId peer) {
  std::unique_lock lock(mutex_);
  if (waiting_.unreachable.size() >= bounds_.messages) return;
  waiting_.unreachable.push_back(peer);
  WakeTaker(lock);
}

void Inbox::PushAppended(AppendWorks& works) {
  std::unique_lock lock(mutex_);
  MoveToEnd(works, waiting_.appended);
  WakeTaker(lock);
}

void Inbox::PushApplied(ApplyWorks& works) {
  std::unique_lock lock(mutex_);
  MoveToEnd(works, waiting_.applied);
  WakeTaker(lock);
}

void Inbox::PushSnapshotEvents(SnapshotEvents& events) {
  std::unique_lock lock(mutex_);
  MoveToEnd(events, waiting_.snapshot_events);
  WakeTaker(lock);
}

void Inbox::Wake() {
  std::unique_lock lock(mutex_);
  woken_ = true;
  WakeTaker(lock);
}

void Inbox::Stop() {
  std::unique_lock lock(mutex_);
  waiting_.stop = true;
  WakeTaker(lock);
}

// One call per wait, and outside the lock, which the taker needs at once.
void Inbox::WakeTaker(std::unique_lock<std::mutex>& lock) {
  const bool waits = std::exchange(taker_waits_, false);
  lock.unlock();
  if (waits) arrived_.notify_one();
}

bool Inbox::HasWork(Wants wants) const {
  return waiting_.stop || woken_ || !waiting_.messages.empty() || !waiting_.unreachable.empty() ||
         !waiting_.requests.empty() || !waiting_.appended.empty() || !waiting_.applied.empty() ||
         !waiting_.snapshot_events.empty() || (wants.proposals && !waiting_.proposals.empty()) ||
         (wants.reads && !waiting_.reads.empty());
}

void Inbox::Take(std::chrono::steady_clock::time_point deadline, Wants wants, Batch& batch) {
  CHECK(batch.messages.empty() && batch.unreachable.empty() && batch.requests.empty());
  CHECK(batch.appended.empty() && batch.applied.empty() && batch.snapshot_events.empty());
  CHECK(!wants.proposals || batch.proposals.empty());
  CHECK(!wants.reads || batch.reads.empty());
  std::unique_lock lock(mutex_);
  taker_waits_ = true;
  taker_wants_ = wants;
  arrived_.wait_until(lock, deadline, [this] { return !lent_ && HasWork(taker_wants_); });
  deadline_passed_ = lent_;
  arrived_.wait(lock, [this] { return !lent_; });
  deadline_passed_ = false;
  taker_waits_ = false;
  Fill(batch);
}

bool Inbox::HasFew() const {
  return waiting_.messages.size() <= kFewToLend && waiting_.proposals.size() <= kFewToLend &&
         waiting_.reads.size() <= kFewToLend;
}

void Inbox::Fill(Batch& batch) {
  woken_ = false;
  batch.messages.swap(waiting_.messages);
  batch.unreachable.swap(waiting_.unreachable);
  batch.requests.swap(waiting_.requests);
  batch.appended.swap(waiting_.appended);
  batch.applied.swap(waiting_.applied);
  batch.snapshot_events.swap(waiting_.snapshot_events);
  if (taker_wants_.proposals) batch.proposals.swap(waiting_.proposals);
  if (taker_wants_.reads) batch.reads.swap(waiting_.reads);
  batch.stop = waiting_.stop;
  outside_.store(false, std::memory_order_relaxed);
}

bool Inbox::TryTake(Batch& batch) {
  std::unique_lock lock(mutex_);
  // The one who is at work, or woken, looks into the inbox again before it waits.
  if (!taker_waits_ || !HasWork(taker_wants_)) return false;
  if (waiting_.stop || !HasFew()) {
    WakeTaker(lock);
    return false;
  }
  taker_waits_ = false;
  lent_ = true;
  Fill(batch);
  return true;
}

bool Inbox::TakeMore(Wants wants, bool stay, Batch& batch) {
  std::unique_lock lock(mutex_);
  CHECK(lent_) << "TakeMore without TryTake";
  taker_wants_ = wants;
  const bool more = HasWork(wants);
  if (stay && more && !waiting_.stop && HasFew()) {
    Fill(batch);
    return true;
  }
  lent_ = false;
  taker_waits_ = true;
  if (more || deadline_passed_) WakeTaker(lock);
  return false;
}

}  // namespace blixard::raft
