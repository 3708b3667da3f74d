// What nodes offer and VMs take. Integers only: replicas must agree on every sum.
#ifndef BLIXARD_SCHEDULER_CORE_RESOURCES_H_
#define BLIXARD_SCHEDULER_CORE_RESOURCES_H_

#include <array>
#include <cstdint>
#include <ostream>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::scheduler {

// Largest amount in any dimension: columns of the inventory are signed 32-bit numbers.
inline constexpr uint32_t kMaxAmount = 0x7fffffff;

struct Resources {
  uint32_t vcpu_milli = 0;  // 1000 = one vCPU
  uint32_t memory_mib = 0;
  uint32_t disk_gib = 0;

  friend bool operator==(const Resources&, const Resources&) = default;
};

// The table every loop over dimensions walks; its order is the order in which reasons are given.
struct Dimension {
  absl::string_view name;  // as in rpc/proto/placement.proto; carries the unit
  uint32_t Resources::*amount;
  bool required;  // a node without any, or a VM that wants none, is refused
};
inline constexpr std::array<Dimension, 3> kDimensions = {{
    {.name = "vcpu_milli", .amount = &Resources::vcpu_milli, .required = true},
    {.name = "memory_mib", .amount = &Resources::memory_mib, .required = true},
    {.name = "disk_gib", .amount = &Resources::disk_gib, .required = false},
}};

// CHECK that no dimension passes kMaxAmount, or drops below 0.
Resources operator+(const Resources& left, const Resources& right);
Resources operator-(const Resources& left, const Resources& right);

// Whether every required dimension is above 0 and none above kMaxAmount. Never allocates.
bool IsValidResources(const Resources& resources);

// The same as an error that names "<field>.<dimension>", expectation and value.
absl::Status ValidateResources(absl::string_view field, const Resources& resources);

std::ostream& operator<<(std::ostream& out, const Resources& resources);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_RESOURCES_H_
