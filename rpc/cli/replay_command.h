// blixardctl replay: VM requests of a trace, or of the built-in sample, against a running cluster.
#ifndef BLIXARD_RPC_CLI_REPLAY_COMMAND_H_
#define BLIXARD_RPC_CLI_REPLAY_COMMAND_H_

#include <CLI/CLI.hpp>

#include "rpc/cli/command_context.h"

namespace blixard::rpc {

void AddReplayCommand(CLI::App& app, CommandContext& context);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_REPLAY_COMMAND_H_
