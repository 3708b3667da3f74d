// blixardd serve: one replica in this process.
#ifndef BLIXARD_RPC_DAEMON_SERVE_COMMAND_H_
#define BLIXARD_RPC_DAEMON_SERVE_COMMAND_H_

#include <CLI/CLI.hpp>

namespace blixard::rpc {

// Adds the sub-command; running it leaves the process's exit code in `exit_code`.
void AddServeCommand(CLI::App& app, int* exit_code);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_SERVE_COMMAND_H_
