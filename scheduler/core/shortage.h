// Feasibility, in one place: whoever asks whether a VM fits a node (the chooser, the proposer, the
// applier) asks this function, so that they can never disagree.
#ifndef BLIXARD_SCHEDULER_CORE_SHORTAGE_H_
#define BLIXARD_SCHEDULER_CORE_SHORTAGE_H_

#include <cstdint>

#include "scheduler/core/resources.h"

namespace blixard::scheduler {

// The first resource a node lacks, in the order of kDimensions.
enum class Shortage : int32_t {
  kNone = 0,
  kVcpu = 1,
  kMemory = 2,
  kDisk = 3,
  kNoSuchNode = 4,  // no node has the id
};

// What a node has left. -1 in a row of the inventory that no node uses: less than any want.
struct FreeAmounts {
  int32_t vcpu_milli = 0;
  int32_t memory_mib = 0;
  int32_t disk_gib = 0;
};

// Amounts of `want` must not pass kMaxAmount. Written without branches, so that a scan over columns
// becomes vector code.
inline Shortage FindShortage(const FreeAmounts& free, const Resources& want) {
  Shortage first = Shortage::kNone;  // the last to be written is the first to count
  first = free.disk_gib < static_cast<int32_t>(want.disk_gib) ? Shortage::kDisk : first;
  first = free.memory_mib < static_cast<int32_t>(want.memory_mib) ? Shortage::kMemory : first;
  first = free.vcpu_milli < static_cast<int32_t>(want.vcpu_milli) ? Shortage::kVcpu : first;
  return first;
}

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_SHORTAGE_H_
