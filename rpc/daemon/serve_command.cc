#include "rpc/daemon/serve_command.h"

#include <glog/logging.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rpc/daemon/config_file.h"
#include "rpc/daemon/replica_server.h"
#include "rpc/daemon/serve_flags.h"
#include "rpc/daemon/termination.h"

namespace blixard::rpc {
namespace {

int Usage(const absl::Status& wrong) {
  std::cerr << "blixardd serve: " << wrong.message() << "; see blixardd serve --help\n";
  return 2;
}

int Serve(const ServeFlags& flags) {
  const absl::StatusOr<ReplicaServerOptions> options = flags.Parse();
  if (!options.ok()) return Usage(options.status());
  HoldTermination();
  std::atomic<bool> failed{false};
  absl::StatusOr<std::unique_ptr<ReplicaServer>> server =
      ReplicaServer::Start(*options, [&failed](const absl::Status& failure) {
        LOG(ERROR) << "the replica stops: " << failure;
        failed.store(true);
        RequestTermination();
      });
  if (!server.ok()) {
    std::cerr << "blixardd serve: " << server.status().message() << "\n";
    return 1;
  }
  LOG(INFO) << "replica " << options->id << " serves at " << options->listen;
  while (!AwaitTermination(absl::Hours(1))) {
  }
  (*server)->Stop();
  return failed.load() ? 1 : 0;
}

}  // namespace

void AddServeCommand(CLI::App& app, int* exit_code) {
  auto flags = std::make_shared<ServeFlags>();
  auto config = std::make_shared<std::string>();
  CLI::App* const serve = app.add_subcommand("serve", "Run one replica of a cluster");
  serve
      ->add_option("--config", *config,
                   "File with more flags, in lines like: id = 1; the command line wins; blixardd "
                   "check-config tells whether it is right")
      ->configurable(false);  // a file does not name another
  flags->AddTo(*serve);
  serve->footer(
      "Example, one of three:\n"
      "  blixardd serve --id 1 --data-dir /var/lib/blixard/1 \\\n"
      "    --peer 1=127.0.0.1:7001 --peer 2=127.0.0.1:7002 --peer 3=127.0.0.1:7003\n"
      "One that joins them later (then: blixardctl cluster add 4 127.0.0.1:7004):\n"
      "  blixardd serve --join --id 4 --data-dir /var/lib/blixard/4 --peer 4=127.0.0.1:7004 \\\n"
      "    --peer 1=127.0.0.1:7001 --peer 2=127.0.0.1:7002 --peer 3=127.0.0.1:7003\n"
      "There is no authentication yet: listen only where every client may be trusted.\n"
      "Exit codes: 0 stopped by SIGTERM or SIGINT; 1 cannot start, or the disk failed; 2 wrong "
      "usage.");
  serve->callback([serve, flags, config, exit_code] {
    const absl::Status read = config->empty() ? absl::OkStatus() : ReadConfigFile(*config, *serve);
    *exit_code = read.ok() ? Serve(*flags) : Usage(read);
  });
}

}  // namespace blixard::rpc
