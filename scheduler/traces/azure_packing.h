// Azure's 2020 VM packing trace (the Protean paper, OSDI'20), in the form with concrete sizes.
// Columns read: vmId, cores, ram, starttime, endtime; others are ignored.
//   cores                50 units = 1 vCPU (inferred from the sizes: the source does not say)
//   ram                  GiB, may have a fraction; rounded up to whole MiB
//   starttime, endtime   days since the trace begins; negative = alive before; endtime "inf" or
//                        empty = never ends within the trace
// A VM is called vm-<vmId>.
#ifndef BLIXARD_SCHEDULER_TRACES_AZURE_PACKING_H_
#define BLIXARD_SCHEDULER_TRACES_AZURE_PACKING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

// The VMs in the order of the file. Errors: kNotFound with the path; kInvalidArgument
// "FILE:LINE: field: want ..., got ..." for the first line that is wrong, a vmId seen before and an
// endtime not after its starttime included.
absl::StatusOr<std::vector<VmArrival>> ReadAzurePacking(const std::string& path);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_AZURE_PACKING_H_
