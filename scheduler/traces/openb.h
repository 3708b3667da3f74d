// Alibaba's openb cluster trace (the FGD paper, ATC'23): a list of nodes and lists of pods. CPU and
// memory only: GPU counts, shares and models are columns we do not read yet, so a replay places the
// CPU side of each pod.
#ifndef BLIXARD_SCHEDULER_TRACES_OPENB_H_
#define BLIXARD_SCHEDULER_TRACES_OPENB_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

// Errors of both: kNotFound with the path; kInvalidArgument "FILE:LINE: field: want ..., got ..."
// for the first line that is wrong, a name seen before included.

// Columns read: sn (the name), cpu_milli, memory_mib.
absl::StatusOr<std::vector<NodeSpec>> ReadOpenbNodes(const std::string& path);

// Columns read: name, cpu_milli, memory_mib and, where the file has them, creation_time and
// deletion_time (whole seconds). A pod without deletion_time keeps running. The clock of the source
// ticks once a second: a pod deleted in the second of its creation lives for one second here. In a
// file without the two time columns every pod arrives at 0 and none leaves: its order is the order
// of requests. memory_mib = 0 (the pod asked for none) is read as 1, the least a VM can have here.
absl::StatusOr<std::vector<VmArrival>> ReadOpenbPods(const std::string& path);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_OPENB_H_
