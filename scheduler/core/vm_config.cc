#include "scheduler/core/vm_config.h"

namespace blixard::scheduler {

memory::Pooled<VmConfig> AcquireVmConfig() {
  // Never destroyed: static objects of other files may hold some until the end.
  static auto& pool = *new memory::ObjectPool<VmConfig>(
      kVmConfigBudget.pool, kVmConfigBudget.Configure({.min_size = 64}));
  return pool.Acquire();
}

}  // namespace blixard::scheduler
