#include "scheduler/replicated/vm_table.h"

#include <glog/logging.h>

namespace blixard::scheduler {

uint32_t VmTable::Find(absl::string_view name) const {
  const uint32_t slot = by_name_.Find(
      HashName(name), [&](uint32_t candidate) { return vms_[candidate].name.view() == name; });
  return slot == PositionIndex::kNotFound ? kNoSlot : slot;
}

const Vm& VmTable::at(uint32_t slot) const {
  CHECK(slots_.Contains(slot)) << "slot " << slot << " is free";
  return vms_[slot];
}

uint32_t VmTable::Insert(absl::string_view name, const VmPlacement& placement) {
  CHECK_EQ(Find(name), kNoSlot) << "VM " << name << " exists";
  CHECK_LT(size(), kMaxVms);
  const uint32_t slot = slots_.TakeLowest();
  Put(slot, name, placement);
  return slot;
}

void VmTable::Restore(uint32_t slot, absl::string_view name, const VmPlacement& placement) {
  CHECK_EQ(Find(name), kNoSlot) << "VM " << name << " exists";
  slots_.Take(slot);
  Put(slot, name, placement);
}

void VmTable::Put(uint32_t slot, absl::string_view name, const VmPlacement& placement) {
  vms_.Mutable(slot) = {.placement = placement, .name = InlineName(name)};
  by_name_.Insert({.hash = HashName(name), .position = slot});
}

void VmTable::Erase(uint32_t slot) {
  const Vm& vm = at(slot);
  by_name_.Erase({.hash = HashName(vm.name.view()), .position = slot});
  slots_.Release(slot);
}

void VmTable::Reserve(size_t vms) {
  CHECK_LE(vms, kMaxVms);
  by_name_.Reserve(vms);
  slots_.Reserve(vms);
  vms_.Reserve(vms);
}

}  // namespace blixard::scheduler
