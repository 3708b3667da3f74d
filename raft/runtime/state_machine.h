// What the log drives. raft/runtime calls it; the embedder implements it.
#ifndef BLIXARD_RAFT_RUNTIME_STATE_MACHINE_H_
#define BLIXARD_RAFT_RUNTIME_STATE_MACHINE_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"

namespace blixard::raft {

// Takes what applying an entry gave. On the replica that proposed the entry each outcome answers
// the proposal at that position of the batch; everywhere else it is dropped.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  // `position` counts the requests of the batch from 0; each is set at most once. Copies `outcome`.
  virtual void Set(size_t position, absl::string_view outcome) = 0;
};

// A picture of the whole state as of one entry. Immutable: what is applied later does not show in
// it. May be written and destroyed on any thread, while entries are applied.
class StateView {
 public:
  virtual ~StateView() = default;
  // Writes the state, the same bytes every time and, of equal states, on every replica. Returns the
  // sink's error, if it has one.
  virtual absl::Status WriteTo(SnapshotSink& sink) = 0;
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

  // The state after the entry applied last. Called between two calls of Apply by the thread that
  // makes them, which waits for it: share what there is and copy it when it changes. At most a few
  // views live at once.
  virtual std::unique_ptr<StateView> Freeze() = 0;

  // Replaces the whole state by the one that a view of any replica wrote. Called between two calls
  // of Apply, or before the first. An error (kDataLoss: not such a stream, or cut; else it says
  // what does not fit this replica) leaves the state as it was; the replica stops.
  virtual absl::Status Restore(SnapshotSource& source) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_STATE_MACHINE_H_
