// blixardctl vm: create, delete, get, list.
#ifndef BLIXARD_RPC_CLI_VM_COMMAND_H_
#define BLIXARD_RPC_CLI_VM_COMMAND_H_

#include <CLI/CLI.hpp>

#include "rpc/cli/command_context.h"

namespace blixard::rpc {

void AddVmCommand(CLI::App& app, CommandContext& context);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_VM_COMMAND_H_
