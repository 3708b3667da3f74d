#include "rpc/daemon/serve_command.h"

#include <glog/logging.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "rpc/daemon/config_file.h"
#include "rpc/daemon/replica_server.h"
#include "rpc/daemon/termination.h"

namespace blixard::rpc {
namespace {

struct ServeFlags {
  std::string config;
  uint64_t cluster = 1;
  uint64_t id = 0;
  std::string listen;
  std::vector<std::string> peers;  // ID=HOST:PORT
  std::string data_directory;
  bool reuse_port = false;
  uint32_t tick_ms = 50;
  uint32_t election_ticks = 10;
};

absl::StatusOr<ReplicaServerOptions> ParseFlags(const ServeFlags& flags) {
  ReplicaServerOptions options{.cluster = raft::ClusterId{flags.cluster},
                               .id = raft::ReplicaId{flags.id},
                               .data_directory = flags.data_directory,
                               .reuse_port = flags.reuse_port,
                               .tick = absl::Milliseconds(flags.tick_ms),
                               .election_ticks = flags.election_ticks};
  if (flags.id == 0) return absl::InvalidArgumentError("--id: want an id above 0, got none");
  for (const std::string& peer : flags.peers) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(peer, absl::MaxSplits('=', 1));
    uint64_t id = 0;
    if (!absl::SimpleAtoi(parts.first, &id) || id == 0 || parts.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--peer: want ID=HOST:PORT with an id above 0, got \"", peer, "\""));
    }
    if (!options.peers.emplace(raft::ReplicaId{id}, parts.second).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--peer: want each id once, got ", id, " twice"));
    }
  }
  const auto self = options.peers.find(options.id);
  if (self == options.peers.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--peer: want one for every replica, --id ", flags.id, " included"));
  }
  options.listen = flags.listen.empty() ? self->second : flags.listen;
  return options;
}

int Usage(const absl::Status& wrong) {
  std::cerr << "blixardd serve: " << wrong.message() << "; see blixardd serve --help\n";
  return 2;
}

int Serve(const ServeFlags& flags) {
  const absl::StatusOr<ReplicaServerOptions> options = ParseFlags(flags);
  if (!options.ok()) return Usage(options.status());
  if (absl::Status valid = options->Validate(); !valid.ok()) return Usage(valid);
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
  CLI::App* const serve = app.add_subcommand("serve", "Run one replica of a cluster");
  serve->add_option("--config", flags->config,
                    "File with more flags, in lines like: id = 1; the command line wins");
  serve->add_option("--id", flags->id, "This replica's id, above 0; required");
  serve->add_option("--peer", flags->peers,
                    "ID=HOST:PORT of every replica, this one included; repeat the flag; required");
  serve->add_option("--data-dir", flags->data_directory,
                    "Directory of this replica alone, made if missing; required");
  serve->add_option("--listen", flags->listen,
                    "HOST:PORT to listen on, if not this replica's --peer");
  serve
      ->add_option("--cluster", flags->cluster,
                   "Id of the cluster; replicas of another are refused")
      ->capture_default_str();
  serve->add_option("--tick-ms", flags->tick_ms, "Heartbeat interval in milliseconds")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  serve
      ->add_option("--election-ticks", flags->election_ticks,
                   "Ticks without a leader before a replica stands for election")
      ->capture_default_str()
      ->check(CLI::Range(2, 1000));
  serve->add_flag("--reuse-port", flags->reuse_port,
                  "Share the port with a socket that the starter holds to reserve it");
  serve->footer(
      "Example, one of three:\n"
      "  blixardd serve --id 1 --data-dir /var/lib/blixard/1 \\\n"
      "    --peer 1=127.0.0.1:7001 --peer 2=127.0.0.1:7002 --peer 3=127.0.0.1:7003\n"
      "There is no authentication yet: listen only where every client may be trusted.\n"
      "Exit codes: 0 stopped by SIGTERM or SIGINT; 1 cannot start, or the disk failed; 2 wrong "
      "usage.");
  serve->callback([serve, flags, exit_code] {
    const absl::Status read =
        flags->config.empty() ? absl::OkStatus() : ReadConfigFile(flags->config, *serve);
    *exit_code = read.ok() ? Serve(*flags) : Usage(read);
  });
}

}  // namespace blixard::rpc
