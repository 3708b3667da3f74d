#include "rpc/cli/node_shares.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rpc/cli/charts/svg_text.h"

namespace blixard::rpc {
namespace {

struct Used {
  uint64_t used;
  uint64_t capacity;
};

double Share(const Used& amount) {
  if (amount.capacity == 0) return 0;
  return static_cast<double>(amount.used) / static_cast<double>(amount.capacity);
}

uint64_t Free(const Used& amount) {
  return amount.capacity > amount.used ? amount.capacity - amount.used : 0;
}

Used Vcpu(const ReportNode& node) { return {node.vcpu_milli_used, node.vcpu_milli_capacity}; }
Used Memory(const ReportNode& node) { return {node.memory_mib_used, node.memory_mib_capacity}; }

void Add(const ReportNode& node, ReportNode* sum) {
  sum->vcpu_milli_used += node.vcpu_milli_used;
  sum->vcpu_milli_capacity += node.vcpu_milli_capacity;
  sum->memory_mib_used += node.memory_mib_used;
  sum->memory_mib_capacity += node.memory_mib_capacity;
  sum->vms += node.vms;
}

}  // namespace

bool IsInUse(const ReportNode& node) {
  return node.vms > 0 || node.vcpu_milli_used > 0 || node.memory_mib_used > 0;
}
double VcpuShare(const ReportNode& node) { return Share(Vcpu(node)); }
double MemoryShare(const ReportNode& node) { return Share(Memory(node)); }

FleetSums SumFleet(absl::Span<const ReportNode> nodes) {
  FleetSums sums;
  sums.nodes = nodes.size();
  for (const ReportNode& node : nodes) {
    Add(node, &sums.all);
    if (!IsInUse(node)) continue;
    Add(node, &sums.in_use);
    ++sums.nodes_in_use;
    if (MemoryShare(node) >= kFullShare) sums.stranded_vcpu_milli += Free(Vcpu(node));
    if (VcpuShare(node) >= kFullShare) sums.stranded_memory_mib += Free(Memory(node));
  }
  return sums;
}

std::vector<ReportNode> GroupForShow(absl::Span<const ReportNode> nodes) {
  if (nodes.size() <= kMaxShownNodes) return {nodes.begin(), nodes.end()};
  const size_t members = (nodes.size() + kMaxShownNodes - 1) / kMaxShownNodes;
  std::vector<ReportNode> groups;
  for (size_t first = 0; first < nodes.size(); first += members) {
    const absl::Span<const ReportNode> group = nodes.subspan(first, members);
    ReportNode sum;
    sum.name = absl::StrCat(group.front().name, " to ", group.back().name);
    for (const ReportNode& node : group) Add(node, &sum);
    groups.push_back(std::move(sum));
  }
  return groups;
}

std::string DescribeNode(const ReportNode& node) {
  return absl::StrCat(node.name, ": ", FormatVcpus(node.vcpu_milli_used), " of ",
                      FormatVcpus(node.vcpu_milli_capacity), " vCPU (",
                      FormatPercent(VcpuShare(node)), "), ", FormatMemory(node.memory_mib_used),
                      " of ", FormatMemory(node.memory_mib_capacity), " (",
                      FormatPercent(MemoryShare(node)), "), ", FormatGrouped(node.vms),
                      node.vms == 1 ? " VM" : " VMs");
}

std::string FormatVcpus(uint64_t vcpu_milli) {
  return FormatNumber(static_cast<double>(vcpu_milli) / 1000);
}

std::string FormatMemory(uint64_t memory_mib) {
  constexpr double kMibPerGib = 1024;
  constexpr double kTibFromGib = 10 * 1024;
  const double gib = static_cast<double>(memory_mib) / kMibPerGib;
  if (memory_mib == 0) return "0 GiB";
  if (gib < 1) return absl::StrCat(memory_mib, " MiB");
  if (gib < kTibFromGib) return absl::StrCat(FormatNumber(gib), " GiB");
  return absl::StrCat(FormatNumber(gib / 1024), " TiB");
}

}  // namespace blixard::rpc
