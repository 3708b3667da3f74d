#include "rpc/cli/cluster_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "absl/strings/ascii.h"
#include "rpc/client/host_port.h"
#include "rpc/client/replica_client.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {
namespace {

constexpr double kMaxSecondsEach = 3;

// ROLE_LEADER as "leader".
std::string RoleName(v1::Role role) {
  const std::string name = v1::Role_Name(role);
  return absl::AsciiStrToLower(name.substr(name.find('_') + 1));
}

v1::ClusterMember Describe(const std::string& address,
                           const absl::StatusOr<v1::ReplicaStatus>& status) {
  v1::ClusterMember member;
  member.set_address(address);
  if (!status.ok()) {
    member.set_error(std::string(status.status().message()));
    return member;
  }
  member.set_replica_id(static_cast<uint32_t>(status->replica_id()));
  member.set_role(RoleName(status->role()));
  member.set_term(static_cast<double>(status->term()));
  member.set_leader_id(static_cast<uint32_t>(status->leader_id()));
  member.set_commit_index(static_cast<double>(status->commit_index()));
  member.set_applied_index(static_cast<double>(status->applied_index()));
  member.set_state_digest(status->state_digest());
  member.set_nodes(status->nodes());
  member.set_vms(static_cast<uint32_t>(status->vms()));
  member.set_wal_syncs(static_cast<double>(status->counters().wal_syncs()));
  member.set_proposals(static_cast<double>(status->counters().proposals()));
  return member;
}

void PrintTable(const v1::ClusterStatus& status) {
  std::cout << fmt::format("{:>7} {:<22} {:<13} {:>6} {:>9} {:>9} {:>6} {:>8}  {}\n", "replica",
                           "address", "role", "term", "commit", "applied", "nodes", "VMs",
                           "digest");
  for (const v1::ClusterMember& member : status.members()) {
    if (!member.error().empty()) {
      std::cout << fmt::format("{:>7} {:<22} does not answer: {}\n", "?", member.address(),
                               member.error());
      continue;
    }
    std::cout << fmt::format("{:>7} {:<22} {:<13} {:>6} {:>9} {:>9} {:>6} {:>8}  {}\n",
                             member.replica_id(), member.address(), member.role(), member.term(),
                             member.commit_index(), member.applied_index(), member.nodes(),
                             member.vms(), member.state_digest());
  }
}

absl::Status Status(CommandContext& context) {
  v1::ClusterStatus status;
  const absl::Duration timeout = absl::Seconds(std::min(context.timeout_s, kMaxSecondsEach));
  for (const std::string& endpoint : context.endpoints) {
    absl::Status valid = CheckHostPort("--endpoints", endpoint);
    if (!valid.ok()) return valid;
    *status.add_members() = Describe(endpoint, ReplicaClient(endpoint, timeout).GetStatus());
  }
  if (context.json()) {
    std::cout << ToJson(status) << "\n";
  } else {
    PrintTable(status);
  }
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
  CLI::App* const status =
      cluster->add_subcommand("status", "Ask every replica of --endpoints about itself");
  status->footer("Exit code 3 if a replica does not answer.");
  status->callback([&context] {
    const absl::Status done = Status(context);
    if (!done.ok()) context.Fail(done);
  });
}

}  // namespace blixard::rpc
