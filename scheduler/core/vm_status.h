// The states of a VM's life as texts, for status reports, labels and messages: handles that compare
// in one instruction, valid before main.
#ifndef BLIXARD_SCHEDULER_CORE_VM_STATUS_H_
#define BLIXARD_SCHEDULER_CORE_VM_STATUS_H_

#include <array>

#include "memory_optimization/interned_constant.h"
#include "memory_optimization/interned_string.h"

namespace blixard::scheduler::vm_status {

inline constexpr memory::InternedString kCreating = memory::kInterned<"creating">;
inline constexpr memory::InternedString kStarting = memory::kInterned<"starting">;
inline constexpr memory::InternedString kRunning = memory::kInterned<"running">;
inline constexpr memory::InternedString kStopping = memory::kInterned<"stopping">;
inline constexpr memory::InternedString kStopped = memory::kInterned<"stopped">;
inline constexpr memory::InternedString kFailed = memory::kInterned<"failed">;

// For StringPool::Adopt: the pool then gives these very handles for their texts.
inline constexpr std::array kAll = {kCreating, kStarting, kRunning, kStopping, kStopped, kFailed};

}  // namespace blixard::scheduler::vm_status

#endif  // BLIXARD_SCHEDULER_CORE_VM_STATUS_H_
