// Flags from a file: one "name = value" a line, in TOML, names as the flags without their dashes.
#ifndef BLIXARD_RPC_DAEMON_CONFIG_FILE_H_
#define BLIXARD_RPC_DAEMON_CONFIG_FILE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"

namespace blixard::rpc {

// Sets the options of `command` that were not given on the command line. CLI11 reads such files for
// the main program only, hence this for a sub-command. Errors: kInvalidArgument naming file and
// line, when a name is no flag of `command` that is configurable (in CLI11's word) or stands twice,
// or its value is not what the flag wants.
absl::Status ReadConfigFile(const std::string& path, CLI::App& command);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_CONFIG_FILE_H_
