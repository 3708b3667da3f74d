// blixardctl cluster members, add, promote, remove, transfer.
#ifndef BLIXARD_RPC_CLI_MEMBERS_COMMAND_H_
#define BLIXARD_RPC_CLI_MEMBERS_COMMAND_H_

#include <CLI/CLI.hpp>

#include "rpc/cli/command_context.h"

namespace blixard::rpc {

// `cluster` is the sub-command that they belong to.
void AddMembersCommands(CLI::App& cluster, CommandContext& context);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_MEMBERS_COMMAND_H_
