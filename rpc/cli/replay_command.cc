#include "rpc/cli/replay_command.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rpc/cli/progress.h"
#include "rpc/cli/replay.h"
#include "rpc/cli/replay_result.h"
#include "rpc/cli/report.h"
#include "rpc/cli/verification.h"
#include "scheduler/traces/node_file.h"
#include "scheduler/traces/read_trace.h"
#include "scheduler/traces/sample.h"
#include "scheduler/traces/uniform_nodes.h"

namespace blixard::rpc {
namespace {

using scheduler::traces::NodeSpec;
using scheduler::traces::Trace;

constexpr absl::Duration kConvergenceTimeout = absl::Seconds(60);

struct ReplayFlags {
  std::string trace_file;
  std::string format;
  std::string nodes_file;
  std::string uniform_nodes;
  size_t requests = 0;  // VMs; 0 = all
  uint64_t seed = 1;
  size_t sample_vms = scheduler::traces::SampleOptions().vms;
  size_t outstanding = 256;
  std::string report_directory;
};

absl::StatusOr<Trace> ReadVms(const ReplayFlags& flags) {
  if (flags.trace_file.empty()) {
    if (!flags.format.empty()) {
      return absl::InvalidArgumentError("--format: want it with --trace, got it alone");
    }
    return scheduler::traces::GenerateSample({.seed = flags.seed, .vms = flags.sample_vms});
  }
  if (flags.format.empty()) {
    return absl::InvalidArgumentError(
        "--format: want azure-packing, openb or huawei-topology with --trace, got none");
  }
  const absl::StatusOr<scheduler::traces::TraceFormat> format =
      scheduler::traces::ParseTraceFormat(flags.format);
  if (!format.ok()) return format.status();
  return scheduler::traces::ReadTrace(*format, flags.trace_file);
}

absl::StatusOr<std::vector<NodeSpec>> ReadNodes(const ReplayFlags& flags, Trace& trace) {
  if (!flags.nodes_file.empty() && !flags.uniform_nodes.empty()) {
    return absl::InvalidArgumentError("--nodes: want it or --uniform-nodes, got both");
  }
  if (!flags.nodes_file.empty()) return scheduler::traces::ReadNodeFile(flags.nodes_file);
  if (!flags.uniform_nodes.empty()) {
    return scheduler::traces::ParseUniformNodes(flags.uniform_nodes);
  }
  if (trace.nodes.empty()) {
    return absl::InvalidArgumentError(
        "--nodes: want a file of nodes, or --uniform-nodes N:VCPU:MEMORY_GIB, with --trace, got "
        "neither");
  }
  return std::move(trace.nodes);
}

absl::StatusOr<Trace> ReadInput(const ReplayFlags& flags) {
  absl::StatusOr<Trace> trace = ReadVms(flags);
  if (!trace.ok()) return trace.status();
  absl::StatusOr<std::vector<NodeSpec>> nodes = ReadNodes(flags, *trace);
  if (!nodes.ok()) return nodes.status();
  trace->nodes = *std::move(nodes);
  if (flags.requests > 0 && flags.requests < trace->vms.size()) trace->vms.resize(flags.requests);
  return trace;
}

// A failed call is nobody's wrong usage: the input was checked before.
absl::Status Unavailable(const absl::Status& status) {
  return status.ok() || absl::IsDeadlineExceeded(status) ? status
                                                         : absl::UnavailableError(status.message());
}

absl::Status Replay(const ReplayFlags& flags, CommandContext& context) {
  absl::StatusOr<Trace> trace = ReadInput(flags);
  if (!trace.ok()) return absl::InvalidArgumentError(trace.status().message());
  absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();

  std::cerr << fmt::format("registering {} nodes\n", trace->nodes.size());
  absl::Status registered = RegisterNodes(**client, trace->nodes, flags.outstanding);
  if (!registered.ok()) return Unavailable(registered);
  absl::StatusOr<std::vector<ReplicaContent>> before =
      ReadReplicas(context.endpoints, kConvergenceTimeout);
  if (!before.ok()) return Unavailable(before.status());
  std::vector<v1::ReplicaStatus> statuses_before;
  for (ReplicaContent& replica : *before) statuses_before.push_back(std::move(replica.status));
  before->clear();

  const uint64_t retries_before = (*client)->counters().retries;
  Progress progress("replaying", Progress::IsTerminal());
  const ReplayLog log =
      ReplayTrace(**client, *trace,
                  {.outstanding = flags.outstanding,
                   .progress = [&progress](size_t done, size_t all) { progress.Show(done, all); }});
  progress.Finish();
  if (log.failed > 0) std::cerr << "first failure: " << log.first_failure << "\n";

  std::cerr << "comparing the replicas with what was acknowledged\n";
  const absl::StatusOr<std::vector<ReplicaContent>> replicas =
      ReadReplicas(context.endpoints, kConvergenceTimeout);
  if (!replicas.ok()) return Unavailable(replicas.status());
  const Verdict verdict = Verify(*trace, log.vms, *replicas);
  const v1::ReplayResult result =
      Summarize(log, verdict, statuses_before, *replicas,
                static_cast<uint32_t>((*client)->counters().retries - retries_before));
  std::cout << (context.json() ? ToJson(result) + "\n" : RenderTable(result)) << std::flush;
  if (!verdict.clean()) context.exit_code = kExitRefused;
  if (flags.report_directory.empty()) return absl::OkStatus();

  const std::string source = flags.trace_file.empty() ? "generated sample" : flags.trace_file;
  absl::Status written =
      WriteReport(MakeReport(result, log, *replicas, source), flags.report_directory);
  if (written.ok()) std::cerr << "report: " << flags.report_directory << "/index.html\n";
  return written;
}

}  // namespace

void AddReplayCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* const replay = app.add_subcommand(
      "replay", "Register nodes, replay VM requests, and check every replica against the answers");
  replay->add_option("--trace", flags->trace_file,
                     "CSV file of VM requests; without it a generated sample, shaped by the "
                     "published figures of Azure's 2020 packing trace");
  replay->add_option("--format", flags->format,
                     "Format of --trace: azure-packing, openb or huawei-topology");
  replay->add_option("--nodes", flags->nodes_file, "CSV file of nodes");
  replay->add_option("--uniform-nodes", flags->uniform_nodes,
                     "N:VCPU:MEMORY_GIB, that many equal nodes");
  replay->add_option("--requests", flags->requests, "Only the first so many VMs; 0 = all")
      ->capture_default_str();
  replay->add_option("--seed", flags->seed, "Of the generated sample")->capture_default_str();
  replay->add_option("--sample-vms", flags->sample_vms, "VMs in the generated sample")
      ->capture_default_str()
      ->check(CLI::Range(size_t{1}, scheduler::traces::kMaxSampleVms));
  replay->add_option("--outstanding", flags->outstanding, "Requests under way at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 16'384));
  replay->add_option("--report", flags->report_directory,
                     "Directory for a page with pictures of the result");
  replay->footer(
      "--endpoints must name every replica: each is checked.\n"
      "Example:\n"
      "  blixardctl --endpoints 127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003 replay \\\n"
      "    --trace bernoulli_0.csv --format azure-packing --uniform-nodes 1460:48:768\n"
      "Exit code 0 only if all replicas are equal and no acknowledged VM is lost or doubled.");
  replay->callback([flags, &context] {
    const absl::Status done = Replay(*flags, context);
    if (!done.ok()) context.Fail(done);
  });
}

}  // namespace blixard::rpc
