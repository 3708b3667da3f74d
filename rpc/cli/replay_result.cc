#include "rpc/cli/replay_result.h"

#include <fmt/format.h>

#include <algorithm>

#include "rpc/cli/node_shares.h"
#include "rpc/cli/percentile.h"

namespace blixard::rpc {
namespace {

v1::LatencyUs SummarizeLatencies(const std::vector<ReplayedRequest>& requests) {
  std::vector<double> sorted;
  double sum = 0;
  for (const ReplayedRequest& request : requests) {
    sorted.push_back(request.latency_us);
    sum += request.latency_us;
  }
  std::sort(sorted.begin(), sorted.end());
  v1::LatencyUs latency;
  latency.set_p50(Percentile(sorted, 0.50));
  latency.set_p99(Percentile(sorted, 0.99));
  latency.set_p999(Percentile(sorted, 0.999));
  latency.set_max(Percentile(sorted, 1));
  latency.set_mean(sorted.empty() ? 0 : sum / static_cast<double>(sorted.size()));
  return latency;
}

std::vector<ReportNode> ToReportNodes(absl::Span<const v1::Node> nodes) {
  std::vector<ReportNode> report_nodes;
  for (const v1::Node& node : nodes) {
    report_nodes.push_back({.name = node.name(),
                            .vcpu_milli_used = node.used().vcpu_milli(),
                            .vcpu_milli_capacity = node.capacity().vcpu_milli(),
                            .memory_mib_used = node.used().memory_mib(),
                            .memory_mib_capacity = node.capacity().memory_mib(),
                            .vms = node.vms()});
  }
  return report_nodes;
}

void SummarizeNodes(absl::Span<const v1::Node> nodes, v1::ReplayResult* result) {
  const FleetSums fleet = SumFleet(ToReportNodes(nodes));
  result->set_nodes(static_cast<uint32_t>(fleet.nodes));
  result->set_nodes_used(static_cast<uint32_t>(fleet.nodes_in_use));
  result->set_nodes_empty(static_cast<uint32_t>(fleet.nodes - fleet.nodes_in_use));
  result->set_cpu_utilisation(VcpuShare(fleet.all));
  result->set_memory_utilisation(MemoryShare(fleet.all));
  result->set_cpu_utilisation_used_nodes(VcpuShare(fleet.in_use));
  result->set_memory_utilisation_used_nodes(MemoryShare(fleet.in_use));
}

// Counters that went back belong to a replica that was restarted meanwhile: count from zero.
double Since(uint64_t before, uint64_t after) {
  return static_cast<double>(after >= before ? after - before : after);
}

void SummarizeReplicas(absl::Span<const v1::ReplicaStatus> before,
                       absl::Span<const ReplicaContent> replicas, v1::ReplayResult* result) {
  double fsyncs = 0;
  for (size_t i = 0; i < replicas.size(); ++i) {
    const v1::ReplicaStatus& status = replicas[i].status;
    const double own_fsyncs =
        Since(before[i].counters().wal_syncs(), status.counters().wal_syncs());
    fsyncs += own_fsyncs;
    if (status.role() == v1::ROLE_LEADER && own_fsyncs > 0) {
      result->set_proposals_per_fsync(
          Since(before[i].counters().proposals(), status.counters().proposals()) / own_fsyncs);
    }
    v1::ReplicaResult& replica = *result->add_replicas();
    replica.set_replica_id(static_cast<double>(status.replica_id()));
    replica.set_address(replicas[i].address);
    replica.set_digest(status.state_digest());
    replica.set_applied_index(static_cast<double>(status.applied_index()));
    replica.set_vms(static_cast<uint32_t>(replicas[i].vms.size()));
    replica.set_fsyncs(own_fsyncs);
  }
  result->set_fsyncs(fsyncs);
}

std::string Percent(double share) { return fmt::format("{:.1f} %", share * 100); }

// Placements and living VMs in intervals of equal length.
std::vector<ReportPoint> MakeSeries(const ReplayLog& log) {
  constexpr size_t kPoints = 120;
  const double step = std::max(log.seconds / kPoints, 1e-3);
  std::vector<ReportPoint> series(kPoints);
  std::vector<double> change(kPoints);
  for (const ReplayedRequest& request : log.requests) {
    const size_t at = std::min(static_cast<size_t>(request.answered_at / step), kPoints - 1);
    if (request.kind == ReplayedKind::kPlaced) {
      series[at].placements_per_second += 1 / step;
      change[at] += 1;
    } else if (request.kind == ReplayedKind::kDeleted) {
      change[at] -= 1;
    }
  }
  double alive = 0;
  for (size_t i = 0; i < kPoints; ++i) {
    alive += change[i];
    series[i].seconds = step * static_cast<double>(i + 1);
    series[i].vms_alive = alive;
  }
  return series;
}

}  // namespace

v1::ReplayResult Summarize(const ReplayLog& log, const Verdict& verdict,
                           absl::Span<const v1::ReplicaStatus> before,
                           absl::Span<const ReplicaContent> replicas, uint32_t retries) {
  v1::ReplayResult result;
  result.set_requested(log.requested);
  result.set_placed(log.placed);
  v1::RejectedByReason& reasons = *result.mutable_rejected_by_reason();
  const auto rejected = [&](RejectReason reason) {
    return log.rejected[static_cast<size_t>(reason)];
  };
  reasons.set_vcpu(rejected(RejectReason::kVcpu));
  reasons.set_memory(rejected(RejectReason::kMemory));
  reasons.set_disk(rejected(RejectReason::kDisk));
  reasons.set_no_nodes(rejected(RejectReason::kNoNodes));
  reasons.set_larger_than_any_node(rejected(RejectReason::kTooLarge));
  result.set_rejected(reasons.vcpu() + reasons.memory() + reasons.disk() + reasons.no_nodes() +
                      reasons.larger_than_any_node());
  result.set_deleted(log.deleted);
  result.set_failed(log.failed);
  result.set_seconds(log.seconds);
  if (log.seconds > 0) {
    result.set_placements_per_s(log.placed / log.seconds);
    result.set_requests_per_s(static_cast<double>(log.requests.size()) / log.seconds);
  }
  *result.mutable_latency_us() = SummarizeLatencies(log.requests);
  result.set_retries(retries);
  result.set_digests_equal(verdict.digests_equal);
  result.set_vms_lost(verdict.vms_lost);
  result.set_vms_duplicated(verdict.vms_duplicated);
  result.set_vms_misplaced(verdict.vms_misplaced);
  result.set_nodes_overcommitted(verdict.nodes_overcommitted);
  SummarizeReplicas(before, replicas, &result);
  if (!replicas.empty()) SummarizeNodes(replicas.front().nodes, &result);
  return result;
}

std::string RenderTable(const v1::ReplayResult& result) {
  std::string table;
  const auto row = [&table](std::string_view label, const std::string& value) {
    table += fmt::format("  {:<24} {}\n", label, value);
  };
  const v1::RejectedByReason& reasons = result.rejected_by_reason();
  const v1::LatencyUs& latency = result.latency_us();
  row("requested", fmt::format("{}", result.requested()));
  row("placed", fmt::format("{}", result.placed()));
  row("rejected", fmt::format("{} (no room: vCPU {}, memory {}, disk {}; larger than any node: {}; "
                              "no nodes: {})",
                              result.rejected(), reasons.vcpu(), reasons.memory(), reasons.disk(),
                              reasons.larger_than_any_node(), reasons.no_nodes()));
  row("deleted", fmt::format("{}", result.deleted()));
  row("failed", fmt::format("{}", result.failed()));
  row("placements per second", fmt::format("{:.0f} (with deletes {:.0f} requests)",
                                           result.placements_per_s(), result.requests_per_s()));
  row("latency in us", fmt::format("p50 {:.0f}, p99 {:.0f}, p99.9 {:.0f}, max {:.0f}",
                                   latency.p50(), latency.p99(), latency.p999(), latency.max()));
  row("fsyncs", fmt::format("{:.0f}, {:.1f} proposals per fsync of the leader", result.fsyncs(),
                            result.proposals_per_fsync()));
  row("retries", fmt::format("{}", result.retries()));
  row("nodes", fmt::format("{} used, {} empty", result.nodes_used(), result.nodes_empty()));
  row("CPU utilisation",
      fmt::format("{} of all nodes, {} of the used", Percent(result.cpu_utilisation()),
                  Percent(result.cpu_utilisation_used_nodes())));
  row("memory utilisation",
      fmt::format("{} of all nodes, {} of the used", Percent(result.memory_utilisation()),
                  Percent(result.memory_utilisation_used_nodes())));
  for (const v1::ReplicaResult& replica : result.replicas()) {
    row(fmt::format("replica {}", replica.replica_id()),
        fmt::format("digest {} at index {:.0f}, {} VMs", replica.digest(), replica.applied_index(),
                    replica.vms()));
  }
  row("digests equal", result.digests_equal() ? "yes" : "NO");
  row("acknowledged VMs", fmt::format("{} lost, {} duplicated, {} misplaced", result.vms_lost(),
                                      result.vms_duplicated(), result.vms_misplaced()));
  row("nodes overcommitted", fmt::format("{}", result.nodes_overcommitted()));
  return table;
}

Report MakeReport(const v1::ReplayResult& result, const ReplayLog& log,
                  absl::Span<const ReplicaContent> replicas, const std::string& source) {
  Report report;
  report.title = "Replay of VM requests";
  report.subtitle = fmt::format("{}, {} replicas", source, replicas.size());
  report.headlines = {
      {"Placed", fmt::format("{}", result.placed()), "VMs"},
      {"Rejected", fmt::format("{}", result.rejected()), "VMs"},
      {"Placements", fmt::format("{:.0f}", result.placements_per_s()), "per second"},
      {"Latency p50", fmt::format("{:.0f}", result.latency_us().p50()), "us"},
      {"Latency p99", fmt::format("{:.0f}", result.latency_us().p99()), "us"},
      {"Nodes used", fmt::format("{} of {}", result.nodes_used(), result.nodes()), ""},
      {"CPU of used nodes", Percent(result.cpu_utilisation_used_nodes()), ""},
      {"Memory of used nodes", Percent(result.memory_utilisation_used_nodes()), ""},
      {"Replicas", result.digests_equal() ? "equal" : "DIFFER", ""},
      {"Lost or doubled", fmt::format("{}", result.vms_lost() + result.vms_duplicated()), "VMs"},
  };
  if (!replicas.empty()) report.nodes = ToReportNodes(replicas.front().nodes);
  report.series = MakeSeries(log);
  std::vector<double> latencies;
  for (const ReplayedRequest& request : log.requests) latencies.push_back(request.latency_us);
  report.latency = SummarizeLatency(absl::MakeSpan(latencies));
  return report;
}

}  // namespace blixard::rpc
