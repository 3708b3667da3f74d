// Huawei's topology data set: machines with two NUMA nodes and sequences of VM requests. Affinity,
// anti-affinity and fault-domain groups (columns numa, strategy, group, domain) and racks are not
// modelled yet, so a replay places each VM by its size alone.
#ifndef BLIXARD_SCHEDULER_TRACES_HUAWEI_TOPOLOGY_H_
#define BLIXARD_SCHEDULER_TRACES_HUAWEI_TOPOLOGY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

// Errors of both: kNotFound with the path; kInvalidArgument "FILE:LINE: field: want ..., got ..."
// for the first line that is wrong.

// PM_res.csv: CPU1, RAM1, CPU2, RAM2 are what is free on the two NUMA nodes, in cores and GiB. A
// node's capacity is the sum of both; one of them may have nothing. Nodes are called host-<n>,
// counted from 0 as the source's rack map does.
absl::StatusOr<std::vector<NodeSpec>> ReadHuaweiNodes(const std::string& path);

// VM_data_*.csv: flavor_vcpus (whole vCPUs) and flavor_ram (GiB). The file has no times: every VM
// arrives at 0, in the order of the file, and none leaves. VMs are called vm-<n>, counted from 0.
absl::StatusOr<std::vector<VmArrival>> ReadHuaweiVms(const std::string& path);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_HUAWEI_TOPOLOGY_H_
