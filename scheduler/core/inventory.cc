#include "scheduler/core/inventory.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::scheduler {
namespace {

constexpr FreeAmounts kNothing = {.vcpu_milli = -1, .memory_mib = -1, .disk_gib = -1};

NodeId IdOfRow(size_t row) { return NodeId{static_cast<uint32_t>(row) + 1}; }

FreeAmounts AllOf(const Resources& capacity) {
  return {.vcpu_milli = static_cast<int32_t>(capacity.vcpu_milli),
          .memory_mib = static_cast<int32_t>(capacity.memory_mib),
          .disk_gib = static_cast<int32_t>(capacity.disk_gib)};
}

Resources AsResources(const FreeAmounts& free) {
  return {.vcpu_milli = static_cast<uint32_t>(free.vcpu_milli),
          .memory_mib = static_cast<uint32_t>(free.memory_mib),
          .disk_gib = static_cast<uint32_t>(free.disk_gib)};
}

float ShareOfOne(uint32_t capacity) {
  return capacity == 0 ? 0.0f : 1.0f / static_cast<float>(capacity);
}

bool SameNode(const NodeView& left, const NodeView& right) {
  return left.id == right.id && left.registration == right.registration &&
         left.name == right.name && left.capacity == right.capacity && left.used == right.used &&
         left.vm_count == right.vm_count;
}

}  // namespace

NodeId Inventory::AddNode(absl::string_view name, const Resources& capacity) {
  CHECK_LT(node_count(), kMaxNodes);
  const NodeId id = IdOfRow(rows_.TakeLowest());
  last_registration_ = RegistrationId{static_cast<uint64_t>(last_registration_) + 1};
  PutNode({.id = id, .registration = last_registration_, .name = name, .capacity = capacity});
  return id;
}

void Inventory::RestoreNode(const NodeView& node) {
  CHECK(node.id != kNoNode && static_cast<uint32_t>(node.id) <= kMaxNodes) << "node " << node.id;
  rows_.Take(static_cast<uint32_t>(node.id) - 1);
  PutNode(node);
  last_registration_ = std::max(last_registration_, node.registration);
}

void Inventory::RestoreLastRegistration(RegistrationId last) {
  CHECK(last >= last_registration_) << "a node has a later registration";
  last_registration_ = last;
}

void Inventory::PutNode(const NodeView& node) {
  CHECK(IsValidName(node.name)) << "node name of " << node.name.size() << " bytes";
  CHECK(IsValidResources(node.capacity)) << "node " << node.name << ": " << node.capacity;
  CHECK(Find(node.name) == kNoNode) << "node " << node.name << " is registered";
  const size_t row = RowOf(node.id);
  GrowTo(row);
  by_name_.Insert({.hash = HashName(node.name), .position = static_cast<uint32_t>(row)});
  SetFree(row, AllOf(node.capacity));
  share_per_vcpu_milli_[row] = ShareOfOne(node.capacity.vcpu_milli);
  share_per_memory_mib_[row] = ShareOfOne(node.capacity.memory_mib);
  share_per_disk_gib_[row] = ShareOfOne(node.capacity.disk_gib);
  capacity_[row] = node.capacity;
  name_[row] = InlineName(node.name);
  registration_[row] = node.registration;
}

void Inventory::RemoveNode(NodeId node) {
  const size_t row = RowOf(node);
  CHECK_EQ(vm_count_[row], 0u) << "node " << node << " is not empty";
  CHECK(AsResources(FreeAt(row)) == capacity_[row]) << "node " << node << " leaks";
  by_name_.Erase({.hash = HashName(name_[row].view()), .position = static_cast<uint32_t>(row)});
  SetFree(row, kNothing);
  rows_.Release(static_cast<uint32_t>(row));
}

NodeId Inventory::Find(absl::string_view name) const {
  const uint32_t row = by_name_.Find(
      HashName(name), [&](uint32_t candidate) { return name_[candidate].view() == name; });
  return row == PositionIndex::kNotFound ? kNoNode : IdOfRow(row);
}

bool Inventory::Contains(NodeId node) const {
  return node != kNoNode && rows_.Contains(static_cast<uint32_t>(node) - 1);
}

