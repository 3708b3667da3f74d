// Carries committed entries into the state machine and answers the proposals they came from.
#ifndef BLIXARD_RAFT_RUNTIME_APPLIER_H_
#define BLIXARD_RAFT_RUNTIME_APPLIER_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "raft/core/types.h"
#include "raft/runtime/apply_work.h"
#include "raft/runtime/opened_snapshot.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// Thread-free: Run is for one caller at a time, whoever that is. The state machine is not owned and
// outlives it.
class Applier {
 public:
  // `applied`: what the state machine holds already.
  Applier(StateMachine& state_machine, EntryId applied, StageLatencies& latencies)
      : state_machine_(state_machine),
        latencies_(latencies),
        last_(applied),
        applied_(applied.index.value) {}

  // Restores, applies the items in index order and answers their proposals, freezes: as the work
  // says. Once one has failed (a snapshot that cannot be restored) every later one fails.
  void Run(ApplyWork& work);

  // Index of the latest applied entry. Any thread.
  LogIndex applied() const { return {applied_.load(std::memory_order_acquire)}; }
  uint64_t entries_applied() const { return entries_applied_.load(std::memory_order_relaxed); }

 private:
  absl::Status Restore(const OpenedSnapshot& snapshot);
  void ApplyOne(ApplyItem& item);
  void SetApplied(EntryId last);

  StateMachine& state_machine_;
  StageLatencies& latencies_;
  absl::Status failure_;
  EntryId last_;
  std::atomic<uint64_t> applied_;
  std::atomic<uint64_t> entries_applied_{0};
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_APPLIER_H_
