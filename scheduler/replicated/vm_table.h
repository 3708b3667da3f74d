// The VMs that are placed. Each has a slot that it keeps for life, so that a listing can go from
// slot to slot; slots are given lowest first, hence the same on every replica.
//
// Heap: names are held in place. A VM beyond the highest number so far costs a share of a page of
// 64 KiB, which holds 744 slots, and of the doubling of the name index and the slot set; below that
// number nothing, but for the pages that change while a snapshot is taken (shared_pages.h).
#ifndef BLIXARD_SCHEDULER_REPLICATED_VM_TABLE_H_
#define BLIXARD_SCHEDULER_REPLICATED_VM_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "scheduler/core/names.h"
#include "scheduler/core/position_index.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/slot_set.h"
#include "scheduler/core/types.h"
#include "scheduler/replicated/shared_pages.h"

namespace blixard::scheduler {

// Where a VM is and what it holds there.
struct VmPlacement {
  VmId id = kNoVm;
  NodeId node = kNoNode;
  Resources resources{};

  friend bool operator==(const VmPlacement&, const VmPlacement&) = default;
};

struct Vm {
  VmPlacement placement{};
  InlineName name{};
};

// The VMs as of one moment; O(VMs / 744) to make. Independent of the table it was made from, on any
// thread.
struct VmTableImage {
  SlotSet slots;
  SharedPages<Vm> vms;  // rows of taken slots
};

// Not thread-safe.
class VmTable {
 public:
  static constexpr uint32_t kNoSlot = SlotSet::kMaxSlots;
  static constexpr size_t kMaxVms = SlotSet::kMaxSlots;

  uint32_t Find(absl::string_view name) const;  // kNoSlot: no VM has the name
  const Vm& at(uint32_t slot) const;            // CHECKs that the slot is taken

  // Returns the slot. CHECKs that the name is free and fewer than kMaxVms VMs are there.
  uint32_t Insert(absl::string_view name, const VmPlacement& placement);

  // The same into a slot of a snapshot; CHECKs that it is free.
  void Restore(uint32_t slot, absl::string_view name, const VmPlacement& placement);

  // CHECKs that the slot is taken.
  void Erase(uint32_t slot);

  // The first slot at or above `from` that is taken, or kNoSlot.
  uint32_t NextTaken(uint32_t from) const { return slots_.NextTaken(from); }

  // Room for `vms` VMs without another allocation.
  void Reserve(size_t vms);

  size_t size() const { return slots_.size(); }

  VmTableImage Freeze() const { return {.slots = slots_, .vms = vms_}; }

 private:
  void Put(uint32_t slot, absl::string_view name, const VmPlacement& placement);

  SlotSet slots_;
  PositionIndex by_name_;
  SharedPages<Vm> vms_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_VM_TABLE_H_
