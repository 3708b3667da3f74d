// What the log drives. raft/runtime calls it; the embedder implements it.
#ifndef BLIXARD_RAFT_RUNTIME_STATE_MACHINE_H_
#define BLIXARD_RAFT_RUNTIME_STATE_MACHINE_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Takes what applying an entry gave. On the replica that proposed the entry each outcome answers
// the proposal at that position of the batch; everywhere else it is dropped.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  // `position` counts the requests of the batch from 0; each is set at most once. Copies `outcome`.
  virtual void Set(size_t position, absl::string_view outcome) = 0;
};

// Deterministic: the same entries in the same order give the same state and the same outcomes on
// every replica. A command that cannot be carried out is an outcome, never an error.
class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // Applies the payload of one committed entry. Called by one thread at a time, in index order,
  // once per entry and process life; empty entries of new leaders are not passed on. `payload` is
  // valid during the call only.
  virtual void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_STATE_MACHINE_H_
