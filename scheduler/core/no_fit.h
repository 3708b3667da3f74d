// "Nothing fits" as a value: why no node took a VM.
#ifndef BLIXARD_SCHEDULER_CORE_NO_FIT_H_
#define BLIXARD_SCHEDULER_CORE_NO_FIT_H_

#include <cstdint>

namespace blixard::scheduler {

// Each node is counted once, under the first resource it lacks: the three lacks add up to `nodes`.
struct NoFit {
  uint32_t nodes = 0;  // nodes looked at
  uint32_t lack_vcpu = 0;
  uint32_t lack_memory = 0;
  uint32_t lack_disk = 0;

  friend bool operator==(const NoFit&, const NoFit&) = default;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_NO_FIT_H_
