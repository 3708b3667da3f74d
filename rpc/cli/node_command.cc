#include "rpc/cli/node_command.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "rpc/cli/placement_report.h"
#include "rpc/cli/read_flags.h"
#include "rpc/cli/resource_flags.h"

namespace blixard::rpc {
namespace {

constexpr uint32_t kPageSize = 5000;

struct NodeFlags {
  std::string name;
  ResourceFlags capacity;
  ReadFlags reads;
};

absl::Status Register(const NodeFlags& flags, const CommandContext& context) {
  v1::RegisterNodeRequest request;
  request.set_name(flags.name);
  absl::Status valid = flags.capacity.FillIn(request.mutable_capacity());
  if (!valid.ok()) return valid;
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::RegisterNodeResponse> answer = (*client)->RegisterNode(request);
  if (!answer.ok()) return answer.status();
  std::cout << (context.json()
                    ? ToJson(*answer)
                    : fmt::format("node {} registered with id {}", flags.name, answer->node_id()))
            << "\n";
  return absl::OkStatus();
}

absl::Status Remove(const NodeFlags& flags, const CommandContext& context) {
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  v1::RemoveNodeRequest request;
  request.set_name(flags.name);
  const absl::StatusOr<v1::RemoveNodeResponse> answer = (*client)->RemoveNode(request);
  if (!answer.ok()) return answer.status();
  std::cout << (context.json() ? ToJson(*answer) : fmt::format("node {} removed", flags.name))
            << "\n";
  return absl::OkStatus();
}

absl::Status List(const NodeFlags& flags, const CommandContext& context) {
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  v1::ListNodesResponse all;
  v1::ListNodesRequest request;
  request.set_page_size(kPageSize);
  request.set_consistency(flags.reads.consistency());
  do {
    absl::StatusOr<v1::ListNodesResponse> page = (*client)->ListNodes(request);
    if (!page.ok()) return page.status();
    all.MergeFrom(*page);
    request.set_page_token(page->next_page_token());
  } while (request.page_token() != 0);
  if (context.json()) {
    std::cout << ToJson(Describe(all)) << "\n";
    return absl::OkStatus();
  }
  std::cout << fmt::format("{:>6}  {:<24} {:>6} {:>17} {:>21} {:>15}\n", "id", "name", "VMs",
                           "vCPU used", "memory GiB used", "disk GiB used");
  for (const v1::Node& node : all.nodes()) {
    std::cout << fmt::format(
        "{:>6}  {:<24} {:>6} {:>8.1f}/{:<8.1f} {:>10.1f}/{:<10.1f} {:>7}/{:<7}\n", node.node_id(),
        node.name(), node.vms(), node.used().vcpu_milli() / 1000.0,
        node.capacity().vcpu_milli() / 1000.0, node.used().memory_mib() / 1024.0,
        node.capacity().memory_mib() / 1024.0, node.used().disk_gib(), node.capacity().disk_gib());
  }
  return absl::OkStatus();
}

}  // namespace

void AddNodeCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<NodeFlags>();
  CLI::App* const node = app.add_subcommand("node", "Nodes: register, remove, list");
  node->require_subcommand(1);

  CLI::App* const add = node->add_subcommand("register", "Add a node that VMs can be placed on");
  add->add_option("name", flags->name, "1 to 63 of A-Z a-z 0-9 . _ -")->required();
  flags->capacity.AddTo(*add);
  add->footer("Example:\n  blixardctl node register rack1-a --vcpu 48 --memory-gib 768");
  add->callback([flags, &context] {
    const absl::Status done = Register(*flags, context);
    if (!done.ok()) context.Fail(done);
  });

  CLI::App* const remove = node->add_subcommand("remove", "Take away a node that holds no VM");
  remove->add_option("name", flags->name, "The node")->required();
  remove->callback([flags, &context] {
    const absl::Status done = Remove(*flags, context);
    if (!done.ok()) context.Fail(done);
  });

  CLI::App* const list = node->add_subcommand("list", "Show every node with what is used of it");
  flags->reads.AddTo(*list);
  list->callback([flags, &context] {
    const absl::Status done = List(*flags, context);
    if (!done.ok()) context.Fail(done);
  });
}

}  // namespace blixard::rpc
