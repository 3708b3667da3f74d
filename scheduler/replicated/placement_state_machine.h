// The placement service's state machine: ClusterState behind raft's interface, and the reads of the
// service.
//
// Thread-safe: Apply by one thread at a time, reads from any thread at any time; each read sees the
// state between two entries, and says after which.
#ifndef BLIXARD_SCHEDULER_REPLICATED_PLACEMENT_STATE_MACHINE_H_
#define BLIXARD_SCHEDULER_REPLICATED_PLACEMENT_STATE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "scheduler/core/names.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/types.h"
#include "scheduler/replicated/checkpoint_ring.h"
#include "scheduler/replicated/cluster_state.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/state_digest.h"

namespace blixard::scheduler {

struct PlacementOptions {
  ClusterLimits limits{};
  uint64_t checkpoint_interval = 256;  // log entries
};

// A VM as a read shows it.
struct VmDetails {
  VmId id = kNoVm;
  InlineName name{};
  Resources resources{};
  NodeId node = kNoNode;
  InlineName node_name{};
};

struct NodeDetails {
  NodeId id = kNoNode;
  InlineName name{};
  Resources capacity{};
  Resources used{};
  uint32_t vms = 0;
};

struct VmReading {
  std::optional<VmDetails> vm{};
  raft::LogIndex applied_index{};
};

struct PageRequest {
  uint64_t page_token = 0;    // 0, then next_page_token of the page before; any value is safe
  uint32_t page_size = 1000;  // above 0 (CHECKed)
};

struct PageEnd {
  uint64_t next_page_token = 0;  // 0 = this was the last page
  raft::LogIndex applied_index{};
};

struct StateSummary {
  raft::LogIndex applied_index{};  // of the last command entry; entries of new leaders do not count
  StateDigest digest{};            // replicas at equal applied_index must agree
  uint32_t nodes = 0;
  uint64_t vms = 0;
};

class PlacementStateMachine : public raft::StateMachine {
 public:
  explicit PlacementStateMachine(const PlacementOptions& options);

  // Stops the process when the entry is not one that this version can read (to skip it would part
  // this replica from the others), or when it compares digests and this replica's is another.
  // Outcomes are set when the entry is applied as a whole and reads see it.
  void Apply(raft::EntryId id, absl::string_view payload, raft::OutcomeSink& outcomes) override;

  // Takes microseconds whatever the number of VMs; what changes while the view lives is copied page
  // by page (shared_pages.h).
  std::unique_ptr<raft::StateView> Freeze() override;

  // Errors as ReadState (state_snapshot.h).
  absl::Status Restore(raft::SnapshotSource& source) override;

  VmReading FindVm(absl::string_view name) const;

  // Call `visit` for each VM or node of the page while readers share the state: keep it short, and
  // do not call back into this object. What exists during a whole listing is in exactly one of its
  // pages.
  PageEnd ListVms(const PageRequest& page, absl::FunctionRef<void(const VmDetails&)> visit) const;
  PageEnd ListNodes(const PageRequest& page,
                    absl::FunctionRef<void(const NodeDetails&)> visit) const;

  StateSummary Summary() const;
  raft::LogIndex applied_index() const;
  std::optional<Checkpoint> latest_checkpoint() const;

  // Runs `read(const ClusterState&, raft::LogIndex applied)` while nothing is applied, and returns
  // what it returns. Nothing that points into the state may leave.
  template <class Reader>
  auto Read(Reader&& read) const {
    const std::shared_lock lock(mutex_);
    return std::forward<Reader>(read)(*state_, applied_);
  }

 private:
  void ApplyBatch(raft::EntryId id, absl::string_view payload);
  void Compare(const Checkpoint& theirs) const;

  const PlacementOptions options_;
  mutable std::shared_mutex mutex_;
  std::unique_ptr<ClusterState> state_;  // never null
  CheckpointRing checkpoints_;
  raft::LogIndex applied_;
  std::vector<Outcome> outcomes_;  // of the entry being applied; by the applying thread only
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_PLACEMENT_STATE_MACHINE_H_