NodeView Inventory::node(NodeId node) const {
  const size_t row = RowOf(node);
  return {.id = node,
          .registration = registration_[row],
          .name = name_[row].view(),
          .capacity = capacity_[row],
          .used = capacity_[row] - AsResources(FreeAt(row)),
          .vm_count = vm_count_[row]};
}

RegistrationId Inventory::registration(NodeId node) const { return registration_[RowOf(node)]; }

uint32_t Inventory::vm_count(NodeId node) const { return vm_count_[RowOf(node)]; }

NodeId Inventory::FirstNodeAtOrAfter(NodeId node) const {
  const uint32_t from = node == kNoNode ? 0 : static_cast<uint32_t>(node) - 1;
  const uint32_t row = rows_.NextTaken(from);
  return row == SlotSet::kMaxSlots ? kNoNode : IdOfRow(row);
}

NodeId Inventory::next_node_id() const { return IdOfRow(rows_.LowestFree()); }

Shortage Inventory::CheckFit(NodeId node, const Resources& want) const {
  if (!Contains(node)) return Shortage::kNoSuchNode;
  return FindShortage(FreeAt(RowOf(node)), want);
}

void Inventory::Reserve(NodeId node, const Resources& want) {
  CHECK(IsValidResources(want)) << "node " << node << ": " << want;
  CHECK(CheckFit(node, want) == Shortage::kNone) << "node " << node << " has no room for " << want;
  const size_t row = RowOf(node);
  SetFree(row, AllOf(AsResources(FreeAt(row)) - want));
  ++vm_count_[row];
}

void Inventory::Release(NodeId node, const Resources& held) {
  const size_t row = RowOf(node);
  CHECK_GT(vm_count_[row], 0u) << "node " << node << " has no VM";
  const Resources left = AsResources(FreeAt(row)) + held;
  CHECK(FindShortage(AllOf(capacity_[row]), left) == Shortage::kNone)
      << "node " << node << ": " << held << " given back to " << capacity_[row];
  SetFree(row, AllOf(left));
  --vm_count_[row];
}

NodeColumns Inventory::columns() const {
  return {.free_vcpu_milli = free_vcpu_milli_,
          .free_memory_mib = free_memory_mib_,
          .free_disk_gib = free_disk_gib_,
          .share_per_vcpu_milli = share_per_vcpu_milli_,
          .share_per_memory_mib = share_per_memory_mib_,
          .share_per_disk_gib = share_per_disk_gib_};
}

bool operator==(const Inventory& left, const Inventory& right) {
  if (left.node_count() != right.node_count()) return false;
  if (left.last_registration_ != right.last_registration_) return false;
  for (NodeId id = left.FirstNodeAtOrAfter(kNoNode); id != kNoNode;
       id = left.FirstNodeAtOrAfter(NodeId{static_cast<uint32_t>(id) + 1})) {
    if (!right.Contains(id) || !SameNode(left.node(id), right.node(id))) return false;
  }
  return true;
}

size_t Inventory::RowOf(NodeId node) const {
  CHECK(Contains(node)) << "node " << node << " is not registered";
  return static_cast<uint32_t>(node) - 1;
}

FreeAmounts Inventory::FreeAt(size_t row) const {
  return {.vcpu_milli = free_vcpu_milli_[row],
          .memory_mib = free_memory_mib_[row],
          .disk_gib = free_disk_gib_[row]};
}

void Inventory::SetFree(size_t row, const FreeAmounts& free) {
  free_vcpu_milli_[row] = free.vcpu_milli;
  free_memory_mib_[row] = free.memory_mib;
  free_disk_gib_[row] = free.disk_gib;
}

void Inventory::GrowTo(size_t row) {
  if (row < name_.size()) return;
  const size_t rows = (row / kRowBlock + 1) * kRowBlock;
  free_vcpu_milli_.resize(rows, kNothing.vcpu_milli);
  free_memory_mib_.resize(rows, kNothing.memory_mib);
  free_disk_gib_.resize(rows, kNothing.disk_gib);
  share_per_vcpu_milli_.resize(rows);
  share_per_memory_mib_.resize(rows);
  share_per_disk_gib_.resize(rows);
  vm_count_.resize(rows);
  capacity_.resize(rows);
  registration_.resize(rows);
  name_.resize(rows);
}

}  // namespace blixard::scheduler
