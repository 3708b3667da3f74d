#include "rpc/cli/members_command.h"

#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rpc/client/host_port.h"
#include "rpc/client/member_id.h"
#include "rpc/client/membership_client.h"
#include "rpc/proto/membership.pb.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {
namespace {

struct MemberFlags {
  uint64_t id = 0;
  std::string address;
};

std::string RoleName(const v1::Member& member) {
  switch (member.role()) {
    case v1::MEMBER_ROLE_VOTER:
      return member.leads() ? "leader" : "voter";
    case v1::MEMBER_ROLE_LEARNER:
      return "learner";
    default:
      return "leaving";
  }
}

v1::MemberList Describe(const v1::ListMembersResponse& members) {
  v1::MemberList list;
  list.set_leader_id(static_cast<double>(members.leader_id()));
  list.set_term(static_cast<double>(members.term()));
  for (const v1::Member& member : members.members()) {
    v1::MemberList::Member& shown = *list.add_members();
    shown.set_replica_id(static_cast<double>(member.replica_id()));
    shown.set_address(member.address());
    shown.set_role(RoleName(member));
    shown.set_state(member.state());
    shown.set_match_index(static_cast<double>(member.match_index()));
    shown.set_behind(static_cast<double>(member.behind()));
    shown.set_paused(member.paused());
    shown.set_answers(member.active());
    shown.set_lost_data(member.lost_data());
  }
  return list;
}

std::string Remark(const v1::MemberList::Member& member) {
  if (member.lost_data()) return "lost its data: remove it and add one with a new id";
  if (!member.answers()) return "does not answer";
  return member.paused().empty() ? "" : "paused: " + member.paused();
}

void PrintTable(const v1::MemberList& list) {
  std::cout << fmt::format("{:>7} {:<22} {:<8} {:<10} {:>10} {:>8}  {}\n", "replica", "address",
                           "role", "state", "match", "behind", "remark");
  for (const v1::MemberList::Member& member : list.members()) {
    std::cout << fmt::format("{:>7} {:<22} {:<8} {:<10} {:>10} {:>8}  {}\n", member.replica_id(),
                             member.address().empty() ? "?" : member.address(), member.role(),
                             member.state(), member.match_index(), member.behind(), Remark(member));
  }
}

absl::Status Print(MembershipClient& client, const CommandContext& context) {
  const absl::StatusOr<v1::ListMembersResponse> members = client.List();
  if (!members.ok()) return members.status();
  const v1::MemberList list = Describe(*members);
  if (context.json()) {
    std::cout << ToJson(list) << "\n";
  } else {
    PrintTable(list);
  }
  return absl::OkStatus();
}

// Runs `act` with a client, and prints the members as they are then.
void Run(CommandContext& context, const std::function<absl::Status(MembershipClient&)>& act) {
  for (const std::string& endpoint : context.endpoints) {
    absl::Status valid = CheckHostPort("--endpoints", endpoint);
    if (!valid.ok()) return context.Fail(valid);
  }
  MembershipClient client(context.endpoints, absl::Seconds(context.timeout_s));
  absl::Status done = act(client);
  if (done.ok()) done = Print(client, context);
  if (!done.ok()) context.Fail(done);
}

void Say(const CommandContext& context, const std::string& text) {
  if (!context.json()) std::cout << text << "\n";
}

CLI::App* AddChange(CLI::App& cluster, const char* name, const char* what, MemberFlags& flags) {
  CLI::App* const command = cluster.add_subcommand(name, what);
  command->add_option("ID", flags.id, "The replica's id, above 0")
      ->required()
      ->check(WrongMemberId);
  return command;
}

void AddAdd(CLI::App& cluster, CommandContext& context, const std::shared_ptr<MemberFlags>& flags) {
  CLI::App* const add =
      AddChange(cluster, "add", "Add a replica as a learner, or say where a member moved", *flags);
  add->add_option("ADDRESS", flags->address, "HOST:PORT where replicas and clients reach it")
      ->required();
  add->footer(
      "Start the new replica first, with an id that was never used and an empty directory:\n"
      "  blixardd serve --join --id 4 --data-dir /var/lib/blixard/4 --peer 4=10.0.0.4:7000 \\\n"
      "    --peer 1=10.0.0.1:7000 --peer 2=10.0.0.2:7000 --peer 3=10.0.0.3:7000\n"
      "Then:\n"
      "  blixardctl cluster add 4 10.0.0.4:7000\n"
      "It receives the log and counts in no majority until it is promoted. Of a member, only the\n"
      "address is changed. Waits while another change is under way.");
  add->callback([&context, flags] {
    Run(context, [&](MembershipClient& client) {
      absl::Status valid = CheckHostPort("ADDRESS", flags->address);
      if (!valid.ok()) return valid;
      absl::Status added = client.Add(flags->id, flags->address);
      if (added.ok()) {
        Say(context, fmt::format("replica {} is a member at {}; a new one is a learner: when it is "
                                 "no longer behind, blixardctl cluster promote {}",
                                 flags->id, flags->address, flags->id));
      }
      return added;
    });
  });
}

void AddPromote(CLI::App& cluster, CommandContext& context,
                const std::shared_ptr<MemberFlags>& flags) {
  CLI::App* const promote = AddChange(cluster, "promote", "Make a learner a voter", *flags);
  promote->footer(
      "Example:\n  blixardctl cluster promote 4\n"
      "Refused, with exit code 1, while the learner is too far behind; the answer says how far.");
  promote->callback([&context, flags] {
    Run(context, [&](MembershipClient& client) {
      absl::Status promoted = client.Promote(flags->id);
      if (promoted.ok()) Say(context, fmt::format("replica {} votes", flags->id));
      return promoted;
    });
  });
}

void AddRemove(CLI::App& cluster, CommandContext& context,
               const std::shared_ptr<MemberFlags>& flags) {
  CLI::App* const remove = AddChange(cluster, "remove", "Take a voter or learner out", *flags);
  remove->footer(
      "Example:\n  blixardctl cluster remove 2\n"
      "Stop its process afterwards, and never use its id again: what comes in its place gets a "
      "new\n"
      "one. Refused for the last voter; waits, and then gives up, while the voters that would be "
      "left\ndo not answer.");
  remove->callback([&context, flags] {
    Run(context, [&](MembershipClient& client) {
      absl::Status removed = client.Remove(flags->id);
      if (removed.ok()) {
        Say(context, fmt::format("replica {} is no member any more: stop its process", flags->id));
      }
      return removed;
    });
  });
}

void AddTransfer(CLI::App& cluster, CommandContext& context,
                 const std::shared_ptr<MemberFlags>& flags) {
  CLI::App* const transfer =
      cluster.add_subcommand("transfer", "Have another voter take over the leadership");
  transfer->add_option("ID", flags->id, "Who shall lead; left out: the voter with most of the log")
      ->check(WrongMemberId);
  transfer->footer(
      "Examples:\n  blixardctl cluster transfer 3\n  blixardctl cluster transfer\n"
      "Waits until it leads; exit code 3 if it does not within ten seconds.");
  transfer->callback([&context, flags] {
    Run(context, [&](MembershipClient& client) {
      const absl::StatusOr<uint64_t> leader = client.Transfer(flags->id);
      if (leader.ok()) Say(context, fmt::format("replica {} leads", *leader));
      return leader.status();
    });
  });
}

}  // namespace

void AddMembersCommands(CLI::App& cluster, CommandContext& context) {
  CLI::App* const members =
      cluster.add_subcommand("members", "Who belongs to the cluster, as its leader sees it");
  members->footer(
      "Example:\n  blixardctl --output json cluster members\n"
      "State: probe (its log is being looked for), replicate (it follows), snapshot (it is sent "
      "one).\nBehind: entries of the leader's log that it lacks.");
  members->callback(
      [&context] { Run(context, [](MembershipClient&) { return absl::OkStatus(); }); });
  const auto flags = std::make_shared<MemberFlags>();  // the callbacks own it
  AddAdd(cluster, context, flags);
  AddPromote(cluster, context, flags);
  AddRemove(cluster, context, flags);
  AddTransfer(cluster, context, flags);
}

}  // namespace blixard::rpc
