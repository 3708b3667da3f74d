// blixardctl cluster: status of every replica.
#ifndef BLIXARD_RPC_CLI_CLUSTER_COMMAND_H_
#define BLIXARD_RPC_CLI_CLUSTER_COMMAND_H_

#include <CLI/CLI.hpp>

#include "rpc/cli/command_context.h"

namespace blixard::rpc {

void AddClusterCommand(CLI::App& app, CommandContext& context);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CLUSTER_COMMAND_H_
