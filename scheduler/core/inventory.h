// The nodes and what is left on each, as columns. Deterministic: the same calls in the same order
// give the same ids and amounts, on every replica and in the planner's own copy. Never overcommits.
#ifndef BLIXARD_SCHEDULER_CORE_INVENTORY_H_
#define BLIXARD_SCHEDULER_CORE_INVENTORY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "scheduler/core/names.h"
#include "scheduler/core/position_index.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/shortage.h"
#include "scheduler/core/slot_set.h"
#include "scheduler/core/types.h"

namespace blixard::scheduler {

// Counts the registrations of a cluster from 1 and is never given twice. A NodeId may pass to
// another node, a registration cannot: a decision names both, so that it never lands on a namesake.
enum class RegistrationId : uint64_t {};

inline constexpr RegistrationId kNoRegistration{0};

// One node as the inventory knows it. `name` points into the inventory until its next change.
struct NodeView {
  NodeId id = kNoNode;
  RegistrationId registration = kNoRegistration;
  absl::string_view name{};
  Resources capacity{};
  Resources used{};
  uint32_t vm_count = 0;
};

// For choosers. Row i belongs to NodeId i + 1; the number of rows is a multiple of kRowBlock; a row
// without a node has free amounts of -1. Valid until the next change of the inventory.
struct NodeColumns {
  absl::Span<const int32_t> free_vcpu_milli;
  absl::Span<const int32_t> free_memory_mib;
  absl::Span<const int32_t> free_disk_gib;
  absl::Span<const float> share_per_vcpu_milli;  // 1 / capacity; 0 where there is no capacity
  absl::Span<const float> share_per_memory_mib;
  absl::Span<const float> share_per_disk_gib;
};

// Copyable (copying into one that was as large allocates nothing). Not thread-safe.
class Inventory {
 public:
  static constexpr size_t kMaxNodes = 1 << 17;
  static constexpr size_t kRowBlock = 64;

  // Gives the lowest free id. CHECKs: name valid and free, capacity valid, fewer than kMaxNodes.
  NodeId AddNode(absl::string_view name, const Resources& capacity);

  // Puts a node of a snapshot back where it stood: id, registration, name and capacity, with
  // nothing used. CHECKs as AddNode does, and that the id is free.
  void RestoreNode(const NodeView& node);
  // The counter of a snapshot; CHECKs that it covers every node restored.
  void RestoreLastRegistration(RegistrationId last);

  // CHECKs that the node is there and empty.
  void RemoveNode(NodeId node);

  NodeId Find(absl::string_view name) const;  // kNoNode: nobody has the name
  bool Contains(NodeId node) const;
  NodeView node(NodeId node) const;                // CHECKs that it is there
  RegistrationId registration(NodeId node) const;  // CHECKs that it is there
  uint32_t vm_count(NodeId node) const;            // CHECKs that it is there
  NodeId FirstNodeAtOrAfter(NodeId node) const;    // kNoNode: none
  NodeId next_node_id() const;                     // AddNode's next answer; CHECKs the bound
  RegistrationId last_registration() const { return last_registration_; }
  size_t node_count() const { return rows_.size(); }
  const SlotSet& rows() const { return rows_; }  // taken by nodes; row i is that of NodeId i + 1

  // What keeps a VM of that size from the node. O(1).
  Shortage CheckFit(NodeId node, const Resources& want) const;

  // Takes room for one VM. CHECKs CheckFit.
  void Reserve(NodeId node, const Resources& want);

  // Gives back what Reserve took. CHECKs that the node has a VM and never passes its capacity.
  void Release(NodeId node, const Resources& held);

  NodeColumns columns() const;

  // Same nodes under the same ids with the same amounts and counters.
  friend bool operator==(const Inventory& left, const Inventory& right);

 private:
  size_t RowOf(NodeId node) const;  // CHECKs that the node is there
  FreeAmounts FreeAt(size_t row) const;
  void SetFree(size_t row, const FreeAmounts& free);
  void GrowTo(size_t row);
  void PutNode(const NodeView& node);  // its slot is taken already

  SlotSet rows_;
  PositionIndex by_name_;
  std::vector<int32_t> free_vcpu_milli_;
  std::vector<int32_t> free_memory_mib_;
  std::vector<int32_t> free_disk_gib_;
  std::vector<float> share_per_vcpu_milli_;
  std::vector<float> share_per_memory_mib_;
  std::vector<float> share_per_disk_gib_;
  std::vector<uint32_t> vm_count_;
  std::vector<Resources> capacity_;
  std::vector<RegistrationId> registration_;
  std::vector<InlineName> name_;
  RegistrationId last_registration_ = kNoRegistration;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_INVENTORY_H_
