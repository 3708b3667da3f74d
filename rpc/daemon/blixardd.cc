// The daemon: one replica of a placement cluster, or a whole cluster to try things on.
#include <glog/logging.h>

#include <CLI/CLI.hpp>

#include "rpc/daemon/check_config_command.h"
#include "rpc/daemon/dev_command.h"
#include "rpc/daemon/serve_command.h"

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  CLI::App app("Blixard's replicated VM placement service", "blixardd");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all sub-commands");
  app.footer(
      "Example, three replicas on this machine:\n"
      "  blixardd dev --data-dir ./cluster\n"
      "Exit codes: 0 stopped as asked; 1 cannot start, or the disk failed; 2 wrong usage. Each\n"
      "sub-command has a --help of its own.");
  int exit_code = 0;
  blixard::rpc::AddCheckConfigCommand(app, &exit_code);
  blixard::rpc::AddDevCommand(app, &exit_code);
  blixard::rpc::AddServeCommand(app, &exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? 0 : 2;
  }
  return exit_code;
}
