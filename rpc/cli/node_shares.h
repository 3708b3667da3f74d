// What the report says about a fleet: sums over its nodes and the cells of its heat maps. Pure.
#ifndef BLIXARD_RPC_CLI_NODE_SHARES_H_
#define BLIXARD_RPC_CLI_NODE_SHARES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "rpc/cli/report_data.h"

namespace blixard::rpc {

// A larger fleet is shown in groups of neighbouring nodes, so that a page stays a few megabytes.
inline constexpr size_t kMaxShownNodes = 10'000;

// A node this full in one resource cannot use the rest of the other: that rest is stranded.
inline constexpr double kFullShare = 0.95;

// Whether it has a VM, or anything in use.
bool IsInUse(const ReportNode& node);

// used / capacity; 0 where there is no capacity.
double VcpuShare(const ReportNode& node);
double MemoryShare(const ReportNode& node);

struct FleetSums {
  ReportNode all;     // sums over every node
  ReportNode in_use;  // sums over nodes in use
  size_t nodes = 0;
  size_t nodes_in_use = 0;
  uint64_t stranded_vcpu_milli = 0;  // free where memory is full
  uint64_t stranded_memory_mib = 0;  // free where vCPU is full
};
FleetSums SumFleet(absl::Span<const ReportNode> nodes);

// The nodes themselves, or groups of equal length (but the last) named "first to last" with the
// sums of their members, so that at most kMaxShownNodes remain.
std::vector<ReportNode> GroupForShow(absl::Span<const ReportNode> nodes);

// One line on a node: name, vCPU, memory, VMs.
std::string DescribeNode(const ReportNode& node);

std::string FormatVcpus(uint64_t vcpu_milli);
std::string FormatMemory(uint64_t memory_mib);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_NODE_SHARES_H_
