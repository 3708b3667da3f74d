// blixardd dev: a whole cluster on this machine, to try things on.
#ifndef BLIXARD_RPC_DAEMON_DEV_COMMAND_H_
#define BLIXARD_RPC_DAEMON_DEV_COMMAND_H_

#include <CLI/CLI.hpp>

namespace blixard::rpc {

// Adds the sub-command; running it leaves the process's exit code in `exit_code`.
void AddDevCommand(CLI::App& app, int* exit_code);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_DEV_COMMAND_H_
