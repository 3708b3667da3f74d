// What somebody asks a VM to be, in a form that owns its text: for requests that wait longer than
// the message they came in. (A request on its way to the log is a view, Request in
// scheduler/replicated, and needs none of this.)
#ifndef BLIXARD_SCHEDULER_CORE_VM_CONFIG_H_
#define BLIXARD_SCHEDULER_CORE_VM_CONFIG_H_

#include <array>
#include <string>

#include "memory_optimization/object_pool.h"
#include "memory_optimization/pool_budget.h"
#include "scheduler/core/resources.h"

namespace blixard::scheduler {

// Pooled: the name keeps its capacity from one tenant to the next.
struct VmConfig {
  std::string name;
  Resources resources;

  void Reset() noexcept {
    name.clear();
    resources = {};
  }
};

inline constexpr std::array kVmConfigLimits = {
    memory::PoolLimit{.holder = "waiting to be asked for", .objects = 16'384},
    memory::PoolLimit{.holder = "asked for, not answered yet", .objects = 16'384}};
inline constexpr memory::PoolBudget kVmConfigBudget{.pool = "vm_config", .limits = kVmConfigLimits};

// From the process-wide pool; empty when kVmConfigBudget is used up. Thread-safe.
memory::Pooled<VmConfig> AcquireVmConfig();

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_VM_CONFIG_H_
