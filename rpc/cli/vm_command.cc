#include "rpc/cli/vm_command.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "rpc/cli/placement_report.h"
#include "rpc/cli/read_flags.h"
#include "rpc/cli/resource_flags.h"

namespace blixard::rpc {
namespace {

constexpr uint32_t kPageSize = 5000;

struct VmFlags {
  std::string name;
  ResourceFlags resources;
  ReadFlags reads;
};

absl::Status Create(const VmFlags& flags, const CommandContext& context) {
  v1::CreateVmRequest request;
  request.set_name(flags.name);
  absl::Status valid = flags.resources.FillIn(request.mutable_resources());
  if (!valid.ok()) return valid;
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::CreateVmResponse> answer = (*client)->CreateVm(request);
  if (!answer.ok()) return answer.status();
  if (context.json()) std::cout << ToJson(Describe(*answer)) << "\n";
  if (answer->has_placement()) {
    if (!context.json()) {
      std::cout << fmt::format("VM {} placed on node {} with id {}\n", flags.name,
                               answer->placement().node_id(), answer->placement().vm_id());
    }
    return absl::OkStatus();
  }
  const v1::NoFit& no_fit = answer->no_fit();
  return absl::NotFoundError(fmt::format(
      "no node fits VM {}: of {} nodes {} lack vCPU, {} memory, {} disk; register more with "
      "blixardctl node register",
      flags.name, no_fit.nodes(), no_fit.lack_vcpu(), no_fit.lack_memory(), no_fit.lack_disk()));
}

absl::Status Delete(const VmFlags& flags, const CommandContext& context) {
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  v1::DeleteVmRequest request;
  request.set_name(flags.name);
  const absl::StatusOr<v1::DeleteVmResponse> answer = (*client)->DeleteVm(request);
  if (!answer.ok()) return answer.status();
  std::cout << (context.json() ? ToJson(*answer) : fmt::format("VM {} deleted", flags.name))
            << "\n";
  return absl::OkStatus();
}

void PrintHeader() {
  std::cout << fmt::format("{:>8}  {:<24} {:>8} {:>12} {:>10}  {}\n", "id", "name", "vCPU",
                           "memory GiB", "disk GiB", "node");
}

void PrintRow(const v1::Vm& vm) {
  std::cout << fmt::format("{:>8}  {:<24} {:>8.3f} {:>12.2f} {:>10}  {}\n", vm.vm_id(), vm.name(),
                           vm.resources().vcpu_milli() / 1000.0,
                           vm.resources().memory_mib() / 1024.0, vm.resources().disk_gib(),
                           vm.node_name());
}

absl::Status Get(const VmFlags& flags, const CommandContext& context) {
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  v1::GetVmRequest request;
  request.set_name(flags.name);
  request.set_consistency(flags.reads.consistency());
  const absl::StatusOr<v1::GetVmResponse> found = (*client)->GetVm(request);
  if (!found.ok()) return found.status();
  if (context.json()) {
    std::cout << ToJson(Describe(*found)) << "\n";
    return absl::OkStatus();
  }
  PrintHeader();
  PrintRow(found->vm());
  return absl::OkStatus();
}

absl::Status List(const VmFlags& flags, const CommandContext& context) {
  const absl::StatusOr<std::unique_ptr<PlacementClient>> client = context.Connect();
  if (!client.ok()) return client.status();
  v1::ListVmsResponse all;
  v1::ListVmsRequest request;
  request.set_page_size(kPageSize);
  request.set_consistency(flags.reads.consistency());
  do {
    absl::StatusOr<v1::ListVmsResponse> page = (*client)->ListVms(request);
    if (!page.ok()) return page.status();
    all.MergeFrom(*page);
    request.set_page_token(page->next_page_token());
  } while (request.page_token() != 0);
  if (context.json()) {
    std::cout << ToJson(Describe(all)) << "\n";
    return absl::OkStatus();
  }
  PrintHeader();
  for (const v1::Vm& vm : all.vms()) PrintRow(vm);
  return absl::OkStatus();
}

}  // namespace

void AddVmCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<VmFlags>();
  CLI::App* const vm = app.add_subcommand("vm", "VMs: create, delete, get, list");
  vm->require_subcommand(1);
  const auto named = [&](const char* verb, const char* what) {
    CLI::App* const command = vm->add_subcommand(verb, what);
    command->add_option("name", flags->name, "1 to 63 of A-Z a-z 0-9 . _ -")->required();
    return command;
  };
  const auto run = [flags, &context](absl::Status (*step)(const VmFlags&, const CommandContext&)) {
    return [flags, &context, step] {
      const absl::Status done = step(*flags, context);
      if (!done.ok()) context.Fail(done);
    };
  };

  CLI::App* const create = named("create", "Place a VM");
  flags->resources.AddTo(*create);
  create->footer(
      "Example:\n  blixardctl vm create web-1 --vcpu 2 --memory-gib 4\n"
      "Exit code 1 if no node fits.");
  create->callback(run(Create));
  named("delete", "Remove a VM")->callback(run(Delete));
  CLI::App* const get = named("get", "Show a VM");
  flags->reads.AddTo(*get);
  get->callback(run(Get));
  CLI::App* const list = vm->add_subcommand("list", "Show every VM");
  flags->reads.AddTo(*list);
  list->callback(run(List));
}

}  // namespace blixard::rpc
