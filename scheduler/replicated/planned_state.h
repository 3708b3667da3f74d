// The applied state plus everything this leader has planned and not yet seen applied: its own copy
// of the nodes, and what is in flight laid over the applied VMs and requests. Judge (judge.h) runs
// on it as it does on ClusterState.
//
// Used by the planning thread only; what it asks of the applied state it asks under that one's
// lock, one question at a time. That is enough although entries are applied meanwhile: what is in
// flight for a key always includes the last planned change of it, and a key with nothing in flight
// does not change.
#ifndef BLIXARD_SCHEDULER_REPLICATED_PLANNED_STATE_H_
#define BLIXARD_SCHEDULER_REPLICATED_PLANNED_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "scheduler/core/inventory.h"
#include "scheduler/core/names.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/types.h"
#include "scheduler/replicated/cluster_state.h"
#include "scheduler/replicated/inflight_map.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "scheduler/replicated/request.h"
#include "scheduler/replicated/request_table.h"
#include "scheduler/replicated/vm_table.h"

namespace blixard::scheduler {

class PlannedState {
 public:
  // `applied` must outlive it.
  explicit PlannedState(const PlacementStateMachine& applied);

  // Becomes what is applied, with nothing in flight.
  void CopyApplied();

  // What follows goes into the entry at `index`; forgets what has been applied. Indexes rise
  // (CHECKed).
  void BeginEntry(raft::LogIndex index);

  // Forgets everything planned. CopyApplied() comes next.
  void Clear();

  // What Judge asks.
  std::optional<Outcome> FindOutcome(const RequestId& id) const;
  std::optional<VmPlacement> FindVm(absl::string_view name) const;
  const Inventory& inventory() const { return inventory_; }
  size_t vm_count() const { return vm_count_; }
  VmId next_vm_id() const { return next_vm_id_; }
  const ClusterLimits& limits() const { return limits_; }

  // What CarryOut does.
  NodeId AddNode(absl::string_view name, const Resources& capacity);
  void RemoveNode(NodeId node);
  void CreateVm(absl::string_view name, const VmPlacement& placement);
  void DeleteVm(absl::string_view name, const VmPlacement& placement);
  void RecordOutcome(const RequestId& id, const Outcome& outcome);

  // Names and requests in flight.
  size_t inflight() const { return vms_.size() + requests_.size(); }

 private:
  bool IsForgotten(uint64_t position) const;  // by the time this entry is applied

  const PlacementStateMachine& applied_;
  ClusterLimits limits_;
  raft::LogIndex index_;  // of the entry being planned
  Inventory inventory_;
  size_t vm_count_ = 0;
  VmId next_vm_id_{1};
  uint64_t next_position_ = 0;                               // of the request table
  InflightMap<InlineName, std::optional<VmPlacement>> vms_;  // no value: deleted
  InflightMap<RequestId, RecordedRequest> requests_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_PLANNED_STATE_H_
