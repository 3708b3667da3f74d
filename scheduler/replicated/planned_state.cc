#include "scheduler/replicated/planned_state.h"

#include <glog/logging.h>

namespace blixard::scheduler {

PlannedState::PlannedState(const PlacementStateMachine& applied)
    : applied_(applied),
      limits_(
          applied.Read([](const ClusterState& state, raft::LogIndex) { return state.limits(); })) {}

void PlannedState::CopyApplied() {
  Clear();
  applied_.Read([this](const ClusterState& state, raft::LogIndex applied) {
    index_ = applied;
    inventory_ = state.inventory();
    vm_count_ = state.vm_count();
    next_vm_id_ = state.next_vm_id();
    next_position_ = state.requests().next_position();
  });
}

void PlannedState::BeginEntry(raft::LogIndex index) {
  CHECK_LT(index_, index);
  index_ = index;
  const raft::LogIndex applied = applied_.applied_index();
  vms_.ForgetThrough(applied);
  requests_.ForgetThrough(applied);
}

void PlannedState::Clear() {
  vms_.Clear();
  requests_.Clear();
}

std::optional<Outcome> PlannedState::FindOutcome(const RequestId& id) const {
  const RecordedRequest* inflight =
      requests_.Find(HashRequestId(id), [&](const RequestId& other) { return other == id; });
  const std::optional<RecordedRequest> request =
      inflight != nullptr ? std::optional(*inflight)
                          : applied_.Read([&](const ClusterState& state, raft::LogIndex) {
                              const RecordedRequest* found = state.requests().Find(id);
                              return found == nullptr ? std::nullopt : std::optional(*found);
                            });
  if (!request || IsForgotten(request->position)) return std::nullopt;
  return request->outcome;
}

std::optional<VmPlacement> PlannedState::FindVm(absl::string_view name) const {
  const std::optional<VmPlacement>* inflight =
      vms_.Find(HashName(name), [&](const InlineName& other) { return other.view() == name; });
  if (inflight != nullptr) return *inflight;
  return applied_.Read(
      [&](const ClusterState& state, raft::LogIndex) { return state.FindVm(name); });
}

NodeId PlannedState::AddNode(absl::string_view name, const Resources& capacity) {
  return inventory_.AddNode(name, capacity);
}

void PlannedState::RemoveNode(NodeId node) { inventory_.RemoveNode(node); }

void PlannedState::CreateVm(absl::string_view name, const VmPlacement& placement) {
  CHECK_EQ(placement.id, next_vm_id_);
  inventory_.Reserve(placement.node, placement.resources);
  vms_.Set(index_, HashName(name), InlineName(name), placement);
  next_vm_id_ = VmId{static_cast<uint64_t>(next_vm_id_) + 1};
  ++vm_count_;
}

void PlannedState::DeleteVm(absl::string_view name, const VmPlacement& placement) {
  CHECK_GT(vm_count_, 0u);
  inventory_.Release(placement.node, placement.resources);
  vms_.Set(index_, HashName(name), InlineName(name), std::nullopt);
  --vm_count_;
}

void PlannedState::RecordOutcome(const RequestId& id, const Outcome& outcome) {
  const RecordedRequest request = {.position = next_position_++, .id = id, .outcome = outcome};
  requests_.Set(index_, HashRequestId(id), id, request);
}

bool PlannedState::IsForgotten(uint64_t position) const {
  return position + limits_.remembered_requests < next_position_;
}

}  // namespace blixard::scheduler
