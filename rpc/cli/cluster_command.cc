#include "rpc/cli/cluster_command.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "rpc/cli/cluster_status.h"
#include "rpc/cli/members_command.h"
#include "rpc/client/host_port.h"
#include "rpc/client/replica_client.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {
namespace {

constexpr double kMaxSecondsEach = 3;

// All at once: those that do not answer take their time together.
v1::ClusterStatus AskAll(const std::vector<std::string>& endpoints, absl::Duration timeout) {
  v1::ClusterStatus status;
  std::vector<std::thread> asking;
  for (const std::string& endpoint : endpoints) {
    v1::ClusterMember& member = *status.add_members();
    asking.emplace_back([&member, endpoint, timeout] {
      member = Describe(endpoint, ReplicaClient(endpoint, timeout).GetStatusNow());
    });
  }
  for (std::thread& one : asking) one.join();
  return status;
}

absl::Status Status(CommandContext& context) {
  for (const std::string& endpoint : context.endpoints) {
    absl::Status valid = CheckHostPort("--endpoints", endpoint);
    if (!valid.ok()) return valid;
  }
  const v1::ClusterStatus status =
      AskAll(context.endpoints, absl::Seconds(std::min(context.timeout_s, kMaxSecondsEach)));
  std::cout << (context.json() ? ToJson(status) + "\n" : Format(status));
  const auto& members = status.members();
  if (std::any_of(members.begin(), members.end(),
                  [](const v1::ClusterMember& member) { return !member.error().empty(); })) {
    context.exit_code = kExitUnavailable;
  }
  return absl::OkStatus();
}

}  // namespace

void AddClusterCommand(CLI::App& app, CommandContext& context) {
  CLI::App* const cluster = app.add_subcommand("cluster", "The cluster as a whole");
  cluster->require_subcommand(1);
  cluster->footer(
      "Examples:\n"
      "  blixardctl cluster status\n"
      "  blixardctl cluster members\n"
      "  blixardctl cluster add 4 10.0.0.4:7000\n"
      "Exit codes: 0 done; 1 refused; 2 wrong usage; 3 no answer.");
  CLI::App* const status =
      cluster->add_subcommand("status", "Ask every replica of --endpoints about itself");
  status->footer(
      "Shows how far the log of each replica goes, its newest snapshot and its disk, what is "
      "wrong, "
      "and of the\nleader how its followers keep up and where proposals spend their time.\n"
      "Exit code 3 if a replica does not answer.");
  status->callback([&context] {
    const absl::Status done = Status(context);
    if (!done.ok()) context.Fail(done);
  });
  AddMembersCommands(*cluster, context);
}

}  // namespace blixard::rpc
