// Carries committed entries into the state machine and answers the proposals they came from.
#ifndef BLIXARD_RAFT_RUNTIME_APPLIER_H_
#define BLIXARD_RAFT_RUNTIME_APPLIER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/types/span.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/entry.h"
#include "raft/runtime/proposal_batch.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// A committed entry, and the proposals waiting for it if this replica proposed it in this life.
struct ApplyItem {
  Entry entry;
  memory::Pooled<ProposalBatch> batch;
};

// One thread calls Submit and NotifyWhenApplied; an own thread applies. The queue holds references
// to entries of the log and so grows no further than the log; a leader plans nothing new while more
// than ReplicaConfig::max_unapplied_bytes wait here.
class Applier {
 public:
  // `on_applied` is called from whichever thread applies; see NotifyWhenApplied.
  Applier(StateMachine& state_machine, std::function<void()> on_applied);
  ~Applier();  // stops

  // Takes the items, in index order. With `alone` they are applied before this returns if the apply
  // thread has nothing to do: waking it would cost a lone request more than the work itself.
  void Submit(absl::Span<ApplyItem> items, bool alone);

  // Calls `on_applied` once when `index` has been applied; at once if it has been already.
  void NotifyWhenApplied(LogIndex index);

  // Index of the latest applied entry. Any thread.
  LogIndex applied() const { return {applied_.load(std::memory_order_acquire)}; }
  uint64_t entries_applied() const { return entries_applied_.load(std::memory_order_relaxed); }
  // Their payloads.
  uint64_t bytes_applied() const { return bytes_applied_.load(std::memory_order_relaxed); }

  // Applies what was submitted, then ends the thread. No Submit afterwards.
  void Stop();

 private:
  void Run();
  void Apply(absl::Span<ApplyItem> items);
  void ApplyOne(ApplyItem& item);

  StateMachine& state_machine_;
  const std::function<void()> on_applied_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<ApplyItem> queue_;  // guarded by mutex_
  bool applying_ = false;         // guarded by mutex_: someone is in Apply
  bool stop_ = false;             // guarded by mutex_

  std::vector<ApplyItem> taken_;  // the apply thread's own; swapped with queue_
  std::atomic<uint64_t> applied_{0};
  std::atomic<uint64_t> entries_applied_{0};
  std::atomic<uint64_t> bytes_applied_{0};
  std::atomic<uint64_t> notify_at_{UINT64_MAX};
  std::thread thread_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_APPLIER_H_
