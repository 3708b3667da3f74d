// Committed entries on their way into the state machine.
#ifndef BLIXARD_RAFT_RUNTIME_APPLY_WORK_H_
#define BLIXARD_RAFT_RUNTIME_APPLY_WORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/entry.h"
#include "raft/core/ready_batch.h"
#include "raft/core/types.h"
#include "raft/runtime/opened_snapshot.h"
#include "raft/runtime/proposal_batch.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// A committed entry, and the proposals waiting for it if this replica proposed it in this life.
struct ApplyItem {
  Entry entry;
  memory::Pooled<ProposalBatch> batch;
};

// Filled in by the ReplicaLoop, carried out by an Applier, given back to the loop, which uses it
// again: its vector keeps its capacity.
struct ApplyWork {
  std::optional<OpenedSnapshot> restore;  // the state becomes that of it, before the items
  std::vector<ApplyItem> items;           // in index order
  size_t payload_bytes = 0;               // of the items
  bool freeze = false;                    // a picture of the state behind the last item is wanted
  ApplyDone done;

  uint64_t given_ns = 0;  // when the loop gave it out

  // Set by the Applier.
  EntryId applied;                  // what the state machine holds now
  std::unique_ptr<StateView> view;  // if `freeze`
  absl::Status status;

  void Reset() {
    restore.reset();
    items.clear();
    payload_bytes = 0;
    freeze = false;
    done = {};
    applied = {};
    view.reset();
    status = absl::OkStatus();
  }
};

using ApplyWorks = std::vector<std::unique_ptr<ApplyWork>>;

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_APPLY_WORK_H_
