// The least that a state machine needs to say: for requests that are carried out one by one, and a
// state that is small enough to be written as one string.
#ifndef BLIXARD_RAFT_RUNTIME_STRING_STATE_MACHINE_H_
#define BLIXARD_RAFT_RUNTIME_STRING_STATE_MACHINE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// Takes entries as PassThroughPlanner writes them. All of it is called by one thread at a time; a
// state that other threads read needs a lock. Each outcome and each snapshot is a string of its
// own: a large state, or one that must not allocate, implements StateMachine itself.
class StringStateMachine : public StateMachine {
 public:
  // An entry that is not what PassThroughPlanner writes ends where it stops making sense.
  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) final;
  std::unique_ptr<StateView> Freeze() final;
  absl::Status Restore(SnapshotSource& source) final;

 private:
  // Deterministic; what it returns answers the proposal. A request that makes no sense is answered
  // so: it is in the log of every replica.
  virtual std::string CarryOut(absl::string_view request) = 0;

  // The whole state; of equal states the same bytes.
  virtual std::string Save() = 0;

  // Replaces the state by what Save gave. On an error (kDataLoss: not such bytes) it stays.
  virtual absl::Status Load(absl::string_view state) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_STRING_STATE_MACHINE_H_
