// blixardd check-config: reads a config file as blixardd serve would, and starts nothing.
#ifndef BLIXARD_RPC_DAEMON_CHECK_CONFIG_COMMAND_H_
#define BLIXARD_RPC_DAEMON_CHECK_CONFIG_COMMAND_H_

#include <CLI/CLI.hpp>

namespace blixard::rpc {

// Adds the sub-command; running it leaves the process's exit code in `exit_code`.
void AddCheckConfigCommand(CLI::App& app, int* exit_code);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_CHECK_CONFIG_COMMAND_H_
