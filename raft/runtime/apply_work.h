// Committed entries on their way into the state machine.
#ifndef BLIXARD_RAFT_RUNTIME_APPLY_WORK_H_
#define BLIXARD_RAFT_RUNTIME_APPLY_WORK_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/entry.h"
#include "raft/runtime/proposal_batch.h"

namespace blixard::raft {

// A committed entry, and the proposals waiting for it if this replica proposed it in this life.
struct ApplyItem {
  Entry entry;
  memory::Pooled<ProposalBatch> batch;
};

// Filled in by the ReplicaLoop, carried out by an Applier, given back to the loop, which uses it
// again: its vector keeps its capacity.
struct ApplyWork {
  std::vector<ApplyItem> items;  // in index order
  size_t payload_bytes = 0;      // of the items

  absl::Status status;  // set by the Applier

  void Reset() {
    items.clear();
    payload_bytes = 0;
    status = absl::OkStatus();
  }
};

using ApplyWorks = std::vector<std::unique_ptr<ApplyWork>>;

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_APPLY_WORK_H_
