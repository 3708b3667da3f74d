// The command line of the placement service.
#include <glog/logging.h>

#include <CLI/CLI.hpp>

#include "rpc/cli/cluster_command.h"
#include "rpc/cli/command_context.h"
#include "rpc/cli/node_command.h"
#include "rpc/cli/replay_command.h"
#include "rpc/cli/vm_command.h"
#include "rpc/cli/wal_command.h"

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  blixard::rpc::CommandContext context;
  CLI::App app("Talk to a Blixard placement cluster", "blixardctl");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all sub-commands");
  app.add_option("--endpoints", context.endpoints, "HOST:PORT of the replicas, with commas between")
      ->delimiter(',')
      ->envname("BLIXARD_ENDPOINTS");
  app.add_option("--output", context.output, "How results are printed: text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--timeout", context.timeout_s, "Seconds until a call is given up")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  app.footer(
      "Example:\n"
      "  export BLIXARD_ENDPOINTS=127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003\n"
      "  blixardctl node register rack1-a --vcpu 48 --memory-gib 768\n"
      "  blixardctl vm create web-1 --vcpu 2 --memory-gib 4\n"
      "With --output json, numbers are numbers of JSON: ids, counts and sizes are exact up to 2^53 "
      "- 1.\n"
      "Exit codes: 0 done; 1 refused, or a check failed; 2 wrong usage; 3 no answer.");
  app.fallthrough();
  blixard::rpc::AddClusterCommand(app, context);
  blixard::rpc::AddNodeCommand(app, context);
  blixard::rpc::AddReplayCommand(app, context);
  blixard::rpc::AddVmCommand(app, context);
  blixard::rpc::AddWalCommand(app, context);
  app.parse_complete_callback([&app, &context] {
    if (context.endpoints.empty() && !app.got_subcommand("wal")) {
      throw CLI::RequiredError("--endpoints");  // how CLI11 itself says so
    }
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? 0 : blixard::rpc::kExitUsage;
  }
  return context.exit_code;
}
