// A fleet of nodes from a CSV file, whichever of the known kinds it is.
#ifndef BLIXARD_SCHEDULER_TRACES_NODE_FILE_H_
#define BLIXARD_SCHEDULER_TRACES_NODE_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

// Tells the kind by the header line:
//   name,vcpu_milli,memory_mib,disk_gib   our own; disk may be 0, the rest may not
//   sn,cpu_milli,memory_mib,...           an openb node list (openb.h)
//   CPU1,RAM1,CPU2,RAM2                   PM_res.csv (huawei_topology.h)
// Errors: kNotFound with the path; kInvalidArgument for an empty file, a header of no known kind
// (the message shows all three) or the first wrong line as "FILE:LINE: field: want ..., got ...".
absl::StatusOr<std::vector<NodeSpec>> ReadNodeFile(const std::string& path);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_NODE_FILE_H_
