// blixardctl wal: looks at the log of a replica, and repairs a group that lost its quorum, on the
// machine where the files are; no cluster needs to run.
#ifndef BLIXARD_RPC_CLI_WAL_COMMAND_H_
#define BLIXARD_RPC_CLI_WAL_COMMAND_H_

#include <CLI/CLI.hpp>

#include "rpc/cli/command_context.h"

namespace blixard::rpc {

void AddWalCommand(CLI::App& app, CommandContext& context);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_WAL_COMMAND_H_
