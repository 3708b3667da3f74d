// Carries committed entries into the state machine and answers the proposals they came from.
#ifndef BLIXARD_RAFT_RUNTIME_APPLIER_H_
#define BLIXARD_RAFT_RUNTIME_APPLIER_H_

#include <atomic>
#include <cstdint>

#include "raft/core/types.h"
#include "raft/runtime/apply_work.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// Thread-free: Run is for one caller at a time, whoever that is. The state machine is not owned and
// outlives it.
class Applier {
 public:
  // `applied`: what the state machine holds already.
  Applier(StateMachine& state_machine, LogIndex applied)
      : state_machine_(state_machine), applied_(applied.value) {}

  // Applies the items, in index order, and answers their proposals.
  void Run(ApplyWork& work);

  // Index of the latest applied entry. Any thread.
  LogIndex applied() const { return {applied_.load(std::memory_order_acquire)}; }
  uint64_t entries_applied() const { return entries_applied_.load(std::memory_order_relaxed); }

 private:
  void ApplyOne(ApplyItem& item);

  StateMachine& state_machine_;
  std::atomic<uint64_t> applied_;
  std::atomic<uint64_t> entries_applied_{0};
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_APPLIER_H_
